"""The pages of the registration."""
