"""Rows for tables: what folds, what moves, what is joined, what stays apart.

Belongs here: making groups of a few rows. Does not: their tables, which `golden` freezes as
`specifications/tables_of_rows`; that tables say no more and no less (`test_configuration_tables`).
"""

from collections.abc import Mapping

from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline_tests.sheets.made_specifications import (
    Row,
    bundle,
    display,
    field,
    group_titled,
    grouped,
    view,
)

LABEL = "Story (Content type)"
EVENT = "Event (Content type)"
WIDE = {"Form widget": "Textfield", "Trns.": "n"}
OTHER = {"Req'd": "y", "Vals.": "*", "Form widget": "Other"}


def story(*fields: Row) -> EntityGroup:
    made = grouped(bundles=[bundle("Story", "story")], fields=fields)
    return group_titled(made, "Configure content type: Story")


def review(*transitions: Row) -> EntityGroup:
    """Make a workflow with these transitions."""
    common = {"Workflow": "Review", "Label": "Publish", "Machine name": "publish", "X": "a"}
    return grouped(
        workflows=[{"Label": "Review", "Machine name": "review", "X": "a", "Type": "m"}],
        states=[{"Workflow": "Review", "Label": "Draft", "Machine name": "draft", "X": "a"}],
        transitions=[common | transition for transition in transitions],
    ).groups[0]


def leads(begin: str, end: str = "Published", **more: str) -> Row:
    return {
        "From state": begin,
        "To state": end,
        **{n.replace("_", " "): v for n, v in more.items()},
    }


CASES: Mapping[str, EntityGroup] = {
    "settings are one transposed row without blank columns": story(field(LABEL, "field_a")),
    "each status has a table of its own": story(
        *(field(LABEL, f"field_{status or 'blank'}", status) for status in ("a", "d", "c", "x", "w", ""))
    ),
    "a column with one value is stated once but names stay": story(
        field(LABEL, "field_a"), field(LABEL, "field_a2")
    ),
    "long sentences of a wide table move into a second one": story(
        field(LABEL, "field_a") | WIDE | {"Help text": "<b>Long</b> " * 10},
        field(LABEL, "field_b") | WIDE | OTHER,
        field(LABEL, "field_c") | WIDE | {"Field type": "Link", "Settings/notes": "short"},
        field(LABEL, "field_d") | WIDE | {"Trns.": "y"},
    ),
    "they are keyed by label, too, where machine names say nothing": story(
        field(LABEL, "-") | WIDE | {"Field label": "Title", "Help text": "word " * 20},
        field(LABEL, "field_b") | WIDE | OTHER | {"Help text": "word " * 20},
        field(LABEL, "field_c") | {"Field type": "Link", "Settings/notes": "short"},
    ),
    "sentences of a narrow table stay where they are": grouped(
        views=[view("Lists", "lists")],
        displays=[display("Lists", name, Notes=f"{name} word " * 30) for name in ("one", "two")],
    ).groups[0],
    "transitions that differ in one column are one row": review(
        leads("Draft"), leads("Archived"), leads("Draft", Label="Hide", Machine_name="hide")
    ),
    "not where a comma could not be split again": review(leads("Draft"), leads("Draft, old")),
    "not where one is blank": review(leads("Draft"), {"From state": ""}),
    "nor where two columns differ": review(leads("Draft"), leads("Archived", "Draft")),
    "tables of several kinds name the kind": review({"X": "d"}),
    "what goes is shown whatever the status of its rows": grouped(
        bundles=[bundle("Event", "event", x="d")],
        fields=[field(EVENT, "field_a"), field(EVENT, "field_b", "w")],
    ).groups[0],
}  # fmt: skip
