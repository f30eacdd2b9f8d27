"""Tickets of worksheets whose layout people declared: they claim nothing that no row says."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from jira_pipeline.drupal.columns import label_column_of, owner_column_of
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model.entities import Specification
from jira_pipeline.model.source_tables import FolderReading
from jira_pipeline.sheets.layouts.folder_reading import read_grids_by_layout
from jira_pipeline.sheets.layouts.grid import Grid, Place
from jira_pipeline.sheets.layouts.layout_files import read_layout
from jira_pipeline.sheets.layouts.layout_reading import UploadGrids
from jira_pipeline.sheets.layouts.layout_tables import GridFile
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.sheets.stored_readings import FORMAT, read_reading, write_reading
from jira_pipeline.tickets.documents.configuration_tables import tables_of
from jira_pipeline.tickets.grouping.grouping import group_entities
from jira_pipeline.tickets.template import TemplateWriter
from jira_pipeline_tests.sheets.layouts.made_grids import grid_of
from jira_pipeline_tests.tickets.documents.made_tickets import faults_in, tickets_for
from jira_pipeline_tests.writing.sites import briefs_of


def declared_reading(layout: str, *grids: Grid) -> FolderReading:
    files = {
        grid.title: GridFile(
            file_name="harbour.xlsx",
            worksheet=grid.title,
            sha256="0" * 64,
            size_bytes=1,
            encoding="xlsx",
            delimiter="",
        )
        for grid in grids
    }
    upload = UploadGrids(grids=grids, files=files, findings=())
    return read_grids_by_layout(upload, read_layout(layout.encode()))


def declared_specification(layout: str, *grids: Grid) -> Specification:
    reading = declared_reading(layout, *grids)
    stored = read_reading(write_reading(reading), stored_format=FORMAT)
    read = read_entities(stored.tables)
    return Specification(entities=read.entities, captions=read.captions)


def briefs(layout: str, *grids: Grid) -> Sequence[TicketRows]:
    specification = declared_specification(layout, *grids)
    return briefs_of(specification, group_entities(specification).groups)


def texts_of(layout: str, *grids: Grid) -> str:
    """Return all that tickets say: titles, prose, questions, tables."""
    texts: list[str] = []
    for brief in briefs(layout, *grids):
        prose = TemplateWriter().write(brief)
        parts = (getattr(prose.parts, name) for name in prose.parts.__dataclass_fields__)
        texts += [brief.group.title, *(part for part in parts if isinstance(part, str))]
        texts += [question.question for question in prose.left_open]
        texts += [
            cell for table in tables_of(brief.group) for row in table.rows for cell in row.cells
        ]
    return "\n".join(texts)


TYPES = """
sheets:
- worksheets: Kinds
  regions:
  - name: kinds
    header: [Called]
    records:
    - into: bundle
      needs_any: [Name]
      columns: {Name: [{column: Called}], Type: [{text: %s}]}
"""
VIEWS = """
sheets:
- worksheets: Lists
  regions:
  - name: lists
    header: [Called]
    records:
    - into: view
      same_by: [View name]
      columns: {View name: [{column: Called}]}
    - into: view_display
      columns: {View: [{column: Called}], Title: [{column: Shown}], Display plugin: [{text: Page}]}
