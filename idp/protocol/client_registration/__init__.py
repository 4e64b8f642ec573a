"""Dynamic registration and its management (RFC 7591, RFC 7592)."""
