"""How fast the engine is here: synthetic model files, phases measured, the machine's own limits."""
