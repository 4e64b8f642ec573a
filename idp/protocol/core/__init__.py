"""What every endpoint uses: requests, replies, errors, request parameters, claims, context."""
