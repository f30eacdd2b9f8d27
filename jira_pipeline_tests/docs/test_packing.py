"""Packed code has a ceiling in each room, which only falls (`python -m benchmarks packing`)."""

import ast

import pytest

from benchmarks.packing import (
    Packing,
    counts_by_room,
    lowered_ceilings,
    packed_places,
    read_ceilings,
)


def test_no_room_has_more_packed_places_than_its_ceiling() -> None:
    ceilings = read_ceilings()

    above = [
        f"{room}: {count} {kind}, at most {ceilings[room][kind] if room in ceilings else 0}; "
        f"`python -m benchmarks packing --list {room}` shows them"
        for room, counts in counts_by_room().items()
        for kind, count in counts.items()
        if room not in ceilings or count > ceilings[room][kind]
    ]

    assert above == []


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("x_of = {name: [y for y in ys] for name in names}", Packing.COMPREHENSION),
        ("rows = [row for row in rows if row.label if row.kind]", Packing.COMPREHENSION),
        ("rows = [row for row in rows if (label := row.label)]", Packing.COMPREHENSION),
        ("rows = [row if row else other for row in rows]", Packing.COMPREHENSION),
        ("label, rows = read_label(), read_rows()", Packing.PARALLEL),
        ('text = ", again" * is_repeated', Packing.PARALLEL),
        ("text = [label] * (count > 1)", Packing.PARALLEL),
        ("for one in tickets: show(one)", Packing.NAME),
        ("def show(item): pass", Packing.NAME),
        ("t = read_ticket()", Packing.NAME),
    ],
)
def test_a_packed_place_is_counted(code: str, kind: Packing) -> None:
    assert [place.kind for place in packed_places(ast.parse(code))] == [kind]


@pytest.mark.parametrize(
    "code",
    [
        "rows = [row for row in rows if row.label]",
        "first, second = second, first",
        "first, second = pair",
        "line = 40 * width",
        "labels = [t.label for t in tickets]",
        "key = lambda t: t.label",
        "for _ in range(3): again()",
        "def show(ticket):\n    a.b(1)\n    a.b(1)\n    a.b(1)\n    a.b(1)\n    a.b(1)",
    ],
)
def test_a_plain_place_is_not_counted(code: str) -> None:
    assert [*packed_places(ast.parse(code))] == []


def test_a_function_of_dense_statements_is_counted() -> None:
    dense = "a(b(c(d, e), f(g, h)), i(j(k, l), m(n, o)), p(q, r))"
    code = "def show(ticket):\n" + f"    {dense}\n" * 5

    (place,) = packed_places(ast.parse(code))

    assert place.kind is Packing.FUNCTION


def test_a_ceiling_only_falls() -> None:
    ceilings = read_ceilings()
    counts = {room: ceiling.copy() for room, ceiling in ceilings.items()}
    counts["store"][Packing.NAME] += 1
    counts["web"][Packing.NAME] -= 1

    lowered = lowered_ceilings(ceilings, counts)

    assert lowered["store"] == ceilings["store"]
    assert lowered["web"][Packing.NAME] == ceilings["web"][Packing.NAME] - 1
