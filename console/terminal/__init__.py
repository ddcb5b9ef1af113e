"""What the operator's terminal can do, and what may be sent to it."""
