"""Rows of sessions, devices, codes and sign-ins under way."""
