"""What people said goes to another ticket in one step: with its row, or as a person says.

Belongs here: what both databases do alike. Does not: which words go along, seen from the sheets
(`review/test_moved_rows`, `review/test_taken_words`).
"""

from dataclasses import replace

from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.open_questions import Audience, OpenQuestion
from jira_pipeline.model.tickets import Ticket, TicketDraft, row_ids_of
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.stored_values import START, a_draft, a_prose, after, an_upload


def asking(key: str) -> OpenQuestion:
    return OpenQuestion(
        file="Bundles.csv",
        line=2,
        column="Notes",
        quote="",
        question="Who keeps it?",
        kind="rows.unsettled",
        keys=(key,),
        labels=("the harbour",),
    )


ROW = asking("bundle:Content type/b1")
RENAMED = asking("bundle:Content type/b3")
(ROW_ID,) = row_ids_of(ROW)
(RENAMED_ID,) = row_ids_of(RENAMED)


def draft(of: int, *questions: OpenQuestion) -> TicketDraft:
    return a_draft(of, prose=replace(a_prose(), questions=questions))


def prepare(store: Store) -> None:
    """Let somebody say things of the row of ticket 1, and of the ticket."""
    store.sessions.register(an_upload(), at=START, actor="ab")
    store.tickets.save_generated("site", [draft(1, ROW), draft(2)], at=after(1))
    store.reviews.answer("site", {"t01": {ROW_ID: "Nobody."}}, by="ben", at=after(2))
    store.reviews.route(
        "site",
        [("t01", ROW_ID)],
        audience=Audience.CLIENT,
        words="Who keeps the harbour?",
        by="ben",
        at=after(3),
    )
    store.comments.add("site", "t01", text="Ask them.", by="cleo", at=after(4))
    store.reviews.assign("site", ["t01"], fields={"assignee": "ada"}, by="ben", at=after(5))
    store.reviews.set_dependency("site", "t01", "t02", waits=True, by="ben", at=after(6))


def ticket_of(store: Store, ticket_id: str) -> Ticket:
    every = (*store.tickets.list_all("site"), *store.tickets.list_vanished("site"))
    return next(ticket for ticket in every if ticket.ticket_id == ticket_id)


def test_what_was_said_of_a_row_goes_with_it(store: Store) -> None:
    prepare(store)

    store.tickets.save_generated("site", [draft(1), draft(2, ROW)], at=after(10))

    (answer,) = ticket_of(store, "t02").answers
    (route,) = store.reviews.routes("site")
    assert (answer.answer, answer.answered_by, answer.answered_at) == ("Nobody.", "ben", after(2))
    assert route.ticket_id == "t02"
    assert ticket_of(store, "t01").answers == ()
    assert [comment.text for comment in store.comments.of_ticket("t01")] == ["Ask them."]
    (entry,) = store.audit.entries("site", actions={AuditAction.ANSWERS_MOVED})
    assert entry.details["answers"] == {"t01": {ROW_ID: ""}, "t02": {ROW_ID: "Nobody."}}


def test_a_copy_of_an_answer_goes_and_another_answer_stays(store: Store) -> None:
    """An older version left a copy with a text of people, and each could be answered apart."""
    store.sessions.register(an_upload(), at=START, actor="ab")
    drafts = [draft(1, ROW, RENAMED), draft(2, ROW, RENAMED)]
    store.tickets.save_generated("site", drafts, at=after(1))
    both = {"t01": {ROW_ID: "Nobody.", RENAMED_ID: "Ada."}, "t02": {ROW_ID: "Nobody."}}
    store.reviews.answer("site", both, by="ben", at=after(2))
    store.reviews.answer("site", {"t02": {RENAMED_ID: "Ben."}}, by="ben", at=after(3))

    store.tickets.save_generated("site", [draft(1), draft(2, ROW, RENAMED)], at=after(10))

    assert [answer.answer for answer in ticket_of(store, "t01").answers] == ["Ada."]
    assert {*ticket_of(store, "t02").own_answers.values()} == {"Nobody.", "Ben."}


def test_nothing_moves_where_each_row_is_where_it_was(store: Store) -> None:
    prepare(store)
    before = ticket_of(store, "t01")

    store.tickets.save_generated("site", [draft(1, ROW), draft(2, RENAMED)], at=after(10))

    assert ticket_of(store, "t01").answers == before.answers
    assert store.audit.entries("site", actions={AuditAction.ROWS_MOVED}) == ()


def test_another_ticket_takes_over_what_was_said(store: Store) -> None:
    prepare(store)
    store.tickets.save_generated("site", [draft(2), draft(3, RENAMED)], at=after(10))

    count = store.reviews.take_words("site", "t01", "t03", may_exclude=True, by="ben", at=after(11))

    ticket = ticket_of(store, "t03")
    gone = ticket_of(store, "t01")
    assert count == 5
    assert [(one.question_id, one.answer) for one in ticket.answers] == [(RENAMED_ID, "Nobody.")]
    assert [(one.ticket_id, one.question_id) for one in store.reviews.routes("site")] == [
        ("t03", RENAMED_ID)
    ]
    assert [comment.text for comment in store.comments.of_ticket("t03")] == ["Ask them."]
    assert (ticket.assignee, ticket.assigned_fields) == ("ada", ("assignee",))
    assert ticket.depends_on == ("t02",)
    assert (gone.answers, gone.assigned_fields, gone.depends_on) == ((), (), ())


def test_another_ticket_gives_back_what_it_took_over(store: Store) -> None:
    prepare(store)
    before = everything_said(store)
    store.tickets.save_generated("site", [draft(2), draft(3, RENAMED)], at=after(10))
    store.reviews.take_words("site", "t01", "t03", may_exclude=True, by="ben", at=after(11))

    given = store.reviews.give_words_back("site", "t03", "t01", by="ben", at=after(12))

    assert given is not None
    assert (given.count, given.staying) == (5, [])
    assert everything_said(store) == before
    again = store.reviews.give_words_back("site", "t03", "t01", by="ben", at=after(13))
    assert again is None


def everything_said(store: Store) -> object:
    """All that people said of ticket 1, as it can be read."""
    gone = ticket_of(store, "t01")
    return (
        gone.answers,
        gone.assigned_fields,
        gone.assignee,
        store.reviews.routes("site"),
        store.comments.of_ticket("t01"),
        store.kept_reviews.dependencies("site"),
    )
