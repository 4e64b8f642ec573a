"""Sessions, known devices and one-time codes."""
