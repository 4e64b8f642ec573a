"""Rate limits, proof of work, and what slows guessing."""
