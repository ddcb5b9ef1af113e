"""Model files: what they are here, what there is of them in a bucket, and on their way."""
