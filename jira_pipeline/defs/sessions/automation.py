"""Sensors and schedules: gather facts, take a pure decision, ask for runs.

Belongs here: what is looked at and which runs follow, for folders that arrive, runs that ended and
sessions that nobody looks after; when, and of which sessions, at a time of the day. Does not: what
runs do then (`jobs`), the decisions (rooms of subjects), what follows for a session
(`context/states`, `context/upkeep`, `sessions/status`), messages (`context/ended_runs`).

A tick costs some 0.03 s of processor time, and 0.1 s more where it asks Dagster, which opens its
storages and reads all their migrations: ask where something waits, as often as people wait for it.
"""

import json
import logging
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from socket import gethostname
from typing import Any

import dagster as dg

from jira_pipeline.context.ended_runs import close_ended
from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.states import EndedRun, RunEnd, Step
from jira_pipeline.context.upkeep import Upkeep, note_tick, upkeep_of
from jira_pipeline.dagster_port.dagster_runs import (
    DagsterRuns,
    has_run_in_flight,
    is_final_failure,
    is_started,
)
from jira_pipeline.dagster_port.dead_runs import end_dead_runs
from jira_pipeline.dagster_port.partitions import PARTITION_TAG, PARTITIONS_NAME, register_partition
from jira_pipeline.dagster_port.plain_values import plain_tags
from jira_pipeline.dagster_port.reports import ADF_VALIDATION, report_reviews
from jira_pipeline.dagster_port.requested_runs import run_key_of_task
from jira_pipeline.dagster_port.run_launchers import action_config
from jira_pipeline.dagster_port.steps import opened_pipeline
from jira_pipeline.defs.intake.intake_assets import (
    REGISTERED_TAG,
    job_of,
    look_into_inbox,
    run_key_of,
)
from jira_pipeline.defs.sessions.jobs import (
    compare_with_jira,
    csv_to_jira,
    export_to_jira,
    generate_tickets,
    remove_expired_sessions,
    session_action,
    validate_adf,
)
from jira_pipeline.model.actions import Action, ActionKind, action_text
from jira_pipeline.model.errors import PipelineError, system_message
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.runs import (
    EXPORT_SCHEDULE,
    PERSON_TAG,
    REQUESTED_BY_TAG,
    RunJob,
    RunRequest,
)
from jira_pipeline.model.sessions import HandledFolder, UploadSession
from jira_pipeline.review.open_session import OpenSession, open_session
from jira_pipeline.sessions.notifying import notify
from jira_pipeline.sessions.session_tables import PORTFOLIO
from jira_pipeline.sessions.site_verifying import is_compared
from jira_pipeline.sessions.status import what_is_next
from jira_pipeline.sheets.inbox import (
    CONFIGURATION_SUFFIX,
    InboxConfiguration,
    settled_configurations,
)

UNSET_EXPORT_AT = time(20, 0)
"""Shown of a schedule that is stopped; who starts it in the UI gets this."""
logger = logging.getLogger(__name__)
_OF_ENDED_RUNS: dict[str, Any] = {
    "monitor_all_code_locations": True,
    "minimum_interval_seconds": 60,
}
"""Runs of `dagster job execute` belong to no code location. Runs close their own sessions; these
sensors are for those that could not, and for who is notified."""
_Requests = Sequence[dg.RunRequest]


@dg.sensor(
    jobs=[csv_to_jira, generate_tickets, session_action],
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=15,
    description="Turns folders in the inbox into sessions once they are fully copied, compares a "
    "site's configuration with its session, and writes tickets for sessions "
    "registered by a run.",
)
def upload_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    cursor = _cursor_of(context)
    try:
        with opened_pipeline() as pipeline:
            _forget_begun_runs(pipeline, cursor.run_keys)
            look = look_into_inbox(
                pipeline, signatures_of_cursor=cursor.signatures, log=context.log
            )
            of_inbox = _inbox_runs_wanted(pipeline)
            requests = [
                *of_inbox,
                *_comparisons_wanted(context, pipeline),
                *_tickets_wanted(context, pipeline),
            ]
    except OSError as error:
        return dg.SkipReason(f"The inbox cannot be listed: {system_message(error)}")
    # Of a folder that another machine's look took in, too.
    new = [request for request in requests if not is_started(context.instance, request.run_key)]
    skip_reason = None if look.registered or new else dg.SkipReason(look.summary)
    run_keys = sorted(str(request.run_key) for request in of_inbox)
    return dg.SensorResult(
        run_requests=_with_partitions(context.instance, new) if new else [],  # opens storages
        skip_reason=skip_reason,
        cursor=json.dumps(run_keys),
    )


