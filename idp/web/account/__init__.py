"""The pages of the signed-in citizen's own account."""
