"""Where the report sends a reader: rules of rows that the ticket does not bring, and checks it lacks."""

import pytest

from jira_pipeline.stages.quality.rubric import TicketQuality
from jira_pipeline_tests.stages.judging import judged_one
from jira_pipeline_tests.stages.made_specifications import Row, bundle, field
from jira_pipeline_tests.stages.made_tickets import made_tickets

LIST = "<ul><li>Boat <code>boat</code> can be saved.</li><li>Boat is listed.</li></ul>"
STORY = "<p>As an editor, I want to create and maintain Boat content.</p>"


def found_in(title: str, parts: dict[str, str], **sheets: list[Row]) -> str:
    """Judge the ticket with these parts, and return every reason on a line of its own."""
    made = made_tickets(**sheets)
    (one,) = (m for m in made if m.ticket.title == title)
    return reasons_of(judged_one(one.saying(**parts), made))


def reasons_of(judged: TicketQuality) -> str:
    """Return the reasons of a ticket, one a line."""
    return "\n".join(shortcoming.reason for shortcoming in judged.shortcomings)


def boat(note: str = "", **cells: str) -> Row:
    """Make the content type Boat with a note."""
    return bundle("Boat", "boat") | {"Settings/notes": note} | cells


def test_what_a_field_says_of_migrated_items_belongs_to_the_migration() -> None:
    said = "Migrated boats without a name get “Unknown”."
    sheets: dict[str, list[Row]] = {
        "bundles": [boat()],
        "fields": [field("Boat (Content type)", "field_name") | {"Settings/notes": said}],
        "migrations": [{"Migration": "Old boats", "X": "a", "Destination": "Boat (Content type)"}],
    }

    silent = found_in(
        "Run migration: Old boats", {"analysis": LIST, "verification": LIST}, **sheets
    )
    bringing = {"analysis": f"<ul><li>Name: “{said}”</li></ul>", "verification": LIST}

    assert "it leaves out what Name says (fields.csv:2): “Migrated boats" in silent
    assert "it leaves out" not in found_in("Run migration: Old boats", bringing, **sheets)


def test_a_condition_of_what_goes_together_belongs_to_the_removal() -> None:
    removed = {
        "bundles": [bundle("Old slide", "old_slide", x="d")],
        "views": [
            {"View name": "Slides", "Machine name": "slides", "X": "d"}
            | {"Notes": "Remove together with Old slide, also the block placement."}
        ],
    }

    found = found_in("Remove obsolete content structures", {"analysis": LIST}, **removed)

    assert "it leaves out what Slides says (views.csv:2): “Remove together with" in found


def test_a_migration_that_names_the_bundle_is_named() -> None:
    sheets: dict[str, list[Row]] = {
        "bundles": [boat()],
        "migrations": [{"Migration": "Harbours", "X": "a", "Notes": "Also fills Pier in Boat."}],
    }
    sheets["fields"] = [field("Boat (Content type)", "field_pier")]
    title = "Configure content type: Boat"

    found = found_in(title, {"analysis": LIST}, **sheets)
    named = {"analysis": "<ul><li>Filled by Harbours as well.</li></ul>"}

    assert "the migration Harbours (migrations.csv:2) names it" in found
    assert "the migration Harbours" not in found_in(title, named, **sheets)


@pytest.mark.parametrize(
    ("note", "is_asked"),
    [
        ("Colours: HR still has to confirm the list.", True),
        ("Colours: HR still has to confirm the list. Until then all of them.", False),
    ],
    ids=["open", "open with a rule for the meantime"],
)
def test_a_point_that_a_note_leaves_open_is_asked(note: str, *, is_asked: bool) -> None:
    sheets = {"bundles": [boat(note)], "fields": [field("Boat (Content type)", "field_pier")]}

    found = found_in("Configure content type: Boat", {"questions": "<ol></ol>"}, **sheets)

    assert is_asked is ("a note leaves a point open and nobody asks: “Colours: HR" in found)


