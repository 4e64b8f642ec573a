"""Rows of the demo: registry, inboxes, the clock that can be moved."""
