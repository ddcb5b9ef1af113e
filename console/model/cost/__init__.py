"""What things cost: prices with their sources, and arithmetic that knows what it does not know."""
