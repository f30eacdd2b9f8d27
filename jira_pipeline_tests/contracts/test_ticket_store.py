"""What every TicketStore does."""

from collections.abc import Callable
from functools import partial
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError

from jira_pipeline.model.errors import NotFoundError, NotVanishedError
from jira_pipeline.model.revisions import RevisionOrigin
from jira_pipeline.model.ticket_decisions import SentBack, Skipped, Withdrawal
from jira_pipeline.model.tickets import GenerationOutcome, TicketDraft, content_hash_of
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.stored_values import (
    SHA,
    START,
    a_draft,
    a_prose,
    after,
    an_upload,
    edit,
    hashes_of,
)

pytestmark = pytest.mark.usefixtures("session")


def test_generated_tickets_come_back_as_they_were_given(store: Store) -> None:
    draft = a_draft(assignee="ab@example.org", sprint="Sprint 1", parent="SITE-1")

    outcome = store.tickets.save_generated("site", [draft], at=after(1))

    (ticket,) = store.tickets.list_all("site")
    assert GenerationOutcome(created=1, rewritten=0, unchanged=0, withdrawals_proposed=0) == outcome
    for name in (
        *("ticket_id", "number", "group_key", "display_group", "action", "title", "source_lines"),
        *("assignee", "sprint", "priority", "labels", "parent"),
    ):
        assert getattr(draft, name) == getattr(ticket, name)
    assert (ticket.is_ready, ticket.skipped_reason, ticket.withdrawal) == (False, None, None)
    assert (ticket.revision.number, ticket.revision.origin) == (1, RevisionOrigin.GENERATED)
    assert (draft.prose.parts, draft.prose.questions) == (
        ticket.revision.parts,
        ticket.revision.questions,
    )
    assert ("template/1", "template/1", "2-6", after(1)) == (
        ticket.revision.writer,
        ticket.revision.author,
        ticket.revision.estimated_hours,
        ticket.revision.created_at,
    )
    assert ticket.revision.content_hash == content_hash_of(
        title=draft.title, parts=draft.prose.parts, estimated_hours="2-6"
    )


def test_the_order_of_drafts_changes_nothing(store: Store) -> None:
    drafts = [a_draft(1), a_draft(2, depends_on=("t01",)), a_draft(3, depends_on=("t02", "t01"))]
    store.tickets.save_generated("site", drafts, at=START)
    expected = store.tickets.list_all("site")

    for shuffled in permutations(drafts):
        outcome = store.tickets.save_generated("site", shuffled, at=after(1))

        assert outcome.unchanged == 3
        assert expected == store.tickets.list_all("site")


def test_dependencies_are_listed_by_the_number_of_the_other_ticket(store: Store) -> None:
    drafts = [
        a_draft(3, depends_on=("t02", "t01", "t02"), relates_to=("t04",)),
        *(a_draft(number) for number in (1, 2, 4)),
    ]

    store.tickets.save_generated("site", drafts, at=START)

    ticket = store.tickets.get("site", 3)
    assert (ticket.depends_on, ticket.relates_to) == (("t01", "t02"), ("t04",))


def test_generating_the_same_again_keeps_revision_and_ready_mark(store: Store) -> None:
    store.tickets.save_generated("site", [a_draft()], at=START)
    store.tickets.mark_ready("site", {"t01": hashes_of(SHA)}, by="ab", at=START)
    before = store.tickets.get("site", 1)

    outcome = store.tickets.save_generated("site", [a_draft()], at=after(1))

    assert GenerationOutcome(created=0, rewritten=0, unchanged=1, withdrawals_proposed=0) == outcome
    assert before == store.tickets.get("site", 1)
    assert (before.revision,) == store.tickets.revisions("t01")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"title": "Another"}, id="title"),
        pytest.param({"prose": a_prose("<p>Another.</p>")}, id="prose"),
    ],
)
def test_changed_content_gets_a_new_revision_and_loses_the_ready_mark(
    store: Store, change: dict[str, Any]
) -> None:
    store.tickets.save_generated("site", [a_draft(1), a_draft(2)], at=START)
    store.tickets.mark_ready(
        "site", {"t01": hashes_of(SHA), "t02": hashes_of(SHA)}, by="ab", at=START
    )

    outcome = store.tickets.save_generated("site", [a_draft(1, **change), a_draft(2)], at=after(1))

    assert GenerationOutcome(created=0, rewritten=1, unchanged=1, withdrawals_proposed=0) == outcome
    assert [ticket.is_ready for ticket in store.tickets.list_all("site")] == [False, True]
    assert [(1, START), (2, after(1))] == [
        (revision.number, revision.created_at) for revision in store.tickets.revisions("t01")
    ]
    assert store.tickets.get("site", 1).revision == store.tickets.revisions("t01")[-1]


