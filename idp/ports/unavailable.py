"""The error of an unavailable database."""

from datetime import timedelta


class DatabaseUnavailable(Exception):
    """The database cannot be reached or has no connection to give: 503 with Retry-After."""

    retry_after = timedelta(seconds=5)
