"""Rate limits: whose they are, and the addresses of visitors."""
