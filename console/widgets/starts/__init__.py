"""What the screen of cold starts is made of."""
