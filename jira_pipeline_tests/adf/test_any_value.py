"""Whatever is where a document should be, there is an answer: violations or a named limit."""

import cProfile
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jira_pipeline.adf import AdfLimitError, validate_adf
from jira_pipeline.adf.validation import MAX_NODES, MAX_VIOLATIONS
from jira_pipeline_tests.adf.documents import FULL_BLOCKS, document_of
from jira_pipeline_tests.adf.spoiling import Edit, places_of, spoiled
from jira_pipeline_tests.long_form import examples
from jira_pipeline_tests.tables import each

PROFILES = pytest.mark.parametrize("profile", ["full", "jira"])

_numbers = st.integers() | st.floats() | st.sampled_from([10**30, -(10**400)])
_texts = st.text(st.characters(exclude_categories=[]), max_size=5)
_leaves = st.none() | st.booleans() | _numbers | _texts | st.binary(max_size=3)
_names = st.sampled_from(["type", "attrs", "marks", "content", "text", "version", "level"])
_types = st.sampled_from(["doc", "paragraph", "text", "heading", "bulletList", "strong", "media"])
ANYTHING = st.recursive(
    _leaves | _types,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(_names, inner, max_size=5)
        | st.dictionaries(_leaves, inner, max_size=2)
        | st.fixed_dictionaries({"type": _types}, optional={"content": st.lists(inner)})
    ),
    max_leaves=25,
)


def _deep(depth: int, innermost: dict[str, Any]) -> dict[str, Any]:
    block = innermost
    for _ in range(depth):
        block = {"type": "bulletList", "content": [{"type": "listItem", "content": [block]}]}
    return {"type": "doc", "version": 1, "content": [block]}


@PROFILES
@pytest.mark.parametrize(
    "value",
    [None, True, 0, 10**5000, float("nan"), "text", b"x", [], [[]], {}, {1: 2}, {"type": ["doc"]}],
    ids=lambda value: type(value).__name__,
)
def test_what_is_no_document_is_refused_as_a_whole_or_at_its_type(profile, value):
    paths = [violation.path for violation in validate_adf(value, profile)]

    assert paths
    assert set(paths) <= {"$", "$.type", "$.version", "$.content", "$['1']"}


@PROFILES
@settings(deadline=None, max_examples=examples(400))
@given(value=ANYTHING)
def test_any_value_gets_an_answer(profile, value):
    violations = validate_adf(value, profile, max_bytes=1_000)

    assert violations
    assert all(violation.message and violation.suggested_fix for violation in violations)


@PROFILES
@settings(deadline=None, max_examples=examples(400))
@given(data=st.data())
def test_any_value_at_any_place_of_a_document_gets_an_answer(profile, data):
    document = document_of([data.draw(st.sampled_from(FULL_BLOCKS))])
    place, _ = data.draw(st.sampled_from(places_of(document)))

    found = validate_adf(
        spoiled(document, [Edit("any", "replace", place, data.draw(ANYTHING))]), profile
    )

    assert all(violation.path.startswith("$") for violation in found)


@PROFILES
@pytest.mark.parametrize(
    "level",
    [float("nan"), float("inf"), -float("inf"), 10**5000, 1e300],
    ids=["not a number", "infinite", "negative infinite", "huge", "large"],
)
def test_a_number_that_json_does_not_know_or_hold_is_named_itself(profile, level):
    heading = {"type": "heading", "attrs": {"level": level}}

    [violation] = validate_adf({**document_of([]), "content": [heading]}, profile)

    assert violation.path == "$.content[0].attrs.level"


def test_half_a_character_cannot_be_sent_to_jira():
    document = document_of([{"type": "paragraph", "content": [{"type": "text", "text": "a"}]}])
    document["content"][0]["content"][0]["text"] = "half \ud83d"

    [violation] = validate_adf(document)

    assert violation.rule == "half_character"
    assert validate_adf(document, "full") == []


def test_names_that_are_no_strings_are_written_into_the_path():
    document = {**document_of([]), "content": [{"type": "rule", 7: 1, ("a", 1): 2}]}

    assert [v.path for v in validate_adf(document)] == [
        "$.content[0][7]",
        "$.content[0]['(\\'a\\', 1)']",
    ]


