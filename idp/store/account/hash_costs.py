"""The argon2 costs of stored hashes (passwords, answers), so that every try costs the same."""

import re
from collections.abc import Iterator

from sqlalchemy import Column, Connection, func, select

from idp.ports import HashCosts
from idp.store.sql.tables import accounts

_COST = re.compile(r"\$(m=[0-9]{1,9},t=[0-9]{1,5},p=[0-9]{1,3})\$")


def cost_of(hashed: str) -> str:
    """Return the cost that a stored hash names; an empty text when it is no argon2 hash."""
    found = _COST.search(hashed)
    return found[1] if found else ""


def hash_costs(connection: Connection) -> HashCosts:
    """Return the different costs of the accounts' hashes."""
    columns = (accounts.c.password_cost, accounts.c.answer_cost)
    return HashCosts(*(frozenset(_different(connection, column)) for column in columns))


def _different(connection: Connection, column: Column[str]) -> Iterator[str]:
    """Yield the distinct values of an indexed column, by one index look-up each."""
    value = ""
    while True:
        larger = select(func.min(column)).where(column > value)
        value = connection.execute(larger).scalar_one_or_none() or ""
        if not value:
            return
        yield value
