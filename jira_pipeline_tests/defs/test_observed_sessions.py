"""Progress reaches who follows a run, never backwards and not too often."""

from pathlib import Path

import pytest

from jira_pipeline.context.observed_progress import ObservedSessions
from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.model.sessions import SessionStatus
from jira_pipeline_tests import projects

pytestmark = pytest.mark.small_site


def test_progress_is_reported_every_five_seconds_as_it_is_stored(
    project: Path, sheets: Path, pipeline: Pipeline
) -> None:
    projects.upload(project, sheets)
    times = iter([0.0, 2.0, 5.0, 12.5])
    reported: list[tuple[float, str]] = []
    observed = ObservedSessions(
        pipeline.store,
        lambda session: reported.append((session.progress_percentage, session.progress_text)),
        monotonic=lambda: next(times),
    )
    now = pipeline.clock.now()
    projects.show_run(pipeline, SessionStatus.RUNNING)

    for percentage, text in ((40, "a"), (50, "b"), (45, "c"), (60, "d")):
        observed.set_progress("museum", percentage=percentage, text=text, at=now)

    assert reported == [(40.0, "a"), (50.0, "c"), (60.0, "d")]
    assert observed.get("museum").progress_percentage == 60
