"""All cases, in the order in which they are played."""

from collections.abc import Sequence

from idp.tester.case import Case
from idp.tester.cases import apis, citizens, id_tokens, logout, portal_pages, responses, troubles

CASES: Sequence[Case] = (
    *responses.CASES,
    *id_tokens.CASES,
    *citizens.CASES,
    *portal_pages.CASES,
    *logout.CASES,
    *troubles.CASES,
)


API_CASES: Sequence[Case] = apis.CASES
"""The cases of an API; a portal has the others."""


def chosen(ids: Sequence[str], cases: Sequence[Case] = CASES) -> Sequence[Case]:
    """Return the cases of these ids, in the catalogue's order; all where none is named.

    Raises KeyError with the first id that no case has.
    """
    known = {case.id for case in cases}
    for name in ids:
        if name not in known:
            raise KeyError(name)
    return [case for case in cases if not ids or case.id in ids]
