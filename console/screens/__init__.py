"""What the operator looks at: one file for each screen."""
