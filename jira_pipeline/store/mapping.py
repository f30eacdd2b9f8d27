"""Values as rows: a table is made of a frozen dataclass, and its rows become that value again.

Belongs here: which column a field becomes, cells of a value, values of rows; how one cell is kept
(times, closed sets, nested values), the same for every dialect. Does not: keys, references and indexes
(`tables`).

A cell is the value of one column in one row; cells go by the names of their columns, as in
`{"ticket_id": "t3f2a…", "number": 7}`. `Rows(table, Ticket)` reads and writes rows as `Ticket`s.
"""

import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache, lru_cache
from types import NoneType, UnionType
from typing import Any, Generic, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Dialect,
    Float,
    Integer,
    LargeBinary,
    Select,
    String,
    Table,
    Text,
    TypeDecorator,
    and_,
    delete,
    insert,
    select,
    true,
    update,
)
from sqlalchemy.types import TypeEngine
from typing_extensions import override

from jira_pipeline.model.errors import StoreError

Value = TypeVar("Value")
Nested = TypeVar("Nested")

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
"""NUL, which PostgreSQL refuses, and lone surrogates, which are no UTF-8."""
PICO_DIGITS = 12
"""A price of a millionth of a dollar for a million tokens is one picodollar for each token."""
SHORT_TEXT_CHARACTERS = 64
LONG_TEXT_CHARACTERS = 100_000
TEXTS_KEPT = 3_072
"""So many texts of one kind are parsed once, and their values shared: those of up to 64 characters,
since many rows have the same, and lists of up to 100,000, since a ticket is read again and again."""
REPLACEMENT = "\ufffd"
"""What HTML makes of NUL, too. Source: HTML Standard, 13.2.5, 2025."""


def storable_text(text: str) -> str:
    return _UNSTORABLE.sub(REPLACEMENT, text)


def storable(value: Nested) -> Nested:
    """Return a value with every text in it as `storable_text`, so that what is hashed is stored.

    A value without such a text is returned itself, not as a copy.
    """
    stored: Any = value
    if type(stored) is str:
        stored = storable_text(stored)
    elif type(stored) is tuple:
        items = tuple(map(storable, stored))
        if any(new is not old for new, old in zip(items, stored, strict=True)):
            stored = items
    elif is_dataclass(stored):
        changed: dict[str, Any] = {}
        for name in stored.__dataclass_fields__:
            old = getattr(stored, name)
            new = storable(old)
            if new is not old:
                changed[name] = new
        if changed:
            stored = replace(stored, **changed)  # type: ignore[type-var] # no class
    return cast("Nested", stored)


class StoredString(TypeDecorator[str]):
    """A column of short texts; characters that some database refuses become U+FFFD.

    Those are NUL and lone surrogates. Sheets hold none, since their reader refuses them; prose and
    answers of other systems may.
    """

    impl = String
    cache_ok = True

    @override
    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable_text(value)


class StoredText(StoredString):
    """A column of texts without a limit."""

    impl = Text
    cache_ok = True


class Kept(TypeDecorator[Any]):
    """A column whose values are kept as plain ones: `write` makes the cell, `read` the value again.

    None is kept as null. `kind` is the type of the value, for messages.
    """

    impl: TypeEngine[Any] | type[TypeEngine[Any]] = Text
    cache_ok = True

    def __init__(
        self,
        impl: TypeEngine[Any],
        *,
        write: Callable[[Any], object],
        read: Callable[[Any], object],
        kind: Any,
    ) -> None:
        super().__init__()
        self.impl = impl
        self.write = write
        self.read = read
        self.kind = kind

    @override
    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else self.write(value)

    @override
    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Return the value of a cell.

        Raises:
            StoreError: The cell cannot be read: the store is damaged.
        """
        if value is None:
            return None
        try:
            return self.read(value)
        except ValueError as error:
            name = getattr(self.kind, "__name__", str(self.kind))
            raise StoreError(
                f"The store is damaged: a cell that holds a {name} cannot be read.",
                recovery_actions=("Restore the store from its last backup.",),
            ) from error


def _utc_text(value: datetime) -> str:
    """Return a time as text in UTC; ValueError for one without a zone, which could be any moment."""
    if value.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone; pass aware times in UTC.")
    return value.astimezone(UTC).isoformat(timespec="microseconds")


UTC_TIME = Kept(String(32), write=_utc_text, read=datetime.fromisoformat, kind=datetime)
"""An aware time, kept as ISO 8601 in UTC with microseconds: its text sorts as the time does."""
PICO_DOLLARS = Kept(
    BigInteger(),
    write=lambda value: round(value.scaleb(PICO_DIGITS)),
    read=lambda cell: Decimal(int(cell)).scaleb(-PICO_DIGITS),
    kind=Decimal,
)
"""US dollars, kept as a whole number of picodollars: databases add them without rounding.

