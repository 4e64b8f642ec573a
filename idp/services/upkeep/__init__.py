"""Clean-up, and the anchors of the audit."""
