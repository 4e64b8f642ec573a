"""Signed and encrypted tokens, and the keys that sign them (RFC 7515 to 7519)."""
