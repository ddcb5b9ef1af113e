"""What the screen of model files is made of."""