def _with_partitions(instance: dg.DagsterInstance, requests: _Requests) -> _Requests:
    """Register the sessions of runs that are asked for; one unknown partition would stop them all.

    Such as of a restored store beside a new Dagster.
    """
    # Of one that is named twice Dagster would add two rows, and fail.
    keys = {request.partition_key for request in requests if request.partition_key}
    if keys:
        instance.add_dynamic_partitions(PARTITIONS_NAME, sorted(keys))
    return requests


@dataclass(frozen=True, slots=True, kw_only=True)
class _LastLook:
    """What Dagster kept of the last look."""

    run_keys: frozenset[str] = frozenset()
    """Of the runs that it asked for. Dagster has them: it keeps a cursor after it began the runs."""
    signatures: Mapping[str, str] = field(default_factory=dict)
    """How folders looked, by name: in the cursor of version 9 or older."""


def _cursor_of(context: dg.SensorEvaluationContext) -> _LastLook:
    """Return what the cursor says; one that people set may hold anything."""
    try:
        parsed = json.loads(context.cursor or "[]")
    except ValueError:
        parsed = None
    match parsed:
        case list():
            return _LastLook(run_keys=frozenset(map(str, parsed)))
        case dict():
            return _LastLook(signatures={str(name): str(parsed[name]) for name in parsed})
        case _:
            context.log.warning("The cursor is none of ours, and says nothing.")
            return _LastLook()


def _forget_begun_runs(pipeline: Pipeline, begun: Collection[str]) -> None:
    for folder in pipeline.store.inbox.awaiting_runs():
        if folder.awaited_run_key in begun:
            pipeline.store.inbox.forget_run(folder)


def _inbox_runs_wanted(pipeline: Pipeline) -> _Requests:
    """Ask for the runs of sessions that came by the inbox, at each look until Dagster has them.

    The daemon may be killed between registering a session and beginning its run.
    """
    requests = []
    for folder in pipeline.store.inbox.awaiting_runs():
        if folder.name.endswith(CONFIGURATION_SUFFIX):
            continue  # `_comparisons_wanted` asks for it
        session = pipeline.store.sessions.find(folder.session_key)
        if session is None or run_key_of(pipeline, session) != folder.awaited_run_key:
            pipeline.store.inbox.forget_run(folder)  # other sheets came, whose run is another one
        else:
            requests.append(run_request_of(pipeline, session))
    return requests


def run_request_of(pipeline: Pipeline, session: UploadSession) -> dg.RunRequest:
    """Ask for the whole way where the session approves itself, else for its tickets."""
    return dg.RunRequest(
        run_key=run_key_of(pipeline, session),
        partition_key=session.session_key,
        job_name=job_of(session).value,
    )


def _ended_sensor(
    name: str,
    *,
    of: dg.DagsterRunStatus,
    end: RunEnd,
    description: str,
    status: dg.DefaultSensorStatus = dg.DefaultSensorStatus.RUNNING,
) -> dg.SensorDefinition:
    @dg.run_status_sensor(
        name=name,
        run_status=of,
        default_status=status,
        description=description,
        **_OF_ENDED_RUNS,
    )
    def look(context: dg.RunStatusSensorContext) -> None:
        _close(context, end=end)

    return look


run_failure_sensor = _ended_sensor(
    "run_failure_sensor",
    of=dg.DagsterRunStatus.FAILURE,
    end=RunEnd.FAILED,
    description="Closes the session of a run that failed without reporting; notifies.",
)
run_cancel_sensor = _ended_sensor(
    "run_cancel_sensor",
    of=dg.DagsterRunStatus.CANCELED,
    end=RunEnd.CANCELLED,
    description="Closes the session of a run that was terminated; notifies.",
)


