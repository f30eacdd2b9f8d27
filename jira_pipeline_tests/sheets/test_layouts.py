"""What sheets of many tables cost to read, and what tickets say of such tables (`odd_layouts`)."""

from collections.abc import Sequence
from cProfile import Profile

import pytest
from xlsxwriter import Workbook

from jira_pipeline.drupal.meaning.view_displays import setting_column
from jira_pipeline.model.entities import EntityKind, SourceRow
from jira_pipeline.model.entity_groups import GroupKind
from jira_pipeline.model.findings import Severity
from jira_pipeline.sheets.reading import table_starts
from jira_pipeline.sheets.reading.folders import read_files
from jira_pipeline.tickets.grouping.grouping import group_entities
from jira_pipeline.tickets.questions.questions_of_views import form_of
from jira_pipeline.tickets.template import TemplateWriter
from jira_pipeline_tests.sheets.made_readings import Reading, Rows
from jira_pipeline_tests.sheets.made_workbooks import AS_TEXT, fill, workbook_of, written
from jira_pipeline_tests.sheets.odd_layouts import (
    BLANK,
    CSV_FIELDS,
    FIELDS,
    GARDEN,
    GUIDE,
    KNOT,
    LENGTH,
    LISTING,
    LISTINGS,
    PANELS,
    ROPES,
    TYPES,
)
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.writing.sites import briefs_of


def test_a_second_list_completes_that_of_its_own_workbook() -> None:
    sheets = {"Types": TYPES, "Parts": ROPES}

    both = read_files({"a.xlsx": workbook_of({"Types": TYPES}), "b.xlsx": workbook_of(sheets)})

    assert [table.file.name for table in both.tables] == ["a.xlsx:Types", "b.xlsx:Types"]


def test_titles_without_rows_cost_no_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """A remark in every other row had each of them look at all rows below it."""
    below, asked = table_starts._first_title, list[int]()

    def counted(rows: Sequence[SourceRow], at: int) -> int:
        asked.append(at)
        return below(rows, at)

    monkeypatch.setattr(table_starts, "_first_title", counted)

    reading = Reading({"fields.csv": CSV_FIELDS + "A remark,,\n,,\n" * 50})

    assert reading.entities[0].label == "Body"
    assert asked == []


def test_of_a_table_that_nobody_recognises_a_ticket_says_nothing_but_that() -> None:
    """“Latest has Weight “content””, it said of a table below another: “Block has Goes to “Plugin””."""
    menus = [
        *(["Menu link", "Goes to", "Weight"], ["Boats", "/boats", "0"], BLANK, ["Blocks"]),
        *(["Block", "Plugin", "Region"], ["Latest", "views_block", "content"]),
    ]

    read = Reading({"Types": TYPES, "Menus": menus}).specification
    briefs = briefs_of(read, group_entities(read).groups)

    quoted = [TemplateWriter().write(b) for b in briefs if b.group.kind is GroupKind.CUSTOM]
    assert [(prose.parts.user_story, prose.parts.verification) for prose in quoted] == [
        (f"<p>The table quotes the rows of “{name}”, which is no known sheet.</p>", "")
        for name in ("Menus", "Menus · Blocks")
    ]


@each(("others", "is_known"), [({}, True), ({"Pages": [["Nr", "What", "Kind"], ["1", "A", "b"]]}, False)])  # fmt: skip
def test_types_have_no_fields_of_their_own_only_where_every_sheet_is_known(
    others: dict[str, Rows], *, is_known: bool
) -> None:
    read = Reading({"Types": TYPES, **others}).specification

    briefs = briefs_of(read, group_entities(read).groups)

    stories = str([TemplateWriter().write(brief).parts.user_story for brief in briefs])
    assert ("without fields of their own" in stories, "without fields" in stories) == (
        is_known,
        is_known,
    )


