"""How fast the engine is on a GPU: the limits, each way to keep weights, and what an L4 may do."""
