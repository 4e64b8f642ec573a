"""Rows of accounts and of what they are recovered and changed by."""
