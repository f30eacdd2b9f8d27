"""Reports to Dagster of what happened outside of its runs: an upload, a review, an undo.

Belongs here: the events, and the data versions by which what follows them shows as stale. Does not:
uploading, changing tickets, undoing (rooms of subjects).

The process of a change imports no Dagster: it leaves an event in the store's outbox. A run reports
those of its session before it begins (`resources`), `upkeep_sensor` those of all others.
"""

from collections.abc import Mapping, Sequence

import dagster as dg

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.defs.partitions import register_partition
from jira_pipeline.defs.previews import (
    numbers_of,
    report_metadata,
    results_metadata,
    tickets_metadata,
    validation_metadata,
    web_metadata,
)
from jira_pipeline.defs.runs import opened_instance
from jira_pipeline.export.exporting import write_report
from jira_pipeline.export.left_in_jira import required_results
from jira_pipeline.model.records import ReviewEvent
from jira_pipeline.model.sessions import UploadSession
from jira_pipeline.model.tickets import ASSIGNABLE_FIELDS, Ticket, canonical_hash
from jira_pipeline.model.validations import Validation
from jira_pipeline.review.open_session import OpenSession, open_session
from jira_pipeline.review.validating import last_validation, mark_reported
from jira_pipeline.sources.sheets.upload_reading import UploadOutcome
from jira_pipeline.writing.generation import last_generation
from jira_pipeline.writing.writers import spending_of

SOURCE_FILES = "source_files"
SOURCE_FILES_CODE_VERSION = "1"
_DATA_VERSION_TAG = "dagster/data_version"
_CODE_VERSION_TAG = "dagster/code_version"
TICKETS = "tickets"
TICKETS_CODE_VERSION = "2"
ADF_VALIDATION = "adf_validation"
ADF_VALIDATION_CODE_VERSION = "1"
REPORTS_LOOKED_AT = 200
"""Every report since the last run repeats what it was made from, save those of older versions."""
_INPUT_VERSION, _INPUT_POINTER = "dagster/input_data_version/", "dagster/input_event_pointer/"
_INPUT_TAGS = (_INPUT_VERSION, _INPUT_POINTER)