def test_what_is_not_content_changes_without_a_new_revision(store: Store) -> None:
    store.tickets.save_generated("site", [a_draft(1), a_draft(2)], at=START)
    changed = [a_draft(1, number=2, labels=("new",), depends_on=("t02",)), a_draft(2, number=1)]

    store.tickets.save_generated("site", changed, at=after(1))

    ticket = store.tickets.get("site", 2)
    assert (ticket.ticket_id, ticket.revision.number, ticket.labels, ticket.depends_on) == (
        "t01",
        1,
        ("new",),
        ("t02",),
    )


def test_an_edited_ticket_keeps_its_text_and_gets_new_lines(store: Store) -> None:
    store.tickets.save_generated("site", [a_draft()], at=START)
    edit(store, "Edited")
    store.tickets.mark_ready("site", {"t01": hashes_of(SHA)}, by="ab", at=START)

    outcome = store.tickets.save_generated(
        "site", [a_draft(prose=a_prose("<p>New.</p>"), source_lines=())], at=after(1)
    )

    ticket = store.tickets.get("site", 1)
    assert GenerationOutcome(created=0, rewritten=0, unchanged=1, withdrawals_proposed=0) == outcome
    assert (ticket.title, ticket.revision.number, ticket.source_lines, ticket.is_ready) == (
        "Edited",
        2,
        (),
        True,
    )


def test_tickets_that_people_edited_are_read_with_one_statement_more_for_all(store: Store) -> None:
    """What writers asked was read for each of them by itself."""
    drafts = [a_draft(number) for number in (1, 2, 3)]
    store.tickets.save_generated("site", drafts, at=START)
    written = statements_of(store, lambda: store.tickets.list_all("site"))

    for number in (1, 2, 3):
        edit(store, "Edited", number=number)
    edited = statements_of(store, lambda: store.tickets.list_all("site"))

    questions = a_prose().parts.questions
    tickets = store.tickets.list_all("site")
    assert [ticket.written_questions for ticket in tickets] == [questions] * 3
    assert edited == written + 1


