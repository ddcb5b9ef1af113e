"""What outlives the log: cold starts and lives of instances, kept on this machine."""
