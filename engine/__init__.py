"""The image engine: loads Z-Image-Turbo and makes pictures, on the command line or as a service."""
