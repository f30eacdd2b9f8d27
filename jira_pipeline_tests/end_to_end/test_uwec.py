"""The real specification in the sandbox, judged from its files and the sandbox's tables."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from jira_pipeline.export import session_results
from jira_pipeline.jira.adf import adf_to_markdown, compact_json_bytes
from jira_pipeline.model.entity_groups import GroupAction
from jira_pipeline.model.tickets import Ticket
from jira_pipeline.review.open_session import open_session
from jira_pipeline_tests import projects
from jira_pipeline_tests.end_to_end.conftest import ExportedUwec
from jira_pipeline_tests.end_to_end.reading_back import (
    JOINED_BY,
    Issue,
    Row,
    ShownTable,
    parts_of,
    read_issues,
    read_links,
    read_rows,
    read_tables,
    sandbox_of,
)
from jira_pipeline_tests.tickets.documents.made_tickets import render_whole_document

pytestmark = pytest.mark.xdist_group("uwec")

BODY_MAX_BYTES = 32_767
FEWEST_CELLS = 8_900
"""Non-blank cells of the rows that are in tickets: 8,906 of the files as they are."""
HEAD_FILES = {"UWEC_Bundles.csv", "UWEC_CustomViews.csv", "UWEC_Workflows.csv"}


@pytest.fixture(scope="module")
def tickets(exported_uwec: ExportedUwec) -> tuple[Ticket, ...]:
    """The tickets of the store, by number."""
    with projects.opened(exported_uwec.project) as pipeline:
        return pipeline.store.tickets.list_all("uwec")


@pytest.fixture(scope="module")
def issues(exported_uwec: ExportedUwec, tickets: tuple[Ticket, ...]) -> dict[str, Issue]:
    """The issues of the sandbox, by the id of the ticket with that title; titles are unique."""
    ids = {ticket.title: ticket.ticket_id for ticket in tickets}
    return {ids[issue.summary]: issue for issue in read_issues(sandbox_of(exported_uwec.project))}


@pytest.fixture(scope="module")
def rows(exported_uwec: ExportedUwec) -> dict[tuple[str, int], Row]:
    return read_rows(exported_uwec.folder)


@pytest.fixture(scope="module")
def whole(exported_uwec: ExportedUwec, tickets: tuple[Ticket, ...]) -> dict[str, dict[str, Any]]:
    """The document of each ticket with all that it says, however long."""
    with projects.opened(exported_uwec.project) as pipeline:
        groups = open_session(pipeline, "uwec").contents.groups_by_key
        return {
            ticket.ticket_id: dict(
                render_whole_document(ticket, groups[ticket.group_key], groups=groups)
            )
            for ticket in tickets
        }


@pytest.fixture(scope="module")
def tables(
    issues: dict[str, Issue], whole: dict[str, dict[str, Any]]
) -> dict[str, list[ShownTable]]:
    """The tables of each ticket: of the body, or of the attachment where the body is short.

    That the attachment says the same is a test of its own.
    """
    return {
        ticket_id: read_tables(whole[ticket_id] if issue.attachments else issue.description)
        for ticket_id, issue in issues.items()
    }


def test_there_are_82_active_and_2_removal_tickets_and_an_issue_for_each(
    tickets: tuple[Ticket, ...], issues: dict[str, Issue]
) -> None:
    removals = [t.title for t in tickets if t.action is GroupAction.REMOVE]

    assert len(tickets) == 84
    assert removals == ["Remove obsolete content structures", "Remove obsolete views"]
    assert {t.ticket_id: t.title for t in tickets} == {k: i.summary for k, i in issues.items()}
    assert len({issue.key for issue in issues.values()}) == 84


def test_every_document_is_valid_under_the_official_schema_and_within_the_limit(
    exported_uwec: ExportedUwec, issues: dict[str, Issue]
) -> None:
    schema = json.loads((exported_uwec.folder.parent / "adf" / "full.json").read_text("utf-8"))
    validator = jsonschema_rs.validator_for(schema)

    invalid = [i.summary for i in issues.values() if not validator.is_valid(i.description)]
    sizes = {i.summary: compact_json_bytes(i.description) for i in issues.values()}

    assert invalid == []
    assert {name: size for name, size in sizes.items() if size > BODY_MAX_BYTES} == {}


def test_what_is_attached_says_everything(
    issues: dict[str, Issue], whole: dict[str, dict[str, Any]]
) -> None:
    attached = {ticket_id: i for ticket_id, i in issues.items() if i.attachments}

    assert attached
    assert [
        issue.summary
        for ticket_id, issue in attached.items()
        if not issue.attachments[0].startswith(f"# {issue.summary}\n")
        or adf_to_markdown(whole[ticket_id]).rstrip() not in issue.attachments[0]
    ] == []


def rows_of(ticket: Ticket, rows: dict[tuple[str, int], Row]) -> Iterator[Row]:
    for source in ticket.source_lines:
        for line in source.lines:
            yield rows[source.file, line]


def shown_for(row: Row, tables: list[ShownTable]) -> set[str]:
    """Collect what a ticket shows for a row, in tables its status belongs into."""
    shown: set[str] = set()
    status = row.cells.get("X", "").casefold()
    for table in tables:
        is_right = table.statuses is None or status in table.statuses
        for lines, cells in table.rows if is_right else ():
            is_settings = lines is None and row.file in HEAD_FILES
            if is_settings or (lines is not None and row.line in lines):
                shown.update(table.same_for_all)
                shown.update(part for cell in cells for part in parts_of(cell))
    return shown


def test_every_cell_is_verbatim_in_its_ticket_under_its_status(
    tickets: tuple[Ticket, ...],
    tables: dict[str, list[ShownTable]],
    rows: dict[tuple[str, int], Row],
) -> None:
    compared = [
        (ticket.number, row.file, row.line, value, value in shown)
        for ticket in tickets
        for row in rows_of(ticket, rows)
        for shown in [shown_for(row, tables[ticket.ticket_id])]
        for value in row.values
    ]

    assert len(compared) >= FEWEST_CELLS
    assert [case for case in compared if not case[-1]] == []


def test_every_member_is_listed_under_the_heading_of_its_status(
    tickets: tuple[Ticket, ...],
    tables: dict[str, list[ShownTable]],
    rows: dict[tuple[str, int], Row],
) -> None:
    without_heading = {
        table.heading.partition(" (")[0].partition(":")[0]
        for ticket in tickets
        for table in tables[ticket.ticket_id]
        if table.statuses is None
    }
    listed = {
        (ticket.number, line)
        for ticket in tickets
        for table in tables[ticket.ticket_id]
        for lines, _ in table.rows
        for line in lines or ()
    }
    members = {
        (ticket.number, row.line)
        for ticket in tickets
        for row in rows_of(ticket, rows)
        if row.file not in HEAD_FILES
    }

    assert without_heading == {"Settings", "Fields that go with them", "Displays that go with them"}
    assert members - listed == set()


def test_no_table_shows_a_value_that_is_in_no_sheet(
    tickets: tuple[Ticket, ...],
    tables: dict[str, list[ShownTable]],
    rows: dict[tuple[str, int], Row],
) -> None:
    invented = [
        (ticket.number, table.heading, value)
        for ticket in tickets
        for known in [{"", *(value for row in rows_of(ticket, rows) for value in row.values)}]
        for table in tables[ticket.ticket_id]
        for value in {*table.same_for_all, *(cell for _, cells in table.rows for cell in cells)}
        if value not in known and not set(value.split(JOINED_BY)) <= known
    ]

    assert invented == []


def test_the_links_are_the_dependencies_with_the_blocker_inward_and_created_before(
    exported_uwec: ExportedUwec, tickets: tuple[Ticket, ...], issues: dict[str, Issue]
) -> None:
    ids = {ticket_id: issue.issue_id for ticket_id, issue in issues.items()}
    blocks = {("Blocks", ids[b], ids[t.ticket_id]) for t in tickets for b in t.depends_on}
    relates = {
        ("Relates", frozenset({ids[t.ticket_id], ids[other]}))
        for t in tickets
        for other in t.relates_to
    }

    links = read_links(sandbox_of(exported_uwec.project))

    assert {link for link in links if link[0] == "Blocks"} == blocks
    assert {("Relates", frozenset(link[1:])) for link in links if link[0] == "Relates"} == relates
    assert Counter(link[0] for link in links)["Blocks"] == 70
    assert len(links) == len(blocks) + len(relates)
    assert [(t.number, b) for t in tickets for b in t.depends_on if ids[b] > ids[t.ticket_id]] == []


def test_no_required_reference_is_dropped_from_the_order(
    tickets: tuple[Ticket, ...], rows: dict[tuple[str, int], Row]
) -> None:
    """A field with Req'd = y and an active target: its ticket comes later than the target's."""
    heads = {
        f"{row.cells['Name']} ({row.cells['Type']})".casefold(): t.number
        for t in tickets
        if t.action is not GroupAction.REMOVE
        for row in rows_of(t, rows)
        if row.file == "UWEC_Bundles.csv"
    }
    required = [
        (heads[target.strip().casefold()], t.number, row.line)
        for t in tickets
        if t.action is not GroupAction.REMOVE
        for row in rows_of(t, rows)
        if row.file == "UWEC_Fields.csv"
        and row.cells["Req'd"].casefold() == "y"
        and row.cells["X"] in {"a", "c", ""}
        for target in row.cells["Ref. bundle"].split(",")
        if target.strip().casefold() in heads
    ]

    wrong = [case for case in required if case[0] > case[1]]

    assert len(required) > 20
    assert wrong == []


def test_the_report_and_the_texts_of_the_validation_hold_every_ticket(
    exported_uwec: ExportedUwec, tickets: tuple[Ticket, ...], issues: dict[str, Issue]
) -> None:
    report = Path(str(exported_uwec.metadata["export_report"]["report"])).read_text("utf-8")
    texts = str(exported_uwec.metadata["adf_validation"]["texts"])

    assert [i.key for i in issues.values() if i.key not in report] == []
    assert [t.number for t in tickets if f"# {t.number} · {t.title}\n" not in texts] == []


def test_nothing_is_left_to_do_by_hand(exported_uwec: ExportedUwec) -> None:
    with projects.opened(exported_uwec.project) as pipeline:
        results = session_results.required_results(open_session(pipeline, "uwec"))

    assert results.manual_fixes == ()
