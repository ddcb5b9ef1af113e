"""What the doctor found, on screen: the list of things, and the chosen one in full."""
