"""What stands around services in a project: builds, images, quotas, interfaces, accounts."""
