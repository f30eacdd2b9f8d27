"""Sensors that have tickets validated again once nobody edits them any more.

Belongs here: what is looked at. Does not: whether a session needs it (`context/upkeep`), reporting
decisions (`dagster_port/reports`), validating (`defs/tickets/ticket_assets`).
"""

import dagster as dg

from jira_pipeline.context.upkeep import Upkeep, note_tick, upkeep_of
from jira_pipeline.dagster_port.dagster_runs import has_run_in_flight
from jira_pipeline.dagster_port.partitions import register_partition
from jira_pipeline.dagster_port.reports import ADF_VALIDATION, report_reviews
from jira_pipeline.dagster_port.steps import opened_pipeline
from jira_pipeline.model.grouped import group_by

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
