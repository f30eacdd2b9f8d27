"""The note of a view mode."""

import re

from jira_pipeline.drupal.view_mode.note import (
    NoNote,
    Note,
    NoteFact,
    OpenNote,
    check,
    claims_of_notes,
    claims_on_bundle,
    note_fact_of,
)
from jira_pipeline.model.entities import EntityKind
from jira_pipeline_tests.drupal.made_rows import (
    asked,
    sentences,
    ticket_of_view_modes,
    view_mode,
)
from jira_pipeline_tests.sheets.made_specifications import Row, bundle
from jira_pipeline_tests.tables import each

BOAT, CREW = (
    bundle("Boat", "boat", "Content type", "x"),
    bundle("Crew", "crew", "Content type", "x"),
)
LATER = bundle("Sail", "sail")
BY_BUNDLES = "Boat: name, photo; Crew: photo; Sail: colour"


@each(
    ("note", "fact"),
    [
        ("Name and photo.", Note("Name and photo")),
        ("Changed: Notes\nName", Note("Name")),
        ("Name or photo?", OpenNote("Name or photo?")),
        ("", NoNote()),
    ],
)
def test_a_note_says_what_a_mode_shows(note: str, fact: NoteFact) -> None:
    assert note_fact_of(ticket_of_view_modes(view_mode(note=note)).head) == fact


# The question.


def test_what_a_new_mode_shows_is_asked() -> None:
    (question,) = asked("lists.shows", ticket_of_view_modes(view_mode()))

    assert question.startswith("What does “Card” show: which fields, in which order and format?")


@each("row", [view_mode(note="Name"), view_mode(status="c"), view_mode("Teaser")])
def test_nothing_is_asked_of_a_mode_that_is_there_or_described(row: Row) -> None:
    assert asked("lists.shows", ticket_of_view_modes(row, view_mode("Row", note="Name"))) == []


# The sentence.


@each(
    "row",
    [
        view_mode(used_on="Boat, Crew", note="Name"),
        view_mode(used_on="Boat, Crew, Sail", note=BY_BUNDLES),
        view_mode(used_on="Keel", note="Name"),
        view_mode(used_on="Boat, Crew", note="Boat: nothing; Crew: photo"),
    ],
)
def test_a_mode_shows_what_its_note_says_on_bundles_that_are_there(row: Row) -> None:
    ticket = ticket_of_view_modes(row, bundles=[BOAT, CREW, LATER])

    assert sentences(check(ticket)) == ["“Card” shows what the note of its row says."]


def test_modes_with_notes_share_a_sentence() -> None:
    modes = [view_mode(used_on="Boat", note="Name"), view_mode("Row", used_on="Boat", note="Hull")]

    assert sentences(check(ticket_of_view_modes(*modes, bundles=[BOAT]))) == [
        "“Card” and “Row” show what the notes of their rows say."
    ]


@each(
    "row",
    [
        view_mode(used_on="Sail", note="Name"),  # its ticket says it
        view_mode(used_on="", note="Name"),
        view_mode(used_on="Boat", note="Name or photo?"),
        view_mode(used_on="Boat"),
        view_mode(used_on="Boat", note="Boat: nothing; Sail: name"),
    ],
)
def test_nothing_is_claimed_of_another_note(row: Row) -> None:
    assert sentences(check(ticket_of_view_modes(row, bundles=[BOAT, LATER]))) == []


@each(
    ("note", "sentence"),
    [
        (
            "Boat: field_hull (string), body (text_default), field_flag; Crew: photo",
            "On Manage display, “Card” shows field_hull, body and field_flag, and nothing else.",
        ),
        (
            "Boat: field_uri of a module (link), field_flag of a module",
            "On Manage display, “Card” shows field_uri and field_flag, and nothing else.",
        ),
        ("Boat: name, photo", "“Card” shows what its note says (view_modes.csv:2)."),
        ("Name and photo", "“Card” shows what its note says (view_modes.csv:2)."),
        (
            f"Boat: {', '.join(f'field_{n} (string)' for n in range(9))}",
            "“Card” shows what its note says (view_modes.csv:2).",
        ),
    ],
)
def test_the_ticket_of_a_bundle_names_few_fields_and_the_place_of_more(
    note: str, sentence: str
) -> None:
    """Its tables have no row of a mode; one note of 67 fields nobody could tick off."""
    ticket = ticket_of_view_modes(view_mode(used_on="Boat", note=note), bundles=[BOAT])
    (bundle_row,) = ticket.session.specification.by_kind[EntityKind.BUNDLE]

    (said,) = sentences(claims_on_bundle([ticket.head], bundle_row))

    assert re.sub("<[^>]+>", "", said) == sentence


@each("note", ["Boat: nothing", "Name or photo?", ""])
def test_nothing_is_claimed_on_a_bundle_of_which_no_note_says_anything(note: str) -> None:
    ticket = ticket_of_view_modes(view_mode(used_on="Boat", note=note), bundles=[BOAT])
    (bundle_row,) = ticket.session.specification.by_kind[EntityKind.BUNDLE]

    assert sentences(claims_on_bundle([ticket.head], bundle_row)) == []


def test_a_bundle_is_known_by_its_label_with_and_without_its_type() -> None:
    mode = view_mode(used_on="Boat", note="Boat (Content type): nothing; Crew: photo")
    ticket = ticket_of_view_modes(mode, bundles=[BOAT, CREW])

    assert sentences(claims_of_notes([ticket.head], [])) != []
    assert sentences(check(ticket)) == []