What is finer is rounded; PostgreSQL answers a sum as a decimal number.
"""
ENTRY_TEXT = Kept(
    Text(),
    write=lambda value: storable_text(
        json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    ),
    read=json.loads,
    kind=dict,
)
"""What an entry of the audit trail says, in the one form that can be searched by its names: sorted,
without spaces."""


def enum_text(members: type[StrEnum]) -> Kept:
    """Return a column type for a closed set; a value that is none of its members is an error."""
    return Kept(String(64), write=lambda value: members(value).value, read=members, kind=members)


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    """Return what reads and writes values of a kind as JSON; made when first needed, then kept."""
    return TypeAdapter(kind)


def json_text(kind: Any) -> Kept:
    """Return a column type that keeps a nested value as JSON text, validated when it is read."""
    longest = LONG_TEXT_CHARACTERS if get_origin(kind) is tuple else SHORT_TEXT_CHARACTERS

    @lru_cache(maxsize=TEXTS_KEPT)
    def shared(cell: str) -> object:
        return _adapter(kind).validate_json(cell)

    return Kept(
        Text(),
        write=lambda value: _adapter(kind).dump_json(value).decode("utf-8"),
        read=lambda cell: (shared if len(cell) <= longest else _adapter(kind).validate_json)(cell),
        kind=kind,
    )


_PLAIN: dict[object, TypeEngine[Any] | type[TypeEngine[Any]]] = {
    str: StoredText,
    int: Integer,
    float: Float,
    bool: Boolean,
    bytes: LargeBinary,
    datetime: UTC_TIME,
    Decimal: PICO_DOLLARS,
}


def columns_of(value: type, *, but: Collection[str] = ()) -> list[Column[Any]]:
    """Make a column of each field: nullable where it may be None, with the field's own default."""
    hints = get_type_hints(value)
    return [
        _column(field.name, hints[field.name], default=field.default)
        for field in fields(value)
        if field.name not in but
    ]


def _column(name: str, hint: Any, *, default: object) -> Column[Any]:
    kinds = set(get_args(hint)) if get_origin(hint) in {Union, UnionType} else {hint}
    (kind,) = kinds - {NoneType}
    given: dict[str, Any] = {} if default is MISSING or default is None else {"default": default}
    return Column(name, _type_of(kind), nullable=NoneType in kinds, **given)


def _type_of(kind: Any) -> TypeEngine[Any] | type[TypeEngine[Any]]:
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return enum_text(kind)
    return _PLAIN.get(kind) or json_text(kind)


def insert_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows in one statement; nothing is executed where there are none."""
    if rows:
        connection.execute(insert(table), rows)


def has_cells(table: Table, **cells: object) -> ColumnElement[bool]:
    """Return the condition that a row has these values in the columns of these names."""
    return and_(true(), *(table.c[name] == value for name, value in cells.items()))


def delete_rows(
    connection: Connection, table: Table, *conditions: ColumnElement[bool], **cells: object
) -> int:
    """Delete the rows that have these cells; return how many there were."""
    deletion = delete(table).where(has_cells(table, **cells), *conditions)
    return connection.execute(deletion).rowcount


def update_rows(
    connection: Connection,
    table: Table,
    values: Mapping[str, object],
    *conditions: ColumnElement[bool],
    **cells: object,
) -> int:
    """Set values in the rows that have these cells; return how many there were."""
    statement = update(table).where(has_cells(table, **cells), *conditions)
    return connection.execute(statement.values(values)).rowcount


class Rows(Generic[Value]):
    """The rows of a table as values of a dataclass; columns that are no field of it are left alone."""

    def __init__(self, table: Table, value: type[Value], *, but: Collection[str] = ()) -> None:
        """Take a table and a dataclass; `but` names fields that have a column and are not read."""
        self.table = table
        self.value = value
        names = (field.name for field in fields(value))  # type: ignore[arg-type] # a dataclass
        self.names = tuple(name for name in names if name in table.c and name not in but)
        self.columns = tuple(table.c[name] for name in self.names)
        self.query: Select[Any] = select(*self.columns)
        self._insert = insert(table).returning(*self.columns)

    def cells(
        self, value: Value, *, but: Collection[str] = (), **other_cells: object
    ) -> dict[str, Any]:
        """Return the cells of a value by column, save for `but`, together with other cells."""
        return {name: getattr(value, name) for name in self.names if name not in but} | other_cells

    def insert_one(
        self,
        connection: Connection,
        value: Value,
        *,
        but: Collection[str] = (),
        **other_cells: object,
    ) -> Value:
        """Insert a value and return it as it is stored.

        `but` names columns that are left to the database, which numbers rows.
        """
        row = self.cells(value, but=but, **other_cells)
        return self.make(connection.execute(self._insert, row).one())

    def make(self, cells: Sequence[Any], **other_fields: object) -> Value:
        """Return the value of cells in the order of `columns`, and of fields without a column."""
        return self.value(**dict(zip(self.names, cells, strict=True)), **other_fields)

    def values_of(self, rows: Iterable[Sequence[Any]]) -> tuple[Value, ...]:
        return tuple(map(self.make, rows))

    def query_where(self, **cells: object) -> Select[Any]:
        """Return the query for rows that have these cells."""
        return self.query.where(has_cells(self.table, **cells))

    def read(
        self, connection: Connection, *order_by: ColumnElement[Any], **cells: object
    ) -> tuple[Value, ...]:
        """Return the values of rows that have these cells, ordered by these columns."""
        return self.values_of(connection.execute(self.query_where(**cells).order_by(*order_by)))
