"""What shows lines of a log."""
