"""Clean-up of expired rows, and audit anchors."""
