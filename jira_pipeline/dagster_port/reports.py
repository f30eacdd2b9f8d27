"""Reports to Dagster of what happened outside of its runs: an upload, a review, an undo.

Belongs here: the events, and the data versions by which what follows them shows as stale. Does not:
uploading, changing tickets, undoing (rooms of subjects).

The process of a change imports no Dagster: it leaves an event in the store's outbox. A run that
validates reports those of its session before it begins (`steps`), `outbox_sensor` those of all
others.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import dagster as dg

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.runs import new_run_id
from jira_pipeline.context.trackers import opens_in_a_browser
from jira_pipeline.context.upkeep import Upkeep, upkeep_of
from jira_pipeline.dagster_port.dagster_runs import DATA_VERSION_TAG
from jira_pipeline.dagster_port.instance import opened_instance
from jira_pipeline.dagster_port.metadata import (
    format_list,
    numbers_of,
    report_metadata,
    results_metadata,
    table,
    tickets_text,
    validation_metadata,
    web_metadata,
)
from jira_pipeline.dagster_port.partitions import register_partition
from jira_pipeline.dagster_port.plain_values import Metadata, plain_metadata, plain_tags
from jira_pipeline.export.outdated_issues import changes_in_jira
from jira_pipeline.export.session_results import required_results
from jira_pipeline.model.line_numbers import line_ranges
from jira_pipeline.model.records import ReviewEvent
from jira_pipeline.model.sessions import UploadSession
from jira_pipeline.model.ticket_validations import Validation
from jira_pipeline.model.tickets import ISSUE_FIELDS, ListedTicket, Ticket, canonical_hash
from jira_pipeline.review.open_session import OpenSession, open_session
from jira_pipeline.review.ticket_history import HistoryEvent, decisions_since
from jira_pipeline.review.ticket_reading import compared_revisions
from jira_pipeline.sheets.upload_reading import UploadOutcome

SOURCE_FILES = "source_files"
SOURCE_FILES_CODE_VERSION = "1"
ENTITIES = "entities"
ENTITY_GROUPS = "entity_groups"
TICKETS = "tickets"
TICKETS_CODE_VERSION = "2"
ADF_VALIDATION = "adf_validation"
ADF_VALIDATION_CODE_VERSION = "1"
REVIEW = "review"
JIRA_ISSUES = "jira_issues"
EXPORT_REPORT = "export_report"
CHANGES_NAMED = 5
_JOBS_OF_CHANGES = {
    "match `tickets show`": "match its ticket, as `adf_validation` shows it",
    "run `export --update`": "launch `export_to_jira` with `update: true`",
    "as `export --update --plan` says": "with `update: true` and `overwrite` of `export_to_jira`",
}
"""What a change of an issue names in a terminal, and in Dagster."""


def announce_upload(instance: dg.DagsterInstance, outcome: UploadOutcome) -> None:
    """Register the partition, and materialize `source_files` with the sheets just read."""
    session = outcome.session
    register_partition(instance, session.session_key)
    if outcome.is_unchanged:
        return
    _report(
        instance,
        SOURCE_FILES,
        session.session_key,
        description="Uploaded; nothing has been created from these sheets yet.",
        metadata={"dagster/row_count": sum(file.row_count for file in outcome.files)},
        version=session.content_sha256,
    )


def _report(
    instance: dg.DagsterInstance,
    asset: str,
    session_key: str,
    *,
    description: str,
    metadata: Metadata,
    version: str | None = None,
) -> None:
    """Materialize an asset of a session without a run."""
    instance.report_runless_asset_event(
        dg.AssetMaterialization(
            asset_key=asset,
            partition=session_key,
            description=description,
            metadata=plain_metadata(metadata),
            tags=plain_tags({} if version is None else {DATA_VERSION_TAG: version}),
        )
    )


def report_upload(_pipeline: Pipeline, outcome: UploadOutcome) -> None:
    """Report an upload to the Dagster of this home."""
    with opened_instance() as instance:
        announce_upload(instance, outcome)


def tickets_data_version(session: UploadSession, tickets: Sequence[Ticket]) -> str:
    """Hash what Jira would get of the tickets of a session: rows count too, since tables do.

    Ready marks, order and skipping are not in it: they change nothing that is validated.
    """
    contents: list[object] = [session.content_sha256]
    for ticket in tickets:
        contents.append(
            [
                ticket.ticket_id,
                ticket.revision.content_hash,
                [getattr(ticket, name) for name in ISSUE_FIELDS],
                [ticket.depends_on, ticket.relates_to],
                [[answer.question_id, answer.answer] for answer in ticket.answers],
            ]
        )
    return canonical_hash(contents)


def report_reviews(
    instance: dg.DagsterInstance, pipeline: Pipeline, events: Sequence[ReviewEvent]
) -> None:
    """Report what people decided in one session, several changes as one event of `review`.

    It is a new version, from which `adf_validation` is made again, only where something is to be
    validated. What was validated meanwhile, as marking ready does, is reported as such; what
    changes no text, or waits for other sheets to be read first, is observed. A crash before the
    events are marked reports them twice.
    """
    session = open_session(pipeline, events[0].session_key)
    key = session.key
    stored = session.stored
    need = upkeep_of(stored, now=session.clock.now(), settle_seconds=0.0)
    version = tickets_data_version(stored, session.tickets)
    changes = decisions_since(session, events[0].at)
    metadata: Metadata = {
        "by": format_list(list(dict.fromkeys(event.by for event in events))),
        "answers_arrived": len(session.questions_with_proposals),
        "changes": table(row for change in changes for row in _change_rows(session, change)),
        **web_metadata(session, "/tickets"),
    }
    texts = list(dict.fromkeys(map(_change_text, changes)))
    more = "; …" if len(texts) > CHANGES_NAMED else ""
    description = f"{'; '.join(texts[:CHANGES_NAMED])}{more}, by {metadata['by']}."
    if need is Upkeep.PERSON or version == _known_version(instance, key):
        observed = dg.AssetObservation(
            asset_key=REVIEW,
            partition=key,
            description=description,
            metadata=plain_metadata(metadata),
        )
        instance.report_runless_asset_event(observed)
    else:
        _report(instance, REVIEW, key, description=description, metadata=metadata, version=version)
        validation = None
        if need is not Upkeep.VALIDATE:
            validation = session.store.validations.latest(session.key)
        if validation is not None:
            _report_validation(instance, session, validation, changes)
    report_out_of_date(instance, session, run_id=None)
    pipeline.store.outbox.mark_reported(events[-1])


def _report_validation(
    instance: dg.DagsterInstance,
    session: OpenSession,
    validation: Validation,
    changes: Sequence[HistoryEvent],
) -> None:
    """Report what was validated when tickets were marked ready, with the texts that people touched."""
    edited_ids: set[str] = set()
    for change in changes:
        if _is_of_text(change):
            edited_ids.update(change.entry.ticket_ids)
    shown = []
    for rendered in session.rendered:
        if rendered.ticket.is_to_approve or rendered.ticket.ticket_id in edited_ids:
            shown.append(rendered)
    _report(
        instance,
        ADF_VALIDATION,
        session.key,
        description="Validated when tickets were marked ready.",
        metadata=validation_metadata(validation, numbers=numbers_of(session.tickets))
        | tickets_text(shown)
        | web_metadata(session),
        version=validation_data_version(validation),
    )


def _change_rows(session: OpenSession, change: HistoryEvent) -> Iterator[Mapping[str, object]]:
    """Say what was done, when and by whom; of a text also, by part, what it said and says."""
    entry = change.entry
    at = entry.at.isoformat(timespec="seconds")
    texts = [*_changed_parts(session, change), *_new_answers(change)]
    if not texts:  # a change without text is a row, too
        texts.append(_ChangedText(part="", before="", after=""))
    for text in texts:
        yield {
            "at": at,
            "change": _change_text(change),
            "part": text.part,
            "before": text.before,
            "after": text.after,
            "by": entry.actor,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class _ChangedText:
    """What a part of a ticket, or the answer to a question, said before a change and says now."""

    part: str
    """The part's name, or the question."""
    before: str
    after: str


