"""Whom each change concerns: notified with the change, once, and never of what they did themselves."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from jira_pipeline.kernel.notifications import NotificationMark
from jira_pipeline.kernel.people import ALL_SESSIONS, Membership, Person, Role
from jira_pipeline.kernel.sessions import SessionStage, SessionStatus
from jira_pipeline.kernel.tickets import question_id_of
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.stored_values import START, a_draft, a_prose, after, an_upload

ANNA, BEN = "Anna@example.org", "ben"
BY_NAME = {
    name: Person(name=name, role=Role.REVIEWER, membership=ALL_SESSIONS)
    for name in (ANNA, BEN, "gone", "nobody@example.org", "carl", "dora", "rita")
}
LATER = after(10)


@pytest.fixture(autouse=True)
def _two_people(store: Store) -> None:
    for name in (ANNA, BEN, "gone"):
        store.people.put(name, Role.REVIEWER, by="test", at=START)
    store.people.revoke("gone", by="test", at=START)
    store.sessions.register(an_upload("site"), at=START, actor="ab")
    store.tickets.save_generated("site", [a_draft(n) for n in (1, 2)], at=after(1))


def notified(store: Store, name: str = ANNA) -> list[tuple[str, tuple[str, ...]]]:
    """What somebody is notified of, newest first: why, and of which tickets."""
    found = store.notifications.some(store.notifications.ids(BY_NAME[name], is_done=False))
    return [(one.kind.value, one.ticket_ids) for one in found]


def mark(store: Store, by: str = ANNA) -> None:
    """Mark both tickets ready."""
    store.tickets.mark_ready("site", {"t01": "a" * 64, "t02": "a" * 64}, by=by, at=after(5))


def edit(store: Store, by: str = BEN) -> None:
    """Edit the first ticket."""
    now = store.tickets.get("site", 1).revision
    store.reviews.edit(
        "site",
        "t01",
        expected_revision=now.number,
        title="Another",
        parts=now.parts,
        by=by,
        at=after(10),
    )


def answer(store: Store, text: str = "Yes.") -> None:
    """Answer the question that both tickets ask."""
    [question] = store.tickets.get("site", 1).revision.questions
    given = {question_id_of(question): text}
    store.reviews.answer("site", {"t01": given, "t02": given}, by=BEN, at=LATER)


def write_again(store: Store) -> None:
    """Write the second ticket from other sheets."""
    other = replace(a_draft(2), prose=a_prose("<p>It holds machines.</p>"))
    store.tickets.save_generated("site", [a_draft(1), other], at=after(10))


def depend(store: Store) -> None:
    """Have the second ticket wait for the first."""
    store.reviews.add_dependency("site", "t02", "t01", by=BEN, at=LATER)


def take_away(store: Store) -> None:
    """Take the mark of the first ticket away."""
    store.tickets.unmark_ready("site", ["t01"], by=BEN, at=LATER)


def test_whoever_marked_a_ticket_ready_learns_that_the_mark_went(store: Store) -> None:
    changes: Mapping[Callable[[Store], None], tuple[str, ...]] = {
        edit: ("t01",),
        answer: ("t01", "t02"),
        write_again: ("t02",),
        depend: ("t02",),
        take_away: ("t01",),
    }
    expected: list[tuple[str, tuple[str, ...]]] = []
    for change, ticket_ids in changes.items():
        mark(store)
        change(store)
        expected.insert(0, ("approval_lost", ticket_ids))

        assert notified(store) == expected
    assert not notified(store, BEN)


def test_nobody_is_notified_of_what_they_did_themselves(store: Store) -> None:
    mark(store, by=ANNA)
    edit(store, by="ANNA@example.org")
    store.reviews.assign("site", ["t01"], fields={"assignee": ANNA}, by=ANNA, at=after(11))

    assert not notified(store)


def test_only_people_who_may_come_in_are_notified(store: Store) -> None:
    for name in ("gone", "nobody@example.org"):
        store.reviews.assign("site", ["t01"], fields={"assignee": name}, by=BEN, at=LATER)
        store.comments.add("site", "t01", text=f"@{name} look", by=BEN, at=LATER)

        assert not notified(store, name)


def test_an_assignment_of_many_tickets_is_one_notification(store: Store) -> None:
    fields = {"assignee": ANNA.upper(), "sprint": "Sprint 2"}

    store.reviews.assign("site", ["t01", "t02"], fields=fields, by=BEN, at=LATER)
    store.reviews.assign("site", ["t01"], fields={"sprint": "Sprint 3"}, by=BEN, at=LATER)

    assert notified(store) == [("assigned", ("t01", "t02"))]


def test_comments_and_answers_mention_people(store: Store) -> None:
    store.comments.add("site", "t01", text="Nobody: x@ben.example, @benjamin", by=ANNA, at=START)
    store.comments.add("site", "t01", text="@Ben and @ben: look.", by=ANNA, at=after(2))
    answer(store, "As @anna says.")

    assert notified(store, BEN) == [("mentioned", ("t01",))]
    assert notified(store) == [("mentioned", ("t01", "t02"))]


def test_whoever_started_an_export_learns_how_it_ended(store: Store) -> None:
    def set_stage(stage: SessionStage, status: SessionStatus, by: str | None = None) -> None:
        store.sessions.set_stage("site", stage=stage, status=status, at=LATER, started_by=by)

    set_stage(SessionStage.JIRA_EXPORT, SessionStatus.RUNNING, ANNA)
    set_stage(SessionStage.JIRA_EXPORT, SessionStatus.WAITING)
    assert not notified(store)

    set_stage(SessionStage.JIRA_EXPORT, SessionStatus.FAILED)
    assert notified(store) == [("export_ended", ())]

    set_stage(SessionStage.JIRA_EXPORT, SessionStatus.RUNNING, "export_schedule")
    set_stage(SessionStage.COMPLETED, SessionStatus.COMPLETED)
    assert notified(store) == [("export_ended", ())]


def test_what_is_read_or_done_is_so_for_one_person_alone(store: Store) -> None:
    store.comments.add("site", "t01", text="@anna @ben", by="ab", at=after(2))
    store.comments.add("site", "t01", text="@anna @ben once more", by="ab", at=after(3))
    [newer, older] = store.notifications.ids(BY_NAME[ANNA], is_done=False)
    notifications = store.notifications

    def mark_it(what: NotificationMark, *ids: int, up_to: int | None = None) -> int:
        return notifications.mark(
            BY_NAME[ANNA],
            what,
            notification_ids=ids if up_to is None else None,
            up_to=up_to,
            at=LATER,
        )

    assert mark_it(NotificationMark.READ, up_to=older) == 1
    assert notifications.unread_count(BY_NAME[ANNA], most=9) == 1
    assert mark_it(NotificationMark.DONE, newer, older) == 2
    assert mark_it(NotificationMark.DONE, newer) == 0
    assert notifications.unread_count(BY_NAME[ANNA], most=9) == 0
    assert mark_it(NotificationMark.OPEN, older) == 1
    assert notifications.ids(BY_NAME[ANNA], is_done=True) == (newer,)
    assert notifications.unread_count(BY_NAME[BEN], most=1) == 1
    assert mark_it(NotificationMark.DONE, *notifications.ids(BY_NAME[BEN], is_done=False)) == 0


def test_notifications_go_with_their_session(store: Store) -> None:
    store.comments.add("site", "t01", text="@anna", by=BEN, at=after(2))

    store.sessions.remove("site", at=after(3), by=BEN)

    assert store.notifications.unread_count(BY_NAME[ANNA], most=9) == 0


def test_of_sessions_somebody_does_not_belong_to_there_is_nothing(store: Store) -> None:
    store.comments.add("site", "t01", text="@anna", by=BEN, at=after(2))
    elsewhere = replace(BY_NAME[ANNA], membership=Membership(frozenset({"other"})))
    here = replace(BY_NAME[ANNA], membership=Membership(frozenset({"site"})))

    found = store.notifications.ids(here, is_done=False)

    assert len(found) == store.notifications.unread_count(here, most=9) == 1
    assert store.notifications.ids(elsewhere, is_done=False) == ()
    assert store.notifications.unread_count(elsewhere, most=9) == 0


def test_whoever_is_asked_learns_it_and_whoever_asked_learns_of_the_answer(store: Store) -> None:
    [question] = store.tickets.get("site", 1).revision.questions
    details = {
        "ticket_ids": ["t01"],
        "questions": {"t01": [question_id_of(question)]},
        "asked_of": BEN,
    }
    store.audit.append(
        at=LATER, session_key="site", actor=ANNA, action="questions_asked", details=details
    )
    assert notified(store, BEN) == [("question_asked", ("t01",))]

    answer(store)

    assert notified(store) == [("question_answered", ("t01", "t02"))]


def test_clients_of_the_session_learn_what_the_client_is_asked(store: Store) -> None:
    [question] = store.tickets.get("site", 1).revision.questions
    key = question_id_of(question)
    asked = {"ticket_ids": ["t01"], "questions": {"t01": [key]}, "asked_of": "client"}
    store.sessions.register(an_upload("other"), at=START, actor="ab")
    here, elsewhere = Membership(frozenset({"site"})), Membership(frozenset({"other"}))
    for name, role, membership in (
        ("carl", Role.CLIENT, here),
        ("dora", Role.CLIENT, elsewhere),
        ("rita", Role.RESPONDENT, here),
    ):
        store.people.put(name, role, membership=membership, by="test", at=START)

    def enter(actor: str, action: str, details: Mapping[str, object]) -> None:
        store.audit.append(
            at=LATER, session_key="site", actor=actor, action=action, details=details
        )

    enter(ANNA, "questions_asked", asked)
    enter("carl", "answers_proposed", {"answers": {"t01": {key: "Yes."}}})
    enter("carl", "answers_proposed", {"answers": {"t01": {key: ""}}})

    assert notified(store, "carl") == [("question_asked", ("t01",))]
    assert [notified(store, name) for name in ("dora", "rita", BEN)] == [[], [], []]
    assert notified(store) == [("question_answered", ("t01",))]
