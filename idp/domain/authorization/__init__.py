"""Authorization: the dispatcher of pending requests, grants, consents, the release log."""
