"""The demo model as a function from prompt to picture, through the engine's own pipeline."""
