"""What the doctor looks at, what it found, and what mends it: facts in, findings out."""
