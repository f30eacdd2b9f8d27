"""The jobs: what runs together, and what the daemon may do when one fails.

Belongs here: selections of assets, run config, what a run shows, and the jobs that do for one
session what a command does, for people who use nothing but Dagster. Does not: rules and steps,
which the commands take too (verbs, in the rooms of subjects).

A run that is refused leaves the session as the command would: only what was begun shows.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, cast

import dagster as dg
from pydantic import Field

from jira_pipeline.context.commands import action_text, line_of
from jira_pipeline.context.failures import RunOfSession, record_interruption, record_refusal
from jira_pipeline.context.upkeep import expired_sessions
from jira_pipeline.defs.asset_checks import built_site, report_built, report_comparison
from jira_pipeline.defs.failures import MAX_RETRIES_TAG, RUN_RETRIES, final_failure, run_id_of
from jira_pipeline.defs.inbox import job_of
from jira_pipeline.defs.one_step import one_step_job
from jira_pipeline.defs.outcomes import next_line
from jira_pipeline.defs.partitions import (
    PARTITION_TAG,
    remove_partition,
    session_of,
    upload_sessions,
)
from jira_pipeline.defs.previews import (
    findings_metadata,
    listed,
    verification_metadata,
)
from jira_pipeline.defs.reports import announce_upload, report_reviews, report_undo
from jira_pipeline.defs.resources import PipelineResource
from jira_pipeline.defs.runs import has_run_in_flight
from jira_pipeline.defs.sharedo_assets import (
    REGISTERED_TAG,
    compare_environments,
    run_key_of,
    sharedo_to_tickets,
)
from jira_pipeline.export import exporting
from jira_pipeline.export.left_in_jira import required_results, same_specifications
from jira_pipeline.export.undo import KeptIssue
from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.errors import PipelineError, WrongUseError
from jira_pipeline.model.exports import Decision
from jira_pipeline.review.approvals import mark_ready as mark_tickets_ready
from jira_pipeline.review.deciding import decide
from jira_pipeline.review.open_session import OpenSession, opened_from_here
from jira_pipeline.review.validating import unreported
from jira_pipeline.review.verbs import VERBS
from jira_pipeline.sessions import incoming, site_verifying, upload
from jira_pipeline.sessions.listing import all_sessions, compare_all, find_session, known_targets
from jira_pipeline.sessions.status import what_is_next
from jira_pipeline.sources.sharedo import environment_comparison
from jira_pipeline.sources.sheets.inbox import configuration_path
from jira_pipeline.writing import writers

_GENERATION = dg.AssetSelection.assets(
    "source_files", "entities", "entity_groups", "tickets", "adf_validation"
)
_EXPORT = dg.AssetSelection.assets("jira_issues", "export_report")
ConfigT = TypeVar("ConfigT", bound=dg.Config)

_SESSION_JOB: dict[str, Any] = {
    "executor_def": dg.in_process_executor,
    "tags": {MAX_RETRIES_TAG: RUN_RETRIES},
}

csv_to_jira = dg.define_asset_job(
    "csv_to_jira",
    selection=_GENERATION | _EXPORT,
    description="The whole way: sheets of a session to issues in Jira, with a report.",
    **_SESSION_JOB,
)
generate_tickets = dg.define_asset_job(
    "generate_tickets",
    selection=_GENERATION,
    description="Sheets to validated tickets, ready to be reviewed.",
    **_SESSION_JOB,
)
validate_adf = dg.define_asset_job(
    "validate_adf",
    selection=dg.AssetSelection.assets("adf_validation"),
    description="Render and check the tickets again, after edits.",
    **_SESSION_JOB,
)
export_to_jira = dg.define_asset_job(
    "export_to_jira",
    selection=_EXPORT,
    description="Reviewed tickets to issues in Jira, with a report.",
    **_SESSION_JOB,
)


class UploadConfig(dg.Config):
    """Which folder becomes which session."""

    folder: str
    """Absolute path of a folder of sheets, or of a workbook, on the machine of the daemon."""
    session_key: str | None = None
    """Defaults to the name of the folder or workbook as a slug."""
    auto_approve: bool = False
    """Export valid tickets without a review."""
    as_new: bool = False
    """Create issues even where another session has issues of the same specification."""
    replaces_all: bool = False
    """Replace the sheets of a session even where it loses all of its tickets."""


@dg.op(description="Reads the sheets, keeps a copy, registers the session and its partition.")
def register_session(
    context: dg.OpExecutionContext, pipeline: PipelineResource, config: UploadConfig
) -> None:
    """Upload one folder."""
    try:
        outcome = upload.upload(
            pipeline.opened(),
            Path(config.folder),
            session_key=config.session_key,
            auto_approve=config.auto_approve,
            as_new=config.as_new,
            replaces_all=config.replaces_all,
            actor=f"run {run_id_of(context)}",
        )
        announce_upload(context.instance, outcome)
    except PipelineError as error:
        raise final_failure(error) from None
    session = OpenSession(pipeline=pipeline.opened(), stored=outcome.session)
    same = same_specifications(session, outcome.group_keys)
    tags = {PARTITION_TAG: session.key, REGISTERED_TAG: run_key_of(session.stored)}
    context.instance.add_run_tags(run_id_of(context), tags)
    context.log.info(
        "Session %s is uploaded; the daemon has %s run, and without it you do.",
        session.key,
        job_of(session.stored).value,
    )
    context.add_output_metadata(
        findings_metadata(outcome.findings)
        | {
            "session_key": session.key,
            "is_unchanged": outcome.is_unchanged,
            "same_specification": listed([one.summary for one in same]),
        }
    )


upload_session = one_step_job(
    register_session,
    name="upload_session",
    description="Registers a folder of sheets as an upload session, for people who use Dagster only.",
)


@dg.op(
    description="Removes sessions completed long ago, and answers of models nobody used for long."
)
def remove_expired(context: dg.OpExecutionContext, pipeline: PipelineResource) -> None:
    """Remove what is old enough and has no run in flight; carry on where an earlier run stopped."""
    opened = pipeline.opened()
    known = known_targets(opened)
    old = [
        session
        for session in expired_sessions(
            all_sessions(opened),
            now=opened.clock.now(),
            keep_days=opened.settings.retention_days,
        )
        # what was completed on another target, such as in a test, may still wait for this one
        if opened_from_here(opened, session, known=known).elsewhere is None
    ]
    old_since = {session.session_key: session.updated_at for session in old}
    removed, kept = [], []
    try:
        for key in dict.fromkeys((*upload.removed_but_for_files(opened), *old_since)):
            if has_run_in_flight(context.instance, key) or not upload.remove_session(
                opened,
                key,
                remove_partition=partial(remove_partition, context.instance),
                unchanged_since=old_since.get(key),
            ):
                kept.append(key)
                continue
            removed.append(key)
            context.log.info("removed session %s", key)
        forgotten = writers.forget_answers(opened)
        expired = incoming.forget_incoming(opened)
        exports = environment_comparison.forget_exports(opened)
    except PipelineError as error:
        raise final_failure(error) from None
    context.add_output_metadata(
        {
            "removed": ", ".join(removed),
            "busy": ", ".join(kept),
            "answers_of_models_forgotten": forgotten,
            "incoming_uploads_expired": expired,
            "sharedo_exports_removed": len(exports),
        }
    )


remove_expired_sessions = one_step_job(
    remove_expired,
    name="remove_expired_sessions",
    description="Removes sessions completed longer ago than RETENTION_DAYS, and unused answers.",
)


class ComparisonConfig(dg.Config):
    """Which sessions are compared."""

    session_keys: list[str] = Field(
        default=[],
        description="Empty: every session that was exported to the current target and is at rest.",
    )


@dg.op(description="Reads the issues of sessions back and files what differs from what was sent.")
def compare_sessions(
    context: dg.OpExecutionContext, pipeline: PipelineResource, config: ComparisonConfig
) -> None:
    """Compare every session by itself; one that cannot be compared does not stop the others."""
    compared, failed = list[str](), list[PipelineError]()
    differing: list[str] = []
    run_id = run_id_of(context)
    for key, found in compare_all(pipeline.opened(), config.session_keys, run_id=run_id):
        compared.append(key)
        if isinstance(found, PipelineError):
            context.log.warning("session %s: %s", key, found.message)
            failed.append(found)
            continue
        report_comparison(context.instance, key, found)
        if not found.is_equal:
            differing.append(key)
            shown = Action.of(ActionKind.SHOW_RESULTS, "{} shows where.", session_key=key)
            context.log.warning("session %s differs; %s", key, action_text(shown))
    if failed:
        raise final_failure(failed[0]) from None
    context.add_output_metadata({"compared": len(compared), "differing": ", ".join(differing)})


compare_with_jira = one_step_job(
    compare_sessions,
    name="compare_with_jira",
    description="Compares Jira with what was sent and files what differs, by session.",
)


BY = Field(default="", description="Who asks for it, for the audit trail; empty: the run.")


class ReadyConfig(dg.Config):
    """Which tickets are ready."""

    numbers: list[int] = Field(
        default=[], description="Numbers of tickets; empty: every one that is not skipped."
    )
    by: str = BY


class ReviewConfig(dg.Config):
    """What is decided about tickets."""

    decisions: list[dict[str, Any]] = Field(
        description="One after the other: `verb`, and what it takes: `{verb: skip, numbers: [4], "
        f"reason: Built already}}`. Verbs are {', '.join(VERBS)}."
    )
    by: str = BY


class SiteConfig(dg.Config):
    """Which exported configuration is compared with the sheets."""

    config: str = Field(
        default="", description="Its folder or zip; empty: KEY.config.zip in the inbox."
    )
    split: str = Field(default="", description="A split configuration that is laid over it.")
    anyway: bool = Field(
        default=False, description="Compare what may be of another site, or a part of an export."
    )
    by: str = BY


class UndoConfig(dg.Config):
    """Whether issues are deleted."""

    delete: bool = Field(
        default=False, description="Delete the issues; without it the run shows which would go."
    )
    keep_rest: bool = Field(
        default=False, description="End an undo that was interrupted: what is left stays."
    )
    by: str = BY


class SettleConfig(dg.Config):
    """How long is looked."""

    wait: bool = Field(
        default=False,
        description="Wait as long as Jira may still be working (JIRA_SETTLE_HORIZON_SECONDS) before an issue counts as not created.",
    )
    by: str = BY


class DecisionConfig(dg.Config):
    """What is decided about which issues."""

    decision: str = Field(
        default="",
        description="create_again (issues that are gone), adopt (the other issue of two) or forget; "
        "empty: the run asks Jira and shows what is to be decided.",
    )
    tickets: list[str] = Field(
        default=[], description="Numbers of tickets, or keys of issues where a ticket has several."
    )
    all: bool = Field(default=False, description="All about which this has to be decided.")
    by: str = BY


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRun:
    """A run of one step about one session."""

    context: dg.OpExecutionContext
    session: OpenSession
    run_id: str
    by: str
    """Who asks for it."""

    @property
    def instance(self) -> dg.DagsterInstance:
        """The instance the run is of."""
        return self.context.instance

    @property
    def next_step(self) -> str:
        """What a person does next, as of now."""
        return line_of(what_is_next(self.session.again()).action)

    def report_changes(self) -> None:
        """Report what people changed, this run included."""
        if events := unreported(self.session.pipeline, self.session.key):
            report_reviews(self.instance, self.session.pipeline, events)


Metadata = Mapping[str, object]


def _session_job(
    *,
    description: str,
    step: str,
    does: str,
    takes: type[ConfigT],
    tags: Mapping[str, str] | None = None,
) -> Callable[[Callable[[SessionRun, ConfigT], Metadata]], dg.JobDefinition]:
    """Make a job that does one thing for one session, named as the function, which says what it did.

    `step` and `does` are name and description of its one step. What is refused ends the run with
    what the error says, stored once.
    """

    def job_of(do: Callable[[SessionRun, ConfigT], Metadata]) -> dg.JobDefinition:
        def work(context: dg.OpExecutionContext, pipeline: PipelineResource) -> None:
            run_id = run_id_of(context)
            # Making one that has no fields warns of what Dagster asks Pydantic for.
            given = context.op_config
            config = takes(**given) if given else cast("ConfigT", takes.model_construct())
            opened, key = pipeline.opened(), context.partition_key
            run = RunOfSession(pipeline=opened, session_key=key, run_id=run_id)
            by = getattr(config, "by", "") or f"run {run_id}"
            try:
                session = session_of(context, opened)
                asked = SessionRun(context=context, session=session, run_id=run_id, by=by)
                context.add_output_metadata(do(asked, config))
                context.log.info("%s", next_line(session))
            except PipelineError as error:
                record_refusal(run, error)
                raise final_failure(error) from None
            except dg.DagsterExecutionInterruptedError:
                stored = find_session(opened, key)
                if stored is not None and stored.run_id == run_id:
                    record_interruption(run, stage=stored.stage)
                raise

        schema = takes.to_config_schema().as_field() if takes is not dg.Config else None
        return one_step_job(
            dg.op(name=step, description=does, config_schema=schema)(work),
            name=do.__name__,
            description=description,
            tags=tags,
            partitions_def=upload_sessions,
        )

    return job_of


@_session_job(
    description="Marks the tickets of a session ready for export, as `tickets ready` does.",
    step="mark_tickets_ready",
    does="Marks tickets ready, bound to what was validated.",
    takes=ReadyConfig,
)
def mark_ready(run: SessionRun, config: ReadyConfig) -> Metadata:
    """Mark the tickets of a session ready."""
    count = mark_tickets_ready(run.session, config.numbers or None, by=run.by).changed
    run.report_changes()
    tally = run.session.again().tally
    return {
        "marked": count,
        "ready": tally.ready,
        "tickets": tally.exportable,
        "open_questions": tally.questions.count,
        "next_step": run.next_step,
    }


@_session_job(
    description="Takes decisions about the tickets of a session: ready, skip, assign and the others.",
    step="decide_about_tickets",
    does="Takes decisions about tickets, as the commands of `tickets` do.",
    takes=ReviewConfig,
)
def review_tickets(run: SessionRun, config: ReviewConfig) -> Metadata:
    """Take one decision after the other; where one is refused, those before it are kept."""
    taken: list[object] = []
    try:
        for given in config.decisions:
            arguments = {name: value for name, value in given.items() if name != "verb"}
            name = str(given.get("verb", ""))
            outcome = decide(run.session.again(), name, arguments, by=run.by)
            taken.append({"verb": name} | outcome.model_dump(mode="json"))
    finally:
        run.report_changes()
    return {"decisions": taken, "next_step": run.next_step}


@_session_job(
    description="Deletes the issues of a session that nobody changed, as `undo` does; only shows "
    "them, unless asked to delete.",
    step="undo_issues",
    does="Deletes the issues of a session that nobody has changed, or shows which.",
    takes=UndoConfig,
)
def undo_export(run: SessionRun, config: UndoConfig) -> Metadata:
    """Take the export of a session back."""
    session, by, keeps_rest = run.session, run.by, config.keep_rest
    if not config.delete and not keeps_rest:
        found = exporting.plan_undoing(session)
        if found.plan.blocked is not None:
            raise found.plan.blocked
        numbers = [str(number) for number in found.plan.remove]
        return {
            "would_delete_issues_of_tickets": listed(numbers),
            "would_keep": _kept(found.kept),
        }
    report = exporting.undo(session, by=by, keeps_rest=keeps_rest, run_id=run.run_id)
    report_undo(run.instance, session.pipeline, session.key, by=by)
    return {
        "deleted": listed([issue.key for issue in report.removed]),
        "kept": _kept(report.kept),
        "in_doubt": listed([str(number) for number in report.in_doubt]),
    }


def _kept(issues: Iterable[KeptIssue]) -> dg.MetadataValue:
    return listed([f"{issue.key}: {'; '.join(issue.reasons)}" for issue in issues])


@_session_job(
    description="Asks Jira about unconfirmed issues, as `settle` does.",
    step="look_up_doubts",
    does="Asks Jira about unconfirmed issues; only reads are sent.",
    takes=SettleConfig,
)
def settle_doubts(run: SessionRun, config: SettleConfig) -> Metadata:
    """Settle what is in doubt in a session."""
    report = exporting.settle(run.session, is_waiting=config.wait, by=run.by, run_id=run.run_id)
    tickets = [f"{t.number} {t.title}: {t.outcome.value}. {t.advice}" for t in report.tickets]
    return {
        "is_settled": report.is_settled,
        "is_conclusive": report.is_conclusive,
        "tickets": listed(tickets),
    }


@_session_job(
    description="Compares a site with the sheets of a session: is it built as specified?",
    step="compare_with_site",
    does="Compares a site, by its exported configuration, with the sheets of a session.",
    takes=SiteConfig,
)
def verify_site(run: SessionRun, config: SiteConfig) -> Metadata:
    """Compare, and show what came of it at the asset `built_site`."""
    session = run.session
    inbox_path = configuration_path(session.settings.inbox_path, session.key)
    verified = site_verifying.verify_site(
        session,
        Path(config.config) if config.config else inbox_path,
        split=Path(config.split) if config.split else None,
        anyway=config.anyway,
        by=run.by,
    )
    metadata = verification_metadata(verified)
    run.context.log_event(
        dg.AssetMaterialization(built_site.key, partition=session.key, metadata=metadata)
    )
    report_built(run.instance, session.again())
    return metadata


@_session_job(
    description="Decides about issues that are gone in Jira or there twice, as `settle` does; shows "
    "only, unless a decision is given.",
    step="decide_about_issues",
    does="Decides about issues that are gone in Jira or there twice, or shows them.",
    takes=DecisionConfig,
)
def decide_differences(run: SessionRun, config: DecisionConfig) -> Metadata:
    """Do what was decided; without a decision, show what is to be decided."""
    session, decided = run.session, {}
    if not config.decision:
        comparison = exporting.compare_with_jira(session, run_id=run.run_id)
    else:
        report = exporting.decide(
            session,
            decision=_decision_in(config.decision),
            names=config.tickets,
            is_all=config.all,
            by=run.by,
            run_id=run.run_id,
        )
        comparison = report.comparison
        lines = [f"{t.number} {t.title}: {t.refusal or 'done'}" for t in report.tickets]
        decided = {"decided": listed(lines)}
    report_comparison(run.instance, session.key, comparison)
    ways = [
        f"{one.number} {one.title}: {one.finding.message} ({', '.join(one.difference.decisions)})"
        for one in required_results(session.again()).to_decide
    ]
    return {**decided, "to_decide": listed(ways)}


def _decision_in(name: str) -> Decision:
    """Read what is decided.

    Raises:
        WrongUseError: There is no such decision.
    """
    if name not in set(Decision):
        raise WrongUseError(f"There is no decision {name!r}: it is one of {', '.join(Decision)}.")
    return Decision(name)


ALL_JOBS = (
    decide_differences,
    mark_ready,
    review_tickets,
    settle_doubts,
    undo_export,
    compare_environments,
    compare_with_jira,
    csv_to_jira,
    generate_tickets,
    validate_adf,
    export_to_jira,
    upload_session,
    remove_expired_sessions,
    sharedo_to_tickets,
    verify_site,
)
