"""What administrators do with clients and invitations."""
