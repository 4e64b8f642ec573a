"""Rate limits, proof of work, and protection against password guessing."""
