"""Manual fixes that people tick off, or open again.

Belongs here: the two verbs. Does not: what a manual fix is (`model/manual_fixes`), recording one
(`repeated_writes`), keeping them (`store/run_records`).
"""

from collections.abc import Collection

from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.model.manual_fixes import FixState, ManualFix
from jira_pipeline.review.open_session import OpenSession


def finish_fixes(
    session: OpenSession, fix_ids: Collection[int], *, by: str
) -> tuple[ManualFix, ...]:
    """Store that a person did what manual fixes ask for; audited."""
    fixes = session.store.manual_fixes
    at = session.clock.now()
    return tuple(
        fixes.set_state(session.key, fix_id, FixState.DONE, by=by, at=at) for fix_id in fix_ids
    )


def reopen_fix(session: OpenSession, fix_id: int, *, by: str) -> ManualFix:
    """Store that a manual fix was ticked off by mistake; audited.

    Raises:
        WrongUseError: It is not done: what the program itself closed stays closed.
    """
    store = session.store.manual_fixes
    fixes = {fix.fix_id: fix for fix in store.list_all(session.key)}
    fix = fixes.get(fix_id)
    if fix is not None and fix.state is not FixState.DONE:
        raise WrongUseError(
            f"Manual fix {fix_id} is {fix.state.value}, so it was not marked as done."
        )
    at = session.clock.now()
    return store.set_state(session.key, fix_id, FixState.OPEN, by=by, at=at)
