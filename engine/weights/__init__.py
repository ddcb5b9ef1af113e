"""Model files: what they hold, which part of the model they are, and their tensors' numbers."""
