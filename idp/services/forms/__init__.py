"""Refused forms that are shown again, and forms that are submitted twice."""
