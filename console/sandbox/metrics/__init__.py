"""Cloud Monitoring: what really happened, as time series."""
