"""The acts of a branch's registration desk, on cases and on accounts."""
