"""What the store of export jobs does."""

from dataclasses import replace

import pytest
from sqlalchemy import Text, cast, func, update

from jira_pipeline.model.sharedo_jobs import (
    Compression,
    ExportItem,
    ExportJob,
    ExportRoute,
    JobError,
    JobState,
    Package,
)
from jira_pipeline.store import tables
from jira_pipeline.store.sharedo_job_store import SqlExportJobStore
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.stored_values import START, after
from jira_pipeline_tests.sharedo.export_world import MATTER

NEW = ExportJob(job_id="a1", parameters=MATTER, created_at=START, estimated_seconds=30.0)
SENT = replace(NEW, intent_count=1, sent_at=after(1))
RUNNING = replace(SENT, state=JobState.RUNNING, remote_id="77", started_at=after(2))


@pytest.fixture
def jobs(store: Store) -> SqlExportJobStore:
    """An empty store of jobs on each dialect."""
    return store.sharedo_jobs


def test_a_job_is_read_as_it_was_recorded(jobs: SqlExportJobStore) -> None:
    jobs.open_job(NEW)
    jobs.commit_intent(SENT)
    whole = replace(
        RUNNING,
        items=(ExportItem(provider="sharedo-type", system_name="matter"),),
        attempt=2,
        route=ExportRoute.CONFIGURATION,
        finished_at=after(9),
        stalled_at=after(8),
        progress_percentage=62.5,
        step="Phases",
        error=JobError(code="EXPORT_007", message="?", is_recoverable=True, details={"a": "b"}),
        result_url="https://example.org/77",
        package=Package(file_name="export_a1.zip", sha256="0" * 64, size_bytes=7),
    )

    jobs.record(whole)

    assert jobs.get("a1") == whole
    assert jobs.list_all() == (whole,)


def test_a_job_of_a_compression_that_is_gone_is_read(jobs: SqlExportJobStore, store: Store) -> None:
    """One made the list, the retention and the schedule of every minute fail for good."""
    jobs.open_job(NEW)
    column = tables.sharedo_jobs.c.parameters
    packed = func.replace(cast(column, Text), '"none"', '"brotli"')
    with store.database.writing() as connection:
        connection.execute(update(tables.sharedo_jobs).values(parameters=packed))

    (job,) = jobs.list_all()

    assert job.parameters.compression is Compression.GZIP


def test_an_open_job_with_the_same_parameters_is_returned_instead(jobs: SqlExportJobStore) -> None:
    first = jobs.open_job(NEW)

    second = jobs.open_job(replace(NEW, job_id="b2"))

    assert (first, second) == (NEW, NEW)
    assert jobs.get("b2") is None


@pytest.mark.parametrize("ended", [JobState.COMPLETED, JobState.FAILED, JobState.CANCELLED])
def test_after_an_ended_job_another_one_is_opened(jobs: SqlExportJobStore, ended: JobState) -> None:
    """Exports are never served from a cache."""
    jobs.open_job(NEW)
    jobs.record(replace(NEW, state=ended))
    other = replace(NEW, job_id="b2", created_at=after(5))

    assert jobs.open_job(other) == other
    assert [job.job_id for job in jobs.list_all()] == ["a1", "b2"]


def test_other_parameters_are_another_job(jobs: SqlExportJobStore) -> None:
    jobs.open_job(NEW)
    history = replace(NEW, job_id="b2", parameters=replace(MATTER, includes_history=True))
    other = replace(NEW, job_id="c3", parameters=replace(MATTER, environment="test"))

    jobs.open_job(history)
    jobs.open_job(other)

    assert [job.job_id for job in jobs.list_all()] == ["a1", "b2", "c3"]
    assert jobs.list_all(environment="test") == (other,)


def test_only_who_wrote_the_last_intent_changes_a_job(jobs: SqlExportJobStore) -> None:
    jobs.open_job(NEW)

    assert jobs.commit_intent(SENT)
    assert not jobs.commit_intent(replace(SENT, sent_at=after(3)))
    jobs.record(replace(NEW, state=JobState.FAILED))
    assert jobs.get("a1") == SENT
    assert SENT.is_in_doubt
    jobs.record(RUNNING)
    assert not jobs.commit_intent(replace(RUNNING, intent_count=2))
    assert jobs.get("a1") == RUNNING


def test_a_wish_to_cancel_outlives_progress_and_comes_too_late_for_an_ended_job(
    jobs: SqlExportJobStore,
) -> None:
    ended = replace(NEW, job_id="b2", parameters=replace(MATTER, environment="test"))
    for job in (NEW, ended):
        jobs.open_job(job)
    jobs.record(replace(ended, state=JobState.COMPLETED))

    for job in (NEW, ended):
        jobs.request_cancel(job.job_id, at=after(4))
    jobs.record(replace(NEW, progress_percentage=10.0))

    assert jobs.get("a1") == replace(NEW, progress_percentage=10.0, cancel_requested_at=after(4))
    assert jobs.get("b2") == replace(ended, state=JobState.COMPLETED)


@pytest.mark.parametrize("state", JobState)
def test_an_ended_job_can_be_forgotten_and_an_open_one_never(
    jobs: SqlExportJobStore, state: JobState
) -> None:
    jobs.open_job(NEW)
    jobs.record(replace(NEW, state=state))

    jobs.remove("a1")

    ended = {JobState.COMPLETED, JobState.FAILED, JobState.CANCELLED}
    assert [job.job_id for job in jobs.list_all()] == ([] if state in ended else ["a1"])