def statements_of(store: Store, read: Callable[[], object]) -> int:
    """Count the statements that a store sends to its database while something is read."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    engine = store.database.engine
    event.listen(engine, "before_cursor_execute", note)
    read()
    event.remove(engine, "before_cursor_execute", note)
    return len(sent)


def test_a_ticket_whose_group_vanished_is_proposed_for_withdrawal(store: Store) -> None:
    drafts = [a_draft(1, depends_on=("t02",)), a_draft(2)]
    store.tickets.save_generated("site", drafts, at=START)

    outcome = store.tickets.save_generated("site", [a_draft(1)], at=after(1))

    assert GenerationOutcome(created=0, rewritten=0, unchanged=1, withdrawals_proposed=1) == outcome
    (ticket,) = store.tickets.list_all("site")
    assert (ticket.ticket_id, ticket.depends_on) == ("t01", ())
    (vanished,) = store.tickets.list_vanished("site")
    assert (vanished.ticket_id, vanished.withdrawal) == ("t02", Withdrawal.PROPOSED)
    with pytest.raises(NotFoundError, match="no ticket 2"):
        store.tickets.get("site", 2)


@pytest.mark.parametrize("is_agreed", [False, True], ids=["proposed", "agreed"])
def test_a_ticket_that_comes_back_is_the_same_and_its_mark_holds_unless_people_let_it_go(
    store: Store, *, is_agreed: bool
) -> None:
    store.tickets.save_generated("site", [a_draft(1), a_draft(2)], at=START)
    store.tickets.mark_ready("site", {"t02": hashes_of(SHA)}, by="ab", at=START)
    store.tickets.save_generated("site", [a_draft(1)], at=after(1))
    if is_agreed:
        store.tickets.withdraw("site", ["t02"], reason="", by="ab", at=after(2))

    outcome = store.tickets.save_generated("site", [a_draft(1), a_draft(2)], at=after(2))

    assert GenerationOutcome(created=1, rewritten=0, unchanged=1, withdrawals_proposed=0) == outcome
    ticket = store.tickets.get("site", 2)
    assert (ticket.ticket_id, ticket.revision.number, ticket.is_ready) == ("t02", 1, not is_agreed)
    assert (ticket.withdrawal, store.tickets.list_vanished("site")) == (None, ())


def test_tickets_without_rows_are_numbered_after_the_others_whoever_agreed(store: Store) -> None:
    store.tickets.save_generated("site", [a_draft(n) for n in (1, 2, 3, 4)], at=START)
    store.tickets.save_generated("site", [a_draft(2), a_draft(3), a_draft(4)], at=after(1))
    store.tickets.withdraw("site", ["t01"], reason="Not built.", by="ab", at=after(2))

    store.tickets.save_generated("site", [a_draft(4, number=1)], at=after(3))

    vanished = store.tickets.list_vanished("site")
    assert [(t.ticket_id, t.number, t.withdrawal) for t in vanished] == [
        ("t02", 2, Withdrawal.PROPOSED),
        ("t03", 3, Withdrawal.PROPOSED),
        ("t01", 4, Withdrawal.AGREED),
    ]
    assert (vanished[2].withdrawn_by, vanished[2].withdrawal_reason) == ("ab", "Not built.")


def test_an_agreement_is_audited_once_and_can_be_taken_back(store: Store) -> None:
    store.tickets.save_generated("site", [a_draft(1), a_draft(2)], at=START)
    store.tickets.save_generated("site", [a_draft(2)], at=after(1))

    counts = [
        store.tickets.withdraw("site", ["t01"], reason="Gone.", by="ab", at=after(2)),
        store.tickets.withdraw("site", ["t01"], reason="Again.", by="cd", at=after(3)),
        store.tickets.unwithdraw("site", ["t01"], by="cd", at=after(4)),
        store.tickets.unwithdraw("site", ["t01"], by="cd", at=after(5)),
    ]

    (ticket,) = store.tickets.list_vanished("site")
    assert counts == [1, 0, 1, 0]
    assert (ticket.withdrawal, ticket.withdrawn_by, ticket.withdrawal_reason) == (
        Withdrawal.PROPOSED,
        None,
        "",
    )
    assert [(e.actor, e.action, e.details) for e in store.audit.entries("site")[-2:]] == [
        ("ab", "withdrawals_agreed", {"ticket_ids": ["t01"], "reason": "Gone."}),
        ("cd", "withdrawals_proposed_again", {"ticket_ids": ["t01"]}),
    ]


def test_of_tickets_one_of_which_is_back_in_the_sheets_none_is_withdrawn(store: Store) -> None:
    """Somebody may have put the rows back since the list was read."""
    store.tickets.save_generated("site", [a_draft(1), a_draft(2)], at=START)
    store.tickets.save_generated("site", [], at=after(1))
    store.tickets.save_generated("site", [a_draft(2, number=1)], at=after(2))

    with pytest.raises(NotVanishedError, match="t02"):
        store.tickets.withdraw("site", ["t01", "t02"], reason="", by="ab", at=after(3))
    with pytest.raises(NotVanishedError, match="t02"):
        store.tickets.unwithdraw("site", ["t01", "t02"], by="ab", at=after(3))

    (ticket,) = store.tickets.list_vanished("site")
    assert (ticket.ticket_id, ticket.withdrawal) == ("t01", Withdrawal.PROPOSED)


@pytest.mark.parametrize(
    ("drafts", "message"),
    [
        pytest.param([a_draft(1), a_draft(1, number=2)], "same ticket id", id="ids"),
        pytest.param([a_draft(1), a_draft(1, ticket_id="x")], "same number", id="numbers"),
        pytest.param([a_draft(1, depends_on=("t09",))], "t09", id="stranger"),
    ],
)
def test_a_generation_that_contradicts_itself_changes_nothing(
    store: Store, drafts: list[TicketDraft], message: str
) -> None:
    store.tickets.save_generated("site", [a_draft(5)], at=START)
    before = store.tickets.list_all("site")

    with pytest.raises(ValueError, match=message):
        store.tickets.save_generated("site", drafts, at=after(1))

    assert before == store.tickets.list_all("site")


def test_a_generation_that_fails_in_the_middle_leaves_nothing(store: Store) -> None:
    """The constraint that refuses a ticket waiting for itself speaks after tickets were written."""
    already = store.audit.entries("site")

    with pytest.raises(IntegrityError, match="not_itself"):
        store.tickets.save_generated("site", [a_draft(1, depends_on=("t01",))], at=START)

    assert store.tickets.list_all("site") == ()
    assert already == store.audit.entries("site")


def test_ready_marks_are_bound_to_what_was_validated(store: Store) -> None:
    store.tickets.save_generated("site", [a_draft(1), a_draft(2)], at=START)

    first = store.tickets.mark_ready(
        "site", {"t01": hashes_of("old"), "t02": hashes_of(SHA)}, by="ab", at=START
    )
    second = store.tickets.mark_ready(
        "site", {"t01": hashes_of(SHA), "t02": hashes_of(SHA)}, by="cd", at=after(1)
    )

    assert (first, second) == (2, 1)
    assert [(ticket.ready_hash, ticket.ready_by) for ticket in store.tickets.list_all("site")] == [
        (SHA, "cd"),
        (SHA, "ab"),
    ]


def test_a_ready_mark_records_the_questions_that_were_open(store: Store) -> None:
    store.tickets.save_generated("site", [a_draft(1), a_draft(2)], at=START)
    store.tickets.mark_ready("site", {"t02": hashes_of(SHA)}, by="ab", at=START)

    hashes = {"t01": hashes_of(SHA), "t02": hashes_of(SHA)}
    questions = {"t01": 3, "t02": 1}
    store.tickets.mark_ready("site", hashes, open_questions=questions, by="ab", at=START)

    *_, before, last = store.audit.entries("site")
    assert "open_questions" not in before.details
    assert last.details["open_questions"] == {"t01": 3}


def test_a_session_is_ready_once_every_ticket_that_is_not_skipped_is(store: Store) -> None:
    store.tickets.save_generated("site", [a_draft(1), a_draft(2)], at=START)
    before = store.tickets.ready_sessions()

    store.tickets.mark_ready("site", {"t01": hashes_of(SHA)}, by="ab", at=START)
    half = store.tickets.ready_sessions()
    store.tickets.exclude("site", ["t02"], Skipped, reason="Exists.", by="ab", at=START)

    assert [before, half, store.tickets.ready_sessions()] == [set(), set(), {"site"}]


def test_tickets_are_skipped_with_a_reason_and_taken_in_again(store: Store) -> None:
    store.tickets.save_generated("site", [a_draft(1), a_draft(2)], at=START)

    skipped = store.tickets.exclude("site", ["t01"], Skipped, reason="Exists.", by="ab", at=START)
    again = store.tickets.exclude("site", ["t01"], Skipped, reason="Exists.", by="ab", at=START)
    reason = store.tickets.get("site", 1).skipped_reason
    taken_in = store.tickets.exclude(
        "site", ["t01", "t02"], Skipped, reason=None, by="ab", at=START
    )

    assert (skipped, again, reason, taken_in) == (1, 0, "Exists.", 1)
    assert store.tickets.get("site", 1).skipped_reason is None


def test_a_ticket_is_left_out_in_one_way_alone(store: Store) -> None:
    store.tickets.save_generated("site", [a_draft(1)], at=START)
    store.tickets.mark_ready("site", {"t01": hashes_of(SHA)}, by="ab", at=START)
    asked = {"sent_back_about": "fields.csv, line 4", "sent_back_to": "bob"}
    exclude = partial(store.tickets.exclude, "site", ["t01"], by="ab", at=START)

    exclude(SentBack, reason="Wrong label.", beside=asked)
    sent = store.tickets.get("site", 1)
    listed = store.tickets.listed("site")
    exclude(Skipped, reason="Exists.")
    both = store.tickets.get("site", 1)
    exclude(SentBack, reason=None)

    assert sent.exclusion == SentBack("Wrong label.", "fields.csv, line 4", "bob")
    assert listed[0].exclusion == sent.exclusion
    assert (sent.is_ready, both.sent_back, both.sent_back_to) == (False, None, "")
    assert both.exclusion == store.tickets.get("site", 1).exclusion == Skipped("Exists.")
    details = [entry.details for entry in store.audit.entries("site")]
    assert {**asked, "ticket_ids": ["t01"], "reason": "Wrong label."} in details


def test_the_audit_trail_has_the_words_that_a_reason_takes_the_place_of(store: Store) -> None:
    store.tickets.save_generated("site", [a_draft(1), a_draft(2)], at=START)
    exclude = partial(store.tickets.exclude, "site", ["t01", "t02"], by="ab", at=START)
    words = {"sent_back": "Wrong label.", "sent_back_to": "bob"}
    asked, other = {"sent_back_to": "bob"}, {"sent_back_to": "kim"}

    exclude(SentBack, reason="Wrong label.", beside=asked)
    same = exclude(SentBack, reason="Wrong label.", beside=asked)
    of_other = exclude(SentBack, reason="Wrong label.", beside=other)
    exclude(Skipped, reason="Exists.")
    exclude(Skipped, reason=None)

    *_, first, second, skipped, unskipped = store.audit.entries("site")
    assert (same, of_other, store.tickets.get("site", 1).exclusion) == (0, 2, None)
    assert "replaced" not in first.details
    assert second.details["replaced"] == dict.fromkeys(("t01", "t02"), words)
    assert skipped.details["replaced"] == dict.fromkeys(("t01", "t02"), words | other)
    assert "replaced" not in unskipped.details


@pytest.mark.parametrize("unknown", ["t02", "o01", "t99"], ids=["withdrawn", "other", "unknown"])
def test_marking_a_stranger_marks_nothing(store: Store, unknown: str) -> None:
    store.sessions.register(an_upload("other"), at=START, actor="ab")
    store.tickets.save_generated("other", [a_draft(1, ticket_id="o01")], at=START)
    store.tickets.save_generated("site", [a_draft(1), a_draft(2)], at=START)
    store.tickets.save_generated("site", [a_draft(1)], at=START)

    with pytest.raises(NotFoundError, match=unknown):
        store.tickets.mark_ready(
            "site", {"t01": hashes_of(SHA), unknown: hashes_of(SHA)}, by="ab", at=START
        )

    assert not store.tickets.get("site", 1).is_ready


def test_every_change_of_tickets_is_audited_and_no_other_call_is(store: Store) -> None:
    already = len(store.audit.entries("site"))
    store.tickets.save_generated("site", [a_draft()], at=after(1))
    for _ in range(2):
        store.tickets.mark_ready("site", {"t01": hashes_of(SHA)}, by="ab", at=after(2))
    for _ in range(2):
        store.tickets.unmark_ready("site", ["t01"], by="cd", at=after(3))
    for _ in range(2):
        store.tickets.exclude("site", ["t01"], Skipped, reason="No.", by="ef", at=after(4))
    for _ in range(2):
        store.tickets.exclude("site", ["t01"], Skipped, reason=None, by="gh", at=after(5))

    audited = [(entry.action, entry.actor, entry.at) for entry in store.audit.entries("site")]

    assert [
        ("tickets_generated", "pipeline", after(1)),
        ("tickets_marked_ready", "ab", after(2)),
        ("tickets_unmarked_ready", "cd", after(3)),
        ("tickets_skipped", "ef", after(4)),
        ("tickets_unskipped", "gh", after(5)),
    ] == audited[already:]
