"""Paths of the values of a component: each is named once, by natural keys."""

from hypothesis import given, strategies as st

from jira_pipeline.sharedo.natural_keys import key_parts_of, leaves, natural_key
from jira_pipeline.sharedo.packages import JsonValue
from jira_pipeline_tests.tables import each

NAMES = st.sampled_from(["Phases", "SystemName", "Name", "a.b", "a", "b", "x (2)", "[1]", "", '"'])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 2) | NAMES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_every_value_has_a_path_of_its_own(value: JsonValue) -> None:
    paths = [path for path, _ in leaves(value)]

    assert len(set(paths)) == len(paths)


@given(VALUES)
def test_no_value_is_lost(value: JsonValue) -> None:
    """Counted without paths: every null, flag, number, text, and every empty list and object."""

    def count(inner: JsonValue) -> int:
        if isinstance(inner, dict) and inner:
            return sum(map(count, inner.values()))
        return sum(map(count, inner)) if isinstance(inner, list) and inner else 1

    assert len([*leaves(value)]) == count(value)


@each(
    ("value", "paths"),
    [
        ({"Phases": [{"SystemName": "new", "Title": "N"}]}, ["SystemName", "Title"]),
        ({"Phases": []}, None),
    ],
    ids=["item", "empty"],
)
def test_an_item_is_named_by_its_natural_key(value: JsonValue, paths: list[str] | None) -> None:
    expected = ["Phases"] if paths is None else [f"Phases[new].{name}" for name in paths]

    assert [path for path, _ in leaves(value)] == expected


def test_two_items_of_one_key_are_distinguished() -> None:
    value: JsonValue = {"Phases": [{"SystemName": "a", "N": n} for n in range(3)]}

    assert [path for path, _ in leaves(value) if path.endswith("N")] == [
        "Phases[a].N",
        "Phases[a (2)].N",
        "Phases[a (3)].N",
    ]


def test_a_usual_key_counts_only_where_it_is_unique_on_both_sides() -> None:
    first: list[JsonValue] = [{"SystemName": "a", "Name": "x"}, {"SystemName": "b", "Name": "y"}]
    second: list[JsonValue] = [{"Name": "x"}, {"Name": "y"}]

    parts = key_parts_of("Things", first, second)

    assert natural_key(first[0], parts) == natural_key(second[0], parts) == ("x",)
    assert key_parts_of("Things", [*first, first[0]], second) == ()


def test_many_items_of_one_key_take_no_quadratic_time() -> None:
    value: JsonValue = {"Phases": [{"SystemName": "a"} for _ in range(20_000)]}

    assert len({path for path, _ in leaves(value)}) == 20_000
