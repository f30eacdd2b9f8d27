"""The sensor of the inbox: folders that arrive become sessions, and the runs that follow are asked for.

Belongs here: what is looked at, what was asked for already. Does not: taking a folder in
(`defs/intake/inbox_look`), what runs do then (`jobs`), ended runs (`outcome_sensors`), sessions that
nobody looks after (`upkeep_sensors`), runs that people request (`request_sensor`), times of the day
(`schedules`).

A tick costs some 0.03 s of processor time, and 0.1 s more where it asks Dagster, which opens its
storages and reads all their migrations: ask where something waits, as often as people wait for it.
"""

import json
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import dagster as dg

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.dagster_port.dagster_runs import is_started
from jira_pipeline.dagster_port.partitions import with_partitions
from jira_pipeline.dagster_port.run_launchers import action_config
from jira_pipeline.dagster_port.steps import opened_pipeline
from jira_pipeline.defs.intake.inbox_look import REGISTERED_TAG, job_of, look_into_inbox, run_key_of
from jira_pipeline.defs.sessions.jobs import csv_to_jira, generate_tickets
from jira_pipeline.defs.sessions.session_action import session_action
from jira_pipeline.model.errors import system_message
from jira_pipeline.model.sessions import HandledFolder, UploadSession
from jira_pipeline.review.open_session import open_session
from jira_pipeline.sheets.inbox import (
    CONFIGURATION_SUFFIX,
    InboxConfiguration,
    settled_configurations,
)

logger = logging.getLogger(__name__)
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
        run_requests=with_partitions(context.instance, new) if new else [],  # opens storages
        skip_reason=skip_reason,
        cursor=json.dumps(run_keys),
    )


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
        from jira_pipeline.sessions.site_verifying import is_compared

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
