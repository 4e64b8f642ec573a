"""The flow that a page belongs to: its id stands in the address and in the forms of its pages."""

import re

from flask import request

FIELD = "flow"
NOBODYS = "-"
"""An id that no flow has."""
_ID = re.compile("[0-9a-f]{64}")
"""A keyed digest: the id of a registration, a sign-in or a recovery, good in its own browser."""


def claimed_id() -> str:
    """Return the flow id that the form or the address carries; empty when neither does.

    A malformed id becomes ``NOBODYS``.
    """
    claimed = request.form.get(FIELD, "") or request.args.get(FIELD, "")
    return claimed if _ID.fullmatch(claimed) or not claimed else NOBODYS
