"""What `tools/check_images.py` builds and runs images with; each part ends what it started."""
