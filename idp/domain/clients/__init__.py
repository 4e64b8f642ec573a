"""Relying parties: their metadata, addresses, keys, registration and invitations."""
