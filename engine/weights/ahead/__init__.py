"""Files read ahead of their use by many threads: in pieces, into memory of a bounded size."""
