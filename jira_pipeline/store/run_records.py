"""What runs leave in the store beside the ledger: what was asked for, steps, fixes, spending.

Belongs here: keeping runs that people asked for and how often they retried them, manual fixes, steps
of exports, comparisons; answers of models and requests to them, adding up what was spent; export
jobs of ShareDo, and that an intent of one is written by one process only. Does not: whether a run
may be asked for or retried (`sessions/starting`), starting it (`dagster_port/run_launchers`), when a
job is sent (`sharedo/jobs`), deciding that a fix is needed (`export/repeated_writes`), comparing
(`export/ledger_comparison`), asking models (`writing/models`), how long unused answers are kept
(`sheets/kept_uploads`).
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import fields, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Update,
    case,
    delete,
    func,
    insert,
    select,
    update,
)

from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.errors import NotFoundError, NotFoundKind, SessionKeyError
from jira_pipeline.model.exports import (
    FIX_IDENTITY,
    FiledComparison,
    FixState,
    LedgerEvent,
    ManualFix,
    MeasuredStep,
    Retried,
)
from jira_pipeline.model.issue_tracker import IssueStage
from jira_pipeline.model.kept_files import NO_FILES, PACKAGES
from jira_pipeline.model.model_requests import (
    KeptAnswer,
    RequestOutcome,
    RequestReceipt,
    Spending,
    SpendingLimit,
    WritingLimits,
)
from jira_pipeline.model.records import AuditAction
from jira_pipeline.model.sessions import RunJob, RunRequest
from jira_pipeline.model.sharedo_jobs import OPEN_STATES, ExportJob, JobState
from jira_pipeline.store import tables
from jira_pipeline.store.changes import Change, SessionPart
from jira_pipeline.store.files import insert_files
from jira_pipeline.store.mapping import (
    Rows,
    delete_rows,
    insert_rows,
    update_rows,
    with_cells,
)
from jira_pipeline.store.transactions import lock_for_transaction, repeated

_FIX = Rows(tables.manual_fixes, ManualFix)
_FIXES = tables.manual_fixes.c
_STEP = Rows(tables.export_steps, MeasuredStep)
_STEPS = tables.export_steps.c
_COMPARISON = Rows(tables.comparisons, FiledComparison)
_COMPARISONS = tables.comparisons.c
_DIFFERENCES = Rows(tables.comparisons, FiledComparison, but=["states"])
"""Without what grows with the tickets, for lists of sessions."""
_LEDGER = tables.ledger.c
_LAST_UNDOS = (
    select(func.max(_LEDGER.sequence).label("sequence"))
    .where(_LEDGER.event.in_((LedgerEvent.UNDO_BEGUN, LedgerEvent.UNDO_ENDED)))
    .group_by(_LEDGER.session_key, _LEDGER.target_id)
    .subquery()
)
_OPEN_UNDOS = (
    select(_LEDGER.session_key, _LEDGER.target_id)
    .join(_LAST_UNDOS, _LEDGER.sequence == _LAST_UNDOS.c.sequence)
    .where(_LEDGER.event == LedgerEvent.UNDO_BEGUN)
)


class ManualFixStore(SessionPart):
    @repeated
    def record(self, fix: ManualFix) -> ManualFix:
        """Add a fix once: one that is known already, open or not, stays as it is.

        An obsolete one was about an issue that is gone; it is needed again.
        """
        same = {name: getattr(fix, name) for name in FIX_IDENTITY}
        with self._changing(fix.session_key, by="", at=fix.created_at) as change:
            for earlier_fix in _FIX.read(change.connection, **same):
                if earlier_fix.state is not FixState.OBSOLETE:
                    return earlier_fix
                return _change_fix(change, replace(fix, fix_id=earlier_fix.fix_id))
            return _FIX.added(change.connection, fix, but=["fix_id"])

    def list_all(self, session_key: str, *, target_id: str | None = None) -> tuple[ManualFix, ...]:
        """Return the fixes of a session, by id."""
        of = [] if target_id is None else [_FIXES.target_id == target_id]
        return self._values(_FIX, *of, by=[_FIXES.fix_id], session_key=session_key)

    @repeated
    def set_state(
        self, session_key: str, fix_id: int, state: FixState, *, by: str, at: datetime
    ) -> ManualFix:
        """Say what became of a fix; audited where it changes."""
        with self._changing(session_key, by=by, at=at) as change:
            for fix in _FIX.read(change.connection, session_key=session_key, fix_id=fix_id):
                if fix.state is state:
                    return fix
                change.note(
                    AuditAction.FIX_STATE_SET, fix_id=fix_id, **{"from": fix.state, "to": state}
                )
                return _change_fix(change, replace(fix, state=state))
        message = f"Session {session_key} has no manual fix {fix_id}."
        raise NotFoundError(message, kind=NotFoundKind.FIX, session_key=session_key)


def _change_fix(change: Change, fix: ManualFix) -> ManualFix:
    cells = _FIX.cells(fix, but=["fix_id"])
    update_rows(change.connection, tables.manual_fixes, cells, fix_id=fix.fix_id)
    return fix


class ExportRunStore(SessionPart):
    """Keeps what exports took, and which undos of them have not ended."""

    @repeated
    def record(self, step: MeasuredStep) -> MeasuredStep:
        """Store a step that ended, well or not, and return it with its id."""
        with self._changing(step.session_key, by="", at=step.started_at) as change:
            return _STEP.added(change.connection, step, but=["step_id"])

    def steps(self, session_key: str, *, target_id: str) -> tuple[MeasuredStep, ...]:
        """Return the steps of a session on a target, oldest first."""
        return self._values(
            _STEP, by=[_STEPS.step_id], session_key=session_key, target_id=target_id
        )

    def latest_steps(self, target_id: str, *, limit: int) -> tuple[MeasuredStep, ...]:
        """Return the last steps on a target, of all sessions, newest first."""
        return self._values(_STEP, by=[_STEPS.step_id.desc()], most=limit, target_id=target_id)

    def open_undos(self) -> frozenset[tuple[str, str]]:
        """Return the sessions, each with its target, whose last undo there has not ended.

        It reads the whole ledger, for lists: 0.12 s of 600,000 entries.
        """
        return frozenset((key, target_id) for key, target_id in self._database.asked(_OPEN_UNDOS))


class ComparisonStore(SessionPart):
    """Keeps the last comparison of ledger and Jira of every session."""

    @repeated
    def record(self, comparison: FiledComparison) -> None:
        """Keep a comparison in place of the one before."""
        key = comparison.session_key
        with self._changing(key, by="", at=comparison.compared_at) as change:
            delete_rows(change.connection, tables.comparisons, session_key=key)
            _COMPARISON.added(change.connection, comparison)

    def latest(self, session_key: str, *, target_id: str) -> FiledComparison | None:
        """Return the last comparison of a session, or None where it was of another target."""
        return self._first(_COMPARISON, session_key=session_key, target_id=target_id)

    def compared_at(self, session_keys: Collection[str]) -> Mapping[str, datetime]:
        """Return when sessions were last compared, without what was found; some never were."""
        times = select(_COMPARISONS.session_key, _COMPARISONS.compared_at)
        rows = self._database.asked(times.where(_COMPARISONS.session_key.in_(session_keys)))
        return {row.session_key: row.compared_at for row in rows}

    def open_counts(self) -> Mapping[tuple[str, str], int]:
        """Return how many differences people have to decide about, as last compared.

        By session and target; those without any are left out.
        """
        return Counter(
            (one.session_key, one.target_id)
            for one in self._values(_DIFFERENCES)
            for difference in one.differences
            if difference.is_open
        )

    def stage_counts(self, session_key: str) -> Counter[IssueStage | None]:
        """Return how many issues of a session were how far, as last compared; None: not shown."""
        comparisons = self._values(_COMPARISON, session_key=session_key)
        return Counter(
            state.stage for comparison in comparisons for state in comparison.states or ()
        )


_REQUEST = Rows(tables.run_requests, RunRequest)
_REQUESTS = tables.run_requests.c
_IS_WAITING = _REQUESTS.started_at.is_(None) & _REQUESTS.cancelled_at.is_(None)
CLAIM_SECONDS = 60
"""How long a claim keeps others from launching a run; whoever claimed it may have been killed."""


class RunRequestStore(SessionPart):
    """Keeps the runs that people asked for, who launches each, and counts retries."""

    @repeated
    def request(
        self,
        session_key: str,
        *,
        job_name: str,
        run_config: Mapping[str, Any] | None = None,
        task_id: str,
        by: str,
        at: datetime,
    ) -> RunRequest:
        """Ask for a run; the same that waits already is returned as it is. Exports are audited."""
        wanted = RunRequest(
            request_id=0,
            session_key=session_key,
            requested_at=at,
            requested_by=by,
            task_id=task_id,
            job_name=job_name,
            run_config=run_config or {},
        )
        waiting = _REQUEST.having(session_key=session_key).where(_IS_WAITING)
        with self._changing(session_key, by=by, at=at) as change:
            for request in _REQUEST.of(change.connection.execute(waiting)):
                if (request.job_name, request.run_config) == (job_name, wanted.run_config):
                    return request
            request = _REQUEST.added(change.connection, wanted, but=["request_id"])
            if job_name == RunJob.EXPORT:
                change.note(AuditAction.EXPORT_REQUESTED, request_id=request.request_id)
            return request

    def unstarted(self) -> tuple[RunRequest, ...]:
        """Return the requests whose run was not seen yet, oldest first; cancelled ones too."""
        return self._values(_REQUEST, by=[_REQUESTS.request_id], started_at=None)

    def waiting(self, session_key: str | None = None) -> tuple[RunRequest, ...]:
        """Return those of them, or of a session, that nobody cancelled."""
        of = [] if session_key is None else [_REQUESTS.session_key == session_key]
        return self._values(_REQUEST, _IS_WAITING, *of, by=[_REQUESTS.request_id])

    def of_session(self, session_key: str) -> tuple[RunRequest, ...]:
        """Return what was ever asked for of a session, oldest first."""
        return self._values(_REQUEST, by=[_REQUESTS.request_id], session_key=session_key)

    def find(self, task_id: str) -> RunRequest | None:
        return self._first(_REQUEST, by=[_REQUESTS.request_id], task_id=task_id)

    def claim(self, request_id: int, *, by: str, at: datetime) -> bool:
        """Claim the launch of a request that waits; tell whether nobody else has a claim."""
        ended_before = at - timedelta(seconds=CLAIM_SECONDS)
        is_free = _REQUESTS.claimed_at.is_(None) | (_REQUESTS.claimed_at <= ended_before)
        is_it = with_cells(tables.run_requests, request_id=request_id)
        claimed = update(tables.run_requests).where(is_it, _IS_WAITING, is_free)
        return self._done(claimed.values(claimed_at=at, claimed_by=by))

    def bind(self, task_id: str, *, run_id: str, instead_of: str | None = None) -> bool:
        """Make a run the one of its request, for good; tell whether it is.

        False: another run is, and not the one that Dagster does not have any more, or somebody
        cancelled the request, or it is gone.
        """
        is_it = with_cells(tables.run_requests, task_id=task_id, cancelled_at=None)
        is_free = _REQUESTS.run_id.is_(None) | _REQUESTS.run_id.in_({run_id, instead_of or run_id})
        return self._done(update(tables.run_requests).where(is_it, is_free).values(run_id=run_id))

    def cancel(self, task_id: str, *, at: datetime) -> None:
        """Have a run not begin; where it just began, the sensor stops it."""
        is_it = with_cells(tables.run_requests, task_id=task_id, cancelled_at=None)
        self._done(update(tables.run_requests).where(is_it).values(cancelled_at=at))

    def mark_started(self, request_id: int, *, at: datetime) -> None:
        """Remember that the run of a request exists, or never will."""
        is_it = with_cells(tables.run_requests, request_id=request_id, started_at=None)
        self._done(update(tables.run_requests).where(is_it).values(started_at=at))

    def retry_count(self, session_key: str, *, what: Retried = "export") -> int:
        """Return how often people retried what was begun and is not over."""
        return self._read(_retries_of, session_key, what)

    @repeated
    def add_retry(
        self, session_key: str, *, by: str, at: datetime, is_forced: bool, what: Retried = "export"
    ) -> int:
        """Count one more retry and return the count; audited as a retry of `what`.

        Those of a generation start again at 0 in the review; those of an export where it is
        completed or undone, and by nothing else.
        """
        with self._changing(session_key, by=by, at=at) as change:
            attempt = _retries_of(change.connection, session_key, what) + 1
            begun = {"session_key": session_key, "what": what}
            delete_rows(change.connection, tables.retries, **begun)
            insert_rows(change.connection, tables.retries, [{**begun, "count": attempt}])
            change.note(AuditAction(f"{what}_retried"), attempt=attempt, is_forced=is_forced)
            return attempt


def _retries_of(connection: Connection, session_key: str, what: Retried) -> int:
    begun = with_cells(tables.retries, session_key=session_key, what=what)
    counted = select(tables.retries.c["count"]).where(begun)
    return connection.execute(counted).scalar_one_or_none() or 0


_ANSWERS = tables.written_answers.c
_ASKED = tables.model_requests.c
_ANSWER = Rows(tables.written_answers, KeptAnswer)
_RECEIPT = Rows(tables.model_requests, RequestReceipt)
_UNSEEN = {"outcome": RequestOutcome.UNSEEN, "tokens_in": 0, "tokens_out": 0, "seconds": 0.0}
"""A request without its receipt."""
USE_STEP = timedelta(days=1)
"""A use is written down once in this time: a session of a thousand tickets reads, and hardly writes."""


class WritingRecord(SessionPart):
    """Remembers what models answered and what was asked of them; each call is one transaction."""

    def answer(self, answer_key: str, *, used_at: datetime | None = None) -> KeptAnswer | None:
        """Return what came of these facts before, or None.

        `used_at` says when a ticket is made from it: what nobody uses any more is forgotten after
        some time. None only looks, as an estimate does.
        """
        chosen = _ANSWER.chosen.add_columns(_ANSWERS.last_used_at)
        is_it = _ANSWERS.answer_key == answer_key
        for *cells, last_used_at in self._database.asked(chosen.where(is_it)):
            if used_at is not None and used_at - last_used_at >= USE_STEP:
                used = update(tables.written_answers).where(is_it, _ANSWERS.last_used_at < used_at)
                self._done(used.values(last_used_at=used_at))
            return _ANSWER.made(cells)
        return None

    @repeated
    def keep_answer(self, answer: KeptAnswer) -> None:
        """Keep an answer; the first one of a key stays."""
        row = _ANSWER.cells(answer, last_used_at=answer.at)
        with self._database.writing() as connection:
            lock_for_transaction(connection, f"answer {answer.answer_key}")
            if not _ANSWER.read(connection, answer_key=answer.answer_key):
                insert_rows(connection, tables.written_answers, [row])

    @repeated
    def forget_answers(self, *, unused_since: datetime) -> int:
        """Forget answers that no ticket was made from since then; returns how many."""
        unused = _ANSWERS.last_used_at < unused_since
        with self._database.writing() as connection:
            return delete_rows(connection, tables.written_answers, unused)

    @repeated
    def intend_request(
        self,
        session_key: str,
        *,
        group_key: str,
        model: str,
        most_usd: Decimal | None,
        limits: WritingLimits,
        at: datetime,
    ) -> int | SpendingLimit:
        """Count a request before it is sent, with the most it can cost; returns its number.

        None where nobody knows the price of this model.

        Where it does not fit the limits beside all that was asked and is under way, by whatever
        process, nothing is written and the limit is returned. Until its receipt is noted, its
        outcome is `unseen`.
        """
        # Sum and new row are one transaction that keeps others out: many at once, of several
        # processes too, cannot exceed the limits together.
        sums = select(*_SUMS).where(_ASKED.session_key == session_key)
        row = insert(tables.model_requests).values(
            session_key=session_key,
            group_key=group_key,
            model=model,
            cost_pico_usd=most_usd,
            at=at,
            **_UNSEEN,
        )
        with self._changing(session_key, by="", at=at) as change:
            spent = _spending_of(change.connection.execute(sums).one())
            limit = limits.exceeded_limit(spent, most_usd=most_usd)
            if limit is not None:
                return limit
            return int(change.connection.execute(row.returning(_ASKED.request_id)).scalar_one())

    def note_receipt(self, request_id: int, receipt: RequestReceipt) -> None:
        """Put what came of a request in the place of the most it could cost.

        Raises:
            SessionKeyError: Its session was removed meanwhile.
        """
        of_request = update(tables.model_requests).where(_ASKED.request_id == request_id)
        cells = _RECEIPT.cells(receipt, cost_pico_usd=receipt.cost_usd)
        if not self._done(of_request.values(cells)):
            raise SessionKeyError(
                f"The session of request {request_id} to a model was removed in the meantime.",
                recovery_actions=(Action.of(ActionKind.UPLOAD, "Upload the folder again: {}."),),
            )

    def spending(self, session_key: str) -> Spending:
        """Return all that was spent on a session, over all its generations."""
        chosen = select(*_SUMS).where(_ASKED.session_key == session_key)
        return _spending_of(self._database.asked(chosen)[0])

    def spending_by_group(self, session_key: str) -> Mapping[str, Spending]:
        """Return the same, by group key, of the groups something was asked about."""
        chosen: Select[Any] = (
            select(_ASKED.group_key, *_SUMS)
            .where(_ASKED.session_key == session_key)
            .group_by(_ASKED.group_key)
        )
        spent = {row.group_key: _spending_of(row) for row in self._database.asked(chosen)}
        return dict(sorted(spent.items()))


_IS_UNSEEN = _ASKED.outcome == RequestOutcome.UNSEEN
_SUMS = (
    func.count().label("requests"),
    func.coalesce(func.sum(_ASKED.tokens_in), 0).label("tokens_in"),
    func.coalesce(func.sum(_ASKED.tokens_out), 0).label("tokens_out"),
    func.sum(_ASKED.cost_pico_usd).label("cost_usd"),
    func.coalesce(func.sum(case((_ASKED.cost_pico_usd.is_(None), 1), else_=0)), 0).label(
        "unpriced_requests"
    ),
    func.coalesce(func.sum(case((_IS_UNSEEN, 1), else_=0)), 0).label("unseen_requests"),
    func.sum(case((_IS_UNSEEN, _ASKED.cost_pico_usd))).label("unseen_usd"),
)


def _spending_of(row: Row[Any]) -> Spending:
    sums = {field.name: getattr(row, field.name) for field in fields(Spending)}
    no_sum = {name: Decimal(0) for name in ("cost_usd", "unseen_usd") if sums[name] is None}
    return Spending(**sums | no_sum)


_JOB = Rows(tables.sharedo_jobs, ExportJob)
_JOBS = tables.sharedo_jobs.c
_IS_OPEN = _JOBS.state.in_(sorted(OPEN_STATES))


class SqlExportJobStore(SessionPart):
    @repeated
    def open_job(self, job: ExportJob) -> ExportJob:
        """Keep a new job, or return the open one with the same parameters."""
        digest = job.parameters.parameters_hash
        same = _JOB.having(parameters_hash=digest).where(_IS_OPEN)
        with self._database.writing() as connection:
            lock_for_transaction(connection, f"sharedo export {digest}")
            for open_job in _JOB.of(connection.execute(same.order_by(_JOBS.created_at))):
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
        return self._done(_change(job.job_id, is_next).values(sent))

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
        self._done(_change(job_id, _IS_OPEN).values(cancel_requested_at=at))

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
        of = [] if environment is None else [_JOBS.environment == environment]
        return self._values(_JOB, *of, by=[_JOBS.created_at, _JOBS.job_id])

    def remove(self, job_id: str) -> None:
        """Forget a job that has ended; an open one stays."""
        self._done(delete(tables.sharedo_jobs).where(_JOBS.job_id == job_id, ~_IS_OPEN))


def _change(job_id: str, condition: ColumnElement[bool]) -> Update:
    return update(tables.sharedo_jobs).where(_JOBS.job_id == job_id, condition)
