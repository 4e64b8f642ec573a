"""The columns of several tables in one row."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Table

from idp.store.sql.prepared import Row


class Part:
    """The columns of a joined table, under names of their own in the row."""

    def __init__(self, table: Table) -> None:
        self._labels = {column.name: f"{table.name}_{column.name}" for column in table.columns}
        self.columns = [table.c[name].label(label) for name, label in self._labels.items()]

    def of(self, row: Row) -> Row:
        """Return the table's own row; all None when an outer join found none."""
        return _RenamedRow(row, self._labels)


class _RenamedRow(Mapping[Any, Any]):
    """The columns of one table in a joined row, read when they are asked for."""

    __slots__ = ("_labels", "_row")

    def __init__(self, row: Row, labels: Mapping[str, str]) -> None:
        self._row = row
        self._labels = labels

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 (a column's type says)
        return self._row[self._labels[name]]

    def __iter__(self) -> Iterator[str]:
        return iter(self._labels)

    def __len__(self) -> int:
        return len(self._labels)
