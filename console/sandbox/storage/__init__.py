"""The sandbox's Cloud Storage: its JSON interface, and the multipart uploads of its XML one."""
