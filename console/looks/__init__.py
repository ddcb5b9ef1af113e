"""What the console looks like: its colours, and its style sheets read once."""
