"""What is seen of a deployment: what there is, the plan, and how far it is."""
