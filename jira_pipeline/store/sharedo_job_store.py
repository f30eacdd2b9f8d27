"""Export jobs of ShareDo; that an intent of one is written by one process only.

Belongs here: statements. Does not: when a job is sent (`sharedo/jobs`).
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, Update, delete, insert, update

from jira_pipeline.model.errors import NotFoundError, NotFoundKind
from jira_pipeline.model.kept_files import NO_FILES, PACKAGES
from jira_pipeline.model.sharedo_jobs import OPEN_STATES, ExportJob, JobState
from jira_pipeline.store import tables
from jira_pipeline.store.changes import SessionPart
from jira_pipeline.store.files import insert_files
from jira_pipeline.store.mapping import Rows
from jira_pipeline.store.postgres import lock_for_transaction
from jira_pipeline.store.transactions import repeated

_JOB = Rows(tables.sharedo_jobs, ExportJob)
_JOBS = tables.sharedo_jobs.c
_IS_OPEN = _JOBS.state.in_(sorted(OPEN_STATES))


class SqlExportJobStore(SessionPart):
    @repeated
    def open_job(self, job: ExportJob) -> ExportJob:
        """Keep a new job, or return the open one with the same parameters."""
        digest = job.parameters.parameters_hash
        same = _JOB.query_where(parameters_hash=digest).where(_IS_OPEN)
        with self._database.writing() as connection:
            lock_for_transaction(connection, f"sharedo export {digest}")
            for open_job in _JOB.values_of(connection.execute(same.order_by(_JOBS.created_at))):
                return open_job
            cells = {"parameters_hash": digest, "environment": job.parameters.environment}
            connection.execute(insert(tables.sharedo_jobs).values(_JOB.cells(job, **cells)))
        return job

    def commit_intent(self, job: ExportJob) -> bool:
        """Write down, durably, that a creation is about to be sent.

        The job has the number of this intent and the time of sending. Only one process ever
        succeeds: False means that another one wrote an intent since the job was read, or that the
        job is not pending.
        """
        is_next = (_JOBS.state == JobState.PENDING) & (_JOBS.intent_count == job.intent_count - 1)
        sent = {"intent_count": job.intent_count, "sent_at": job.sent_at}
        return self._execute(_change(job.job_id, is_next).values(sent))

    @repeated
    def record(self, job: ExportJob, *, contents: Mapping[str, bytes] = NO_FILES) -> None:
        """Keep how a job is now, with its package; a wish to cancel it, by whoever, stays.

        `contents` is what `KeptFiles.placed_file` returned of the package.

        Where another process has written an intent since, nothing is changed.
        """
        changed = _change(job.job_id, _JOBS.intent_count <= job.intent_count)
        cells = _JOB.cells(job, but=["cancel_requested_at"])
        with self._database.writing() as connection:
            is_current = connection.execute(changed.values(cells)).rowcount == 1
            if is_current and job.finished_at is not None:
                insert_files(connection, PACKAGES, contents, at=job.finished_at)

    def request_cancel(self, job_id: str, *, at: datetime) -> None:
        """Keep that somebody wants an open job cancelled."""
        self._execute(_change(job_id, _IS_OPEN).values(cancel_requested_at=at))

    def get(self, job_id: str) -> ExportJob | None:
        """Return a job; None: there is none of that id."""
        return self._first(_JOB, job_id=job_id)

    def known(self, job_id: str) -> ExportJob:
        """Return a job as it is stored now, or raise NotFoundError."""
        job = self.get(job_id)
        if job is None:
            raise NotFoundError(f"There is no export job {job_id}.", kind=NotFoundKind.EXPORT_JOB)
        return job

    def list_all(self, *, environment: str | None = None) -> tuple[ExportJob, ...]:
        """Return all jobs, of one environment or of all, oldest first."""
        conditions = [] if environment is None else [_JOBS.environment == environment]
        return self._values(_JOB, *conditions, order_by=[_JOBS.created_at, _JOBS.job_id])

    def remove(self, job_id: str) -> None:
        """Forget a job that has ended; an open one stays."""
        self._execute(delete(tables.sharedo_jobs).where(_JOBS.job_id == job_id, ~_IS_OPEN))


def _change(job_id: str, condition: ColumnElement[bool]) -> Update:
    return update(tables.sharedo_jobs).where(_JOBS.job_id == job_id, condition)
