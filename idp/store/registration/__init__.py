"""Rows of registration cases."""
