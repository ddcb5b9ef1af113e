"""What keeps the store true, and what carries actions out, whatever is looked after."""
