"""The verbs without a screen, on plain output."""
