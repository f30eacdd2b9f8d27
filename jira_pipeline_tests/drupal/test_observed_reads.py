"""Whoever reads an observed value has every place noted where it might have read something else."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, cast

import pytest

from jira_pipeline.drupal.observed_reads import (
    Observed,
    PlacesNow,
    Reads,
    UnknownValueError,
    ValueHashes,
)


@dataclass(frozen=True, kw_only=True)
class Harbour:
    """Something with parts, as a group of rows is."""

    name: str
    depth: int = 3


@dataclass(frozen=True, kw_only=True)
class Coast:
    """Something to be observed, as a session is."""

    name: str = "North"
    harbours: Mapping[str, Harbour] = field(default_factory=dict)
    words: frozenset[str] = frozenset()
    nearest: Harbour | None = None

    @cached_property
    def depths(self) -> Mapping[str, int]:
        return {key: harbour.depth for key, harbour in self.harbours.items()}

    @property
    def title(self) -> str:
        return f"Coast {self.name}"

    def depth_of(self, name: str) -> int:
        return self.depths.get(name, 0)


COAST = Coast(
    harbours={"a": Harbour(name="A"), "b": Harbour(name="B", depth=7)},
    words=frozenset({"quay", "pier"}),
    nearest=Harbour(name="A"),
)
A_DEEPER = replace(COAST, harbours={**COAST.harbours, "a": Harbour(name="A", depth=4)})
WITHOUT_A = replace(COAST, harbours={"b": COAST.harbours["b"]})
WITH_C = replace(COAST, harbours={**COAST.harbours, "c": Harbour(name="C")})
RENAMED = replace(COAST, name="South")
WITHOUT_NEAREST = replace(COAST, nearest=None)
MORE_WORDS = replace(COAST, words=COAST.words | {"mole"})
Read = Callable[[Any], object]


def is_read_the_same(read: Read, now: Coast) -> bool:
    """Read the coast, then tell whether every place that was read is as it was."""
    reads = Reads(opened_types=(Coast, Harbour))
    before = PlacesNow(COAST, {})
    assert read(Observed(COAST, (), reads)) == read(COAST)
    places = PlacesNow(now, {})
    for place, value in reads.values.items():
        try:
            if places.digest_at(before.stored(place)) != before.hashes.of(value):
                return False
        except LookupError:
            return False
    return True


@pytest.mark.parametrize(
    ("read", "same", "other"),
    [
        (lambda coast: coast.name, A_DEEPER, RENAMED),
        (lambda coast: coast.title, A_DEEPER, RENAMED),
        (lambda coast: coast.depth_of("a"), RENAMED, A_DEEPER),
        (lambda coast: coast.depth_of("b"), A_DEEPER, replace(COAST, harbours={})),
        (lambda coast: coast.depth_of("c"), A_DEEPER, WITH_C),
        (lambda coast: coast.harbours["a"].name, A_DEEPER, WITHOUT_A),
        (lambda coast: coast.harbours["a"].depth, WITH_C, A_DEEPER),
        (lambda coast: coast.harbours.get("a") is not None, A_DEEPER, WITHOUT_A),
        (lambda coast: coast.harbours.get("c") is None, A_DEEPER, WITH_C),
        (lambda coast: "a" in coast.harbours, A_DEEPER, WITHOUT_A),
        (lambda coast: [*coast.harbours], RENAMED, WITH_C),
        (lambda coast: [one.depth for one in coast.harbours.values()], RENAMED, A_DEEPER),
        (lambda coast: bool(coast.harbours), RENAMED, A_DEEPER),
        (lambda coast: coast.nearest is None, RENAMED, WITHOUT_NEAREST),
        (lambda coast: coast.nearest and coast.nearest.depth, RENAMED, WITHOUT_NEAREST),
        (lambda coast: coast.nearest == Harbour(name="A"), RENAMED, WITHOUT_NEAREST),
        (lambda coast: "quay" in coast.words, MORE_WORDS, replace(COAST, words=frozenset())),
        (lambda coast: "mole" in coast.words, RENAMED, MORE_WORDS),
        (lambda coast: {"mole"} | coast.words, RENAMED, MORE_WORDS),
        (lambda coast: coast.words - {"quay"}, RENAMED, MORE_WORDS),
    ],
)
def test_what_was_read_is_noted_and_no_more(read: Read, same: Coast, other: Coast) -> None:
    assert [is_read_the_same(read, coast) for coast in (COAST, same, other)] == [True, True, False]


def test_a_mapping_with_defaults_of_its_own_keeps_them() -> None:
    coast = Coast(harbours=cast("Mapping[str, Harbour]", defaultdict(lambda: Harbour(name="new"))))
    observed: Any = Observed(coast, (), Reads(opened_types=(Coast, Harbour)))

    assert observed.harbours["d"].name == "new"
    with pytest.raises(KeyError):
        observed.depths["e"]


def test_the_order_of_rows_counts_and_that_of_a_set_does_not() -> None:
    hashes = ValueHashes()

    assert hashes.of(("a", "b")) != hashes.of(("b", "a"))
    assert hashes.of({"a": 1, "b": 2}) != hashes.of({"b": 2, "a": 1})
    assert hashes.of({"pier", "quay"}) == hashes.of({"quay", "pier"})
    assert hashes.of([True]) != hashes.of([1])
    assert hashes.of(None) != hashes.of("None")


def test_a_value_of_an_unknown_class_has_no_hash() -> None:
    """Whoever read it is never said to read the same again."""
    with pytest.raises(UnknownValueError):
        ValueHashes().of([object()])
