"""Counters as durable rows, and the ephemeral store as a table."""
