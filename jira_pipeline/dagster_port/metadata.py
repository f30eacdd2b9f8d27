"""What people see in Dagster of a value: metadata, and how far a run is in its log."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg

from jira_pipeline.context.observed_progress import PassOn
from jira_pipeline.context.retention import Removal, removal_text
from jira_pipeline.context.trackers import answer_deadline, opened_jira, opens_in_a_browser
from jira_pipeline.dagster_port.partitions import StepContext
from jira_pipeline.dagster_port.plain_values import (
    Metadata,
    plain_metadata,
    plain_text,
    plain_value,
)
from jira_pipeline.export.adoption_proposals import ProposedPair
from jira_pipeline.export.results import ExportResults
from jira_pipeline.jira.adf import adf_to_markdown
from jira_pipeline.model.entities import Entity
from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline.model.findings import Finding, Severity
from jira_pipeline.model.model_requests import Spending, spending_text
from jira_pipeline.model.rendered_tickets import RenderedTicket
from jira_pipeline.model.sessions import UploadSession, shown_percentage
from jira_pipeline.model.site_verifications import VerifiedTicket
from jira_pipeline.model.source_tables import SHEET_NAMES, SourceTable
from jira_pipeline.model.ticket_validations import Validation
from jira_pipeline.model.tickets import (
    GenerationOutcome,
    Ticket,
    questions_left,
    unconfirmed_withdrawals,
)
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.questions import AskedQuestion
from jira_pipeline.review.withdrawals import vanished_text
from jira_pipeline.sheets.upload_preview import TicketChange
from jira_pipeline.tickets.documents.adf_validation import ordered_results

if TYPE_CHECKING:
    from jira_pipeline.sessions.site_verifying import VerifiedSite

PREVIEW_ROWS = 25
PREVIEW_COLUMNS = 6
FINDINGS_SHOWN = 200
TEXT_CHARACTERS_SHOWN = 500_000
"""Those of 84 tickets, the most of one specification so far, are 346,000."""
FIGURES_SHOWN = 500
"""Twice the columns of a specification with all sheets of the tool."""


def tables_metadata(tables: Sequence[SourceTable]) -> Metadata:
    """Show which file is which sheet, how far columns are filled, the first rows of the largest."""
    files = [t.file for t in tables]
    largest = max(tables, key=lambda t: t.file.row_count, default=None)
    return {
        "dagster/row_count": sum(len(t.rows) * len(t.columns) for t in tables),
        "rows": sum(file.row_count for file in files),
        "files": table(
            {
                "file": file.name,
                "sheet": SHEET_NAMES[file.sheet],
                "rows": file.row_count,
                "encoding": file.encoding,
            }
            for file in files
        ),
        "columns": table(islice(_column_figures(tables), FIGURES_SHOWN)),
        "preview": table(() if largest is None else _first_rows(largest)),
    }


def _column_figures(tables: Iterable[SourceTable]) -> Iterator[Mapping[str, object]]:
    """Count for each column of each sheet the cells that are filled, and how many differ."""
    for sheet in tables:
        for place, column in enumerate(sheet.columns):
            filled = [row.cells[place] for row in sheet.rows if row.cells[place]]
            counts = {"filled": len(filled), "different": len(set(filled))}
            yield {"file": sheet.file.name, "column": column, **counts}


def _first_rows(sheet: SourceTable) -> Iterator[Mapping[str, object]]:
    """Show rows with their line numbers first; blank columns are left out."""
    place_of: dict[str, int] = {}
    for place, column in enumerate(sheet.columns):
        is_blank = not any(row.cells[place] for row in sheet.rows)
        if not is_blank and len(place_of) < PREVIEW_COLUMNS - 1:
            place_of[column] = place
    line = "line of the file" if "line" in place_of else "line"
    for row in sheet.rows[:PREVIEW_ROWS]:
        cells = {column: row.cells[place] for column, place in place_of.items()}
        yield {line: row.line, **cells}


def entities_metadata(entities: Sequence[Entity]) -> Metadata:
    """Count entities by kind and status."""
    by_kind = counted_by_kind((entity.kind.value, entity.status.value) for entity in entities)
    return {"dagster/row_count": len(entities), "by_kind_and_status": by_kind}


def groups_metadata(groups: Sequence[EntityGroup]) -> Metadata:
    """List the groups in build order; `links` are those an export of all of them makes."""
    keys = {group.key for group in groups}
    related = set()
    rows = []
    for group in groups:
        for relation in group.linked_relations:
            if relation.group_key in keys:
                # Two groups that relate to each other get one link.
                related.add(frozenset((group.key, relation.group_key)))
        rows.append(
            {
                "number": group.number,
                "title": group.title,
                "group": group.display_group.value,
                "members": len(group.members),
                "waits for": len(group.linked_dependencies),
            }
        )
    dependency_count = sum(len(group.linked_dependencies) for group in groups)
    return {
        **asset_table("groups", rows),
        "links": dependency_count + len(related),
        "hollow": sum(group.is_hollow for group in groups),
    }


def tickets_metadata(
    tickets: Sequence[Ticket],
    outcome: GenerationOutcome,
    *,
    questions: Sequence[AskedQuestion],
    vanished: Sequence[Ticket],
    writer: str,
    spending: Spending,
    changes: Sequence[TicketChange],
) -> Metadata:
    """List the tickets, say what this generation changed, by cell, and what all took of models.

    `vanished` are the tickets whose rows are gone: what nobody agreed to is shown.
    """
    instead = sum(bool(ticket.revision.fallback_reason) for ticket in tickets)
    numbers = numbers_of((*tickets, *vanished))
    rows: list[Mapping[str, object]] = []
    for ticket in tickets:
        row: dict[str, object] = {
            "number": ticket.number,
            "title": ticket.title,
            "action": ticket.action.value,
            "questions": len(ticket.unanswered),
            "hours": ticket.revision.estimated_hours,
            "writer": ticket.revision.writer,
        }
        if instead:
            row["instead of a model, because"] = ticket.revision.fallback_reason
        rows.append(row)
    open_questions = [
        {
            "place": question.place,
            "ticket": question.ticket.title,
            "question": question.question,
            "who is asked": question.audience,
        }
        for question in questions
        if question.is_open
    ]
    dropped = [
        f"{numbers[waiting_id]} on {numbers[other_id]}"
        for waiting_id, other_id in outcome.dropped_dependencies
    ]
    proposed = [vanished_text(ticket) for ticket in unconfirmed_withdrawals(vanished)]
    metadata: Metadata = {
        **asset_table("tickets", rows),
        "created": outcome.created,
        "rewritten": outcome.rewritten,
        "unchanged": outcome.unchanged,
        "withdrawals_proposed": outcome.withdrawals_proposed,
        "waiting_for_agreement": format_list(proposed),
        "dropped_dependencies": format_list(dropped),
        "questions": questions_left(tickets).count,
        "open_questions": table(open_questions),
        "writer": writer,
    }
    if instead:
        metadata["by_template_instead"] = instead
    if spending.requests:
        metadata["models"] = spending_text(spending)
    if changes:
        metadata["changes"] = table(_cells_of(changes))
    return metadata


def _cells_of(changes: Iterable[TicketChange]) -> Iterator[Mapping[str, object]]:
    """Yield a row of the table for each cell that changed, one with empty cells where none did."""
    for change in changes:
        ticket = {"number": change.number, "ticket": change.title, "is": change.becomes.value}
        for cell in change.cells:
            values = {"before": cell.before, "after": cell.after}
            yield ticket | {"cell": f"{cell.place}, {cell.column}", **values}
        if not change.cells:
            yield ticket | {"cell": "", "before": "", "after": ""}


def numbers_of(tickets: Iterable[Ticket]) -> Mapping[str, int]:
    """Return the number of each ticket by its id."""
    return {ticket.ticket_id: ticket.number for ticket in tickets}


def validation_metadata(validation: Validation, *, numbers: Mapping[str, int]) -> Metadata:
    """Show what validation found, failed tickets first.

    `numbers` holds the number of each ticket by its id.
    """
    results = ordered_results(validation.results)
    is_faulty = any(result.error_message for result in results)
    rows: list[Mapping[str, object]] = []
    for result in results:
        row: dict[str, object] = {
            "number": numbers.get(result.ticket_id, ""),
            "title": result.title,
            "status": result.status,
            "bytes": result.adf_size_bytes,
            "change in characters": -result.character_reduction,
            "attachment": result.attachment_upload_status,
        }
        if is_faulty:
            row |= {"message": result.error_message, "fix": result.suggested_fix}
        rows.append(row)
    passed = sum(result.is_passed for result in results)
    return {**asset_table("results", rows), "passed": passed, "failed": len(results) - passed}


def tickets_text(rendered: Sequence[RenderedTicket]) -> Metadata:
    """Show each ticket as Jira will show it, by number; of many the first, and which are left out."""
    by_number = sorted(rendered, key=lambda ticket: ticket.ticket.number)
    return _texts(
        (f"{ticket.ticket.number} · {ticket.summary}", ticket.document) for ticket in by_number
    )


def sandbox_text(session: OpenSession, results: ExportResults) -> Metadata:
    """Show the issues of the embedded sandbox, which no browser opens, as they are in it."""
    if not session.settings.is_sandbox:
        return {}
    with opened_jira(session, budget=answer_deadline()) as jira:
        issues = jira.search(results.jql, fields=("summary", "description"))
    return _texts(
        (f"{issue.key} · {issue.summary}", dict(issue.description))
        for issue in issues
        if issue.description
    )


def _texts(documents: Iterable[tuple[str, dict[str, Any]]]) -> Metadata:
    """Return documents below their headings as one Markdown text, up to a number of characters."""
    texts = list[str]()
    characters_left = TEXT_CHARACTERS_SHOWN
    for heading, document in documents:
        text = f"# {heading}\n\n{adf_to_markdown(document)}"
        characters_left -= len(text)
        if characters_left < 0:
            texts.append(f"From {heading} on, nothing is shown here.")
            break
        texts.append(text)
    return {"texts": dg.MetadataValue.md("\n\n".join(texts))}


def results_metadata(results: ExportResults) -> Metadata:
    """List the issues of a session and how to find them in Jira."""
    is_linked = opens_in_a_browser(results.target)
    issue_rows = []
    for ticket in results.tickets:
        row = {"number": ticket.number, "key": ticket.jira_key, "title": ticket.title}
        if is_linked:
            row["url"] = ticket.jira_url
        issue_rows.append(row)
    metadata: Metadata = {
        **asset_table("issues", issue_rows),
        "target": results.target.name,
        "links": results.dependencies_created,
        "manual_fixes": len(results.manual_fixes),
        "processing_minutes": results.total_processing_time_minutes,
        "jql": results.jql,
        "request_count": sum(results.requests.values()),
        "requests": table(_request_rows(results.requests)),
    }
    if is_linked:
        link = dg.MetadataValue.url(results.jql_url)
        metadata["in_jira"] = link
        metadata["dagster/uri"] = link
    if results.removed:
        last_removed_at = max(ticket.removed_at for ticket in results.removed)
        people = {ticket.removed_by for ticket in results.removed}
        metadata["taken_back"] = len(results.removed)
        metadata["taken_back_at"] = dg.MetadataValue.timestamp(last_removed_at)
        metadata["taken_back_by"] = ", ".join(sorted(people))
    return metadata


def _request_rows(requests: Mapping[str, int]) -> Iterator[Mapping[str, object]]:
    """Yield how many requests of each kind were sent; a kind is a method and a path."""
    for kind, count in requests.items():
        method, _, path = kind.partition(" ")
        yield {"count": count, "method": method, "path": path}


def web_metadata(session: OpenSession, place: str = "") -> Metadata:
    """Link the page of the web that shows the same, where one is served."""
    link = session.web_link(place)
    return {"in_web": dg.MetadataValue.url(link)} if link else {}


def report_metadata(results: ExportResults, *, report: Path | str) -> Metadata:
    """Point to the report and list what is left to do by hand."""
    left = (
        {
            "type": fix.fix_type.value,
            "issue": fix.jira_key or "",
            "original value": fix.original_value,
            "what to do": fix.recommended_action,
        }
        for fix in results.manual_fixes
    )
    return results_metadata(results) | {
        "report": dg.MetadataValue.url(report)
        if isinstance(report, str)
        else dg.MetadataValue.path(report),
        "dagster/uri": str(report),
        "left_to_do": table(left),
    }


def findings_metadata(findings: Sequence[Finding]) -> Metadata:
    """Count findings and show the first of them."""
    return {
        "errors": sum(f.severity is Severity.ERROR for f in findings),
        "warnings": sum(f.severity is Severity.WARNING for f in findings),
        "findings": table(
            {
                "severity": f.severity.value,
                "place": f.place,
                "value": f.value or "",
                "message": f.message,
                "advice": f.advice,
            }
            for f in findings[:FINDINGS_SHOWN]
        ),
    }


def progress_logger(context: StepContext) -> PassOn:
    """Return what logs how far the session of a run is."""

    def pass_on(session: UploadSession) -> None:
        context.log.info("%g %%: %s", round(shown_percentage(session), 1), session.progress_text)

    return pass_on


def pairs_text(pairs: Iterable[ProposedPair]) -> str:
    """Name tickets and the issues that may be theirs, as run config takes them."""
    return format_list(
        [f"{p.number}={p.key} {p.title}: {p.summary} ({p.likeness.value})" for p in pairs]
    )


def verification_metadata(verified: "VerifiedSite") -> Metadata:
    """Show how far a site is built: rows and tickets by verdict, then all that is otherwise."""
    from jira_pipeline.verification import reports

    counts = verified.kept.counts
    rows = verified.verification.rows
    return {
        "dagster/row_count": len(rows),
        "by_kind_and_verdict": counted_by_kind((r.kind.value, r.verdict.value) for r in rows),
        "summary": reports.summary_of(verified.verification),
        "tickets": format_list(
            [f"{n} {verdict.replace('_', ' ')}" for verdict, n in counts["tickets"].items()]
        ),
        "changes": reports.changes_text(verified.changes) or "none",
        "report": dg.MetadataValue.md(reports.markdown_of(verified.verification)),
    }


def verdicts_table(verified: Sequence[VerifiedTicket]) -> dg.MetadataValue:
    """Show the verdict on each ticket, with its rows that are met."""
    from jira_pipeline.verification.reports import ticket_verdict_text

    return table(
        {
            "no": t.number,
            "ticket": t.title,
            "on the site": ticket_verdict_text(t),
            "rows met": f"{t.met} of {t.of}",
        }
        for t in verified
    )


def removals_table(removals: Mapping[str, Removal]) -> dg.TableMetadataValue:
    """Say what the clock does with each session, and why it stays."""
    return table(
        {"session": key, "what": removal_text(removal) or "kept: RETENTION_DAYS is not set"}
        for key, removal in removals.items()
    )


def show_result(context: dg.OpExecutionContext, result: Mapping[str, object]) -> None:
    """Show what a step came to as its metadata, and what of it is text or a number in a shell."""
    context.add_output_metadata(plain_metadata(result))
    lines = [
        f"{name.replace('_', ' ')}: {value}"
        for name, value in result.items()
        if isinstance(value, str | int)
    ]
    context.log.info("\n".join(["", *lines]))


def format_list(texts: Sequence[str]) -> str:
    """Show texts side by side, without a click; none is shown as such."""
    return "; ".join(texts) or "none"


def asset_table(name: str, rows: Sequence[Mapping[Any, object]]) -> Metadata:
    """Show the rows an asset is made of, counted, with their columns as Dagster's catalog shows them."""
    shown = table(rows)
    schema = dg.MetadataValue.table_schema(shown.schema)
    return {"dagster/row_count": len(rows), "dagster/column_schema": schema, name: shown}


def table(rows: Iterable[Mapping[Any, object]]) -> dg.TableMetadataValue:
    """Show rows of the same columns as Dagster shows tables: every cell as text or number."""
    records = []
    for row in rows:
        cells = {plain_text(name): plain_value(cell) for name, cell in row.items()}
        records.append(dg.TableRecord(cells))
    columns = []
    for name in records[0].data if records else ():
        kinds = {type(record.data[name]).__name__ for record in records}
        columns.append(dg.TableColumn(name, type=kinds.pop() if len(kinds) == 1 else "string"))
    return dg.MetadataValue.table(records=records, schema=dg.TableSchema(columns))


def counted_by_kind(pairs: Iterable[tuple[str, str]]) -> dg.TableMetadataValue:
    """Count pairs of a kind and something else: a row for each kind, a column for each of these."""
    counts = Counter(pairs)
    columns = sorted({column for _, column in counts})
    rows = []
    for kind in sorted({kind for kind, _ in counts}):
        rows.append({"kind": kind, **{column: counts[kind, column] for column in columns}})
    return table(rows)
