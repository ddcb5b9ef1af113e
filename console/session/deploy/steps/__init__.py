"""How each subject of a plan is brought about: one module for each."""