def test_a_list_that_holds_itself_ends_at_a_limit():
    inner: dict[str, Any] = {"type": "bulletList", "content": [{"type": "listItem", "content": []}]}
    inner["content"][0]["content"].append(inner)
    document = {**document_of([]), "content": [inner]}

    with pytest.raises(AdfLimitError, match="at most 1,000,000"):
        validate_adf(document, "full")
    assert [v.rule for v in validate_adf(document, "jira")] == ["too_deep"]


def test_a_wrong_list_that_holds_itself_ends_at_a_limit():
    inner: dict[str, Any] = {
        "type": "bulletList",
        "content": [{"type": "listItem", "content": []}],
        "x": 1,
    }
    inner["content"][0]["content"].append(inner)

    violations = validate_adf({**document_of([]), "content": [inner]}, "full")

    assert 100 < len(violations) <= MAX_VIOLATIONS
    assert {violation.rule for violation in violations} == {"unexpected"}


def test_nodes_that_share_their_content_many_times_over_end_at_a_limit():
    """Forty levels of two are 10¹² nodes in a few kilobytes of memory."""
    block: dict[str, Any] = {"type": "paragraph"}
    for _ in range(40):
        block = {"type": "bulletList", "content": [{"type": "listItem", "content": [block, block]}]}

    with pytest.raises(AdfLimitError, match="nodes"):
        validate_adf({**document_of([]), "content": [block]}, "full")


def test_a_fault_100_000_levels_deep_is_found_without_recursion():
    [violation] = validate_adf(_deep(50_000, {"type": "heading", "attrs": {"level": 1}}), "full")

    assert violation.rule == "misplaced"
    assert violation.path == "$.content[0]" + ".content[0].content[0]" * 50_000


def test_faults_on_each_of_100_000_levels_are_reported_within_bounds():
    block: dict[str, Any] = {"type": "paragraph"}
    for _ in range(100_000):
        block = {"type": "bulletList", "content": [block]}

    violations = validate_adf({**document_of([]), "content": [block]}, "full")

    assert 0 < len(violations) <= MAX_VIOLATIONS
    assert sum(len(violation.path) for violation in violations) < 10_000_000


def test_of_very_many_faults_the_first_are_reported():
    empty = {"type": "paragraph", "content": [{"type": "text", "text": ""}]}

    violations = validate_adf(document_of([empty] * 3_000))

    assert len(violations) == MAX_VIOLATIONS
    assert violations[0].path == "$.content[0].content[0].text"


def _calls(document):
    profile = cProfile.Profile()
    found = profile.runcall(validate_adf, document)
    assert found
    return sum(entry.callcount for entry in profile.getstats())


@each(
    "wrong",
    [{"type": "bogus", "x": 1}, {"type": "paragraph", "marks": ["x"], "y": 1}, None],
    ids=["unknown", "several faults", "no node"],
)
def test_the_steps_to_name_faults_grow_with_the_count_of_nodes(wrong):
    right = {"type": "paragraph", "content": [{"type": "text", "text": "x"}]}

    small, large = (_calls(document_of([right, wrong] * count)) for count in (100, 200))

    assert large < 2.5 * small


def test_a_document_over_the_size_names_its_largest_blocks():
    blocks = [
        {"type": "paragraph", "content": [{"type": "text", "text": "x" * n}]} for n in (9, 900)
    ]
    document = document_of(blocks)

    [violation] = validate_adf(document, max_bytes=1_000)

    assert (violation.path, violation.rule) == ("$", "too_large")
    assert "$.content[1] (" in violation.suggested_fix
    assert validate_adf(document, max_bytes=len(json.dumps(document))) == []


def test_a_document_too_deep_for_json_is_reported_where_its_size_is_asked():
    [violation] = validate_adf(_deep(50_000, {"type": "paragraph"}), "full", max_bytes=10**9)

    assert violation.rule == "not_json"


def test_the_node_limit_is_beyond_a_document_of_ten_megabytes():
    node = {"type": "paragraph", "content": [{"type": "text", "text": "x"}]}

    assert len(json.dumps(node)) // 2 * MAX_NODES > 10_000_000
