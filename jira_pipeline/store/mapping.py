"""Values as rows: a table is made of a frozen dataclass, and its rows become that value again.

Belongs here: which column a field becomes, cells of a value, values of rows; how one cell is kept
(times, closed sets, nested values), the same for every dialect. Does not: keys, references and indexes
(`tables`).
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
"""Most values are empty, or short and the same in many rows: those are read once, and shared. So are
longer lists: a ticket has the questions it had when its fields change."""
REPLACEMENT = "\ufffd"
"""What HTML makes of NUL, too. Source: HTML Standard, 13.2.5, 2025."""


def storable_text(text: str) -> str:
    return _UNSTORABLE.sub(REPLACEMENT, text)


def storable(value: Nested) -> Nested:
    """Return a value with every text in it as it is kept: what is hashed is what is stored."""
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
    """A short text; what no database keeps alike becomes U+FFFD.

    Cells hold no NUL, since the reader refuses them. Prose and what other systems answer may.
    """

    impl = String
    cache_ok = True

    @override
    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable_text(value)


class StoredText(StoredString):
    """The same without a limit."""

    impl = Text
    cache_ok = True


class Kept(TypeDecorator[Any]):
    """A value that is kept as a plain one: how it is written, and how it is read again."""

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
        """Return what a cell holds; the store is damaged where it holds no such thing."""
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
    """Refuse a naive time: it would be off by the zone of whoever wrote it."""
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
    """Keep a member of a closed set as its value; another one raises ValueError."""
    return Kept(String(64), write=lambda value: members(value).value, read=members, kind=members)


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    """What reads and writes a nested value, made when one comes along: there are many columns."""
    return TypeAdapter(kind)


def json_text(kind: Any) -> Kept:
    """Keep a nested value as JSON text, which is read through its type."""
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
    """Insert rows in one statement; of none the database is not asked."""
    if rows:
        connection.execute(insert(table), rows)


def has_cells(table: Table, **cells: object) -> ColumnElement[bool]:
    """Say which rows have these values in the columns of these names."""
    return and_(true(), *(table.c[name] == value for name, value in cells.items()))


def delete_rows(
    connection: Connection, table: Table, *conditions: ColumnElement[bool], **cells: object
) -> int:
    """Delete the rows that have these cells; return how many there were."""
    gone = delete(table).where(has_cells(table, **cells), *conditions)
    return connection.execute(gone).rowcount


def update_rows(
    connection: Connection,
    table: Table,
    values: Mapping[str, object],
    *conditions: ColumnElement[bool],
    **cells: object,
) -> int:
    """Set values in the rows that have these cells; return how many there were."""
    changed = update(table).where(has_cells(table, **cells), *conditions)
    return connection.execute(changed.values(values)).rowcount


class Rows(Generic[Value]):
    """The rows of a table as values; columns that are no field of theirs are left alone."""

    def __init__(self, table: Table, value: type[Value], *, but: Collection[str] = ()) -> None:
        self.table = table
        self.value = value
        names = (field.name for field in fields(value))  # type: ignore[arg-type] # a dataclass
        self.names = tuple(name for name in names if name in table.c and name not in but)
        self.columns = tuple(table.c[name] for name in self.names)
        self.query: Select[Any] = select(*self.columns)
        self._added = insert(table).returning(*self.columns)

    def cells(self, value: Value, *, but: Collection[str] = (), **beside: object) -> dict[str, Any]:
        return {name: getattr(value, name) for name in self.names if name not in but} | beside

    def insert_one(
        self, connection: Connection, value: Value, *, but: Collection[str] = (), **beside: object
    ) -> Value:
        """Insert a value and return it as it is kept; the database gives the numbers left out."""
        row = self.cells(value, but=but, **beside)
        return self.make(connection.execute(self._added, row).one())

    def make(self, cells: Sequence[Any], **beside: object) -> Value:
        """Return the value of cells in the order of its columns, and of fields it has no column for."""
        return self.value(**dict(zip(self.names, cells, strict=True)), **beside)

    def values_of(self, rows: Iterable[Sequence[Any]]) -> tuple[Value, ...]:
        return tuple(map(self.make, rows))

    def query_where(self, **cells: object) -> Select[Any]:
        """Choose those that have these cells."""
        return self.query.where(has_cells(self.table, **cells))

    def read(
        self, connection: Connection, *by: ColumnElement[Any], **cells: object
    ) -> tuple[Value, ...]:
        """Return those that have these cells, in some order."""
        return self.values_of(connection.execute(self.query_where(**cells).order_by(*by)))
