"""The doctor at work: asks everything at once, and tells of each thing as soon as it is known."""