def test_tables_of_one_worksheet_cost_what_as_many_of_their_own_do() -> None:
    """Each table looked at all rows of the worksheet, and at all tables before it."""

    def calls(count: int) -> int:
        rows = [
            row
            for at in range(count)
            for row in (
                *([f"Boat {at}"], ["Name", f"Boat {at}"], ["Machine name", f"boat_{at}"]),
                *(["Type", "Content type"], BLANK, FIELDS, LENGTH, GUIDE, BLANK),
            )
        ]
        content = workbook_of({"All": rows})
        profile = Profile()
        profile.runcall(read_files, {"s.xlsx": content})
        return sum(int(entry.callcount) for entry in profile.getstats())

    first, second, third = calls(30), calls(60), calls(120)

    assert third - second < 2.3 * (second - first)


def test_no_sentence_has_a_blank_in_place_of_the_name_of_a_display() -> None:
    """It said that `/kayaks` opens “”."""
    read = Reading({"Views": [*PANELS, ["", "", "", "Block", "", "Newest three"]]}).specification

    briefs = briefs_of(read, group_entities(read).groups)
    prose = str([TemplateWriter().write(brief).parts for brief in briefs])

    assert "opens “Page”" in prose
    assert "<code></code>" not in prose


def test_a_row_that_is_struck_through_is_not_read_and_its_group_goes_on() -> None:
    """It had a ticket that said to build it."""
    rows = [["Bundle", *FIELDS], ["Tab: Size"], *(["Kayak", *row] for row in (LENGTH, GUIDE, KNOT))]

    def write(workbook: Workbook) -> None:
        fill(workbook.add_worksheet("Types"), TYPES)
        fill(sheet := workbook.add_worksheet("Fields"), rows)
        struck = workbook.add_format({"font_strikeout": True})
        for column, text in enumerate(rows[3]):
            sheet.write_string(3, column, text, struck)

    reading = Reading({"s.xlsx": written(write, AS_TEXT)})

    fields = reading.of(EntityKind.FIELD)
    assert [field.machine_name for field in fields] == ["field_length", "field_knot"]
    assert [field.cell("Field group") for field in fields] == ["Size"] * 2
    struck_row = reading.only("row_struck")
    assert (struck_row.severity, struck_row.line) == (Severity.WARNING, 4)


def test_a_merged_vocabulary_counts_for_each_term_in_a_sheet_that_nobody_knows() -> None:
    def write(workbook: Workbook) -> None:
        fill(workbook.add_worksheet("Types"), GARDEN)
        sheet = workbook.add_worksheet("Lists")
        fill(sheet, [["Vocabulary", "Term"], ["", "Oak"], ["", "Birch"], ["Soil", "Clay"]])
        sheet.merge_range(1, 0, 2, 0, "Trees")

    reading = Reading({"s.xlsx": written(write)})

    (trees, *_) = reading.of(EntityKind.BUNDLE)
    assert trees.note.endswith("- Oak\n- Birch")
    assert reading.found("owner_merged")


@each("header", ["Where", "Where (menu)", "Menu / region"])
def test_a_header_of_listings_is_read_by_its_parts(header: str) -> None:
    headers = [header if each == "Where" else each for each in LISTINGS]
    second = ["do.", "", "/kayaks/old", *LISTING[3:]]

    reading = Reading({"Views": [headers, [*LISTING, "any"], second]})

    (first, _) = reading.of(EntityKind.VIEW_DISPLAY)
    assert setting_column(first, "path") == header


@each(("weather", "is_asked"), [("", True), ("fair", False)])
def test_a_form_asks_for_nothing_that_a_cell_of_the_row_may_hold(
    weather: str, *, is_asked: bool
) -> None:
    """Beside “/kayaks” and “12” it had a “?”, and asked for both."""
    reading = Reading({"Views": [LISTINGS, [*LISTING, weather]]})

    (group,) = group_entities(reading.specification).groups
    form = form_of(group)
    assert bool(form) is is_asked
    assert not {"Path or place", "Filters", "Sort", "Items per page"} & {
        column for row in form for column in row.open_columns
    }