def _changed_parts(session: OpenSession, change: HistoryEvent) -> Iterator[_ChangedText]:
    """Yield the lines that a change of text took out of each part, and those it put in."""
    ticket = change.changed
    # Other tickets have no rows any more, so that their revisions cannot be compared.
    if not isinstance(ticket, ListedTicket) or not _is_of_text(change):
        return
    details = change.entry.details
    compared = compared_revisions(
        session,
        ticket.number,
        before=int(str(details["from_revision"])),
        after=int(str(details["revision"])),
    )
    for difference in compared.differences:
        yield _ChangedText(
            part=difference.part,
            before=_lines_marked("-", difference.lines),
            after=_lines_marked("+", difference.lines),
        )


def _lines_marked(sign: str, lines: Sequence[str]) -> str:
    """Return the lines of a difference that begin with a sign, without it."""
    return "\n".join(line[1:] for line in lines if line[0] == sign)


def _new_answers(change: HistoryEvent) -> Iterator[_ChangedText]:
    for question, answer in change.answers:
        yield _ChangedText(part=question, before="", after=answer)


def _is_of_text(change: HistoryEvent) -> bool:
    return "from_revision" in change.entry.details


def _change_text(change: HistoryEvent) -> str:
    """Say what was done to which tickets, and why: `skipped 4, 9: Built already`."""
    numbers = [ticket.number for ticket in change.tickets]
    reason = change.entry.details.get("reason")
    text = change.entry.action.label.format(line_ranges(numbers) or "tickets")
    return f"{text}: {reason}" if reason else text


