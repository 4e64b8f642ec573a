"""What every endpoint works with: requests, replies, errors, parameters, claims, context."""
