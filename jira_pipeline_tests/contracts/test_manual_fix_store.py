"""What every ManualFixStore does."""

from dataclasses import replace
from typing import Any

import pytest

from jira_pipeline.domain.manual_fixes import FixType
from jira_pipeline.errors import SessionKeyError
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.stored_values import START, a_fix, after, an_upload


@pytest.fixture(autouse=True)
def _session(store: Store) -> None:
    store.sessions.register(an_upload(), at=START, actor="ab")


def test_a_fix_comes_back_as_it_was_recorded_with_an_id(store: Store) -> None:
    recorded = store.manual_fixes.record(a_fix(jira_key=None, jira_url=None))

    assert recorded.fix_id > 0
    assert a_fix(jira_key=None, jira_url=None) == replace(recorded, fix_id=0)
    assert (recorded,) == store.manual_fixes.list_all("site")


def test_a_fix_that_is_known_stays_as_it_is(store: Store) -> None:
    first = store.manual_fixes.record(a_fix())

    second = store.manual_fixes.record(a_fix(recommended_action="Other.", created_at=after(1)))

    assert first == second
    assert (first,) == store.manual_fixes.list_all("site")


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


def test_a_fix_of_an_unknown_session_is_refused(store: Store) -> None:
    with pytest.raises(SessionKeyError, match="'nowhere'"):
        store.manual_fixes.record(a_fix(session_key="nowhere"))
