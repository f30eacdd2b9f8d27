"""What people see in Dagster of a value: metadata, and how far a run is in its log."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg

from jira_pipeline.context.retention import Removal, removal_text
from jira_pipeline.context.runs import PassOn
from jira_pipeline.context.trackers import answer_deadline, opened_jira, opens_in_a_browser
from jira_pipeline.dagster_port.partitions import StepContext
from jira_pipeline.dagster_port.plain_values import (
    Metadata,
    plain_metadata,
    plain_text,
    plain_value,
)
from jira_pipeline.export.adoption import ProposedPair
from jira_pipeline.export.results import ExportResults
from jira_pipeline.jira.adf import adf_to_markdown
from jira_pipeline.model.entities import SHEET_NAMES, Entity, SourceTable
from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline.model.findings import Finding, Severity
from jira_pipeline.model.model_requests import Spending, spending_text
from jira_pipeline.model.rendered_tickets import RenderedTicket, Validation
from jira_pipeline.model.sessions import UploadSession
from jira_pipeline.model.site_verifications import VerifiedTicket
from jira_pipeline.model.tickets import GenerationOutcome, Ticket, proposed_among, questions_left
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
    for one in tables:
        for place, column in enumerate(one.columns):
            filled = [row.cells[place] for row in one.rows if row.cells[place]]
            counts = {"filled": len(filled), "different": len(set(filled))}
            yield {"file": one.file.name, "column": column, **counts}


def _first_rows(one: SourceTable) -> Iterator[Mapping[str, object]]:
    """Show rows with their line numbers first; blank columns are left out."""
    filled = [n for n in range(len(one.columns)) if any(row.cells[n] for row in one.rows)]
    shown = {one.columns[n]: n for n in filled[: PREVIEW_COLUMNS - 1]}
    line = "line of the file" if "line" in shown else "line"
    for row in one.rows[:PREVIEW_ROWS]:
        yield {line: row.line, **{name: row.cells[n] for name, n in shown.items()}}


def entities_metadata(entities: Sequence[Entity]) -> Metadata:
    """Count entities by kind and status."""
    by_kind = counted_by_kind((one.kind.value, one.status.value) for one in entities)
    return {"dagster/row_count": len(entities), "by_kind_and_status": by_kind}


def groups_metadata(groups: Sequence[EntityGroup]) -> Metadata:
    """List the groups in build order; `links` are those an export of all of them makes."""
    keys = {group.key for group in groups}
    related = {
        frozenset((group.key, relation.group_key))
        for group in groups
        for relation in group.linked_relations
        if relation.group_key in keys
    }
    return {
        **asset_table(
            "groups",
            [
                {
                    "number": g.number,
                    "title": g.title,
                    "group": g.display_group.value,
                    "members": len(g.members),
                    "waits for": len(g.linked_dependencies),
                }
                for g in groups
            ],
        ),
        "links": sum(len(g.linked_dependencies) for g in groups) + len(related),
        "hollow": sum(g.is_hollow for g in groups),
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
    instead = sum(bool(t.revision.fallback_reason) for t in tickets)
    numbers = numbers_of((*tickets, *vanished))
    rows: list[Mapping[str, object]] = [
        {
            "number": t.number,
            "title": t.title,
            "action": t.action.value,
            "questions": len(t.unanswered),
            "hours": t.revision.estimated_hours,
            "writer": t.revision.writer,
        }
        | ({"instead of a model, because": t.revision.fallback_reason} if instead else {})
        for t in tickets
    ]
    return {
        **asset_table("tickets", rows),
        "created": outcome.created,
        "rewritten": outcome.rewritten,
        "unchanged": outcome.unchanged,
        "withdrawals_proposed": outcome.withdrawals_proposed,
        "waiting_for_agreement": format_list([vanished_text(t) for t in proposed_among(vanished)]),
        "dropped_dependencies": format_list(
            [f"{numbers[one]} on {numbers[other]}" for one, other in outcome.dropped_dependencies]
        ),
        "questions": questions_left(tickets).count,
        "open_questions": table(
            {
                "place": one.place,
                "ticket": one.ticket.title,
                "question": one.question,
                "who is asked": one.audience,
            }
            for one in questions
            if one.is_open
        ),
        "writer": writer,
        **({"by_template_instead": instead} if instead else {}),
        **({"models": spending_text(spending)} if spending.requests else {}),
        **({"changes": table(_cells_of(changes))} if changes else {}),
    }


def _cells_of(changes: Iterable[TicketChange]) -> Iterator[Mapping[str, object]]:
    for change in changes:
        shown = {"number": change.number, "ticket": change.title, "is": change.becomes.value}
        for cell in change.cells:
            values = {"before": cell.before, "after": cell.after}
            yield shown | {"cell": f"{cell.place}, {cell.column}", **values}
        if not change.cells:
            yield shown | {"cell": "", "before": "", "after": ""}


def numbers_of(tickets: Iterable[Ticket]) -> Mapping[str, int]:
    """Return the number of each ticket by its id."""
    return {ticket.ticket_id: ticket.number for ticket in tickets}


def validation_metadata(validation: Validation, *, numbers: Mapping[str, int]) -> Metadata:
    """Show what validation found, failed tickets first.

    `numbers` holds the number of each ticket by its id.
    """
    results = ordered_results(validation.results)
    is_faulty = any(r.error_message for r in results)
    rows: list[Mapping[str, object]] = [
        {
            "number": numbers.get(r.ticket_id, ""),
            "title": r.title,
            "status": r.status,
            "bytes": r.adf_size_bytes,
            "change in characters": -r.character_reduction,
            "attachment": r.attachment_upload_status,
        }
        | ({"message": r.error_message, "fix": r.suggested_fix} if is_faulty else {})
        for r in results
    ]
    return {
        **asset_table("results", rows),
        "passed": sum(r.is_passed for r in results),
        "failed": sum(not r.is_passed for r in results),
    }


def tickets_text(rendered: Sequence[RenderedTicket]) -> Metadata:
    """Show each ticket as Jira will show it, by number; of many the first, and which are left out."""
    by_number = sorted(rendered, key=lambda one: one.ticket.number)
    return _texts((f"{one.ticket.number} · {one.summary}", one.document) for one in by_number)


def sandbox_text(session: OpenSession, results: ExportResults) -> Metadata:
    """Show the issues of the embedded sandbox, which no browser opens, as they are in it."""
    if not session.settings.is_sandbox:
        return {}
    with opened_jira(session, budget=answer_deadline()) as jira:
        issues = jira.search(results.jql, fields=("summary", "description"))
    return _texts(
        (f"{one.key} · {one.summary}", dict(one.description)) for one in issues if one.description
    )


def _texts(documents: Iterable[tuple[str, dict[str, Any]]]) -> Metadata:
    texts = list[str]()
    left = TEXT_CHARACTERS_SHOWN
    for heading, document in documents:
        text = f"# {heading}\n\n{adf_to_markdown(document)}"
        left -= len(text)
        if left < 0:
            texts.append(f"From {heading} on, nothing is shown here.")
            break
        texts.append(text)
    return {"texts": dg.MetadataValue.md("\n\n".join(texts))}


def results_metadata(results: ExportResults) -> Metadata:
    """List the issues of a session and how to find them in Jira."""
    is_linked = opens_in_a_browser(results.target)
    metadata: Metadata = {
        **asset_table(
            "issues",
            [
                {"number": t.number, "key": t.jira_key, "title": t.title}
                | ({"url": t.jira_url} if is_linked else {})
                for t in results.tickets
            ],
        ),
        "target": results.target.name,
        "links": results.dependencies_created,
        "manual_fixes": len(results.manual_fixes),
        "processing_minutes": results.total_processing_time_minutes,
        "jql": results.jql,
        "request_count": sum(results.requests.values()),
        "requests": table(
            {"count": count, "method": name.partition(" ")[0], "path": name.partition(" ")[2]}
            for name, count in results.requests.items()
        ),
    }
    if is_linked:
        link = dg.MetadataValue.url(results.jql_url)
        metadata |= {"in_jira": link, "dagster/uri": link}
    if results.removed:
        last = max(ticket.removed_at for ticket in results.removed)
        metadata |= {
            "taken_back": len(results.removed),
            "taken_back_at": dg.MetadataValue.timestamp(last),
            "taken_back_by": ", ".join(sorted({ticket.removed_by for ticket in results.removed})),
        }
    return metadata


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
        context.log.info("%g %%: %s", round(session.progress_percentage, 1), session.progress_text)

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
    lines = [f"{n.replace('_', ' ')}: {v}" for n, v in result.items() if isinstance(v, str | int)]
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
    records = [
        dg.TableRecord({plain_text(name): plain_value(cell) for name, cell in row.items()})
        for row in rows
    ]
    columns = []
    for name in records[0].data if records else ():
        kinds = {type(one.data[name]).__name__ for one in records}
        columns.append(dg.TableColumn(name, type=kinds.pop() if len(kinds) == 1 else "string"))
    return dg.MetadataValue.table(records=records, schema=dg.TableSchema(columns))


def counted_by_kind(pairs: Iterable[tuple[str, str]]) -> dg.TableMetadataValue:
    """Count pairs of a kind and something else: a row for each kind, a column for each of these."""
    counts = Counter(pairs)
    columns = sorted({column for _, column in counts})
    return table(
        {"kind": kind, **{column: counts[kind, column] for column in columns}}
        for kind in sorted({kind for kind, _ in counts})
    )
