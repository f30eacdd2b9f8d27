"""What a ticket says, part by part: equal where nothing but places, numbers or wording moved."""

from collections.abc import Callable
from dataclasses import replace

from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline.model.revisions import RevisionOrigin
from jira_pipeline.model.ticket_hashes import content_of, differing_parts, rendered_hash_of
from jira_pipeline.model.tickets import Answer, IssueField, Ticket
from jira_pipeline_tests.contracts.stored_values import START
from jira_pipeline_tests.sheets.made_specifications import bundle, field
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.tickets.documents.made_tickets import MadeTicket, made_ticket

ANSWER = Answer(
    question_id="q", question="Which?", answer="This.", answered_by="ada", answered_at=START
)
TITLE = "Configure content type: Event"
PLACES = [
    field("Event (Content type)", "field_seat")
    | {"Vals.": "1", "Settings/notes": "To be decided."},
    field("Room (Content type)", "field_seat") | {"Vals.": "*"},
]
"""Two rows of one storage: the question cites both."""


def event(*, blank_rows: int = 0, note: str = "To be decided.") -> MadeTicket:
    fields = [PLACES[0] | {"Settings/notes": note}, PLACES[1]]
    return made_ticket(
        TITLE,
        bundles=[bundle("Event", "event"), bundle("Room", "room")],
        fields=[*([{}] * blank_rows), *fields],
    )


def differing(made: MadeTicket, ticket: Ticket, group: EntityGroup) -> tuple[str, ...]:
    return differing_parts(content_of(made.ticket, made.group), content_of(ticket, group))


def test_lines_that_moved_say_nothing_new() -> None:
    before, after = event(), event(blank_rows=1)

    assert "fields.csv:3" in after.ticket.revision.parts.questions
    assert "(compare fields.csv:4)" in after.ticket.revision.parts.questions
    assert before.rendered().rendered_hash != after.rendered().rendered_hash
    assert differing(before, after.ticket, after.group) == ()


def test_a_question_keeps_its_name_where_the_rows_it_compares_moved() -> None:
    """An answer was lost with it."""
    before, after = event(), event(blank_rows=1)

    assert [q.asks for q in before.ticket.revision.questions] == [
        q.asks for q in after.ticket.revision.questions
    ]


def test_a_cell_that_changed_is_found_beside_the_prose_it_gives() -> None:
    after = event(note="Max length 40")

    assert differing(event(), after.ticket, after.group) == ("verification", "facts")


@each(
    ("part", "change"),
    [
        ("links", lambda ticket: replace(ticket, relates_to=("t01",))),
        ("answers", lambda ticket: replace(ticket, answers=(ANSWER,))),
        ("title", lambda ticket: replace(ticket, revision=replace(ticket.revision, title="Event"))),
    ],
    ids=["links", "answers", "title"],
)
def test_what_people_set_is_named(part: str, change: Callable[[Ticket], Ticket]) -> None:
    made = event()

    assert differing(made, change(made.ticket), made.group) == (part,)


@each("of_issue", IssueField)
def test_every_field_of_an_issue_is_approved_and_compared(of_issue: IssueField) -> None:
    """One that was sent and not hashed kept its ready mark, whatever became of it."""
    made = event()
    value = ("another",) if isinstance(of_issue.original_value(made.ticket), tuple) else "another"
    ticket = replace(made.ticket, **{of_issue.of_ticket: value})  # type: ignore[arg-type] # as it is declared

    hashes = {rendered_hash_of(one, "{}", attachment=None) for one in (made.ticket, ticket)}

    assert len(hashes) == 2
    assert differing(made, ticket, made.group) == (of_issue.of_ticket,)


def test_a_field_that_an_issue_was_made_without_differs_once_it_is_set() -> None:
    """Where a version of the program adds one, no issue that exists has it."""
    made = event()
    before = {n: part for n, part in content_of(made.ticket, made.group).items() if n != "sprint"}
    planned = replace(made.ticket, sprint="Sprint 1")

    assert differing_parts(before, content_of(made.ticket, made.group)) == ()
    assert differing_parts(before, content_of(planned, made.group)) == ("sprint",)


def test_the_order_of_labels_and_links_says_nothing() -> None:
    made = event()
    ticket = replace(made.ticket, labels=("a", "b"), depends_on=("t01", "t02"))
    turned = replace(ticket, labels=("b", "a"), depends_on=("t02", "t01"))

    assert differing(replace(made, ticket=ticket), turned, made.group) == ()


@each(
    ("writer", "origin", "expected"),
    [
        ("template/1", RevisionOrigin.GENERATED, ()),
        ("model/1", RevisionOrigin.GENERATED, ("analysis",)),
        ("template/1", RevisionOrigin.EDITED, ("analysis",)),
    ],
    ids=["another version", "another writer", "people"],
)
def test_another_version_of_the_writer_may_word_it_otherwise(
    writer: str, origin: RevisionOrigin, expected: tuple[str, ...]
) -> None:
    made = event()
    said = made.saying(analysis="<p>Other words.</p>").ticket
    revision = replace(said.revision, writer=writer, origin=origin, created_at=START)

    assert differing(made, replace(said, revision=revision), made.group) == expected