def success_sensor(*, is_notifying: bool) -> dg.SensorDefinition:
    """Return the sensor of runs that ended well; it runs only where somebody is to be notified."""
    return _ended_sensor(
        "run_success_sensor",
        of=dg.DagsterRunStatus.SUCCESS,
        end=RunEnd.SUCCEEDED,
        description="Notifies when tickets can be reviewed or an export is complete.",
        status=dg.DefaultSensorStatus("RUNNING" if is_notifying else "STOPPED"),
    )


@dg.sensor(
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=30,
    description="Finds runs whose process was killed, and closes them and their sessions.",
)
def dead_run_sensor(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    """End the runs whose process is gone, also those that had not come to their session yet."""
    with opened_pipeline() as pipeline:
        ended = end_dead_runs(context.instance, pipeline)
    return dg.SkipReason(f"Ended: {', '.join(ended)}." if ended else "Every active run is alive.")


def _close(context: dg.RunStatusSensorContext, *, end: RunEnd) -> None:
    """Close the session of a run, if there is anything to close, and say that it ended.

    It gives Dagster no reason for a skip: that would end the look at one run a minute, and beside a
    run that was closed in the same look it would fail that look, and each one after it.
    """
    run = context.dagster_run
    with opened_pipeline() as pipeline:
        stored = pipeline.store.sessions.find(run.tags.get(PARTITION_TAG, ""))
        if stored is None:
            return
        session = OpenSession(pipeline=pipeline, stored=stored)
        record = context.instance.get_run_record_by_id(run.run_id)
        is_failed = end is RunEnd.FAILED
        if record is not None and is_failed and not record.dagster_run.is_failure:
            return  # it began after it was given up
        if record is not None and is_failed and record.start_time is None:
            if not is_final_failure(record.dagster_run):
                return
            end = RunEnd.NOT_STARTED
        ended_at = (
            pipeline.clock.now()
            if record is None or record.end_time is None
            else datetime.fromtimestamp(record.end_time, UTC)
        )
        failure = DagsterRuns(context.instance, pipeline).unexpected_failure(run.run_id)
        ended = EndedRun(run_id=run.run_id, end=end, ended_at=ended_at, failure=failure)
        is_closed = end is not RunEnd.SUCCEEDED and close_ended(session, ended)
        context.log.info("run %s: session %s closed: %s", run.run_id, session.key, is_closed)
        is_validation = run.asset_selection == {dg.AssetKey(ADF_VALIDATION)}
        job_name = RunJob.VALIDATION if is_validation else run.job_name
        notify(session.reload(), ended, job_name=job_name)


staleness_sensor = dg.AutomationConditionSensorDefinition(
    "staleness_sensor",
    target=dg.AssetSelection.assets(ADF_VALIDATION),
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=30,
    description="Validates tickets again when `review` has a new version.",
)


@dg.sensor(
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=30,
    description="Reports people's decisions in idle sessions as `review`.",
)
def outbox_sensor(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    """Report it once nobody edits and no run is at work: a run that validates reports it itself."""
    reported = []
    with opened_pipeline() as pipeline:
        note_tick(pipeline)
        settle_seconds = pipeline.settings.validate_settle_seconds
        waiting = group_by(pipeline.store.outbox.pending(), lambda event: event.session_key)
        for key, events in waiting.items():
            session = pipeline.store.sessions.find(key)
            now = pipeline.clock.now()
            need = session and upkeep_of(session, now=now, settle_seconds=settle_seconds)
            if need is not Upkeep.WAIT and not has_run_in_flight(context.instance, pipeline, key):
                register_partition(context.instance, key)
                report_reviews(context.instance, pipeline, events)
                reported.append(key)
    return dg.SkipReason(f"Reported: {', '.join(reported)}." if reported else "Nothing to report.")


def _tickets_wanted(context: dg.SensorEvaluationContext, pipeline: Pipeline) -> _Requests:
    """Ask for the runs of sessions that runs registered and whose tickets nobody wrote yet.

    A sensor of ended runs would not see those that ended before the daemon first started.
    """
    waiting = {}
    for session in pipeline.store.sessions.list_all():
        if session.has_sheets and session.generated_from_sha256 != session.content_sha256:
            waiting[run_key_of(pipeline, session)] = session
    if not waiting:
        return []
    registering = dg.RunsFilter(
        statuses=[dg.DagsterRunStatus.SUCCESS], tags={REGISTERED_TAG: sorted(waiting)}
    )
    records = context.instance.get_run_records(registering)
    run_keys = sorted({record.dagster_run.tags[REGISTERED_TAG] for record in records})
    return [run_request_of(pipeline, waiting[run_key]) for run_key in run_keys]


def _comparisons_wanted(context: dg.SensorEvaluationContext, pipeline: Pipeline) -> _Requests:
    """Ask for a comparison with every configuration that rests in the inbox, once for each file.

    The store remembers which were compared: Dagster's folders may be deleted, and an older file
    must not take the place of a newer comparison then.
    """
    arrived = settled_configurations(
        pipeline.settings.inbox_path,
        now_seconds=pipeline.clock.now().timestamp(),
        settle_seconds=pipeline.settings.upload_settle_seconds,
    )
    if not arrived:  # as mostly: nothing is looked for among all sessions
        return ()
    requests = []
    inbox = pipeline.store.inbox
    handled = inbox.handled()
    for configuration in arrived:
        session = pipeline.store.sessions.find(configuration.session_key)
        if session is None:
            continue
        seen = handled.get(configuration.path.name)
        if seen is None or seen.signature != configuration.signature:
            try:
                seen = _handled_configuration(pipeline, configuration, seen)
            except FileNotFoundError:
                continue  # whoever takes it away is not done
            inbox.note(seen)
        if seen.awaited_run_key is None:
            continue
        if is_started(context.instance, seen.awaited_run_key):
            inbox.forget_run(seen)
            continue
        requests.append(
            dg.RunRequest(
                run_key=seen.awaited_run_key,
                partition_key=session.session_key,
                job_name=session_action.name,
                run_config=action_config("verify"),
            )
        )
    return requests


def _handled_configuration(
    pipeline: Pipeline, configuration: InboxConfiguration, handled: HandledFolder | None
) -> HandledFolder:
    """Return what is to be remembered of a configuration that looks new, and which run it awaits.

    None where its content is what was handled, or, where nothing is known of the file, where its
    session was compared with it before.
    """
    content_sha256 = configuration.content_sha256()
    run_key: str | None = configuration.run_key
    if handled is not None and handled.content_sha256 == content_sha256:
        run_key = handled.awaited_run_key
    elif handled is None:
        session = open_session(pipeline, configuration.session_key)
        if is_compared(session, configuration.path):
            run_key = None
    return HandledFolder(
        name=configuration.path.name,
        session_key=configuration.session_key,
        signature=configuration.signature,
        content_sha256=content_sha256,
        awaited_run_key=run_key,
        handled_at=pipeline.clock.now(),
    )


@dg.sensor(
    jobs=[csv_to_jira, generate_tickets, validate_adf, export_to_jira, session_action],
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=1,  # at each look of the daemon, which that of `serve` takes when woken
    description="Starts the runs requested on the web pages or with `export --queue`.",
)
def requests_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Ask for the run of every request that waits; stop those that were cancelled as they began.

    A request is done with once its run is queued. A daemon that made a run may be killed before it
    queues it: the next look asks again, and Dagster finds that run by its key, and queues it.
    """
    from jira_pipeline.sessions.cancelling import stop_run

    to_launch = list[RunRequest]()
    with opened_pipeline() as pipeline:
        requests = pipeline.store.run_requests
        for request in requests.unstarted():
            # asked for where a request waits: it opens Dagster's storages
            runs = DagsterRuns(context.instance, pipeline)
            run = runs.started_run_of(request)
            if request.cancelled_at is None and (run is None or run.is_not_queued_yet):
                register_partition(context.instance, request.session_key)
                to_launch.append(request)
                continue
            if run is not None and request.cancelled_at is not None and not run.is_finished:
                session = open_session(pipeline, request.session_key)
                stop_run(session, runs, run, by=request.requested_by)
            requests.mark_started(request.request_id, at=pipeline.clock.now())
        # Claims come last: what fails above keeps no request waiting until a claim is over.
        owner = f"requests_sensor on {gethostname()}, process {os.getpid()}"
        now = pipeline.clock.now()
        wanted = [
            _run_of_request(request)
            for request in to_launch
            if requests.claim(request.request_id, by=owner, at=now)
        ]
    if not wanted:
        return dg.SkipReason("No run is requested.")
    return dg.SensorResult(run_requests=wanted)


def _run_of_request(request: RunRequest) -> dg.RunRequest:
    return dg.RunRequest(
        run_key=run_key_of_task(request.task_id),
        partition_key=request.session_key,
        job_name=request.job_name,
        run_config=request.run_config,
        tags=plain_tags({PERSON_TAG: request.requested_by}),
    )


def schedules_at(
    *,
    export_at: time | None,
    timezone: str,
    compare_hours: str | None = None,
) -> tuple[dg.ScheduleDefinition, ...]:
    """Return the schedules; exports run only where a time is set."""
    nightly: dict[str, Any] = {
        "execution_timezone": timezone,
        "default_status": dg.DefaultScheduleStatus.RUNNING,
    }
    retention = dg.ScheduleDefinition(
        name="retention_schedule",
        job=remove_expired_sessions,
        cron_schedule="30 3 * * *",
        description="Every night: announces and removes sessions with nothing open for "
        "RETENTION_DAYS, including their files; none where that is not set.",
        **nightly,
    )
    compared_at = ["0 4 * * *"]
    if compare_hours:
        compared_at.append(f"0 {compare_hours} * * 1-5")
    comparison = dg.ScheduleDefinition(
        name="comparison_schedule",
        job=compare_with_jira,
        cron_schedule=compared_at,
        description="Every night, and every hour of COMPARE_HOURS: compares Jira with what was sent; `status` and `results` show what differs.",
        **nightly,
    )

    overview = dg.ScheduleDefinition(
        name="portfolio_schedule",
        target=dg.AssetSelection.assets(PORTFOLIO.name),
        cron_schedule="15 4 * * *",
        description="Every night: shows all sessions side by side as the asset portfolio.",
        **nightly,
    )
    at = UNSET_EXPORT_AT
    export_status = dg.DefaultScheduleStatus.STOPPED
    if export_at is not None:
        at = export_at
        export_status = dg.DefaultScheduleStatus.RUNNING

    @dg.schedule(
        name="export_schedule",
        job=export_to_jira,
        cron_schedule=f"{at.minute} {at.hour} * * *",
        execution_timezone=timezone,
        default_status=export_status,
        description="Every day at EXPORT_AT: exports the sessions that are ready.",
    )
    def export_schedule(
        context: dg.ScheduleEvaluationContext,
    ) -> list[dg.RunRequest] | dg.SkipReason:
        with opened_pipeline() as opened:
            return exports_due(context.instance, opened, at=context.scheduled_execution_time)

    return retention, comparison, overview, export_schedule


def exports_due(
    instance: dg.DagsterInstance, pipeline: Pipeline, *, at: datetime
) -> list[dg.RunRequest] | dg.SkipReason:
    """Ask for the export of every session whose next step it is, as people marked it ready.

    What an undo took back is exported again by people, as its tickets may be ready still. One that
    cannot be judged, such as one whose kept copy is lost, is named with the reason.
    """
    due = []
    failed = []
    for stored in pipeline.store.sessions.list_all():
        key = stored.session_key
        session = OpenSession(pipeline=pipeline, stored=stored)
        if stored.generated_at is None or has_run_in_flight(instance, pipeline, key):
            continue
        try:
            if what_is_next(session).step is Step.EXPORT and not session.ledger_marks.is_undone:
                due.append(key)
        except PipelineError as error:
            shown = Action.of(ActionKind.SHOW_STATUS, "{} says what to do next.", session_key=key)
            failed.append(f"Session {key} is not exported: {error.message} {action_text(shown)}")
            logger.warning("%s", failed[-1])
    if not due:
        return dg.SkipReason(" ".join(failed) or "No session is waiting to be exported.")
    requests = [
        dg.RunRequest(
            run_key=f"export-at:{key}:{at:%Y-%m-%dT%H:%M}",
            partition_key=key,
            tags=plain_tags({REQUESTED_BY_TAG: EXPORT_SCHEDULE}),
        )
        for key in due
    ]
    return [*_with_partitions(instance, requests)]
