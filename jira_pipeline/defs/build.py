"""Puts the definitions together: of this folder, of ShareDo, of users, and what settings decide.

Production and tests call the same function. A module that is put into this folder, or into `defs` of
the home, such as by `dg scaffold defs`, is loaded with all that it defines.
"""

import logging
import sys
from pathlib import Path

import dagster as dg

from jira_pipeline import defs
from jira_pipeline.context.settings import Settings, find_home, load_settings
from jira_pipeline.dagster_port.definition_folders import (
    PlacedDefinitions,
    definitions_of_package,
    merge_placed,
    package_of_home,
)
from jira_pipeline.dagster_port.interruptible_waits import have_interruptions_end_waits
from jira_pipeline.dagster_port.steps import PipelineResource, in_process
from jira_pipeline.dagster_port.tables import IO_MANAGER, SessionTables
from jira_pipeline.defs.sessions import schedules
from jira_pipeline.defs.sessions.delivery_sensor import webhook_sensor
from jira_pipeline.defs.sessions.outcome_sensors import success_sensor
from jira_pipeline.defs.sessions.schedules import schedules_at
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
    have_interruptions_end_waits()
    path = str(project_path) if project_path else None
    try:
        settings = load_settings(project_path)
    except ConfigurationError as error:  # it must not keep the code from loading: every run says it
        logger.warning("Schedules keep their default times: %s", error.message)
        settings = Settings.model_construct()
    placed = definitions_of_package(defs)
    home = project_path or _home()
    of_users = package_of_home(home) if home is not None else None
    if of_users is not None:
        placed += definitions_of_package(of_users)
    is_notifying = settings.notify_webhook_url is not None
    by_settings = dg.Definitions(
        sensors=[
            success_sensor(is_notifying=is_notifying),
            webhook_sensor(is_notifying=is_notifying),
        ],
        schedules=schedules_at(
            export_at=settings.export_at,
            timezone=settings.schedule_timezone,
            compare_hours=settings.compare_hours,
        ),
    )
    for_all = dg.Definitions(
        resources={
            "pipeline": pipeline or PipelineResource(project_path=path),
            IO_MANAGER: SessionTables(project_path=path),
        },
        executor=in_process,
    )
    placed.append(PlacedDefinitions(module=schedules, definitions=by_settings))
    placed.append(PlacedDefinitions(module=sys.modules[__name__], definitions=for_all))
    if has_other_source():
        of_source = other_source("definitions")
        placed.append(PlacedDefinitions(module=of_source, definitions=of_source.definitions()))
    return merge_placed(placed)


def _home() -> Path | None:
    try:
        return find_home()
    except ConfigurationError:  # as of the settings, every run says it
        return None
