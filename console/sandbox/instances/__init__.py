"""What runs: instances of a service as processes, and the address that leads to them."""
