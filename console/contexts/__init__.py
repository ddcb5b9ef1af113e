"""Where the console can go and was, and how it gets from one place to the other."""
