"""Nodes made by hand are right by construction."""

import pytest

from jira_pipeline.jira.adf import compact_json_bytes, nodes as n, validate_adf
from jira_pipeline_tests.tables import each

CELL_TEXT = '<b>852x1016px</b><br>\n\n&amp; <a href="x">*y*</a>'


def _everything():
    return n.doc(
        [
            n.heading(1, "a"),
            n.paragraph([n.text("b", [n.STRONG, n.link("https://a.example/")]), n.hard_break()]),
            n.bullet_list([n.list_item("c"), n.list_item([n.paragraph("d"), n.code_block("e")])]),
            n.ordered_list([n.list_item("")], start=0),
            n.table([n.table_row([n.table_header("f", colspan=2), n.table_cell(CELL_TEXT)])]),
            n.code_block("", language="php"),
            n.rule(),
            n.blockquote("g"),
            n.panel("warning", "h"),
            n.expand("i", "k"),
            n.task_list([n.task_item("l"), n.task_item("l", is_done=True)]),
            n.paragraph(),
        ]
    )


def test_every_constructor_makes_valid_nodes(official_schema):
    assert validate_adf(_everything()) == []
    assert official_schema.is_valid(_everything())


def test_a_cell_shows_markup_literally_and_newlines_as_breaks():
    cell = n.table_cell(CELL_TEXT)

    assert cell["content"] == [
        {
            "type": "paragraph",
            "content": [
                {"type": "text", "text": "<b>852x1016px</b><br>"},
                {"type": "hardBreak"},
                {"type": "hardBreak"},
                {"type": "text", "text": '&amp; <a href="x">*y*</a>'},
            ],
        }
    ]


@each("newline", ["\n", "\r\n", "\r"], ids=repr)
def test_every_kind_of_newline_is_one_break(newline):
    assert [node["type"] for node in n.text_with_breaks(f"a{newline}b")] == [
        "text",
        "hardBreak",
        "text",
    ]


@each(
    "make",
    [
        lambda: n.text(""),
        lambda: n.heading(0, "x"),
        lambda: n.heading(7, "x"),
        lambda: n.bullet_list([]),
        lambda: n.table([]),
        lambda: n.table_row([]),
        lambda: n.task_list([]),
    ],
    ids=["text", "heading 0", "heading 7", "list", "table", "row", "tasks"],
)
def test_what_jira_would_refuse_cannot_be_made(make):
    with pytest.raises(ValueError, match=r"ADF|heading"):
        make()


def test_tasks_alike_are_distinguished_in_a_document():
    document = n.doc([n.task_list([n.task_item("a")]), n.task_list([n.task_item("a")])])

    local_ids = [
        node["attrs"]["localId"]
        for tasks in document["content"]
        for node in (tasks, *tasks["content"])
    ]

    assert len(set(local_ids)) == 4


def test_size_counts_the_bytes_of_the_compact_json():
    assert compact_json_bytes(n.paragraph("ü")) == len(
        '{"type":"paragraph","content":[{"type":"text","text":"ü"}]}'.encode()
    )
