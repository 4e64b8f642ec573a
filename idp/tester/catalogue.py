"""All cases, in the order in which they are played."""

from collections.abc import Sequence

from idp.tester.case import Case
from idp.tester.cases import citizens, id_tokens, logout, portal_pages, responses, troubles

CASES: Sequence[Case] = (
    *responses.CASES,
    *id_tokens.CASES,
    *citizens.CASES,
    *portal_pages.CASES,
    *logout.CASES,
    *troubles.CASES,
)


def chosen(ids: Sequence[str]) -> Sequence[Case]:
    """Return the cases of these ids, in the catalogue's order; all where none is named.

    Raises KeyError with the first id that no case has.
    """
    known = {case.id for case in CASES}
    for name in ids:
        if name not in known:
            raise KeyError(name)
    return [case for case in CASES if not ids or case.id in ids]
