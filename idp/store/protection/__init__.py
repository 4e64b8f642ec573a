"""Counters, and what may vanish."""
