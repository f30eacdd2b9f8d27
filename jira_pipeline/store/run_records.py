"""What exports leave in the store beside the ledger: manual fixes, measured steps, comparisons.

Belongs here: statements. Does not: deciding that a fix is needed (`export/repeated_writes`), comparing
(`export/ledger_comparison`), runs that were asked for (`run_request_store`), requests to models
(`writing_record`), jobs of ShareDo (`sharedo_job_store`).

A manual fix is what a person has to do in Jira because the export could not, such as to set an
assignee. A measured step is one step of an export with its duration. A comparison says how the issues
of a session differ from the ledger. All are of one session and one target (a project in one Jira).
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import func, select

from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.differences import FiledComparison
from jira_pipeline.model.errors import NotFoundError, NotFoundKind
from jira_pipeline.model.export_steps import MeasuredStep
from jira_pipeline.model.exports import LedgerEvent
from jira_pipeline.model.issue_tracker import IssueStage
from jira_pipeline.model.manual_fixes import FIX_IDENTITY, FixState, ManualFix
from jira_pipeline.store import tables
from jira_pipeline.store.changes import Change, SessionPart
from jira_pipeline.store.mapping import Rows, delete_rows, update_rows
from jira_pipeline.store.transactions import repeated

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
    """Keeps manual fixes, each once: `FIX_IDENTITY` names the fields that make two the same."""

    @repeated
    def record(self, fix: ManualFix) -> ManualFix:
        """Store a fix and return it with its number; the id of `fix` is ignored.

        Where the same fix is stored already, open or done, that one is returned unchanged. Where it
        is stored as obsolete (its issue was gone), the given one takes its place: it is needed again.
        """
        identity = {name: getattr(fix, name) for name in FIX_IDENTITY}
        with self._begin_change(fix.session_key, by="", at=fix.created_at) as change:
            stored_fixes = _FIX.read(change.connection, **identity)
            if not stored_fixes:
                return _FIX.insert_one(change.connection, fix, but=["fix_id"])
            stored_fix = stored_fixes[0]
            if stored_fix.state is not FixState.OBSOLETE:
                return stored_fix
            return _replace_fix(change, replace(fix, fix_id=stored_fix.fix_id))

    def list_all(self, session_key: str, *, target_id: str | None = None) -> tuple[ManualFix, ...]:
        """Return the fixes of a session, by id."""
        conditions = [] if target_id is None else [_FIXES.target_id == target_id]
        return self._values(_FIX, *conditions, order_by=[_FIXES.fix_id], session_key=session_key)

    @repeated
    def set_state(
        self, session_key: str, fix_id: int, state: FixState, *, by: str, at: datetime
    ) -> ManualFix:
        """Set the state of a fix and return it; audited where it changes.

        Raises:
            NotFoundError: The session has no fix of this number.
        """
        with self._begin_change(session_key, by=by, at=at) as change:
            fixes = _FIX.read(change.connection, session_key=session_key, fix_id=fix_id)
            if not fixes:
                message = f"Session {session_key} has no manual fix {fix_id}."
                raise NotFoundError(message, kind=NotFoundKind.FIX, session_key=session_key)
            fix = fixes[0]
            if fix.state is state:
                return fix
            change.note(
                AuditAction.FIX_STATE_SET, fix_id=fix_id, **{"from": fix.state, "to": state}
            )
            return _replace_fix(change, replace(fix, state=state))


def _replace_fix(change: Change, fix: ManualFix) -> ManualFix:
    """Write a fix in place of the stored one with its number, and return it."""
    cells = _FIX.cells(fix, but=["fix_id"])
    update_rows(change.connection, tables.manual_fixes, cells, fix_id=fix.fix_id)
    return fix


class ExportRunStore(SessionPart):
    """Keeps how long the steps of exports took, and which undos of exports have not ended."""

    @repeated
    def record(self, step: MeasuredStep) -> MeasuredStep:
        """Store a step that ended, with success or not, and return it with its number."""
        with self._begin_change(step.session_key, by="", at=step.started_at) as change:
            return _STEP.insert_one(change.connection, step, but=["step_id"])

    def steps(self, session_key: str, *, target_id: str) -> tuple[MeasuredStep, ...]:
        """Return the steps of a session on a target, oldest first."""
        return self._values(
            _STEP, order_by=[_STEPS.step_id], session_key=session_key, target_id=target_id
        )

    def latest_steps(self, target_id: str, *, limit: int) -> tuple[MeasuredStep, ...]:
        """Return the last steps on a target, of all sessions, newest first."""
        return self._values(
            _STEP, order_by=[_STEPS.step_id.desc()], limit=limit, target_id=target_id
        )

    def open_undos(self) -> frozenset[tuple[str, str]]:
        """Return pairs of session key and target id where the last undo has not ended.

        It reads the whole ledger at once, for lists of sessions: 600,000 entries take 0.12 s.
        """
        return frozenset((key, target_id) for key, target_id in self._database.fetch(_OPEN_UNDOS))


class ComparisonStore(SessionPart):
    """Keeps the last comparison of ledger and Jira of every session."""

    @repeated
    def record(self, comparison: FiledComparison) -> None:
        """Keep a comparison in place of the one before."""
        key = comparison.session_key
        with self._begin_change(key, by="", at=comparison.compared_at) as change:
            delete_rows(change.connection, tables.comparisons, session_key=key)
            _COMPARISON.insert_one(change.connection, comparison)

    def latest(self, session_key: str, *, target_id: str) -> FiledComparison | None:
        """Return the last comparison of a session, or None where it was of another target."""
        return self._first(_COMPARISON, session_key=session_key, target_id=target_id)

    def compared_at(self, session_keys: Collection[str]) -> Mapping[str, datetime]:
        """Return when sessions were last compared; those that never were are left out."""
        times = select(_COMPARISONS.session_key, _COMPARISONS.compared_at)
        rows = self._database.fetch(times.where(_COMPARISONS.session_key.in_(session_keys)))
        return {row.session_key: row.compared_at for row in rows}

    def open_counts(self) -> Mapping[tuple[str, str], int]:
        """Return how many differences people have to decide about, by session key and target id.

        They are those of the last comparison. Sessions without any are left out.
        """
        counts: Counter[tuple[str, str]] = Counter()
        for comparison in self._values(_DIFFERENCES):
            for difference in comparison.differences:
                if difference.is_open:
                    counts[comparison.session_key, comparison.target_id] += 1
        return counts

    def stage_counts(self, session_key: str) -> Counter[IssueStage | None]:
        """Return how many issues of a session were in each stage when it was last compared.

        The key None counts issues whose stage Jira did not show.
        """
        comparisons = self._values(_COMPARISON, session_key=session_key)
        return Counter(
            state.stage for comparison in comparisons for state in comparison.states or ()
        )
