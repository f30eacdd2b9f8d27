"""Each fault of a document is found, at the smallest place, with words that help."""

import cProfile

from jira_pipeline.adf import validate_adf
from jira_pipeline.adf.limits import MAX_LIST_DEPTH
from jira_pipeline_tests.adf.documents import (
    FULL_BLOCKS,
    JIRA_BLOCKS,
    document_of,
)
from jira_pipeline_tests.tables import each


def _paragraph(*content):
    return {"type": "paragraph", "content": list(content)}


def _text(value, *marks):
    return {"type": "text", "text": value, "marks": list(marks)}


def _link(href):
    return {"type": "link", "attrs": {"href": href}}


def _item(*content):
    return {"type": "bulletList", "content": [{"type": "listItem", "content": list(content)}]}


@each("block", FULL_BLOCKS, ids=lambda block: block["type"])
def test_every_node_of_the_official_schema_is_valid_in_the_full_profile(official_schema, block):
    document = document_of([block])

    assert official_schema.is_valid(document)
    assert validate_adf(document, "full") == []


@each("block", JIRA_BLOCKS, ids=lambda block: block["type"])
def test_every_node_jira_takes_is_valid_in_its_profile(block):
    assert validate_adf(document_of([block]), "jira") == []


def test_each_of_several_faults_is_reported_in_document_order():
    document = document_of(
        [
            _paragraph(_text("first"), {"type": "text", "text": ""}),
            {"type": "heading", "attrs": {"level": 7}, "content": [_text("second")]},
            _item({"type": "heading", "attrs": {"level": 1}, "content": [_text("third")]}),
        ]
    )

    violations = validate_adf(document)

    assert [(v.path, v.rule, v.context_text) for v in violations] == [
        ("$.content[0].content[1].text", "empty_text", "first"),
        ("$.content[1].attrs.level", "wrong_value", "second"),
        ("$.content[2].content[0].content[0]", "misplaced", "third"),
    ]


def test_a_mark_beside_code_is_named_itself():
    document = document_of([_paragraph(_text("x", {"type": "code"}, {"type": "strong"}))])

    [violation] = validate_adf(document)

    assert violation.path == "$.content[0].content[0].marks[1].type"
    assert violation.message == "strong is not allowed beside code; only a link is."
    assert violation.suggested_fix == "Delete the mark."


def test_a_wrong_type_that_everything_else_speaks_against_is_named_itself():
    document = document_of([{"type": "caption", "attrs": {"level": 2}, "content": [_text("x")]}])

    [violation] = validate_adf(document)

    assert violation.path == "$.content[0].type"
    assert violation.suggested_fix == (
        "Use the type 'heading', whose members these are, or delete the node."
    )


def test_what_is_in_a_node_of_unknown_type_is_judged_as_well():
    document = document_of(
        [{"type": "headline", "attrs": {"level": 2}, "content": [_text("x"), _text("")]}]
    )

    violations = validate_adf(document)

    assert [v.path for v in violations] == ["$.content[0].type", "$.content[0].content[1].text"]


TRAPS = {
    "heading in a list item": _item({"type": "heading", "attrs": {"level": 1}}),
    "quote in a list item": _item({"type": "blockquote", "content": [_paragraph()]}),
    "quote in a quote": {
        "type": "blockquote",
        "content": [{"type": "blockquote", "content": [_paragraph()]}],
    },
    "block in a paragraph": _paragraph(_paragraph()),
    "layout": {"type": "layoutSection", "content": []},
    "extension": {"type": "extension", "attrs": {"extensionKey": "k", "extensionType": "t"}},
    "task list without a local id": {
        "type": "taskList",
        "attrs": {},
        "content": [{"type": "taskItem", "attrs": {"localId": "i", "state": "TODO"}}],
    },
}


@each("block", TRAPS.values(), ids=TRAPS.keys())
def test_what_jira_never_takes_is_refused(block):
    assert validate_adf(document_of([block]))


STRICTER = {
    "a level between two": {"type": "heading", "attrs": {"level": 2.5}, "content": [_text("x")]},
    "a link that runs a script": _paragraph(_text("x", _link("javascript:alert(1)"))),
    "a link with a user name": _paragraph(_text("x", _link("https://bank.example@evil.example/"))),
    "sub and sup together": _paragraph(
        _text(
            "x",
            {"type": "subsup", "attrs": {"type": "sub"}},
            {"type": "subsup", "attrs": {"type": "sup"}},
        )
    ),
    "a row without cells": {"type": "table", "content": [{"type": "tableRow", "content": []}]},
    "an aligned paragraph": {
        "type": "paragraph",
        "marks": [{"type": "alignment", "attrs": {"align": "end"}}],
    },
}


@each("block", STRICTER.values(), ids=STRICTER.keys())
def test_the_jira_profile_refuses_what_only_the_schema_takes(official_schema, block):
    document = document_of([block])

    assert official_schema.is_valid(document)
    assert validate_adf(document, "full") == []
    assert len(validate_adf(document, "jira")) == 1


@each("document", [None, "text", [], 1, {}, {"type": ["doc"]}], ids=repr)
def test_what_is_no_document_at_all_is_refused(document):
    assert validate_adf(document, "full")
    assert validate_adf(document, "jira")


def _nested_list(depth, innermost):
    block = innermost
    for _ in range(depth):
        block = _item(block)
    return (
        document_of([block]) if depth <= MAX_LIST_DEPTH else {**document_of([]), "content": [block]}
    )


def _steps_to_diagnose(depth):
    document = _nested_list(depth, {"type": "heading", "attrs": {"level": 1}})
    profile = cProfile.Profile()
    [violation] = profile.runcall(validate_adf, document)
    assert violation.path == "$.content[0]" + ".content[0]" * 2 * depth
    return sum(entry.callcount for entry in profile.getstats())


def test_the_steps_to_diagnose_an_invalid_list_grow_with_its_depth_and_no_faster_than_squared():
    """jsonschema-rs needs ten times longer for each level: two seconds at depth two."""
    assert _steps_to_diagnose(40) < 4.5 * _steps_to_diagnose(20)


def test_lists_deeper_than_the_limit_are_refused_for_jira():
    document = _nested_list(MAX_LIST_DEPTH + 1, _paragraph())

    assert [violation.rule for violation in validate_adf(document)] == ["too_deep"]
