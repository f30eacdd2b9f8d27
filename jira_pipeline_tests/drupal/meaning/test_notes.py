"""Notes are split into sentences and have shapes by convention; nothing else of a note is read."""

from hypothesis import given, strategies as st

from jira_pipeline.drupal.meaning.notes import (
    default_in,
    is_shapes_only,
    options_in,
    options_written,
    path_in,
    sentences_of,
)
from jira_pipeline_tests.tables import each


@each(
    ("note", "items"),
    [
        ("Options: Left, Right. Default is left.", ("Left", "Right")),
        ("Options: Sail; Motor, diesel", ("Sail", "Motor, diesel")),
        ("Options include 'Auto' and Manual. Default is auto", ("Auto", "Manual")),
        ("Options: 2, 4, 6", ("2", "4", "6")),
        ("Options: Show it (default), Hide it, with no link", ("Show it", "Hide it, with no link")),
        ("Shown to all.\nOptions: Sail (wind, sun), Motor", ("Sail (wind, sun)", "Motor")),
        ("Options: Sail, Motor; Default: Sail", ("Sail", "Motor")),
        ("Options: 1 = Sail; 2 = Motor", ("Sail", "Motor")),
        ("Options: s: Sail, m: Motor", ("Sail", "Motor")),
    ],
)
def test_options_are_read_one_by_one(note: str, items: tuple[str, ...]) -> None:
    found = options_in(note)

    assert found is not None
    assert found.items == items


@each(
    ("note", "quoted"),
    [
        ("Monday to Sunday", "Monday to Sunday"),
        ("Date, newest first, Date, oldest first", "Date, newest first, Date, oldest first"),
        ("<strong>Fixed</strong> height. You must add it, Dynamic", ""),
    ],
)
def test_options_that_cannot_be_told_apart_are_quoted_as_one_without_markup(
    note: str, quoted: str
) -> None:
    found = options_in(f"Options: {note}")

    assert found is not None
    assert (found.text, found.items) == (quoted, ())


@each(
    "labels",
    [
        ("Wood",),
        ("Rope, tar and oil", "Sail"),
        ("St. Mary", "Who steers?"),
        ("“Jib” of old", '"Jib" of old', "Mast; boom"),
        ("sail", "Motor"),
    ],
)
def test_options_are_written_so_that_they_are_read_as_these(labels: tuple[str, ...]) -> None:
    found = options_in(f"Options: {options_written(labels)}\nMax length 20.")

    assert found is not None
    assert found.items == labels
    assert found.text == ", ".join(labels)


def test_only_options_that_would_be_read_otherwise_are_quoted() -> None:
    assert options_written(("Sail", "Motor")) == "Sail, Motor"
    assert options_written(("Sail", "Rope, tar", "Oar")) == "Sail, “Rope, tar”, Oar"


def test_a_default_in_quotation_marks_is_the_option_with_its_marks() -> None:
    note = "Options: Sail, “Rope, tar”\nDefault: “Rope, tar”."

    assert default_in(note) == "Rope, tar"
    assert is_shapes_only(note)


@each("note", ["", "Each view will be an option", "Options: sail, motor, etc", "Left or right"])
def test_no_options_are_made_of_prose_or_of_an_open_list(note: str) -> None:
    assert options_in(note) is None


@each(
    ("note", "are_several"),
    [("See the sheet Sails", False), ("A-Z", False), ("1-5", True), ("Sail/Motor", True)],
)
def test_one_text_may_say_where_options_are(note: str, *, are_several: bool) -> None:
    found = options_in(f"Options: {note}")

    assert found is not None
    assert found.are_several is are_several


def test_a_default_counts_only_where_it_is_one_of_the_options() -> None:
    assert default_in("Options: Left, Right. Default is left.") == "Left"
    assert default_in("Options: Left, Right (default)") == "Right"
    assert default_in("Options: Left, Right. Default is what the page says.") == ""
    assert default_in("Default: left") == ""


def test_paths_are_read() -> None:
    assert path_in("Path: /fleet/all; Exposed form") == "/fleet/all"
    assert path_in("The path is not known") == ""


@each(
    ("note", "is_blank_without"),
    [
        ("", True),
        ("Options: Left, Right", True),
        ("Options: Left, Right. Default is left.", True),
        ("Max length 80.", True),
        ("Options: Left, Right. Ask the harbour master.", False),
        ("Modules: facets, group. Installed with: group.", True),
        ("Path: /fleet\nChanged: Filters (was None); Sort.", True),
        ("Hidden on the form", False),
    ],
)
def test_a_note_of_shapes_says_nothing_else(note: str, *, is_blank_without: bool) -> None:
    assert is_shapes_only(note) is is_blank_without


CELLS: dict[str, tuple[str, ...]] = {
    "nothing": ("",),
    "two sentences": ("Hidden. Pulled from HR", "Hidden.", "Pulled from HR"),
    "a bracket that never closes holds nothing back": (
        "Hidden (see the old template. Editors may add",
        "Hidden (see the old template.",
        "Editors may add",
    ),
    "etc ends a sentence before a capital": (
        "Set noindex, etc. Add a template",
        "Set noindex, etc.",
        "Add a template",
    ),
    "an abbreviation does not": ("Names, e.g. Hibbard Hall", "Names, e.g. Hibbard Hall"),
    "nor does a shortened word": (
        "Boats, incl. Ferries and approx. 20 barges. Seen by the Dept. Dir. only",
        "Boats, incl. Ferries and approx. 20 barges.",
        "Seen by the Dept. Dir. only",
    ),
    "a line ends a sentence": ("One\nTwo", "One", "Two"),
    "an inch opens no quotation": (
        'At least 24" wide. At most 30" high',
        'At least 24" wide.',
        'At most 30" high',
    ),
    "dots inside words do not": (
        "See https://example.org/a.b, size 1.5x",
        "See https://example.org/a.b, size 1.5x",
    ),
}
"""A cell, then its sentences."""


@each(("cell", "expected"), [(c, e) for c, *e in CELLS.values()], ids=CELLS)
def test_a_cell_is_split_into_its_sentences(cell: str, expected: list[str]) -> None:
    assert [*sentences_of(cell)] == expected


@given(st.text())
def test_nothing_but_white_space_is_lost(cell: str) -> None:
    kept = "".join("".join(sentences_of(cell)).split())

    assert kept == "".join(cell.split())
