"""Cloud Run: services, revisions, roll-outs, who may call; by gRPC and as Knative."""
