"""What every AuditTrail does."""

from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.runs import PIPELINE
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.stored_values import START, after

CHECKED, FIXED = AuditAction.VALIDATION_RECORDED, AuditAction.FIX_STATE_SET


def _append(
    store: Store,
    action: AuditAction,
    *,
    session_key: str | None = "site",
    minute: int = 0,
    actor: str = "ab",
) -> None:
    store.audit.append(
        at=after(minute),
        session_key=session_key,
        actor=actor,
        action=action,
        details={"ünïcode": [1, {"nested": None}], "half": 0.5},
    )


def test_the_latest_entries_are_those_that_name_a_ticket_since_the_session_was_removed(
    store: Store,
) -> None:
    def skip(*ticket_ids: str, minute: int) -> None:
        details = {"ticket_ids": ticket_ids, "reason": 'Like "t_2".'}
        store.audit.append(
            at=after(minute), session_key="site", actor="ab", action=CHECKED, details=details
        )

    skip("t_1", minute=0)
    _append(store, AuditAction.SESSION_REMOVED, minute=1)
    skip("t_1", "täx", minute=2)
    skip("t_1", minute=3)
    _append(store, FIXED, minute=4)

    def minutes(naming: str | None = None, most: int | None = None) -> list[int]:
        found = store.audit.latest("site", actions=[CHECKED], naming=naming, most=most)
        return [(entry.at - START).seconds // 60 for entry in found]

    assert minutes() == [3, 2]
    assert minutes("t_1", most=1) == [3]
    assert minutes("täx") == [2]
    assert minutes("t_2") == minutes("tx1") == []


def test_the_last_change_of_a_session_is_the_newest_by_a_person_and_looking_is_none(
    store: Store,
) -> None:
    _append(store, CHECKED)
    _append(store, FIXED, minute=1)
    _append(store, AuditAction.TICKETS_SEEN, minute=2)
    _append(store, CHECKED, minute=3, actor=PIPELINE)
    _append(store, CHECKED, session_key="other")

    last = store.audit.last_changes(["site", "unknown"])

    assert {key: entry.action for key, entry in last.items()} == {"site": FIXED}


def test_the_newest_entry_of_a_session_may_leave_out_actions_and_what_is_known(
    store: Store,
) -> None:
    for action in (CHECKED, FIXED, FIXED):
        _append(store, action)
    _append(store, FIXED, session_key="other")

    assert store.audit.newest("site") == 3
    assert store.audit.newest("site", but={FIXED}) == 1
    assert store.audit.newest("site", after=1, but={FIXED}) == 0
    assert store.audit.newest("unknown") == 0
