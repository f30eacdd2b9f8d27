"""What the store of errors does."""

import pytest

from jira_pipeline.model.actions import Action, ActionKind, as_actions
from jira_pipeline.model.errors import NotFoundError, SheetsRefusedError, StoreError
from jira_pipeline.model.findings import Severity
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.stored_values import START, a_finding, after, an_error

RESUME = Action.of(
    ActionKind.RESUME,
    "Run {}, or {1}.",
    also=(Action.of(ActionKind.SETTLE, "{}"),),
    session_key="site",
    force=True,
)


def test_an_error_comes_back_as_it_was_recorded(store: Store) -> None:
    error = StoreError("It is full.", recovery_actions=("Free space.", RESUME))

    recorded = store.errors.record(
        error, session_key="site", stage="jira_export", at=START, run_id="r1", ticket_id="t01"
    )
    store.errors.record(StoreError("Another."), session_key=None, stage="x", at=START)

    expected = an_error(
        recorded.error_id,
        code="store_unusable",
        category="admin_required",
        message="It is full.",
        recovery_actions=as_actions(("Free space.", RESUME.on(session_key="site"))),
        run_id="r1",
        ticket_id="t01",
    )
    assert expected == recorded == store.errors.get(recorded.error_id)
    assert (expected,) == store.errors.list_all("site")
    with pytest.raises(NotFoundError, match="no error 7"):
        store.errors.get(7)


def test_refused_sheets_are_placed_at_their_first_finding(store: Store) -> None:
    error = SheetsRefusedError(
        source="site",
        error_count=1,
        first="…",
        findings=(a_finding(Severity.ERROR, line=9), a_finding()),
    )

    recorded = store.errors.record(error, session_key="never-made", stage="upload", at=START)

    assert (recorded.file, recorded.line) == ("Bundles.csv", 9)


def test_errors_are_listed_oldest_first_and_by_session(store: Store) -> None:
    for minute, key in enumerate(["site", None, "other", "site"]):
        store.errors.record(StoreError(f"{minute}"), session_key=key, stage="x", at=after(minute))

    assert [error.message for error in store.errors.list_all("site")] == ["0", "3"]
