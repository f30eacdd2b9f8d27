"""What people wrote stays, what we write is renewed: thousands of random edits of both."""

import copy
import json
from collections import Counter

from jira_pipeline.jira.adf import adf_to_markdown, markdown_to_adf
from jira_pipeline.jira.adf.merging import (
    Whose,
    as_given,
    fingerprint,
    memory_from_json,
    memory_to_json,
    merge,
    remember,
)
from jira_pipeline_tests.jira.adf.edited_documents import (
    BELOW,
    FAULTS,
    Doc,
    node,
    paragraph,
    play,
    row,
)
from jira_pipeline_tests.long_form import IS_LONG
from jira_pipeline_tests.tables import each

SEEDS = 10_000 if IS_LONG else 100
"""With 8 edits each."""


def test_nothing_of_people_is_lost_and_nothing_of_ours_unsaid() -> None:
    seen, faulty = Counter[str](), []
    for seed in range(SEEDS):
        seen += (one := play(seed))
        faulty += [(seed, fault) for fault in FAULTS if one[fault]]
    assert not faulty, (len(faulty), faulty[:10])
    assert seen[BELOW] > SEEDS / 50
    assert seen["edits"] >= 8 * SEEDS, seen


def test_without_memory_all_is_peoples_and_ours_comes_to_its_end() -> None:
    theirs: Doc = {"type": "doc", "version": 1, "content": [paragraph("typed")]}
    ours: Doc = {"type": "doc", "version": 1, "content": [paragraph("said")]}
    merged = merge((), theirs, ours)
    assert [b["content"][0]["text"] for b in merged.document["content"]] == ["typed", "said"]


@each("value", [None, 7, "x", [["a"]], [[1, 2]], {"a": 1}])
def test_a_memory_that_is_none_remembers_nothing(value: object) -> None:
    assert memory_from_json(value) is None


def test_what_jira_made_of_ours_is_ours() -> None:
    def given(node: Doc) -> Doc:
        """Rewrite texts as no mark knows it."""
        text = {"text": node["text"].upper()} if "text" in node else {}
        children = {"content": [*map(given, node["content"])]} if "content" in node else {}
        return {**node, **text, **children}

    def said(number: int) -> Doc:
        blocks = [paragraph("first"), paragraph(f"second {number}"), paragraph("third")]
        return {"type": "doc", "version": 1, "content": blocks}

    memory = as_given(remember(said(1)), said(1), given(said(1)))
    memory = memory_from_json(json.loads(json.dumps(memory_to_json(memory)))) or ()
    first, second, third = given(said(1))["content"]
    expected = {**said(2), "content": [first, said(2)["content"][1], third]}
    assert merge(memory, given(said(1)), said(2)).document == expected
    edited = {**said(1), "content": [paragraph("typed"), first, second]}
    merged = merge(memory, edited, said(2))
    texts = [b["content"][0]["text"] for b in merged.document["content"]]
    assert texts == ["typed", "FIRST", "second 2"], "what they took away stays away"
    assert (merged.theirs, merged.below) == (1, {})


def looks_of(document: Doc) -> list[tuple[str, object]]:
    """Return attributes and marks of all blocks, and of cells what they say, in order."""
    found: list[tuple[str, object]] = []
    for child in document.get("content", ()):
        if child["type"] != "text":
            found.append((child["type"], (child.get("attrs"), child.get("marks"))))
        found += looks_of(child)
    return found


HEADER = row("Name", "Label", "Help", kind="tableHeader")
BEFORE = node(
    "doc", paragraph("First."), node("table", HEADER, row("a", "A", "x"), row("b", "B", "y"))
)
RENEWED = {
    "nothing": BEFORE,
    "the paragraph": node("doc", paragraph("Now."), *BEFORE["content"][1:]),
    "a cell": node(
        "doc", paragraph("First."), node("table", HEADER, row("a", "A", "z"), row("b", "B", "y"))
    ),
    "a row more, first": node(
        "doc",
        paragraph("First."),
        node("table", HEADER, row("c", "C", "z"), row("a", "A", "x"), row("b", "B", "y")),
    ),
    "all of it": node("doc", paragraph("Now."), node("table", HEADER, row("a", "A", "z"))),
}


