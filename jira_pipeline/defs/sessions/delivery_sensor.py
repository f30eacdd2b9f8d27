"""The sensor that posts what the outbox holds for the team's webhook.

Belongs here: when it looks. Does not: putting messages there (`sessions/notifying`), posting them
(`sessions/delivering`).
"""

import random
import time

import dagster as dg

from jira_pipeline.dagster_port.steps import opened_pipeline


def webhook_sensor(*, is_notifying: bool) -> dg.SensorDefinition:
    """Return the sensor; it runs only where somebody is to be notified."""

    @dg.sensor(
        name="webhook_sensor",
        default_status=dg.DefaultSensorStatus("RUNNING" if is_notifying else "STOPPED"),
        minimum_interval_seconds=30,
        description="Posts messages for the team to the webhook, again and again for 24 hours.",
    )
    def look(_context: dg.SensorEvaluationContext) -> dg.SkipReason:
        from jira_pipeline.sessions.delivering import deliver_due

        with opened_pipeline() as pipeline:
            look = deliver_due(pipeline, timer=time, random=random.random)
        if not look.delivered and not look.failed:
            return dg.SkipReason("Nothing to deliver.")
        return dg.SkipReason(f"Delivered: {look.delivered}, failed: {look.failed}.")

    return look
