"""Branches as rows."""
