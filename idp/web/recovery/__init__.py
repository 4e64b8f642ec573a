"""The pages of the recovery of a password."""
