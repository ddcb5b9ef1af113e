"""Log lines: what they are, the store that keeps them, and queries over them."""
