"""A deployment looked into, carried out step by step, and gone on with after a break."""
