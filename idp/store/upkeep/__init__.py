"""The audit, the reseal, and the watch over the clock."""