def _known_version(instance: dg.DagsterInstance, session_key: str) -> str | None:
    """Return the version of the tickets that Dagster knows, as they were written or decided on."""
    records: list[dg.EventLogRecord] = []
    for asset in (TICKETS, REVIEW):
        of_session = dg.AssetRecordsFilter(
            asset_key=dg.AssetKey(asset), asset_partitions=[session_key]
        )
        records += instance.fetch_materializations(of_session, limit=1).records
    newest = max(records, key=lambda record: record.storage_id, default=None)
    reported = None if newest is None else newest.asset_materialization
    return None if reported is None else (reported.tags or {}).get(DATA_VERSION_TAG)


def out_of_date(session: OpenSession) -> dg.AssetCheckResult:
    """Judge whether the issues of a session say what its tickets say now."""
    changes = changes_in_jira(session) if session.entries else ()
    is_linked = session.target is not None and opens_in_a_browser(session.target)
    rows = []
    for change in changes:
        row: dict[str, object] = {
            "number": change.number,
            "key": change.jira_key,
            "title": change.title,
            "change": in_jobs(change.recommended_action),
        }
        if is_linked:
            row["url"] = change.jira_url
        rows.append(row)
    next_step = (
        "Review what changed (job session_action), then launch export_to_jira with "
        "`ops: {jira_issues: {config: {update: true}}}`; change whatever it leaves, such as edited "
        "issues, by hand in Jira."
    )
    return dg.AssetCheckResult(
        asset_key=dg.AssetKey(JIRA_ISSUES),
        check_name="issues_match_tickets",
        passed=not changes,
        severity=dg.AssetCheckSeverity.WARN,
        metadata=plain_metadata(
            {
                "out_of_date": len(changes),
                "issues": table(rows),
                "next_step": next_step if changes else "none",
            }
        ),
    )


def in_jobs(text: str) -> str:
    """Return what is to be done in Jira with jobs for the commands that it names."""
    for command, job in _JOBS_OF_CHANGES.items():
        text = text.replace(command, job)
    return text


def report_check(
    instance: dg.DagsterInstance, key: str, result: dg.AssetCheckResult, *, run_id: str | None
) -> None:
    """Show a check of a session as it is now, as of a run, or of none.

    Dagster keeps one verdict for each run and partition, and refuses the second one without a run:
    such a one has an id of its own.
    Source: the index `idx_asset_check_executions_unique` of Dagster 1.13.27.
    """
    asset_key = cast("dg.AssetKey", result.asset_key)
    of_session = dg.AssetRecordsFilter(asset_key=asset_key, asset_partitions=[key])
    records = instance.fetch_materializations(of_session, limit=1).records
    evaluation = dg.AssetCheckEvaluation(
        asset_key=asset_key,
        check_name=cast("str", result.check_name),
        partition=key,
        passed=result.passed,
        severity=result.severity,
        metadata=plain_metadata(result.metadata),
        target_materialization_data=_target(records[0]) if records else None,
    )
    event = dg.DagsterEvent(
        event_type_value=dg.DagsterEventType.ASSET_CHECK_EVALUATION.value,
        event_specific_data=evaluation,
        job_name="",
    )
    instance.report_dagster_event(event, run_id=run_id or new_run_id())


def _target(record: dg.EventLogRecord) -> Any:
    """Name the materialization that a check is about, in the form in which Dagster stores it.

    Nothing public makes that value; `dg.deserialize_value` reads it.
    """
    name = "AssetCheckEvaluationTargetMaterializationData"
    of_record = {"storage_id": record.storage_id, "timestamp": record.timestamp}
    return dg.deserialize_value(
        json.dumps({"__class__": name, "run_id": record.run_id, **of_record})
    )


def report_out_of_date(
    instance: dg.DagsterInstance, session: OpenSession, *, run_id: str | None
) -> None:
    """Show at `jira_issues` whether issues are out of date, where a session has any."""
    if session.entries:
        report_check(instance, session.key, out_of_date(session), run_id=run_id)


def validation_data_version(validation: Validation) -> str:
    return canonical_hash({result.ticket_id: result.rendered_hash for result in validation.results})


def announce_undo(pipeline: Pipeline, session_key: str, *, by: str) -> None:
    """Report an undo to the Dagster of this home."""
    with opened_instance() as instance:
        register_partition(instance, session_key)
        report_undo(instance, pipeline, session_key, by=by)


def report_undo(
    instance: dg.DagsterInstance, pipeline: Pipeline, session_key: str, *, by: str
) -> None:
    """Report `jira_issues` and `export_report` as they are after an undo; the report is written again."""
    from jira_pipeline.sessions.export_report import write_report

    session = open_session(pipeline, session_key)
    results = required_results(session)
    write_report(session, results)
    shown = {
        JIRA_ISSUES: results_metadata(results),
        "export_report": report_metadata(results, report=session.report_link),
    }
    link = web_metadata(session, "/results")
    description = f"Undo, by {by}."
    for asset, metadata in shown.items():
        _report(instance, asset, session_key, description=description, metadata=metadata | link)
