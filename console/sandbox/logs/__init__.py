"""Cloud Logging: the platform's own lines, what instances write, and who reads them."""
