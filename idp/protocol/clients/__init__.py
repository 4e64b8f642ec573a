"""Client authentication, and the keys of clients."""
