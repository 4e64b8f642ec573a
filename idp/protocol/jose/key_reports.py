"""What all processes of the hub say about a key: may it sign, may it go?"""

from collections.abc import Sequence
from datetime import datetime

from idp.ports import KeyReport, SigningKeyFile


class KeyRefused(Exception):
    """The key's state may not change so now; the text says why and what to do."""


def published_since(key: SigningKeyFile, reports: Sequence[KeyReport]) -> datetime:
    """Return since when every process publishes the key. Raises KeyRefused when one does not.

    A portal that asked that process for the key set could not verify what the key signed.
    """
    for report in reports:
        if key.kid not in report.published:
            raise KeyRefused(
                f"{report.process} does not publish {key.kid}: wait, look at its key folder, or"
                " stop it; a process that was stopped counts for an hour"
            )
    return max([key.created_at, *(report.published[key.kid] for report in reports)])


def idle_since(
    key: SigningKeyFile, superseded_at: datetime, reports: Sequence[KeyReport]
) -> datetime:
    """Return since when no process signs with the key. Raises KeyRefused when one does.

    ``superseded_at``: when another key of the algorithm was promoted.
    """
    publishers = [report for report in reports if key.kid in report.published]
    for report in publishers:
        if key.kid not in report.idle:
            raise KeyRefused(f"{report.process} signs with {key.kid}: look at its key folder")
    return max([superseded_at, *(report.idle[key.kid] for report in publishers)])
