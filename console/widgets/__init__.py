"""What is painted; the style of each widget stands beside it."""
