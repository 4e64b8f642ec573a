"""Sign-out, the end of sessions, and the logout notices to portals."""