@pytest.mark.parametrize(("count", "is_found"), [(3, False), (4, True)])
def test_notes_with_more_sentences_than_checks_are_shown(count: int, *, is_found: bool) -> None:
    sentences = ("Only one a day.", "Never in winter.", "Mail the harbour.", "Sorted by length.")
    note = " ".join(sentences[:count])
    sheets = {"bundles": [boat(note)], "fields": [field("Boat (Content type)", "field_pier")]}
    parts = {"analysis": f"<ul><li>Note: “{note}”</li></ul>", "verification": LIST}

    found = found_in("Configure content type: Boat", parts, **sheets)

    assert is_found is (f"{count} sentences of notes have no check of their own" in found)


def test_a_role_that_only_the_list_names_has_no_check() -> None:
    roles = [
        {"Name": "Pilot", "Machine name": "pilot", "X": "a", "Notes": "Edits all boats of others."},
        {"Name": "Mate", "Machine name": "mate", "X": "a", "Notes": "Edits own boats only."},
    ]
    listing = "<li>Roles lists Pilot <code>pilot</code> and Mate <code>mate</code></li>"
    checks = (
        f"<ul>{listing}<li>With the role <code>pilot</code>: “Edits all boats of others”</li></ul>"
    )

    found = found_in("Configure user roles", {"verification": checks}, roles=roles)

    assert "no check says what Mate may do: “Edits own boats only.”" in found
    assert "what Pilot may do" not in found


@pytest.mark.parametrize(
    ("own", "other", "claim", "line"),
    [("a", "x", "is created here.", 3), ("c", "a", "is on the site already; reuse it.", 2)],
)
def test_a_field_that_is_there_is_neither_created_nor_reused_in_its_own_ticket(
    own: str, other: str, claim: str, line: int
) -> None:
    fields = [
        field("Boat (Content type)", "field_pier", x=own),
        field("Ship (Content type)", "field_pier", x=other),
    ]
    saying = {"analysis": f"<ul><li>Shared storage: <code>field_pier</code> {claim}</li></ul>"}
    bundles = [boat(), bundle("Ship", "ship", x="x")]

    found = found_in("Configure content type: Boat", saying, bundles=bundles, fields=fields)

    assert f"and field_pier is there (fields.csv:{line})" in found


@pytest.mark.parametrize(
    ("note", "is_wrong"),
    [
        ("Only pilots create and edit them.", True),
        ("Built by the pilot from parts.", True),
        ("Ask the pilot before you add one.", False),
    ],
)
def test_a_story_of_an_editor_is_not_told_where_the_note_names_who_does_it(
    note: str, *, is_wrong: bool
) -> None:
    sheets: dict[str, list[Row]] = {
        "bundles": [boat(note)],
        "fields": [field("Boat (Content type)", "field_pier")],
        "roles": [{"Name": "Pilot", "Machine name": "pilot", "X": "a"}],
    }

    found = found_in("Configure content type: Boat", {"user_story": STORY}, **sheets)

    assert is_wrong is ("its note names Pilot" in found)


def test_a_migration_that_says_no_more_than_its_title_is_shown() -> None:
    sheets = {"migrations": [{"Migration": "Old boats", "X": "a"}]}
    story = "<p>As an editor, I want the Old boats migration to run.</p>"

    found = found_in("Run migration: Old boats", {"user_story": story}, **sheets)

    assert "the story says no more than the title" in found


def test_a_check_in_the_words_of_its_rows_names_an_object() -> None:
    """A model writes `The harbour gets a mail`, which readers accepted."""
    sheets = {
        "bundles": [boat("Mail the harbour.")],
        "fields": [field("Boat (Content type)", "field_pier")],
    }
    checks = f"{LIST.removesuffix('</ul>')}<li>{{}}</li></ul>"
    title = "Configure content type: Boat"

    in_their_words = found_in(
        title, {"verification": checks.format("The harbour gets one")}, **sheets
    )
    of_nothing = found_in(title, {"verification": checks.format("The page is agreed")}, **sheets)

    assert "names no object" not in in_their_words
    assert "names no object" in of_nothing
