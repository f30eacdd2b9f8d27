"""Each fault of a document is found, at its place, with words that help."""

from jira_pipeline.jira.adf import validate_adf
from jira_pipeline.jira.adf.schema import MAX_LIST_DEPTH
from jira_pipeline_tests.tables import each


def _document(*blocks):
    return {"version": 1, "type": "doc", "content": list(blocks)}


def _paragraph(*content):
    return {"type": "paragraph", "content": list(content)}


def _text(value, *marks):
    return {"type": "text", "text": value, "marks": list(marks)}


def _link(href):
    return {"type": "link", "attrs": {"href": href}}


def _item(*content):
    return {"type": "bulletList", "content": [{"type": "listItem", "content": list(content)}]}


def _heading(level, *content):
    return {"type": "heading", "attrs": {"level": level}, "content": list(content)}


def _deep_list(depth, innermost):
    for _ in range(depth):
        innermost = _item(innermost)
    return _document(innermost)


def test_each_of_several_faults_is_reported_in_document_order():
    document = _document(
        _paragraph(_text("first"), {"type": "text", "text": ""}),
        _heading(7, _text("second")),
        _item(_heading(1, _text("third"))),
    )

    violations = validate_adf(document)

    assert [(v.path, v.rule) for v in violations] == [
        ("$.content[0].content[1].text", "minLength"),
        ("$.content[1].attrs.level", "maximum"),
        ("$.content[2].content[0].content[0].type", "enum"),
    ]
    assert '"heading" is not one of' in violations[2].message


def test_a_mark_beside_code_is_named_itself():
    document = _document(_paragraph(_text("x", {"type": "code"}, {"type": "strong"})))

    [violation] = validate_adf(document)

    assert violation.path == "$.content[0].content[0].marks[1].type"


REFUSED = {
    "heading in a list item": _item(_heading(1)),
    "quote in a list item": _item({"type": "blockquote", "content": [_paragraph()]}),
    "quote in a quote": {
        "type": "blockquote",
        "content": [{"type": "blockquote", "content": [_paragraph()]}],
    },
    "block in a paragraph": _paragraph(_paragraph()),
    "layout": {"type": "layoutSection", "content": []},
    "task list without a local id": {
        "type": "taskList",
        "attrs": {},
        "content": [{"type": "taskItem", "attrs": {"localId": "i", "state": "TODO"}}],
    },
    "a level between two": _heading(2.5, _text("x")),
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
    "half a character": _paragraph(_text("\ud83d")),
    "a name that is no text": {"type": "rule", 1: 2},
    "an unknown member": {"type": "rule", "x": 1},
}


@each("block", REFUSED.values(), ids=REFUSED.keys())
def test_what_jira_never_takes_is_refused_once(block):
    [violation] = validate_adf(_document(block))

    assert violation.message
    assert violation.suggested_fix


@each("document", [None, "text", [], 1, {}, {"type": ["doc"]}], ids=repr)
def test_what_is_no_document_at_all_is_refused(document):
    assert validate_adf(document)


def test_one_fault_in_lists_nested_to_the_limit_is_one_violation():
    """A schema of alternatives takes ten times longer for each level: two seconds at depth two."""
    [violation] = validate_adf(_deep_list(MAX_LIST_DEPTH, _heading(1)))

    assert violation.path == "$.content[0]" + ".content[0]" * 2 * MAX_LIST_DEPTH + ".type"


def test_what_is_nested_beyond_any_encoder_is_refused_with_its_depth():
    itself = _document()
    itself["content"].append(itself)

    for document in (_deep_list(2_000, _paragraph()), itself):
        [violation] = validate_adf(document)
        assert "nested more than" in violation.message
