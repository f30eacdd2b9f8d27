"""What the ReviewStore does."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from jira_pipeline.model.errors import DependencyCycleError, EditConflictError, NotFoundError
from jira_pipeline.model.manual_fixes import FixState
from jira_pipeline.model.revisions import RevisionOrigin
from jira_pipeline.model.tickets import (
    ChangedCell,
    GenerationOutcome,
    Ticket,
    canonical_hash,
    question_id_of,
)
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.stored_values import (
    START,
    a_draft,
    a_fix,
    a_prose,
    a_validation,
    after,
    an_upload,
    edit,
    hashes_of,
)

READY = canonical_hash("as validated")


@pytest.fixture(autouse=True)
def _session(store: Store) -> None:
    store.sessions.register(an_upload(), at=START, actor="ab")
    store.tickets.save_generated("site", [a_draft(n) for n in (1, 2, 3)], at=after(1))
    store.validations.record(a_validation(after(2)))
    store.tickets.mark_ready(
        "site", {"t01": hashes_of(READY), "t02": hashes_of(READY)}, by="ab", at=after(3)
    )


def _ticket(store: Store, number: int = 1) -> Ticket:
    return store.tickets.get("site", number)


def _edit(store: Store, title: str | None = None, *, expected: int = 1, **parts: str) -> None:
    edit(store, title, expected_revision=expected, parts=parts)


def _write_again(store: Store, minute: int = 12, **first: Any) -> GenerationOutcome:
    """Generate the three tickets again, the first one changed."""
    drafts = [a_draft(1, **first), a_draft(2), a_draft(3)]
    return store.tickets.save_generated("site", drafts, at=after(minute))


def _actions(store: Store) -> list[str]:
    return [entry.action for entry in store.audit.entries("site")]


def test_an_edit_adds_a_revision_and_takes_the_ready_mark(store: Store) -> None:
    _edit(store, title="Other", notes="<p>Mind the gap.</p>")

    ticket = _ticket(store)
    revisions = store.tickets.revisions("t01")
    assert (ticket.title, ticket.revision.parts.notes) == ("Other", "<p>Mind the gap.</p>")
    assert [r.origin for r in revisions] == [RevisionOrigin.GENERATED, RevisionOrigin.EDITED]
    assert (ticket.revision.number, ticket.revision.author, ticket.is_ready) == (2, "cd", False)
    assert store.sessions.get("site").last_invalidated_at == after(10)
    assert _actions(store)[-1] == "ticket_edited"
    assert _ticket(store, 2).is_ready


def test_an_edit_that_changes_nothing_adds_nothing(store: Store) -> None:
    before = _actions(store)

    _edit(store)

    assert len(store.tickets.revisions("t01")) == 1
    assert _ticket(store).is_ready
    assert _actions(store) == before


def test_of_two_people_who_edit_one_ticket_the_second_is_refused(store: Store) -> None:
    _edit(store, title="First")

    with pytest.raises(EditConflictError, match="revision 2, by cd"):
        _edit(store, expected=1, title="Second")

    assert _ticket(store).title == "First"


def test_rolling_back_brings_earlier_content_as_a_new_revision(store: Store) -> None:
    _edit(store, title="Worse", analysis="<p>Wrong.</p>")

    store.reviews.roll_back(
        "site", "t01", to_revision=1, expected_revision=2, by="cd", at=after(11)
    )

    first, _, third = store.tickets.revisions("t01")
    assert (third.title, third.parts, third.content_hash) == (
        first.title,
        first.parts,
        first.content_hash,
    )
    assert (third.number, third.origin, third.rolled_back_to) == (3, RevisionOrigin.ROLLED_BACK, 1)


def test_fields_are_set_for_many_tickets_and_stay_when_they_are_written_again(store: Store) -> None:
    changed = store.reviews.assign(
        "site",
        ["t01", "t02"],
        fields={"assignee": "ef@example.org", "labels": ("a", "b")},
        by="cd",
        at=after(10),
    )
    store.tickets.save_generated(
        "site", [a_draft(n, assignee=None, sprint="Sprint 2") for n in (1, 2, 3)], at=after(12)
    )

    first, second, third = store.tickets.list_all("site")
    assert changed == 2
    assert (first.assignee, first.labels, first.sprint) == (
        "ef@example.org",
        ("a", "b"),
        "Sprint 2",
    )
    assert (second.assignee, third.assignee) == ("ef@example.org", None)


def test_what_a_value_caused_is_to_be_done_until_it_is_another_one(store: Store) -> None:
    for subject in ("assignee", "sprint"):
        store.manual_fixes.record(a_fix(ticket_id="t01", subject=subject))

    for minute in (10, 11):
        named = {"assignee": "ef@example.org"}
        store.reviews.assign("site", ["t01", "t02"], fields=named, by="cd", at=after(minute))

    found = {fix.subject: fix.state for fix in store.manual_fixes.list_all("site")}
    assert found == {"assignee": FixState.OBSOLETE, "sprint": FixState.OPEN}


def test_a_column_that_is_no_field_is_never_set_and_no_question_answered_that_nobody_asks(
    store: Store,
) -> None:
    with pytest.raises(ValueError, match="ready_hash"):
        store.reviews.assign("site", ["t01"], fields={"ready_hash": "x"}, by="cd", at=after(10))
    with pytest.raises(NotFoundError, match="no question nope"):
        store.reviews.answer("site", {"t01": {"nope": "x"}}, by="cd", at=after(10))


def test_tickets_are_put_into_an_order_in_the_places_they_have(store: Store) -> None:
    moved = store.reviews.reorder("site", ["t03", "t01"], by="cd", at=after(10))

    ordered = sorted(store.tickets.list_all("site"), key=lambda t: t.place)
    assert [t.ticket_id for t in ordered] == ["t03", "t02", "t01"]
    assert moved == 2
    assert _ticket(store).is_ready
    assert store.reviews.reorder("site", ["t01", "t03"], by="cd", at=after(11)) == 2
    assert [t.position for t in store.tickets.list_all("site")] == [None, None, None]


def test_a_dependency_made_by_hand_stays_when_tickets_are_written_again(store: Store) -> None:
    assert store.reviews.set_dependency("site", "t01", "t03", waits=True, by="cd", at=after(10))
    assert not store.reviews.set_dependency("site", "t01", "t03", waits=True, by="cd", at=after(11))

    _write_again(store)

    assert _ticket(store).depends_on == ("t03",)
    assert not _ticket(store).is_ready


@pytest.mark.parametrize("is_dropped", [False, True], ids=["in the sheets", "dropped by them"])
def test_a_dependency_of_the_sheets_taken_away_stays_away_until_it_is_added(
    store: Store, *, is_dropped: bool
) -> None:
    """It was only no longer released: the answer said that it waits, and it did not."""
    drafts = [a_draft(1), a_draft(2, depends_on=("t01",)), a_draft(3)]
    store.tickets.save_generated("site", drafts, at=after(9))

    assert store.reviews.set_dependency("site", "t02", "t01", waits=False, by="cd", at=after(10))
    if is_dropped:
        drafts[1] = a_draft(2)
    store.tickets.save_generated("site", drafts, at=after(11))
    away = _ticket(store, 2).depends_on
    assert store.reviews.set_dependency("site", "t02", "t01", waits=True, by="cd", at=after(12))

    assert away == ()
    assert _ticket(store, 2).depends_on == ("t01",)


def test_a_cycle_is_refused_with_the_tickets_in_it(store: Store) -> None:
    """Also one of a ticket alone: whoever called the store got a ValueError of unpacking."""
    store.reviews.set_dependency("site", "t01", "t02", waits=True, by="cd", at=after(10))
    store.reviews.set_dependency("site", "t02", "t03", waits=True, by="cd", at=after(10))

    with pytest.raises(DependencyCycleError) as caught:
        store.reviews.set_dependency("site", "t03", "t01", waits=True, by="cd", at=after(11))
    with pytest.raises(DependencyCycleError, match="1 Create content type 1"):
        store.reviews.set_dependency("site", "t01", "t01", waits=True, by="ab", at=after(12))

    assert (
        "3 Create content type 3 → 1 Create content type 1 → 2 Create content type 2 → "
        "3 Create content type 3"
    ) in caught.value.message
    assert not store.reviews.set_dependency(
        "site", "t01", "t01", waits=False, by="ab", at=after(12)
    )
    assert _ticket(store).depends_on == ("t02",)


def test_a_dependency_by_hand_yields_to_the_sheets_where_both_make_a_cycle(store: Store) -> None:
    store.reviews.set_dependency("site", "t01", "t03", waits=True, by="cd", at=after(10))

    outcome = store.tickets.save_generated(
        "site", [a_draft(1), a_draft(2), a_draft(3, depends_on=("t01",))], at=after(12)
    )

    first, _, third = store.tickets.list_all("site")
    assert (first.depends_on, first.relates_to, third.depends_on) == ((), ("t03",), ("t01",))
    assert outcome.dropped_dependencies == (("t01", "t03"),)


def test_the_opposite_of_what_was_taken_away_may_be_added(store: Store) -> None:
    drafts = [a_draft(1), a_draft(2, depends_on=("t01",)), a_draft(3)]
    store.tickets.save_generated("site", drafts, at=after(9))
    store.reviews.set_dependency("site", "t02", "t01", waits=False, by="cd", at=after(10))
    store.reviews.set_dependency("site", "t01", "t02", waits=True, by="cd", at=after(11))

    outcome = store.tickets.save_generated("site", drafts, at=after(12))

    assert (_ticket(store).depends_on, outcome.dropped_dependencies) == (("t02",), ())


def test_answers_are_kept_by_question_and_survive_a_new_generation(store: Store) -> None:
    """An empty one takes it back."""
    (question,) = _ticket(store).revision.questions
    key = question_id_of(question)

    assert store.reviews.answer("site", {"t01": {key: " Staff.\n"}}, by="cd", at=after(10)) == 1
    store.tickets.save_generated(
        "site", [a_draft(n, prose=a_prose("<p>New.</p>")) for n in (1, 2, 3)], at=after(12)
    )

    (answer,) = _ticket(store).answers
    assert (answer.question, answer.answer, answer.answered_by) == (
        question.question,
        "Staff.",
        "cd",
    )
    assert _ticket(store).unanswered == ()
    assert _ticket(store, 2).unanswered == (question,)
    taken = [
        store.reviews.answer("site", {"t01": {key: ""}}, by="cd", at=after(minute))
        for minute in (13, 14)
    ]
    assert (taken, _ticket(store).answers) == ([1, 0], ())


def test_an_answer_to_a_question_that_is_asked_no_longer_stays_readable(store: Store) -> None:
    key = question_id_of(_ticket(store).revision.questions[0])
    store.reviews.answer("site", {"t01": {key: "Staff."}}, by="cd", at=after(10))
    settled = replace(a_prose(), questions=())

    _write_again(store, prose=settled)

    assert [answer.answer for answer in _ticket(store).answers] == ["Staff."]


CELL = ChangedCell(file="Fields.csv", line=7, column="Req'd", before="", after="y")


def test_edited_prose_stays_when_cells_change_and_the_cells_are_remembered_until_it_is_ready(
    store: Store,
) -> None:
    _edit(store, analysis="<p>By hand.</p>")
    validated = canonical_hash("validated again")
    store.tickets.mark_ready("site", {"t01": hashes_of(validated)}, by="cd", at=after(11))

    outcome = _write_again(store, facts_hash="f" * 64, changed_cells=(CELL,))
    ticket = _ticket(store)
    store.tickets.mark_ready("site", {"t01": hashes_of(READY)}, by="cd", at=after(13))

    assert ticket.revision.parts.analysis == "<p>By hand.</p>"
    assert (ticket.source_changes, ticket.is_ready) == ((CELL,), False)
    assert outcome.rewritten == 0
    assert _ticket(store).source_changes == ()


BACK = replace(CELL, before="y", after="")
TITLE, BODY = replace(CELL, row="field title"), replace(BACK, row="field body")
ROW_GONE = ChangedCell(file="F.csv", line=7, column="", before="Room", after=None, row="room")
ROW_BACK = replace(ROW_GONE, before=None, after="Room")


@pytest.mark.parametrize(
    ("changes", "kept"),
    [
        pytest.param((CELL, BACK), (), id="back"),
        # A row put in above moved another row onto the line: their changes are not one and back.
        pytest.param((TITLE, BODY), (TITLE, BODY), id="two rows on one line"),
        # Its cells may be others than those the prose was written from.
        pytest.param((ROW_GONE, ROW_BACK), (ROW_BACK,), id="a row came back"),
    ],
)
def test_a_cell_that_changes_back_is_no_change_and_all_others_are(
    store: Store, changes: Sequence[ChangedCell], kept: tuple[ChangedCell, ...]
) -> None:
    _edit(store, analysis="<p>By hand.</p>")
    for minute, cell in enumerate(changes):
        _write_again(store, 12 + minute, changed_cells=(cell,))

    assert _ticket(store).source_changes == kept


@pytest.mark.parametrize(("facts", "is_looked_at"), [("b" * 64, False), ("c" * 64, True)])
def test_an_edited_ticket_that_comes_back_with_other_facts_is_looked_at(
    store: Store, facts: str, is_looked_at: bool
) -> None:
    """Auto approval would take prose of people for what the sheets say now."""
    store.tickets.save_generated("site", [a_draft(1, facts_hash="b" * 64), a_draft(2)], at=after(9))
    _edit(store, expected=2, analysis="<p>By hand.</p>")
    store.tickets.save_generated("site", [a_draft(2)], at=after(11))

    store.tickets.save_generated("site", [a_draft(1, facts_hash=facts), a_draft(2)], at=after(12))

    ticket = _ticket(store)
    assert ticket.revision.parts.analysis == "<p>By hand.</p>"
    assert bool(ticket.source_changes) is is_looked_at


def test_a_ticket_with_notes_only_is_written_again_and_keeps_the_notes(store: Store) -> None:
    _edit(store, notes="<p>Call Ada.</p>")

    outcome = _write_again(store, prose=a_prose("<p>New.</p>"))

    revision = _ticket(store).revision
    assert (revision.parts.analysis, revision.parts.notes) == ("<p>New.</p>", "<p>Call Ada.</p>")
    assert (revision.origin, outcome.rewritten) == (RevisionOrigin.GENERATED, 1)


@pytest.mark.parametrize(
    "taken_back",
    [
        pytest.param({"estimated_hours": "9-12"}, id="hours"),
        pytest.param({"questions": ()}, id="a question"),
    ],
)
def test_what_people_took_back_beside_the_text_stays_when_tickets_are_written_again(
    store: Store, taken_back: dict[str, Any]
) -> None:
    whole = a_prose("<p>A model's.</p>")
    _write_again(store, prose=whole)
    before = _ticket(store).revision

    kept = edit(store, like=replace(before, **taken_back), at=after(13))
    _write_again(store, 14, prose=whole)

    assert kept.number == before.number + 1
    assert _ticket(store).revision == kept
    assert {name: getattr(kept, name) for name in taken_back} == taken_back


def test_other_facts_with_the_same_prose_are_a_new_revision(store: Store) -> None:
    _write_again(store, facts_hash="b" * 64)

    outcome = _write_again(store, 13, facts_hash="b" * 64)

    assert [r.facts_hash for r in store.tickets.revisions("t01")] == [None, "b" * 64]
    assert outcome.rewritten == 0
