"""Model files read straight from a Cloud Storage bucket, with nothing but the standard library."""
