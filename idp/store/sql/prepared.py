"""Prepared statements: written with SQLAlchemy, compiled once, run by the driver.

This is the one place that goes below SQLAlchemy. A statement that is built, looked up in the
compiler's cache and executed at each call costs three times what the driver needs for it, and the
protocol's endpoints do little else (docs/develop/decisions/0012). Engine, pool and transaction stay
those of Flask-SQLAlchemy: a prepared statement runs on the connection that it is given.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Dialect, bindparam, false, or_
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.expression import Delete, Insert, Select, Update

Row = Mapping[Any, Any]
Statement = Select[*tuple[Any, ...]] | Insert | Update | Delete
_Convert = Callable[[Any], Any] | None
_CURSOR = "prepared_cursor"


class Prepared:
    """A statement whose values are ``bindparam``; ``build`` gets the dialect's name.

    A list of values (``in_``) cannot be prepared: its text depends on its length (``is_one_of``).
    """

    def __init__(self, build: Callable[[str], Statement]) -> None:
        self._build = build
        self._forms: dict[str, _Form] = {}

    def first(self, connection: Connection, **values: object) -> Row | None:
        """Return the first row by column names, or None. Raises what SQLAlchemy would raise."""
        rows = self.all(connection, **values)
        return rows[0] if rows else None

    def all(self, connection: Connection, **values: object) -> Sequence[Row]:
        """Return the rows by column names."""
        form = self._form(connection.dialect)
        fetched = _run(connection, form, values).fetchall()
        return [_FetchedRow(form.columns, row) for row in fetched]

    def run(self, connection: Connection, **values: object) -> int:
        """Run a statement that returns no rows; return how many rows it changed."""
        return _run(connection, self._form(connection.dialect), values).rowcount

    def _form(self, dialect: Dialect) -> "_Form":
        form = self._forms.get(dialect.name)
        if form is None:
            form = self._forms[dialect.name] = _compiled(self._build(dialect.name), dialect)
        return form


def is_one_of(column: ColumnElement[Any], name: str, count: int) -> ColumnElement[bool]:
    """Return whether the column is one of ``count`` values, which ``numbered`` gives the names."""
    return or_(false(), *(column == bindparam(f"{name}_{at}") for at in range(count)))


def numbered(name: str, values: Sequence[object]) -> Mapping[str, object]:
    """Return the values as parameters of a statement that has ``is_one_of`` of the name."""
    return {f"{name}_{at}": one for at, one in enumerate(values)}


@dataclass(frozen=True, slots=True)
class _Form:
    """A statement in the words of one driver."""

    text: str
    names: Sequence[str]
    """Names of the parameters, in the order of the text."""
    constants: Mapping[str, Any]
    """Values that the statement itself holds."""
    to_driver: Mapping[str, _Convert]
    columns: Mapping[str, tuple[int, _Convert]]
    """Place and type's conversion of each column, by its name."""
    is_by_name: bool

    def parameters(self, values: Mapping[str, Any]) -> Mapping[str, Any] | tuple[Any, ...]:
        """Return the values as the driver takes them. Raises KeyError: one is missing."""
        given = dict(self.constants)
        for name, convert in self.to_driver.items():
            given[name] = values[name] if convert is None else convert(values[name])
        return given if self.is_by_name else tuple([given[name] for name in self.names])


class _FetchedRow(Mapping[Any, Any]):
    """A row by column names; a value is converted when it is read, for most are not."""

    __slots__ = ("_columns", "_values")

    def __init__(
        self, columns: Mapping[str, tuple[int, _Convert]], values: Sequence[object]
    ) -> None:
        self._columns = columns
        self._values = values

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 (a column's type says)
        place, convert = self._columns[name]
        value = self._values[place]
        return value if convert is None else convert(value)

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)


def _compiled(statement: Statement, dialect: Dialect) -> _Form:
    compiled = statement.compile(dialect=dialect)
    if compiled.post_compile_params or compiled.literal_execute_params:
        raise ValueError("the text of a prepared statement may not depend on its values")
    converts = {
        name: bind.type.dialect_impl(dialect).bind_processor(dialect)
        for name, bind in compiled.binds.items()
    }
    constants = {
        name: bind.value if converts[name] is None else converts[name](bind.value)  # type: ignore[misc]
        for name, bind in compiled.binds.items()
        if not bind.required
    }
    return _Form(
        text=compiled.string,
        names=tuple(compiled.positiontup or compiled.binds),
        constants=constants,
        to_driver={name: one for name, one in converts.items() if name not in constants},
        columns={
            column.name: (place, column.type.dialect_impl(dialect).result_processor(dialect, None))
            for place, column in enumerate(statement.exported_columns)
        },
        is_by_name=not compiled.positional,
    )


def _run(connection: Connection, form: _Form, values: Mapping[str, object]) -> DBAPICursor:
    """Return the driver's cursor after the statement; it is used again for the next one."""
    pooled = connection.connection
    cursor: DBAPICursor | None = pooled.info.get(_CURSOR)
    if cursor is None:
        cursor = pooled.info[_CURSOR] = pooled.cursor()
    parameters = form.parameters(values)
    told = connection, cursor, form.text, parameters, None, False
    heard = connection.engine.dispatch
    # Who counts or traces SQLAlchemy's statements hears of these too.
    for listener in heard.before_cursor_execute:
        listener(*told)
    try:
        cursor.execute(form.text, parameters)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _as_sqlalchemys(connection, form.text, error) from error
    for listener in heard.after_cursor_execute:
        listener(*told)
    return cursor


def _as_sqlalchemys(connection: Connection, text: str, error: Exception) -> BaseException:
    """Return the error as SQLAlchemy raises it; drop the pool's connections if they are lost."""
    dialect = connection.dialect
    pooled = connection.connection.dbapi_connection
    is_lost = dialect.is_disconnect(error, pooled, None)  # type: ignore[arg-type]
    if is_lost:
        connection.invalidate(error)
        connection.engine.dispose()
    return DBAPIError.instance(
        text,
        None,
        error,
        dialect.loaded_dbapi.Error,
        hide_parameters=True,
        connection_invalidated=is_lost,
        dialect=dialect,
    )
