"""Cold starts: what happened in one, why it was slow, and how it compares with others. Pure."""
