"""The operator console for Z-Image on Google Cloud Run."""
