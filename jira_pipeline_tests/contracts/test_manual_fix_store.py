"""What every ManualFixStore does."""

from dataclasses import replace
from typing import Any

import pytest

from jira_pipeline.model.errors import NotFoundError
from jira_pipeline.model.manual_fixes import FixState, FixType
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.stored_values import START, a_fix, after, an_upload

pytestmark = pytest.mark.usefixtures("session")


def test_a_fix_comes_back_as_it_was_recorded_with_an_id(store: Store) -> None:
    recorded = store.manual_fixes.record(a_fix(jira_key=None, jira_url=None))

    assert recorded.fix_id > 0
    assert a_fix(jira_key=None, jira_url=None) == replace(recorded, fix_id=0)
    assert (recorded,) == store.manual_fixes.list_all("site")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"target_id": "elsewhere/1"}, id="target"),
        pytest.param({"ticket_id": "t02"}, id="ticket"),
        pytest.param({"fix_type": FixType.SPRINT_NOT_FOUND}, id="type"),
        pytest.param({"subject": "sprint"}, id="subject"),
    ],
)
def test_fixes_differ_by_target_ticket_type_and_subject(
    store: Store, change: dict[str, Any]
) -> None:
    first = store.manual_fixes.record(a_fix())

    second = store.manual_fixes.record(a_fix(**change))

    assert (first, second) == store.manual_fixes.list_all("site")


def test_fixes_are_listed_for_one_target(store: Store) -> None:
    store.manual_fixes.record(a_fix())
    other = store.manual_fixes.record(a_fix(target_id="elsewhere/1"))

    assert (other,) == store.manual_fixes.list_all("site", target_id="elsewhere/1")


def test_what_became_of_a_fix_is_kept_and_audited_once(store: Store) -> None:
    fix = store.manual_fixes.record(a_fix())

    for minute in (1, 2):
        store.manual_fixes.set_state("site", fix.fix_id, FixState.DONE, by="cd", at=after(minute))

    entries = [e for e in store.audit.entries("site") if e.action == "fix_state_set"]
    assert store.manual_fixes.list_all("site") == (replace(fix, state=FixState.DONE),)
    assert [(e.actor, e.details) for e in entries] == [
        ("cd", {"fix_id": fix.fix_id, "from": "open", "to": "done"})
    ]


@pytest.mark.parametrize("state", [FixState.OPEN, FixState.DONE, FixState.RESOLVED])
def test_a_fix_that_is_recorded_again_stays_as_it_is(store: Store, state: FixState) -> None:
    fix = store.manual_fixes.record(a_fix())
    known = store.manual_fixes.set_state("site", fix.fix_id, state, by="cd", at=after(1))

    again = store.manual_fixes.record(a_fix(recommended_action="Other.", created_at=after(2)))

    assert again == known
    assert (known,) == store.manual_fixes.list_all("site")


def test_an_obsolete_fix_is_needed_again_when_it_is_recorded_again(store: Store) -> None:
    """Its issue was taken back by an undo, and another was created."""
    fix = store.manual_fixes.record(a_fix())
    store.manual_fixes.set_state("site", fix.fix_id, FixState.OBSOLETE, by="cd", at=after(1))

    again = store.manual_fixes.record(a_fix(jira_key="SITE-99", created_at=after(2)))

    assert again == a_fix(jira_key="SITE-99", created_at=after(2), fix_id=fix.fix_id)
    assert (again,) == store.manual_fixes.list_all("site")


@pytest.mark.parametrize("session_key", ["site", "other"])
def test_a_fix_the_session_does_not_have_is_refused(store: Store, session_key: str) -> None:
    store.sessions.register(an_upload("other"), at=START, actor="ab")
    fix = store.manual_fixes.record(a_fix())
    fix_id = fix.fix_id + (1 if session_key == "site" else 0)

    with pytest.raises(NotFoundError, match=f"has no manual fix {fix_id}"):
        store.manual_fixes.set_state(session_key, fix_id, FixState.DONE, by="cd", at=after(1))
