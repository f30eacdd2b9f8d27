"""The default value of a field."""

from jira_pipeline.drupal.comparisons import PROSE, CellResult, Differs, Met, NotComparable
from jira_pipeline.drupal.field.default_value import (
    COLUMN,
    COUNTERPART,
    Default,
    DefaultFact,
    MarkedDefault,
    NoDefault,
    check,
    default_in_note,
    default_of,
)
from jira_pipeline.drupal.site.site_cells import SiteCell
from jira_pipeline_tests.drupal.made_rows import compared, field, fields_of, row_of, sentences
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

LIST = {"type": "List (text)", "widget": "Select list"}
NOT_SAID = NotComparable(PROSE)
RIG = field("field_rig", note="Options: Sloop, Ketch. Default: Ketch.", **LIST)


# The fact.


@each(
    ("row", "fact"),
    [
        (field(default="Blue"), Default("Blue")),
        (field(default=""), NoDefault()),
        (field(default="none"), NoDefault()),
        (field(default="today", type="Date"), NoDefault()),
        (field(default="TBD"), NoDefault()),
        (field(note="Default: Blue."), NoDefault()),  # prose may say anything of another field
        (field(default="1", type="Boolean"), NoDefault()),
        (RIG, Default("Ketch")),
        (field(note="Options: Sloop (default), Ketch.", **LIST), Default("Sloop")),
        (field(note="As drawn, the first one (default).", **LIST), MarkedDefault()),
        (field(note="As drawn, the first one (default)."), NoDefault()),
        (field(note="Options: Sloop, Ketch.", default="Ketch", **LIST), Default("Ketch")),
        (field(note="Options: Sloop, Ketch.", default="Yawl", **LIST), NoDefault()),
    ],
)
def test_the_default_is_what_cell_or_note_name_exactly(row: Row, fact: DefaultFact) -> None:
    assert default_of(row_of(row)) == fact


# The sentence.


def test_the_default_of_a_new_item_is_quoted() -> None:
    assert sentences(check(fields_of(field(default="Blue"), RIG))) == [
        "A new item has “Blue” in field_hull; “Ketch” in field_rig."
    ]


@each(
    "row",
    [
        field(default="Blue", type="Markup"),  # stores nothing
        field(default="Blue", widget="-- Disabled --"),
        field(default="Blue", type="Number"),  # a question asks which type is meant
        field(note="As drawn, the first one (default).", **LIST),
        field(default=""),
    ],
)
def test_no_default_is_claimed_that_is_not_certain(row: Row) -> None:
    assert sentences(check(fields_of(row))) == []


# The comparison with a site.


@each(
    ("row", "result"),
    [
        (RIG, Met()),
        (field("field_rig", note="Options: Sloop, Ketch.", default="Sloop", **LIST), Differs()),
        (field("field_rig", note="Options: Sloop, Ketch.", default="Yawl", **LIST), NOT_SAID),
        (field("field_rig", **LIST), NOT_SAID),
    ],
)
def test_the_default_of_a_list_is_compared(row: Row, result: CellResult) -> None:
    on_site = SiteCell(text="Ketch", yaml="", values=("Ketch (default)",))

    assert compared(row, COUNTERPART, COLUMN.name, on_site) == result


def test_a_label_may_end_in_the_word_that_marks_a_default() -> None:
    row = field(
        type="List (text)",
        default="Ketch (default)",
        note="Options: “Ketch (default)”, Yawl",
    )
    on_site = SiteCell(text="Ketch (default)", yaml="", values=("Ketch (default)",))
    of_other = SiteCell(text="Yawl", yaml="", values=("Yawl",))

    assert compared(row, COUNTERPART, COLUMN.name, on_site) == Met()
    assert compared(row, COUNTERPART, COLUMN.name, of_other) == Differs()


def test_a_note_names_a_default_where_it_says_the_word() -> None:
    assert default_in_note("Options: Sloop, Ketch. Default: Ketch.") == "Ketch"
    assert default_in_note("Options: Sloop, Ketch.") == ""
    assert default_in_note("Options: |No rig; s|Sloop") == "", "the value that is stored is blank"
