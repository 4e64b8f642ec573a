"""The pages of the sign-out."""
