"""The signed-in citizen's own account."""