@each("after", RENEWED.values(), ids=RENEWED)
def test_looks_of_our_blocks_are_peoples_also_where_nothing_else_is(after: Doc) -> None:
    """The whole document was replaced: numbered columns, widths and alignments went."""
    theirs = copy.deepcopy(BEFORE)
    centered = [{"type": "alignment", "attrs": {"align": "center"}}]
    first, table = theirs["content"]
    first["marks"] = centered
    table["attrs"] = {"isNumberColumnEnabled": True, "localId": "1"}
    for each_row in table["content"]:
        each_row["content"][0]["attrs"] = {"colwidth": [240]}
        each_row["content"][1]["content"][0]["marks"] = centered

    found = merge(remember(BEFORE), theirs, after)

    merged = found.document
    assert fingerprint(merged) == fingerprint(after)
    dressed = dict(looks_of(merged))
    assert merged["content"][0]["marks"] == centered
    assert dressed["table"] == (table["attrs"], None)
    known = {"Name", "a", "b"}
    for each_row in merged["content"][1]["content"]:
        name, label, *_ = each_row["content"]
        is_known = name["content"][0]["content"][0]["text"] in known
        assert (name.get("attrs") == {"colwidth": [240]}) is is_known
        assert (label["content"][0].get("marks") == centered) is is_known
    assert merge(found.memory, merged, after).document == merged


def test_a_cell_that_people_colored_stays_and_ours_comes_below() -> None:
    """A color says something of what it is on: of the old value, not of the new one."""
    theirs = copy.deepcopy(BEFORE)
    row_a = theirs["content"][1]["content"][1]
    row_a["content"][2]["attrs"] = {"background": "#ffc400"}
    unchanged = merge(remember(BEFORE), theirs, RENEWED["the paragraph"]).document
    changed = merge(remember(BEFORE), theirs, RENEWED["a cell"])
    gone = merge(
        remember(BEFORE), theirs, node("doc", node("table", HEADER, row("b", "B", "y")))
    ).document

    assert row_a in unchanged["content"][1]["content"]
    assert changed.document["content"][1]["content"][1:3] == [row_a, row("a", "A", "z")]
    assert list(changed.below.values()) == ["a A z"]
    assert row_a in gone["content"][0]["content"]


def test_each_block_of_the_next_text_is_somebodys() -> None:
    before, after = (
        node("doc", paragraph("First."), paragraph(f"Limit {n}."), paragraph("Last."))
        for n in (90, 120)
    )
    edited = node("doc", paragraph("First."), paragraph("Limit 95, says Ada."), paragraph("Last."))

    merged = merge(remember(before), edited, after)

    assert [(each["content"][0]["text"], whose) for each, whose in merged.shares] == [
        ("First.", Whose.OURS),
        ("Limit 95, says Ada.", Whose.PEOPLES),
        ("Limit 120.", Whose.BELOW),
        ("Last.", Whose.OURS),
    ]


def test_rows_of_a_table_are_blocks_of_their_own() -> None:
    def table(**values: str) -> Doc:
        rows = [
            {
                "type": "tableRow",
                "content": [{"type": "tableCell", "content": [paragraph(cell)]} for cell in row],
            }
            for row in values.items()
        ]
        return {"type": "doc", "version": 1, "content": [{"type": "table", "content": rows}]}

    memory = remember(table(first="1", second="2"))
    merged = merge(memory, table(first="edited", second="2"), table(first="1", second="3"))

    assert merged.document == table(first="edited", second="3")


FIELDS, THREE = ("## Fields to build (2)", "## Fields to build (3)"), "| c | c | z |"
HEAD = "| Label | Name | Help |\n| --- | --- | --- |"
CITED = "| Label | Name | Line |\n| --- | --- | --- |"


