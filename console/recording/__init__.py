"""What the sources answered, written to a file and answered again from it."""
