"""The assets of a session as tables: their columns, and their rows as the store has them now.

Belongs here: what one row of each table is, the columns with type and meaning, one generator of rows
a table; the table across sessions. Does not: frames and catalogues (`dagster_port/tables`), what the
values mean (the room of each), writing files (`cli/session`).

Nothing is kept and nothing is written: who asks later reads what is so by then.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.export.session_results import results
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.ticket_decisions import TicketState
from jira_pipeline.model.tickets import questions_left
from jira_pipeline.review.cells import csv_text
from jira_pipeline.review.hours import hours_in
from jira_pipeline.review.open_session import OpenSession, open_session

Value = str | int | float | bool | datetime | None
Row = Mapping[str, Value]


class ValueType(StrEnum):
    """What the cells of a column are."""

    TEXT = "string"
    COUNT = "int"
    NUMBER = "float"
    TRUTH = "bool"
    TIME = "timestamp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    name: str
    type: ValueType
    meaning: str
    """One sentence for whoever reads the table and knows nothing of the program."""
    is_nullable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionTable:
    """One table of every session."""

    name: str
    """Also the name of its asset, where there is one."""
    grain: str
    """What one row is."""
    columns: tuple[Column, ...]
    rows_of: Callable[[OpenSession], Iterator[Row]]
    """Yields rows without the column `session`, in the order people see them."""

    def rows(self, session: OpenSession) -> Iterator[Row]:
        """Yield a value for each column, in the order of the columns."""
        for row in self.rows_of(session):
            complete = {SESSION.name: session.key, **row}
            yield {column.name: complete[column.name] for column in self.columns}


def _text(name: str, meaning: str, *, is_nullable: bool = False) -> Column:
    return Column(name=name, type=ValueType.TEXT, meaning=meaning, is_nullable=is_nullable)


def _count(name: str, meaning: str, *, is_nullable: bool = False) -> Column:
    return Column(name=name, type=ValueType.COUNT, meaning=meaning, is_nullable=is_nullable)


def _number(name: str, meaning: str, *, is_nullable: bool = False) -> Column:
    return Column(name=name, type=ValueType.NUMBER, meaning=meaning, is_nullable=is_nullable)


def _truth(name: str, meaning: str) -> Column:
    return Column(name=name, type=ValueType.TRUTH, meaning=meaning)


def _time(name: str, meaning: str, *, is_nullable: bool = False) -> Column:
    return Column(name=name, type=ValueType.TIME, meaning=meaning, is_nullable=is_nullable)


SESSION = _text("session", "Key of the session, which is the partition.")


def _source_files(session: OpenSession) -> Iterator[Row]:
    for table in session.contents.tables:
        for row in table.rows:
            cells = zip(table.columns, row.cells, strict=True)
            for position, (column, value) in enumerate(cells, start=1):
                yield {
                    "file": table.file.name,
                    "sheet": table.file.sheet.value,
                    "line": row.line,
                    "position": position,
                    "column": column,
                    "value": value,
                }


def _entities(session: OpenSession) -> Iterator[Row]:
    for entity in session.contents.specification.entities:
        yield {
            "kind": entity.kind.value,
            "key": entity.key,
            "label": entity.label,
            "machine_name": entity.machine_name,
            "status": entity.status.name.lower(),
            "owner": entity.owner_key,
            "file": entity.source.file,
            "line": entity.source.line,
        }


def _entity_groups(session: OpenSession) -> Iterator[Row]:
    for group in session.contents.groups:
        yield {
            "number": group.number,
            "key": group.key,
            "kind": group.kind.value,
            "title": group.title,
            "display_group": group.display_group.value,
            "action": group.action.value,
            "members": len(group.members),
            "waits_for": len(group.linked_dependencies),
        }


def _tickets(session: OpenSession) -> Iterator[Row]:
    for ticket in session.tickets:
        hours = hours_in(ticket.revision.estimated_hours)
        yield {
            "number": ticket.number,
            "ticket_id": ticket.ticket_id,
            "group_key": ticket.group_key,
            "title": ticket.title,
            "display_group": ticket.display_group.value,
            "action": ticket.action.value,
            "state": session.places[ticket.ticket_id].state.value,
            "is_ready": ticket.is_ready,
            "open_questions": len(ticket.unanswered),
            "hours_low": None if hours is None else hours[0],
            "hours_high": None if hours is None else hours[1],
            "writer": ticket.revision.writer,
            "revision": ticket.revision.number,
            "assignee": ticket.assignee,
            "sprint": ticket.sprint,
            "priority": ticket.priority,
        }


def _adf_validation(session: OpenSession) -> Iterator[Row]:
    validation = session.store.validations.latest(session.key)
    if validation is None:
        return
    numbers = {ticket.ticket_id: ticket.number for ticket in session.tickets}
    for result in validation.results:
        yield {
            "number": numbers.get(result.ticket_id),
            "ticket_id": result.ticket_id,
            "title": result.title,
            "is_passed": result.is_passed,
            "bytes": result.adf_size_bytes,
            "attachment": result.attachment_upload_status,
            "message": result.error_message,
            "fix": result.suggested_fix,
            "revision": result.revision,
            "validated_at": validation.at,
        }


def _jira_issues(session: OpenSession) -> Iterator[Row]:
    exported = results(session)
    if exported is None:
        return
    for ticket in exported.tickets:
        yield {
            "number": ticket.number,
            "ticket_id": ticket.ticket_id,
            "key": ticket.jira_key,
            "title": ticket.title,
            "url": ticket.jira_url,
            "target": exported.target.name,
            "exported_at": ticket.exported_at,
            "is_gone": ticket.is_gone,
        }


def _findings(session: OpenSession) -> Iterator[Row]:
    for finding in session.findings:
        yield {
            "severity": finding.severity.value,
            "code": finding.code,
            "file": finding.file,
            "line": finding.line,
            "column": finding.column,
            "value": finding.value,
            "message": finding.message,
            "advice": finding.advice,
        }


def _questions(session: OpenSession) -> Iterator[Row]:
    for question in session.questions:
        for row in question.rows:
            given = row.given
            yield {
                "place": row.place,
                "question_id": row.row_id,
                "ticket_number": question.ticket.number,
                "ticket_id": question.ticket.ticket_id,
                "kind": question.kind,
                "audience": str(question.audience),
                "file": question.file,
                "line": question.line,
                "column": question.column,
                "row": row.key,
                "question": question.question,
                "is_open": question.is_open and row.is_waiting,
                "answer": None if given is None else given.answer,
                "answered_by": None if given is None else given.answered_by,
                "answered_at": None if given is None else given.answered_at,
            }


TABLES: Mapping[str, SessionTable] = {
    table.name: table
    for table in (
        SessionTable(
            name="source_files",
            grain="One cell of one row of one sheet, blank cells included: sheets have different "
            "columns, and only a cell has the same ones everywhere.",
            columns=(
                SESSION,
                _text("file", "Name of the file; of a worksheet, workbook and worksheet."),
                _text("sheet", "What the sheet is recognised as, such as `field`."),
                _count("line", "Line of the file; the header is line 1."),
                _count("position", "Column of the table, from 1."),
                _text("column", "Canonical name of a known column, else the header."),
                _text("value", "The cell as it was read; empty where it is blank."),
            ),
            rows_of=_source_files,
        ),
        SessionTable(
            name="entities",
            grain="One row of a sheet that describes something.",
            columns=(
                SESSION,
                _text("kind", "What is described: bundle, field, view …"),
                _text("key", "`kind:part/part`; two rows may have the same one."),
                _text("label", "What people call it."),
                _text("machine_name", "As in the sheet; empty where there is no such column."),
                _text(
                    "status",
                    "What the row says: approved, changed, implemented, waiting or deleted.",
                ),
                _text(
                    "owner", "Key of the bundle, view or workflow it belongs to.", is_nullable=True
                ),
                _text("file", "File that describes it."),
                _count("line", "Line of that file."),
            ),
            rows_of=_entities,
        ),
        SessionTable(
            name="entity_groups",
            grain="One group of entities, which is one ticket.",
            columns=(
                SESSION,
                _count("number", "Position in build order, from 1."),
                _text("key", "Stable for the same sheets."),
                _text("kind", "What the ticket is about, such as `bundle` or `image_styles`."),
                _text("title", "Title of its ticket."),
                _text("display_group", "Content, Media, Views, Migration, Workflow …"),
                _text("action", "Whether it is created, updated or removed."),
                _count("members", "Rows in its tables beside what it is about."),
                _count("waits_for", "Groups that are built before it."),
            ),
            rows_of=_entity_groups,
        ),
        SessionTable(
            name="tickets",
            grain="One ticket whose rows are in the sheets.",
            columns=(
                SESSION,
                _count("number", "Number of the ticket in its session."),
                _text("ticket_id", "Stable identity of the ticket."),
                _text("group_key", "Key of its group in `entity_groups`."),
                _text("title", "Summary of the issue."),
                _text("display_group", "Content, Media, Views, Migration, Workflow …"),
                _text("action", "Whether it creates, updates or removes something."),
                _text("state", "What became of it in Jira: pending, exported, failed, skipped …"),
                _truth("is_ready", "It was approved, by people or automatically."),
                _count("open_questions", "Questions that nobody answered yet."),
                _number("hours_low", "Lower end of the estimate.", is_nullable=True),
                _number("hours_high", "Upper end of the estimate.", is_nullable=True),
                _text("writer", "The template, a model, or who edited it last."),
                _count("revision", "Number of its current text."),
                _text("assignee", "As people or the manifest set it.", is_nullable=True),
                _text("sprint", "As people or the manifest set it.", is_nullable=True),
                _text("priority", "As people or the manifest set it.", is_nullable=True),
            ),
            rows_of=_tickets,
        ),
        SessionTable(
            name="adf_validation",
            grain="One ticket as the last validation found it.",
            columns=(
                SESSION,
                _count("number", "Number of the ticket, if it is still there.", is_nullable=True),
                _text("ticket_id", "As in `tickets`."),
                _text("title", "Title that was validated."),
                _truth("is_passed", "Jira can take its description."),
                _count("bytes", "Size of the description as compact JSON."),
                _text("attachment", "Whether its file could be uploaded; `skipped`: it has none."),
                _text("message", "What is wrong; empty where it passed."),
                _text("fix", "What to do about it; empty where it passed."),
                _count("revision", "Number of the text that was validated.", is_nullable=True),
                _time("validated_at", "When, in UTC."),
            ),
            rows_of=_adf_validation,
        ),
        SessionTable(
            name="jira_issues",
            grain="One issue that was exported to the target of the settings.",
            columns=(
                SESSION,
                _count("number", "Number of its ticket."),
                _text("ticket_id", "As in `tickets`."),
                _text("key", "Key of the issue in Jira."),
                _text("title", "Summary of the issue."),
                _text("url", "Address of the issue."),
                _text("target", "The Jira site and project."),
                _time("exported_at", "When it was created, in UTC.", is_nullable=True),
                _truth("is_gone", "Jira did not show it when it was asked last."),
            ),
            rows_of=_jira_issues,
        ),
        SessionTable(
            name="findings",
            grain="One remark about the sheets.",
            columns=(
                SESSION,
                _text("severity", "An error blocks, a warning does not."),
                _text("code", "Name of the rule; docs/sheets.md explains it."),
                _text("file", "File it is about; null: the folder.", is_nullable=True),
                _count("line", "Line of that file.", is_nullable=True),
                _text("column", "Header of the column.", is_nullable=True),
                _text("value", "The cell.", is_nullable=True),
                _text("message", "What is wrong."),
                _text("advice", "What to do about it."),
            ),
            rows_of=_findings,
        ),
        SessionTable(
            name="questions",
            grain="One row that a question of a ticket is about, with its answer.",
            columns=(
                SESSION,
                _text("place", "Ticket, question and row, as `12.1.3`."),
                _text("question_id", "What names the question for this row, whatever its place."),
                _count("ticket_number", "Number of the ticket."),
                _text("ticket_id", "As in `tickets`."),
                _text("kind", "Rule that asks; empty: an older version asked."),
                _text("audience", "Who is asked: agency, client or developer."),
                _text("file", "File of the cell that raises it."),
                _count("line", "Line of that cell."),
                _text("column", "Column of that cell."),
                _text("row", "Key of what the row describes."),
                _text("question", "The question in one sentence."),
                _truth("is_open", "Nobody answered it for this row."),
                _text("answer", "What was answered.", is_nullable=True),
                _text("answered_by", "Who answered.", is_nullable=True),
                _time("answered_at", "When, in UTC.", is_nullable=True),
            ),
            rows_of=_questions,
        ),
    )
}
"""The tables of a session by name, in the order of the flow."""


def _portfolio(session: OpenSession) -> Iterator[Row]:
    places = session.places
    stored = session.stored
    by_group = group_by(session.tickets, lambda ticket: ticket.display_group)
    for display_group, tickets in by_group.items():
        included = [ticket for ticket in tickets if ticket.exclusion is None]
        states = Counter(places[ticket.ticket_id].state for ticket in tickets)
        hours_low: float = 0
        hours_high: float = 0
        unestimated_count = 0
        for ticket in included:
            estimate = hours_in(ticket.revision.estimated_hours)
            if estimate is None:
                unestimated_count += 1
                continue
            low, high = estimate
            hours_low += low
            hours_high += high
        yield {
            "site": stored.site_name,
            "stage": stored.stage.value,
            "status": stored.status.value,
            "display_group": display_group.value,
            "tickets": len(tickets),
            "excluded": len(tickets) - len(included),
            "ready": sum(ticket.is_ready for ticket in included),
            "in_jira": states[TicketState.EXPORTED],
            "open_questions": questions_left(included).count,
            "hours_low": hours_low,
            "hours_high": hours_high,
            "without_estimate": unestimated_count,
        }


PORTFOLIO = SessionTable(
    name="portfolio",
    grain="One display group of one session.",
    columns=(
        _text("session", "Key of the session."),
        _text("site", "Name of the site."),
        _text("stage", "Stage of the session, such as review or jira_export."),
        _text("status", "Whether something is at work, waits or failed."),
        _text("display_group", "Content, Media, Views, Migration, Workflow …"),
        _count("tickets", "Tickets whose rows are in the sheets."),
        _count("excluded", "Of these, those that are skipped, sent back or withdrawn."),
        _count("ready", "Of the others, those that are approved."),
        _count("in_jira", "Tickets that have an issue on the target of the settings."),
        _count("open_questions", "Questions that nobody answered yet."),
        _number("hours_low", "Lower end of the estimates added up, without excluded tickets."),
        _number("hours_high", "Upper end of the same."),
        _count("without_estimate", "Tickets whose hours are in neither."),
    ),
    rows_of=_portfolio,
)
"""All sessions side by side; not of one session, so it is no asset of a partition."""


def rows_of_sessions(
    pipeline: Pipeline, table: SessionTable, session_keys: Iterable[str]
) -> Iterator[Row]:
    """Yield the rows of one table for several sessions, session by session."""
    for session_key in session_keys:
        yield from table.rows(open_session(pipeline, session_key))


def portfolio_rows(pipeline: Pipeline) -> list[Row]:
    """Return the portfolio of all sessions, by key of the session."""
    keys = sorted(stored.session_key for stored in pipeline.store.sessions.list_all())
    return list(rows_of_sessions(pipeline, PORTFOLIO, keys))


def csv_of(table: SessionTable, rows: Iterable[Row]) -> str:
    """Write rows as CSV: times as ISO 8601, truth as true and false, nothing as an empty cell."""
    names = [column.name for column in table.columns]

    def cells_of(row: Row) -> Mapping[str, str]:
        return {name: _cell(row[name]) for name in names}

    return csv_text(names, map(cells_of, rows))


def _cell(value: Value) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case datetime():
            return value.isoformat()
        case _:
            return str(value)
