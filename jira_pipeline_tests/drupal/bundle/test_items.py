"""What becomes of the content of a type that goes."""

from dataclasses import replace

from jira_pipeline.drupal.bundle.items import (
    DeletesItems,
    HasNoItems,
    ItemsFact,
    KeepsType,
    ask,
    facts,
    items_of,
    say,
)
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.model.entities import BundleType
from jira_pipeline_tests.drupal.made_bundles import anchor, boat, bundles_of
from jira_pipeline_tests.drupal.made_rows import asked, sentences, ticket_of
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


@each(
    ("type_", "fact"),
    [
        ("Content type", KeepsType(BundleType.CONTENT)),
        ("Media type", KeepsType(BundleType.MEDIA)),
        ("Paragraph type", KeepsType(BundleType.PARAGRAPH)),
        ("Custom block type", KeepsType(BundleType.BLOCK)),
        ("Vocabulary", DeletesItems()),
        ("Webform", HasNoItems()),
        ("Raft", HasNoItems()),
    ],
)
def test_drupal_keeps_most_types_while_they_have_items(type_: str, fact: ItemsFact) -> None:
    ticket = ticket_of(status="d", type_=type_)

    assert items_of(ticket.head) == fact
    assert [stated.fact for stated in facts(ticket)] == [fact]


def test_the_ticket_says_what_to_delete_first_and_what_goes_by_itself() -> None:
    tags = boat(name="Tags", machine_name="tags", type="Vocabulary", status="d")
    photo = boat(name="Photo", machine_name="photo", type="Media type", status="d")
    ticket = bundles_of(photo, boat(status="d"), anchor(status="d"), tags).ticket

    assert sentences(say(ticket)) == [
        "Drupal deletes no content types or media types that have items: delete or move these first.",
        "With the vocabulary Drupal deletes its terms.",
    ]


def test_nothing_is_said_of_what_has_no_items() -> None:
    assert sentences(say(ticket_of(status="d", type_="Webform"))) == []
