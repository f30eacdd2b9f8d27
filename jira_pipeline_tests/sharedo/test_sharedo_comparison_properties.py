"""Any two payloads compared: as a second, plainer way to say what counts would have it."""

import json
from typing import Any

from hypothesis import given, strategies as st

from jira_pipeline.sharedo.comparison import Difference
from jira_pipeline.sharedo.packages import JsonValue
from jira_pipeline.tickets.grouping.component_rows import Outcome
from jira_pipeline_tests.sharedo.made_packages import compared_packages, package_of

GUIDS = ("659ae508-4442-5bf2-83f8-88821483ff1c", "9EB11C04-C81E-5DDA-B976-9FA819B354BA")
NOISE = ("RowVersion", "ModifiedOn", "CreatedBy", "GraphLayout")
FIELDS = ["Phases", "SyncRules", "Aspects", "SystemName", "Name", "ZoneName", "Title", *NOISE]
NAMES = st.sampled_from(FIELDS)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(0, 2)
    | st.sampled_from(["a", "b", "", *GUIDS, f"x/{GUIDS[0]}"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=14,
)
PAYLOADS: st.SearchStrategy[Any] = st.dictionaries(NAMES, VALUES, max_size=4)
WITH_IDS: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from(["a", "b", *GUIDS, f"x/{GUIDS[1]}"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*FIELDS, "Id", "Id", *GUIDS]), inner, max_size=4)
    ),
    max_leaves=14,
)
"""What has ids, and what names something by them."""


def differences_of(first: JsonValue, second: JsonValue) -> tuple[Difference, ...]:
    comparison = compared_packages([package_of(first)], [package_of(second)])
    (component,) = comparison.components
    assert (component.outcome is Outcome.MODIFIED) == bool(component.differences)
    return component.differences


def plainly(value: JsonValue) -> JsonValue:
    """What counts of a value, said a second time and without any care for speed."""
    if isinstance(value, dict):
        kept: dict[str, JsonValue] = {}
        for name, inner in value.items():
            counted = plainly(inner)
            if name not in NOISE and counted not in (None, []):
                kept[name] = counted
        return kept
    if isinstance(value, list):
        counted = [plainly(inner) for inner in value if inner is not None]
        return sorted(counted, key=lambda one: json.dumps(one, sort_keys=True))
    if isinstance(value, str):
        for guid in GUIDS:
            value = value.replace(guid, "(id)")
    return value


@given(PAYLOADS, PAYLOADS)
def test_there_are_differences_where_what_counts_differs_and_only_there(
    first: JsonValue, second: JsonValue
) -> None:
    plain = [json.dumps(plainly(payload), sort_keys=True) for payload in (first, second)]

    assert bool(differences_of(first, second)) == (plain[0] != plain[1])


@given(PAYLOADS, PAYLOADS)
def test_every_difference_has_a_path_of_its_own_and_two_values(
    first: JsonValue, second: JsonValue
) -> None:
    found = differences_of(first, second)

    assert len({d.path for d in found}) == len(found)
    assert all(json.dumps(d.before) != json.dumps(d.after) for d in found)


@given(st.dictionaries(NAMES, WITH_IDS, max_size=4))
def test_other_ids_for_the_same_things_are_no_difference(payload: JsonValue) -> None:
    """Each environment gives its own; what has them, and what names it by them, is the same."""
    renumbered = json.dumps(payload)
    for number, guid in enumerate(GUIDS):
        renumbered = renumbered.replace(guid, f"{number}0000000-0000-4000-8000-000000000000")

    assert differences_of(payload, json.loads(renumbered)) == ()
