"""Commands that are written: what there is to say, what it does, and what was said before."""
