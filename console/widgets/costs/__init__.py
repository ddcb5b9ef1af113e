"""What the screen of costs is made of."""
