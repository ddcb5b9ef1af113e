"""What measures how quick and how quiet the console is."""
