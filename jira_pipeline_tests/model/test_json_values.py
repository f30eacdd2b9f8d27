"""Every field that a class declares for its JSON is one it has: declarations are texts to mypy."""

import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from importlib import import_module
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest

import jira_pipeline
from jira_pipeline.model.json_values import DECLARED, fields_in, json_fields, json_of


@json_fields("name at cost=price.amount left=len(kept) note? **price")
@dataclass(frozen=True)
class Ware:
    """Something with every kind of field."""

    name: str
    at: datetime
    price: "Price | None"
    kept: tuple[int, ...] = ()
    note: str = ""


@json_fields("amount")
@dataclass(frozen=True)
class Price:
    """Something within it."""

    amount: Decimal


def test_a_value_has_the_fields_it_declares() -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)

    shown = json_of([Ware("clock", at, Price(Decimal("2.5")), kept=(1, 2))])

    assert shown == [
        {
            "name": "clock",
            "at": "2026-03-01T00:00:00+00:00",
            "cost": 2.5,
            "left": 2,
            "note": None,
            "amount": 2.5,
        }
    ]


def test_a_dataclass_without_a_declaration_is_refused() -> None:
    @dataclass
    class Bare:
        name: str

    with pytest.raises(TypeError, match="Bare has no JSON"):
        json_of({"found": Bare("clock")})


def test_every_declared_field_exists() -> None:
    for module in pkgutil.walk_packages(jira_pipeline.__path__, "jira_pipeline."):
        import_module(module.name)

    unknown = [
        f"{declaring.__name__}: {field.name}"
        for declaring, declared in DECLARED.items()
        for field in fields_in(declared)
        if not _exists(declaring, field.path)
    ]

    assert unknown == []
    misread = [d for d in DECLARED.values() if len(fields_in(d)) != len(d.split())]
    assert misread == []


def _exists(owner: Any, path: tuple[str, ...]) -> bool:
    for name in path:
        (owner,) = {*_kinds_of(owner)} or {None}
        if not isinstance(owner, type):
            return False
        owner = dict(_attributes_of(owner)).get(name)
    return owner is not None


def _kinds_of(annotation: Any) -> Iterator[Any]:
    is_union = get_origin(annotation) in {Union, UnionType}
    yield from (
        k for k in (get_args(annotation) if is_union else (annotation,)) if k is not NoneType
    )


def _attributes_of(owner: type) -> Iterator[tuple[str, Any]]:
    yield from get_type_hints(owner).items()
    for kind in owner.__mro__:
        for name, member in vars(kind).items():
            function = getattr(member, "fget", None) or getattr(member, "func", None)
            if isinstance(member, property | cached_property) and function is not None:
                yield name, get_type_hints(function).get("return")
