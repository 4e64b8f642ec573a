"""Branches as rows, replaced as a whole."""

from builtins import list as list_of
from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import Connection, delete, func, insert, select

from idp.domain.branches.branch import COLUMNS, Branch
from idp.store.sql.tables import branches


class Branches:
    """The organisation's branches, in the order of the list."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def replace(self, new: Sequence[Branch]) -> int:
        """Write ``new`` in the place of all rows; return how many there were."""
        before = self._connection.execute(delete(branches)).rowcount
        rows = [{"position": place, **asdict(one)} for place, one in enumerate(new)]
        if rows:
            self._connection.execute(insert(branches), rows)
        return before

    def list(self, province: str | None = None) -> Sequence[Branch]:
        """Return the branches of the province, or all, in the order in which they were written."""
        statement = select(*(branches.c[name] for name in COLUMNS)).order_by(branches.c.position)
        if province is not None:
            statement = statement.where(branches.c.province == province)
        return list_of(Branch(*row) for row in self._connection.execute(statement))

    def are_known(self) -> bool:
        """Return whether there is any row."""
        statement = select(func.count()).select_from(branches)
        return self._connection.execute(statement).scalar_one() > 0
