"""Export jobs in memory: what outlives a simulated process, fast.

Belongs here: the port as its contract says (contracts/test_sharedo_jobs).
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from typing_extensions import override

from jira_pipeline.model.kept_files import NO_FILES
from jira_pipeline.model.sharedo_jobs import ExportJob, JobState
from jira_pipeline.sources.sharedo.roles import ExportJobStore


class MemoryExportJobs(ExportJobStore):
    """Keeps jobs in a dictionary; `around_write` runs before and after each write."""

    def __init__(self, around_write: Callable[[str], None] = lambda _moment: None) -> None:
        """Keep nothing yet."""
        self._around_write = around_write
        self._jobs: dict[str, ExportJob] = {}
        self._turn = threading.Lock()

    @override
    def open_job(self, job: ExportJob) -> ExportJob:
        self._around_write("before opening a job")
        with self._turn:
            same = [
                known
                for known in self._jobs.values()
                if known.is_open and known.parameters == job.parameters
            ]
            kept = same[0] if same else self._jobs.setdefault(job.job_id, job)
        self._around_write("after opening a job")
        return kept

    @override
    def commit_intent(self, job: ExportJob) -> bool:
        self._around_write("before an intent")
        with self._turn:
            known = self._jobs[job.job_id]
            is_next = known.state is JobState.PENDING and known.intent_count == job.intent_count - 1
            if is_next:
                self._jobs[job.job_id] = replace(
                    known, intent_count=job.intent_count, sent_at=job.sent_at
                )
        self._around_write("after an intent")
        return is_next

    @override
    def record(self, job: ExportJob, *, contents: Mapping[str, bytes] = NO_FILES) -> None:
        assert not contents  # packages are in a folder here
        self._around_write("before a record")
        with self._turn:
            known = self._jobs.get(job.job_id)
            if known is not None and known.intent_count <= job.intent_count:
                self._jobs[job.job_id] = replace(job, cancel_requested_at=known.cancel_requested_at)
        self._around_write("after a record")

    @override
    def request_cancel(self, job_id: str, *, at: datetime) -> None:
        self._around_write("before a wish to cancel")
        with self._turn:
            known = self._jobs.get(job_id)
            if known is not None and known.is_open:
                self._jobs[job_id] = replace(known, cancel_requested_at=at)
        self._around_write("after a wish to cancel")

    @override
    def remove(self, job_id: str) -> None:
        with self._turn:
            known = self._jobs.get(job_id)
            if known is not None and not known.is_open:
                del self._jobs[job_id]

    @override
    def get(self, job_id: str) -> ExportJob | None:
        return self._jobs.get(job_id)

    @override
    def list_all(self, *, environment: str | None = None) -> tuple[ExportJob, ...]:
        return tuple(
            job
            for job in sorted(self._jobs.values(), key=lambda one: (one.created_at, one.job_id))
            if environment in (None, job.parameters.environment)
        )
