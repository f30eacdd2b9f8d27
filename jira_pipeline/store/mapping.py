"""Values as rows: a table is made of a frozen dataclass, and its rows become that value again.

Belongs here: which column a field becomes, cells of a value, values of rows. Does not: keys,
references and indexes (`tables`), conversions of one cell (`column_types`).
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import MISSING, fields
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, Generic, TypeVar, Union, get_args, get_origin, get_type_hints

from sqlalchemy import Boolean, Column, Connection, Float, Integer, Select, Table, insert, select
from sqlalchemy.types import TypeEngine

from jira_pipeline.store.column_types import EnumText, JsonText, PicoDollars, StoredText, UtcTime

Value = TypeVar("Value")
_PLAIN: dict[object, type[TypeEngine[Any]]] = {
    str: StoredText,
    int: Integer,
    float: Float,
    bool: Boolean,
    datetime: UtcTime,
    Decimal: PicoDollars,
}


def columns_of(value: type, *, but: Collection[str] = ()) -> list[Column[Any]]:
    """Make a column of each field: nullable where it may be None, with the field's own default."""
    hints = get_type_hints(value)
    return [
        _column(one.name, hints[one.name], default=one.default)
        for one in fields(value)
        if one.name not in but
    ]


def _column(name: str, hint: Any, *, default: object) -> Column[Any]:
    kinds = set(get_args(hint)) if get_origin(hint) in {Union, UnionType} else {hint}
    (kind,) = kinds - {NoneType}
    given: dict[str, Any] = {} if default is MISSING or default is None else {"default": default}
    return Column(name, _type_of(kind), nullable=NoneType in kinds, **given)


def _type_of(kind: Any) -> TypeEngine[Any]:
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return EnumText(kind)
    plain = _PLAIN.get(kind)
    return JsonText(kind) if plain is None else plain()


class Rows(Generic[Value]):
    """The rows of a table as values; columns that are no field of theirs are left alone."""

    def __init__(self, table: Table, value: type[Value], *, but: Collection[str] = ()) -> None:
        self.table, self.value = table, value
        known = (one.name for one in fields(value))  # type: ignore[arg-type] # a dataclass
        self.names = tuple(name for name in known if name in table.c and name not in but)
        self.columns = tuple(table.c[name] for name in self.names)
        self.chosen: Select[Any] = select(*self.columns)
        self._added = insert(table).returning(*self.columns)

    def cells(self, value: Value, *, but: Collection[str] = (), **beside: object) -> dict[str, Any]:
        return {name: getattr(value, name) for name in self.names if name not in but} | beside

    def added(
        self, connection: Connection, value: Value, *, but: Collection[str] = (), **beside: object
    ) -> Value:
        """Insert a value and return it as it is kept; the database gives the numbers left out."""
        row = self.cells(value, but=but, **beside)
        return self.made(connection.execute(self._added, row).one())

    def made(self, cells: Sequence[Any], **beside: object) -> Value:
        """Return the value of cells in the order of its columns, and of fields it has no column for."""
        return self.value(**dict(zip(self.names, cells, strict=True)), **beside)

    def of(self, rows: Iterable[Sequence[Any]]) -> tuple[Value, ...]:
        return tuple(map(self.made, rows))
