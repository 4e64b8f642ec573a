"""Copies of the database: what is in a backup, and how it is read and written."""
