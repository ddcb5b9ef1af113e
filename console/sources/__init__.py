"""The outside world, each part of it behind a small protocol."""
