"""The source of a media type."""

from jira_pipeline.drupal.bundle.media_source import (
    MediaSource,
    NoSource,
    NotedSource,
    NotMedia,
    SourceInUnknownColumn,
    check,
    facts,
    media_source_of,
    say,
)
from jira_pipeline.drupal.bundle.ticket_bundles import TicketBundles, fields_of_bundle
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline_tests.drupal.made_rows import (
    asked,
    field,
    said_by,
    sentences,
    ticket_in,
    ticket_of,
)
from jira_pipeline_tests.sheets.made_specifications import Row, bundle, specification_of
from jira_pipeline_tests.tables import each

MEDIA = "Media type"
CAPTION = field("field_caption", type="Text (plain)")
PHOTO = field("field_photo", type="Image")
SCAN = field("field_scan", type="File")
FILM = field("field_film", type="Link", widget="oEmbed URL")


def source_in(ticket: TicketRows) -> object:
    """Return the fact, with the machine name of the field for its row."""
    fact = media_source_of(ticket.head, fields_of_bundle(ticket.head, ticket.group))
    return (fact.name, fact.field.machine_name) if isinstance(fact, MediaSource) else fact


# The fact.


@each(
    ("fields", "fact"),
    [
        ([CAPTION, PHOTO], ("Image", "field_photo")),
        ([field("field_media_document", type="File")], ("File", "field_media_document")),
        ([field("field_media_image", type="Image"), PHOTO], ("Image", "field_media_image")),
        ([CAPTION, FILM], ("Remote video", "field_film")),
        ([CAPTION], NoSource()),
        ([SCAN], NoSource()),
        ([PHOTO, SCAN], NoSource()),
        ([], NoSource()),
    ],
)
def test_the_source_is_what_the_only_field_for_the_item_leaves(
    fields: list[Row], fact: object
) -> None:
    assert source_in(ticket_of(*fields, type_=MEDIA)) == fact


@each(
    ("fields", "fact"),
    [
        ([SCAN | {"Kept as": "pdf"}], SourceInUnknownColumn()),
        ([SCAN | {"Kept as": "audio of the bell"}], SourceInUnknownColumn()),
        ([SCAN | {"Kept as": "paper"}], NoSource()),
        ([PHOTO | {"Kept as": "pdf"}], ("Image", "field_photo")),
    ],
)
def test_a_column_that_nobody_knows_may_say_the_source(fields: list[Row], fact: object) -> None:
    assert source_in(ticket_of(*fields, type_=MEDIA)) == fact


def test_a_field_that_goes_holds_no_item() -> None:
    removed = field("field_scan", type="File", status="d")

    assert source_in(ticket_of(PHOTO, removed, type_=MEDIA)) == ("Image", "field_photo")


def test_a_bundle_of_another_type_has_no_source() -> None:
    assert source_in(ticket_of(PHOTO)) == NotMedia()


def media_with_note(note: str, *fields: Row) -> TicketRows:
    boat = bundle("Boat", "boat", MEDIA) | {"Settings/notes": note}
    rows = [row | {"Bundle": f"Boat ({MEDIA})"} for row in fields]
    specification = specification_of(bundles=[boat], fields=rows)
    return ticket_in(specification, lambda head: head.machine_name == "boat")


@each(
    ("note", "fact"),
    [
        ("Media source: Image (field_scan).", NotedSource("Image", "field_scan")),
        ("Media source: sonar_file", NotedSource("sonar_file", "")),
        ("Of harbours. Media source: oembed:sonar; by date", NotedSource("oembed:sonar", "")),
        ("Source: audio file", NotedSource("audio file", "")),
        ("Source: the museum’s own photos", NoSource()),
        ("Media source:", NoSource()),
    ],
)
def test_the_note_of_the_type_may_say_the_source(note: str, fact: object) -> None:
    assert source_in(media_with_note(note, SCAN)) == fact


def test_the_note_comes_before_what_the_fields_leave() -> None:
    assert source_in(media_with_note("Source: File", PHOTO)) == NotedSource("File", "")


# What follows from it.


def test_the_source_to_choose_is_said_with_its_field() -> None:
    (sentence,) = sentences(say(TicketBundles(ticket=ticket_of(PHOTO, type_=MEDIA))))

    assert sentence == (
        "Choose the media source “Image” when you add it, with field_photo as its source field: "
        "Drupal cannot change it later."
    )


@each(
    ("note", "sentence"),
    [
        (
            "Media source: Sonar (field_scan).",
            (
                "Choose the media source “Sonar” when you add it, with field_scan as its source "
                "field: Drupal cannot change it later."
            ),
        ),
        (
            "Media source: Sonar.",
            "Choose the media source “Sonar” when you add it: Drupal cannot change it later.",
        ),
    ],
)
def test_the_source_of_a_note_is_chosen_and_checked(note: str, sentence: str) -> None:
    bundles = TicketBundles(ticket=media_with_note(note, SCAN))

    assert sentences(say(bundles)) == [sentence]
    assert sentences(check(bundles)) == [
        "Edit of the media type boat shows the media source “Sonar”."
    ]


def test_a_source_that_no_note_says_is_not_checked() -> None:
    assert sentences(check(TicketBundles(ticket=ticket_of(PHOTO, type_=MEDIA)))) == []


@each(
    "ticket",
    [
        ticket_of(SCAN, type_=MEDIA),
        ticket_of(PHOTO),
        ticket_of(PHOTO, type_=MEDIA, status="c"),  # added already: nobody chooses it again
    ],
)
def test_nothing_is_said_where_there_is_no_source_to_choose(ticket: TicketRows) -> None:
    assert sentences(say(TicketBundles(ticket=ticket))) == []


def test_the_source_is_asked_where_no_row_says_it() -> None:
    (question,) = asked("bundles.media_source", ticket_of(SCAN, type_=MEDIA))

    assert question.startswith("What is the source of “Boat”: image, file, video")


@each(
    "ticket",
    [
        ticket_of(PHOTO, type_=MEDIA),
        ticket_of(SCAN | {"Kept as": "pdf"}, type_=MEDIA),
        media_with_note("Source: File", SCAN),
        ticket_of(CAPTION),
        ticket_of(SCAN, type_=MEDIA, status="c"),
    ],
)
def test_the_source_is_not_asked_of_another_type(ticket: TicketRows) -> None:
    assert asked("bundles.media_source", ticket) == []


def test_the_source_is_a_fact_beside_the_row_of_its_field() -> None:
    (stated,) = facts(TicketBundles(ticket=ticket_of(CAPTION, PHOTO, type_=MEDIA)))

    assert isinstance(stated.fact, MediaSource)
    assert [row.machine_name for row in stated.rows] == ["boat", "field_photo"]


def test_a_type_without_a_source_is_a_fact_of_its_row() -> None:
    assert said_by(facts(TicketBundles(ticket=ticket_of(CAPTION)))) == [(NotMedia(), "boat")]
