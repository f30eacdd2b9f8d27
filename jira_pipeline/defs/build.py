"""Puts the definitions together; production and tests call the same function."""

import logging
from pathlib import Path

import dagster as dg

from jira_pipeline.context.settings import Settings, load_settings
from jira_pipeline.defs.asset_checks import ALL_CHECKS, built_site
from jira_pipeline.defs.assets import ALL_ASSETS
from jira_pipeline.defs.export_ops import export_report, jira_issues
from jira_pipeline.defs.jobs import ALL_JOBS
from jira_pipeline.defs.resources import PipelineResource
from jira_pipeline.defs.sensors import (
    dead_run_sensor,
    outbox_sensor,
    requests_sensor,
    run_cancel_sensor,
    run_failure_sensor,
    schedules_at,
    staleness_sensor,
    success_sensor,
    upload_sensor,
)
from jira_pipeline.defs.sharedo_assets import (
    observe_sharedo_environments,
    recover_sharedo_exports,
    sharedo_environments,
)
from jira_pipeline.model.errors import ConfigurationError

logger = logging.getLogger(__name__)


def build_definitions(
    *, project_path: Path | None = None, pipeline: PipelineResource | None = None
) -> dg.Definitions:
    """Return the definitions of the home at `project_path`, or of the one found.

    Runs work with `pipeline` where one is given, such as with another clock.
    """
    path = str(project_path) if project_path else None
    settings = _usable_settings(project_path)
    is_notifying = settings.notify_webhook_url is not None
    return dg.Definitions(
        assets=[*ALL_ASSETS, jira_issues, export_report, built_site, sharedo_environments],
        asset_checks=ALL_CHECKS,
        jobs=[*ALL_JOBS, observe_sharedo_environments, recover_sharedo_exports],
        sensors=[
            upload_sensor,
            staleness_sensor,
            outbox_sensor,
            requests_sensor,
            dead_run_sensor,
            run_failure_sensor,
            run_cancel_sensor,
            success_sensor(is_notifying=is_notifying),
        ],
        schedules=schedules_at(
            export_at=settings.export_at,
            timezone=settings.schedule_timezone,
        ),
        resources={"pipeline": pipeline or PipelineResource(project_path=path)},
        executor=dg.in_process_executor,
    )


def _usable_settings(project_path: Path | None) -> Settings:
    """Return the settings, or their defaults where they cannot be used.

    They must not keep the code from loading: every run reports them.
    """
    try:
        return load_settings(project_path)
    except ConfigurationError as error:
        logger.warning("Schedules keep their default times: %s", error.message)
        return Settings.model_construct()
