"""Puts the definitions together: those of each module of this folder and of ShareDo, and what settings decide.

Production and tests call the same function. Whoever adds a module with assets, checks, jobs or
sensors, such as by `dg scaffold defs`, has added them.
"""

import logging
import warnings
from pathlib import Path

import dagster as dg

from jira_pipeline import defs
from jira_pipeline.context.settings import Settings, load_settings
from jira_pipeline.dagster_port.steps import PipelineResource, in_process
from jira_pipeline.dagster_port.tables import IO_MANAGER, SessionTables
from jira_pipeline.defs.sessions.automation import schedules_at, success_sensor
from jira_pipeline.model.errors import ConfigurationError
from jira_pipeline.model.other_source import has_other_source, other_source

logger = logging.getLogger(__name__)


def job_named(name: str) -> dg.JobDefinition:
    return build_definitions().resolve_job_def(name)


def build_definitions(
    *, project_path: Path | None = None, pipeline: PipelineResource | None = None
) -> dg.Definitions:
    """Return the definitions of the home at `project_path`, or of the one found.

    Runs work with `pipeline` where one is given, such as with another clock.
    """
    path = str(project_path) if project_path else None
    try:
        settings = load_settings(project_path)
    except ConfigurationError as error:  # it must not keep the code from loading: every run says it
        logger.warning("Schedules keep their default times: %s", error.message)
        settings = Settings.model_construct()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.PreviewWarning)
        warnings.simplefilter("ignore", dg.BetaWarning)
        of_folder = dg.load_definitions_from_package_module(defs)
        with_code = dg.with_source_code_references(list(of_folder.assets or ()))
    by_settings = dg.Definitions(
        sensors=[success_sensor(is_notifying=settings.notify_webhook_url is not None)],
        schedules=schedules_at(
            export_at=settings.export_at,
            timezone=settings.schedule_timezone,
            compare_hours=settings.compare_hours,
        ),
        resources={
            "pipeline": pipeline or PipelineResource(project_path=path),
            IO_MANAGER: SessionTables(project_path=path),
        },
        executor=in_process,
    )
    found = dg.Definitions(
        assets=with_code,
        asset_checks=of_folder.asset_checks,
        jobs=of_folder.jobs,
        sensors=of_folder.sensors,
    )
    of_source = [other_source("definitions").definitions()] if has_other_source() else []
    return dg.Definitions.merge(found, by_settings, *of_source)
