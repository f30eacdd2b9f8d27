"""What becomes of exports: removed by people and by time, never what is in use."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.model.sharedo_jobs import ExportJob, JobState, Package
from jira_pipeline.sources.sharedo.export_jobs import forget_exports, remove_exports
from jira_pipeline_tests.cli.terminal import run, run_json
from jira_pipeline_tests.sources.sharedo.export_world import MATTER


def kept(
    pipeline: Pipeline,
    job_id: str,
    *,
    days: float,
    state: JobState = JobState.COMPLETED,
    environment: str = "development",
) -> ExportJob:
    """Keep a job of some days ago with a package."""
    at = ago(pipeline, days)
    job = ExportJob(
        job_id=job_id,
        parameters=replace(MATTER, environment=environment),
        state=state,
        created_at=at,
        finished_at=None if state is JobState.RUNNING else at,
        estimated_seconds=30.0,
        package=Package(file_name=f"export_{job_id}.zip", sha256="0" * 64, size_bytes=1),
    )
    pipeline.settings.sharedo_path.mkdir(parents=True, exist_ok=True)
    (pipeline.settings.sharedo_path / f"export_{job_id}.zip").write_bytes(b"x")
    return pipeline.store.sharedo_jobs.open_job(job)


def ago(pipeline: Pipeline, days: float) -> datetime:
    return pipeline.clock.now() - timedelta(days=days)


def left(pipeline: Pipeline) -> tuple[list[str], list[str]]:
    ids = [job.job_id for job in pipeline.store.sharedo_jobs.list_all()]
    return ids, sorted(path.stem for path in pipeline.settings.sharedo_path.iterdir())


def test_old_exports_go_save_for_the_last_package_of_each_thing(pipeline: Pipeline) -> None:
    kept(pipeline, "a1", days=20)
    kept(pipeline, "a2", days=10)
    kept(pipeline, "f1", days=9, state=JobState.FAILED)
    kept(pipeline, "t1", days=10, environment="test")
    kept(pipeline, "t2", days=1, environment="test")

    removed = forget_exports(pipeline)

    assert sorted(removed) == ["a1", "f1", "t1"]
    assert left(pipeline) == (["a2", "t2"], ["export_a2", "export_t2"])


def test_an_open_export_stays_however_old_it_is(pipeline: Pipeline) -> None:
    kept(pipeline, "a1", days=20, state=JobState.RUNNING)

    assert forget_exports(pipeline) == ()


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        (["a1", "r1"], "Export job r1 is running"),
        (["a1", "nothing"], "There is no export job nothing"),
    ],
)
def test_what_is_in_use_or_unknown_is_not_removed(
    pipeline: Pipeline, ids: list[str], message: str
) -> None:
    kept(pipeline, "a1", days=1)
    kept(pipeline, "r1", days=1, state=JobState.RUNNING)

    with pytest.raises(WrongUseError, match=message):
        remove_exports(pipeline, ids, by="anna")

    assert left(pipeline)[0] == ["a1", "r1"]


def test_the_command_removes_an_export(pipeline: Pipeline) -> None:
    kept(pipeline, "a1", days=1)

    assert run_json("sharedo", "remove", "a1") == {"removed": ["a1"]}
    assert run("sharedo", "remove", "a1").exit_code == 2
