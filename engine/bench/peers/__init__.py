"""Other programs on the same files, turn about with ours, and how the times compare."""