"""


@pytest.mark.parametrize("kind", ["Content type", "Vocabulary", "Media type"])
def test_no_ticket_says_that_a_type_has_no_fields_where_people_declared_what_is_read(
    kind: str,
) -> None:
    texts = texts_of(TYPES % kind, grid_of("Called\nBoat\nQuay", "Kinds"))

    assert "without" not in texts


def test_the_fields_of_a_type_with_content_are_asked_for_where_no_row_is_one() -> None:
    texts = texts_of(TYPES % "Content type", grid_of("Called\nBoat", "Kinds"))

    assert "Which fields does “Boat” have? No row that was read is a field of it." in texts


def test_a_machine_name_in_brackets_is_asked_about_and_no_other_one_is_assumed() -> None:
    """“Boats (boats)” got the machine name `boats_boats`."""
    texts = texts_of(TYPES % "Vocabulary", grid_of("Called\nBoats (boats)", "Kinds"))

    assert "What is the machine name of “Boats (boats)”? Its name may have it in brackets." in texts
    assert "boats_boats" not in texts


def test_our_word_for_approved_is_in_no_table_of_a_declared_worksheet() -> None:
    """Tickets said “X a” of rows whose sheet said “Phase 1”."""
    layout = TYPES % "Vocabulary"
    layout = layout.replace("Type: [", "X: [{column: When, words: {Phase 1: a}}], Type: [")

    grid = grid_of("Called | When\nBoat | Phase 1\nQuay | w", "Kinds")
    tables = [table for brief in briefs(layout, grid) for table in tables_of(brief.group)]

    assert [table.columns for table in tables if "Boat" in table.rows[0].cells] == [
        ("Name", "Type")
    ]


KINDS_OF_SHEETS = (
    "bundle",
    "field",
    "view",
    "view_display",
    "image_style",
    "responsive_image_style",
    "view_mode",
    "user_role",
    "workflow",
    "workflow_state",
    "workflow_transition",
    "migration",
    "custom",
)
LOOKS = "  looks: [{look: fill, colour: FF00FF00, means: approved}]\n"


@pytest.mark.parametrize("status", ["{text: a}", "{column: When, words: {now: a}}", ""])
def test_no_ticket_has_to_show_our_word_for_approved(status: str) -> None:
    """Tickets could not be written: “column X: “a” is in no table of user_roles”."""
    layout = "sheets:\n- worksheets: Kinds\n"
    layout += "" if status else LOOKS
    layout += "  regions:\n  - name: kinds\n    header: [Called]\n    records:\n"
    for kind in KINDS_OF_SHEETS:
        owner = owner_column_of(kind)
        columns = f"{label_column_of(kind)}: Called"
        columns += f", X: {status}" if status else ""
        columns += "" if owner is None else f", {owner.name}: Owner"
        layout += f"    - into: {kind}\n      columns: {{{columns}}}\n"
    grid = grid_of("Called|Owner|When\nBoat|Quay|now\nRaft|Quay|now", "Kinds")
    grid = replace(grid, colours={Place(1, 0): "FF00FF00", Place(2, 0): "FF00FF00"})

    specification = declared_specification(layout, grid)

    assert {row.kind for row in specification.entities} == {*KINDS_OF_SHEETS}
    assert faults_in(tickets_for(specification)) == ()


def test_a_view_has_the_displays_that_were_read_and_perhaps_others() -> None:
    texts = texts_of(VIEWS, grid_of("Called | Shown\nFleet | All boats", "Lists"))

    assert "has the display “All boats”" in texts
    assert "exactly" not in texts


def test_a_dash_is_no_name() -> None:
    """A field “–” was built, and asked about."""
    texts = texts_of(TYPES % "Content type", grid_of("Called\nBoat\n–\n-", "Kinds"))

    assert "Boat" in texts
    assert "–" not in texts


def test_what_is_on_hold_dropped_or_left_out_is_named_among_the_findings() -> None:
    """A type that was put off and its note were in no ticket and in no finding."""
    layout = TYPES.replace(
        "Type: [{text: %s}]",
        "Type: [{text: Content type}], X: [{column: When}], Remarks: [{column: Note}]",
    )
    layout = layout.replace("    header:", "    skip: [{is: [Raft], reason: not now}]\n    header:")
    layout += "  looks: [{look: struck, means: dropped}]\n"
    rows = "Called | When | Note\nBoat | w | until the spring\nRaft | | see Ada\nQuay | | stone"
    grid = replace(grid_of(rows, "Kinds"), struck=frozenset({Place(3, 0)}))

    reading = declared_reading(layout, grid)
    findings = {
        finding.code: finding.message
        for finding in (*reading.findings, *read_entities(reading.tables).findings)
    }

    assert "Boat | w | until the spring" in findings["row_on_hold"]
    assert findings["rows_left_out"] == (
        "1 row left out, because not now: “Raft | see Ada” (line 3)."
    )
    assert "“Quay” is not built" in findings["thing_dropped"]


LISTINGS = """
sheets:
- worksheets: Lists
  regions:
  - name: lists
    repeats: true
    header: [What, Told]
    headings: [{like: "{name}", alone: true}]
    records:
    - into: view
      per: heading
      columns: {View name: [{heading: name}]}
      needs: [View name]
    - into: view_display
      columns: {View: [{heading: name}], Title: [{column: Told}]}
      own: [What]
    remarks: [{is: [Order, How many]}]
"""


def test_rows_quoted_below_a_page_of_a_listing_are_of_that_listing() -> None:
    """They were in the ticket of the next listing: the row above them is of another table."""
    lists = "What|Told\nQuays\nWhere|/quays\nOrder|newest first\nHow many|12\n\nPiers\nWhere|/piers\nOrder|by name"

    found: dict[str, list[str]] = {}
    for brief in briefs(LISTINGS, grid_of(lists, title="Lists")):
        found[brief.group.label] = [line.label for line in brief.group.captions]

    assert found == {
        "Quays": ["Order | newest first", "How many | 12"],
        "Piers": ["Order | by name"],
    }


WORKFLOWS = """
sheets:
- worksheets: States
  regions:
  - name: states
    header: [Called]
    records:
    - into: workflow
      same_by: [Label]
      columns: {Label: [{text: Review}], Machine name: [{text: review}], Type: [{text: Content moderation}]}
    - into: workflow_state
      columns: {Workflow: [{text: Review}], Label: [{column: Called}], Machine name: [{column: Code}]}
- worksheets: Steps
  regions:
  - name: steps
    header: [Step]
    records:
    - into: workflow_transition
      columns:
        Workflow: [{text: Review}]
        Label: [{column: Step}]
        Machine name: [{column: Code}]
        From state: [{column: From}]
        To state: [{column: To}]
"""


def test_no_transition_of_core_is_removed_because_no_row_that_was_read_wants_it() -> None:
    """A ticket said to remove `create_new_draft`: perhaps a row that nobody declared wants it."""
    states = grid_of("Called | Code\nDraft | draft\nPublished | published", "States")
    rows = "Show | publish | draft | published\nHold | hold | draft | draft\nHide | hide | published | draft"
    steps = grid_of(f"Step | Code | From | To\n{rows}", "Steps")

    texts = texts_of(WORKFLOWS, states, steps)

    assert "Show" in texts
    assert "remove" not in texts
    assert "untick" not in texts
