"""Deployment as a plan: what is wanted, what there is, and the steps from one to the other."""