BELOW_OF = {"| b | a | x |": ["b a x"], "| a | a | Bob |": ["a a Bob"], "- c": ["c"]}
"""What is put below what people wrote, by the last line."""
EDITED = {
    "a row of people, where the heading counts one more of ours": (
        [FIELDS[0], "", HEAD, "| a | a | x |", "| b | b | y |"],
        [FIELDS[0], "", HEAD, "| a | a | x |", "| b | b | y |", "| own | own | |"],
        [FIELDS[1], "", HEAD, "| a | a | x |", "| b | b | y |", THREE],
        [FIELDS[1], "", HEAD, "| a | a | x |", "| b | b | y |", THREE, "| own | own | |"],
    ),
    "a list of which all is ticked, and one check more": (
        ["- [ ] a", "- [ ] b"],
        ["- [x] a", "- [x] b"],
        ["- [ ] a", "- [ ] b", "- [ ] c"],
        ["- [x] a", "- [x] b", "- [ ] c"],
    ),
    "a row whose name and count are those of another": (
        [HEAD, *["| a | b | x |"] * 11, "| a | b1 | y |"],
        [HEAD, *["| a | b | x |"] * 11, "| a | b1 | y |", "| own | own | |"],
        [HEAD, *["| a | b | x |"] * 11, "| a | b1 | new |"],
        [HEAD, *["| a | b | x |"] * 11, "| a | b1 | new |", "| own | own | |"],
    ),
    "a row that people wrote in and we call otherwise": (
        [HEAD, "| a | a | x |"],
        [HEAD, "| a | a | x, typed |"],
        [HEAD, "| b | a | x |"],
        [HEAD, "| a | a | x, typed |", "| b | a | x |"],
    ),
    "rows that moved in their sheet, one of them typed in and one taken away": (
        [CITED, "| a | a | 2 |", "| b | b | 3 |", "| c | c | 4 |"],
        [CITED, "| a | a | 2 |", "| b | b | 3, typed |"],
        [CITED, "| a | a | 3 |", "| b | b | 4 |", "| c | c | 5 |"],
        [CITED, "| a | a | 3 |", "| b | b | 3, typed |"],
    ),
    "a column that only begins with the word": (
        ["| Label | Name | Line manager |", "| --- | --- | --- |", "| a | a | Ada |"],
        ["| Label | Name | Line manager |", "| --- | --- | --- |", "| a | a | Ada, typed |"],
        ["| Label | Name | Line manager |", "| --- | --- | --- |", "| a | a | Bob |"],
        [
            *("| Label | Name | Line manager |", "| --- | --- | --- |", "| a | a | Ada, typed |"),
            "| a | a | Bob |",
        ],
    ),
    "a list whose first item ends with the word": (
        ["- Line", "- b"],
        ["- Line", "- b, typed"],
        ["- Line", "- c"],
        ["- Line", "- b, typed", "- c"],
    ),
}


@each("before, theirs, ours, merged", EDITED.values(), ids=EDITED)
def test_what_people_wrote_stays_beside_what_is_new(
    before: list[str], theirs: list[str], ours: list[str], merged: list[str]
) -> None:
    """Such rows were torn out of their table, doubled or lost, and nobody was told."""
    was, now, new = (markdown_to_adf("\n".join(lines)) for lines in (before, theirs, ours))

    found = merge(remember(was), now, new)

    assert adf_to_markdown(found.document).split() == " ".join(merged).split()
    assert sorted(found.below.values()) == sorted(BELOW_OF.get(merged[-1], ()))


def test_rows_are_known_as_they_were_once_remembered() -> None:
    """Before their last cell had a mark of its own: a row that people took away stays away."""
    head, a, b = "| Name | Help |\n| --- | --- |", "| a | x |", "| b | y |"
    rows = [["row/Name|Help1", "ff40cf505dc9"], ["row/a|x1", "12aab851710d"]]
    memory = memory_from_json([["/table/1", "b24826b091af", [*rows, ["row/b|y1", "0ac3f240c800"]]]])

    for now, new, both in (
        (f"{a}\n{b}\n| own | |", f"| a | z |\n{b}", f"| a | z |\n{b}\n| own | |"),
        (b, f"{a}\n{b}\n| c | z |", f"{b}\n| c | z |"),
    ):
        merged = merge(memory or (), *(markdown_to_adf(f"{head}\n{rows}") for rows in (now, new)))
        expected = markdown_to_adf(f"{head}\n{both}")
        assert adf_to_markdown(merged.document) == adf_to_markdown(expected)


def test_a_memory_that_no_property_holds_is_none() -> None:
    blocks = [paragraph(f"{number}") for number in range(5_000)]

    assert memory_to_json(remember({"type": "doc", "version": 1, "content": blocks})) is None
