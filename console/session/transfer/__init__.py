"""Model files on their way to and from a bucket."""
