"""The authorization endpoint: request, decision, response."""
