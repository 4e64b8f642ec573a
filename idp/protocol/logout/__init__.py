"""RP-initiated logout, and the notices to portals."""