def announce_upload(instance: dg.DagsterInstance, outcome: UploadOutcome) -> None:
    """Register the partition, and materialize `source_files` with the sheets just read."""
    session = outcome.session
    register_partition(instance, session.session_key)
    if outcome.is_unchanged:
        return
    instance.report_runless_asset_event(
        dg.AssetMaterialization(
            asset_key=SOURCE_FILES,
            partition=session.session_key,
            description="Uploaded; nothing after it was made from these sheets yet.",
            metadata={"dagster/row_count": sum(file.row_count for file in outcome.files)},
            tags={
                _DATA_VERSION_TAG: session.content_sha256,
                _CODE_VERSION_TAG: SOURCE_FILES_CODE_VERSION,
            },
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
    return canonical_hash(
        [
            session.content_sha256,
            *(
                [
                    ticket.ticket_id,
                    ticket.revision.content_hash,
                    [getattr(ticket, name) for name in ASSIGNABLE_FIELDS],
                    [ticket.depends_on, ticket.relates_to],
                    [[answer.question_id, answer.answer] for answer in ticket.answers],
                ]
                for ticket in tickets
            ),
        ]
    )


def report_reviews(
    instance: dg.DagsterInstance, pipeline: Pipeline, events: Sequence[ReviewEvent]
) -> None:
    """Report what people changed in one session: `tickets` as they are now, without a run.

    Several changes are one materialization. A crash before they are marked reports them twice.
    """
    session = open_session(pipeline, events[0].session_key)
    actions = ", ".join(dict.fromkeys(event.action for event in events))
    by = ", ".join(dict.fromkeys(event.by for event in events))
    metadata = tickets_metadata(
        session.tickets,
        last_generation(session),
        vanished=session.vanished,
        writer=session.writer_name,
        spending=spending_of(session),
    )
    instance.report_runless_asset_event(
        dg.AssetMaterialization(
            asset_key=TICKETS,
            partition=session.key,
            description=f"Review: {actions}, by {by}.",
            metadata=metadata | web_metadata(session, "/tickets") | {"action": actions, "by": by},
            tags=_input_tags(instance, session.key)
            | {
                "dagster/data_version": tickets_data_version(session.stored, session.tickets),
                "dagster/data_version_is_user_provided": "true",
                "dagster/code_version": TICKETS_CODE_VERSION,
            },
        )
    )
    _report_validation(instance, session)
    mark_reported(pipeline, events[-1])


def _report_validation(instance: dg.DagsterInstance, session: OpenSession) -> None:
    """Report `adf_validation` where it was made without a run: marking tickets ready does that."""
    validation = last_validation(session)
    if validation is None:
        return
    known = _materializations(instance, ADF_VALIDATION, session.key, limit=1)
    version = validation_data_version(validation)
    if any(_tags_of(record).get(_DATA_VERSION_TAG) == version for record in known):
        return
    made_from = _materializations(instance, TICKETS, session.key, limit=1)[0]
    metadata = validation_metadata(validation, numbers=numbers_of(session.tickets))
    instance.report_runless_asset_event(
        dg.AssetMaterialization(
            asset_key=ADF_VALIDATION,
            partition=session.key,
            description="Validated when tickets were marked ready.",
            metadata=metadata | web_metadata(session),
            tags={
                _DATA_VERSION_TAG: version,
                _CODE_VERSION_TAG: ADF_VALIDATION_CODE_VERSION,
                f"{_INPUT_VERSION}{TICKETS}": _tags_of(made_from)[_DATA_VERSION_TAG],
                f"{_INPUT_POINTER}{TICKETS}": str(made_from.storage_id),
            },
        )
    )


def validation_data_version(validation: Validation) -> str:
    """Hash what was validated."""
    return canonical_hash({one.ticket_id: one.rendered_hash for one in validation.results})


def _input_tags(instance: dg.DagsterInstance, session_key: str) -> dict[str, str]:
    """Return which versions of their inputs the tickets were written from, as their run reported.

    Without them Dagster takes every input for one that is new since.
    """
    for record in _materializations(instance, TICKETS, session_key, limit=REPORTS_LOOKED_AT):
        tags = _tags_of(record)
        inputs = {name: value for name, value in tags.items() if name.startswith(_INPUT_TAGS)}
        if inputs:
            return inputs
    return {}


def _materializations(
    instance: dg.DagsterInstance, asset: str, session_key: str, *, limit: int
) -> Sequence[dg.EventLogRecord]:
    """Return the newest materializations of an asset for a session, the latest first."""
    chosen = dg.AssetRecordsFilter(asset_key=dg.AssetKey(asset), asset_partitions=[session_key])
    return instance.fetch_materializations(chosen, limit=limit).records


def _tags_of(record: dg.EventLogRecord) -> Mapping[str, str]:
    """Return the tags of a materialization."""
    reported = record.asset_materialization
    return (reported.tags if reported is not None else None) or {}


def announce_undo(pipeline: Pipeline, session_key: str, *, by: str) -> None:
    """Report an undo to the Dagster of this home."""
    with opened_instance() as instance:
        register_partition(instance, session_key)
        report_undo(instance, pipeline, session_key, by=by)


def report_undo(
    instance: dg.DagsterInstance, pipeline: Pipeline, session_key: str, *, by: str
) -> None:
    """Report `jira_issues` and `export_report` as they are after an undo; the report is written again."""
    session = open_session(pipeline, session_key)
    results = required_results(session)
    write_report(session, results)
    metadata = {
        "jira_issues": results_metadata(results) | web_metadata(session, "/results"),
        "export_report": report_metadata(results, report=session.report_link)
        | web_metadata(session, "/results"),
    }
    for asset, values in metadata.items():
        instance.report_runless_asset_event(
            dg.AssetMaterialization(
                asset_key=asset,
                partition=session_key,
                description=f"Undo, by {by}.",
                metadata=values,
            )
        )
