"""What the registration desk of a branch and staff do."""
