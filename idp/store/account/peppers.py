"""Which peppers the stored hashes of passwords and answers were made with (D11)."""

from collections.abc import Sequence

from sqlalchemy import Column, Connection, func, select

from idp.ports import PepperUse
from idp.store.sql.tables import accounts, cases

PLACES = (accounts, cases)


def pepper_uses(connection: Connection, peppers: Sequence[str]) -> list[PepperUse]:
    """Return the use of each of ``peppers`` in their order, then that of unknown ones, if any.

    A stored hash begins with the id of its pepper and a colon; erased hashes are empty.
    """
    passwords = _counts(connection, [table.c.password_hash for table in PLACES], peppers)
    answers = _counts(connection, [table.c.answer_hash for table in PLACES], peppers)
    names = [*peppers, None]
    uses = [
        PepperUse(pepper=name, passwords=of_passwords, answers=of_answers)
        for name, of_passwords, of_answers in zip(names, passwords, answers, strict=True)
    ]
    return uses if uses[-1].passwords or uses[-1].answers else uses[:-1]


def _counts(
    connection: Connection, columns: Sequence[Column[str]], peppers: Sequence[str]
) -> list[int]:
    """Return how many values of ``columns`` each pepper made, and last how many none did."""
    totals = [0] * (len(peppers) + 1)
    for column in columns:
        begins = [column.startswith(f"{pepper}:", autoescape=True) for pepper in peppers]
        counted = [func.count().filter(one) for one in begins]
        whole = func.count().filter(column != "")
        *known, everything = connection.execute(select(*counted, whole)).one()
        found = [*known, everything - sum(known)]
        totals = [total + one for total, one in zip(totals, found, strict=True)]
    return totals
