"""Export jobs of ShareDo, and the comparisons that some of them are for.

Belongs here: keeping them, and that an intent is written by one process only. Does not: when a job
is sent (`sources/sharedo/jobs`), what differs (`sources/sharedo/environment_comparison`).
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import RowMapping, delete, insert, select, update
from typing_extensions import override

from jira_pipeline.model.sharedo_jobs import OPEN_STATES, AskedComparison, ExportJob, JobState
from jira_pipeline.ports.files import NO_FILES, PACKAGES
from jira_pipeline.ports.sharedo import ExportJobStore
from jira_pipeline.store import tables
from jira_pipeline.store.files import insert_files
from jira_pipeline.store.postgres import lock_for_transaction
from jira_pipeline.store.transactions import StorePart, repeated

_JOBS = tables.sharedo_jobs.c
_NAMES = tuple(ExportJob.__dataclass_fields__)
_JOB = select(*(_JOBS[name] for name in _NAMES))
_COMPARISONS = tables.sharedo_comparisons.c
_COMPARISON = select(tables.sharedo_comparisons)


class SqlExportJobStore(StorePart, ExportJobStore):
    """Keeps export jobs in the store."""

    @override
    @repeated
    def open_job(self, job: ExportJob) -> ExportJob:
        parameters_hash = job.parameters.parameters_hash
        known = _JOB.where(
            _JOBS.parameters_hash == parameters_hash, _JOBS.state.in_(sorted(OPEN_STATES))
        )
        with self._database.writing() as connection:
            lock_for_transaction(connection, f"sharedo export {parameters_hash}")
            row = connection.execute(known.order_by(_JOBS.created_at)).mappings().first()
            if row is not None:
                return _job_of(row)
            connection.execute(
                insert(tables.sharedo_jobs).values(
                    parameters_hash=parameters_hash,
                    environment=job.parameters.environment,
                    **_cells_of(job),
                )
            )
        return job

    @override
    @repeated
    def commit_intent(self, job: ExportJob) -> bool:
        changed = (
            update(tables.sharedo_jobs)
            .where(
                _JOBS.job_id == job.job_id,
                _JOBS.state == JobState.PENDING,
                _JOBS.intent_count == job.intent_count - 1,
            )
            .values(intent_count=job.intent_count, sent_at=job.sent_at)
        )
        with self._database.writing() as connection:
            return connection.execute(changed).rowcount == 1

    @override
    @repeated
    def record(self, job: ExportJob, *, contents: Mapping[str, bytes] = NO_FILES) -> None:
        cells = {n: v for n, v in _cells_of(job).items() if n != "cancel_requested_at"}
        changed = update(tables.sharedo_jobs).where(
            _JOBS.job_id == job.job_id, _JOBS.intent_count <= job.intent_count
        )
        with self._database.writing() as connection:
            is_current = connection.execute(changed.values(**cells)).rowcount == 1
            if is_current and job.finished_at is not None:
                insert_files(connection, PACKAGES, contents, at=job.finished_at)

    @override
    @repeated
    def request_cancel(self, job_id: str, *, at: datetime) -> None:
        changed = update(tables.sharedo_jobs).where(
            _JOBS.job_id == job_id, _JOBS.state.in_(sorted(OPEN_STATES))
        )
        with self._database.writing() as connection:
            connection.execute(changed.values(cancel_requested_at=at))

    @override
    def get(self, job_id: str) -> ExportJob | None:
        with self._database.reading() as connection:
            row = connection.execute(_JOB.where(_JOBS.job_id == job_id)).mappings().one_or_none()
        return None if row is None else _job_of(row)

    @override
    def list_all(self, *, environment: str | None = None) -> tuple[ExportJob, ...]:
        chosen = _JOB.order_by(_JOBS.created_at, _JOBS.job_id)
        if environment is not None:
            chosen = chosen.where(_JOBS.environment == environment)
        with self._database.reading() as connection:
            return tuple(_job_of(row) for row in connection.execute(chosen).mappings())

    @override
    @repeated
    def remove(self, job_id: str) -> None:
        ended = delete(tables.sharedo_jobs).where(
            _JOBS.job_id == job_id, _JOBS.state.not_in(sorted(OPEN_STATES))
        )
        with self._database.writing() as connection:
            connection.execute(ended)


def _job_of(row: RowMapping) -> ExportJob:
    return ExportJob(**row)


def _cells_of(job: ExportJob) -> dict[str, object]:
    return {name: getattr(job, name) for name in _NAMES}


class AskedComparisonStore(StorePart):
    """Keeps which comparisons people asked for; what differs follows from the packages."""

    @repeated
    def keep(self, comparison: AskedComparison) -> None:
        """Keep a new one."""
        cells = {name: getattr(comparison, name) for name in AskedComparison.__dataclass_fields__}
        with self._database.writing() as connection:
            connection.execute(insert(tables.sharedo_comparisons).values(**cells))

    def get(self, comparison_id: str) -> AskedComparison | None:
        """Return one; None: there is none of that id."""
        chosen = _COMPARISON.where(_COMPARISONS.comparison_id == comparison_id)
        with self._database.reading() as connection:
            row = connection.execute(chosen).mappings().one_or_none()
        return None if row is None else AskedComparison(**row)

    def list_all(self) -> tuple[AskedComparison, ...]:
        """Return all, oldest first."""
        chosen = _COMPARISON.order_by(_COMPARISONS.asked_at, _COMPARISONS.comparison_id)
        with self._database.reading() as connection:
            return tuple(AskedComparison(**row) for row in connection.execute(chosen).mappings())

    @repeated
    def remove(self, comparison_id: str) -> None:
        """Forget one; its exports stay."""
        chosen = delete(tables.sharedo_comparisons).where(
            _COMPARISONS.comparison_id == comparison_id
        )
        with self._database.writing() as connection:
            connection.execute(chosen)
