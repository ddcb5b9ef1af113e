"""The HTTP service: OpenAI's image interface, health and readiness, over one worker."""
