"""Rows of clients, and of what citizens gave them."""
