"""What a deployment changes on Google Cloud, by Google's own clients; and how images are built."""
