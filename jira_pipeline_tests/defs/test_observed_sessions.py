"""Progress reaches who follows a run, never backwards and not too often."""

from pathlib import Path

import dagster as dg
import pytest

from jira_pipeline.kernel.sessions import SessionStage, SessionStatus
from jira_pipeline.session.pipeline import Pipeline
from jira_pipeline.session.runs import ObservedSessions
from jira_pipeline_tests import projects

pytestmark = pytest.mark.small_site


def test_progress_is_reported_once_a_second_as_it_is_stored(
    project: Path, sheets: Path, pipeline: Pipeline
) -> None:
    projects.upload(project, sheets)
    times = iter([0.0, 0.4, 1.0, 2.5])
    reported: list[tuple[float, str]] = []
    observed = ObservedSessions(
        pipeline.store.sessions,
        lambda session: reported.append((session.progress_percentage, session.progress_text)),
        monotonic=lambda: next(times),
    )
    now = pipeline.clock.now()
    observed.set_stage(
        "museum", stage=SessionStage.JIRA_EXPORT, status=SessionStatus.RUNNING, at=now
    )

    for percentage, text in ((40, "a"), (50, "b"), (45, "c"), (60, "d")):
        observed.set_progress("museum", percentage=percentage, text=text, at=now)

    assert reported == [(40.0, "a"), (50.0, "c"), (60.0, "d")]
    assert observed.get("museum").progress_percentage == 60


def test_a_run_shows_its_start_and_progress_to_subscribers(
    project: Path, sheets: Path, instance: dg.DagsterInstance
) -> None:
    projects.upload(project, sheets, auto_approve=True)

    result = projects.execute(instance, project, "csv_to_jira")

    observed = observed_in(result, "jira_issues.create_issues")
    start = next(o for o in observed if "total_tickets" in o)
    shares = [float(str(o["progress_percentage"])) for o in observed if "current_stage" in o]
    assert (start["status"], start["total_tickets"]) == ("exporting", projects.SMALL_TICKETS)
    assert shares
    assert shares == sorted(shares)
    first = next(o for o in observed_in(result, "tickets") if "ticket_id" in o)
    assert first["current_stage"] == f"Writing ticket 1 of 6: {first['ticket_title']}"
    assert (first["done"], first["failed"], first["total"]) == (0, 0, projects.SMALL_TICKETS)
    assert {"entity_group", "entities_in_group"} <= first.keys()


def observed_in(result: dg.ExecuteInProcessResult, node: str) -> list[dict[str, object]]:
    """What a step told of its asset while it worked."""
    return [
        {key: value.value for key, value in o.metadata.items()}
        for o in result.asset_observations_for_node(node)
    ]
