"""What becomes of the content of a type that goes."""

from dataclasses import replace

from jira_pipeline.drupal.bundle.items import ask
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline_tests.drupal.made_rows import asked, ticket_of
from jira_pipeline_tests.tables import each


@each("type_", ["Content type", "Media type"])
def test_what_becomes_of_the_items_of_a_type_is_asked(type_: str) -> None:
    assert asked("views.items", ticket_of(status="d", type_=type_)) == [
        "What becomes of existing items of “Boat”?"
    ]


@each(("type_", "status"), [("Vocabulary", "d"), ("Paragraph type", "d"), ("Content type", "a")])
def test_nothing_is_asked_of_a_type_without_items_of_its_own_or_that_stays(
    type_: str, status: str
) -> None:
    assert asked("views.items", ticket_of(status=status, type_=type_)) == []


@each(
    ("note", "is_asked"),
    [("Its items are archived.", False), ("We keep them.", False), ("Old.", True)],
)
def test_a_note_may_say_what_becomes_of_them(note: str, *, is_asked: bool) -> None:
    ticket = ticket_of(status="d")
    bundle = replace(ticket.head, cells={**ticket.head.cells, "Notes": note})
    rows = GroupRows(group=ticket.group, index=ticket.session.index)

    assert bool(list(ask(bundle, rows))) is is_asked
