"""Rows of clients, invitations, consents, grants, releases and single-use rights."""
