"""Whether a field is required."""

from jira_pipeline.drupal.field.required import (
    NeverEmpty,
    NotRequired,
    Prefilled,
    Required,
    RequiredFact,
    ToTick,
    check,
    is_required,
    required_of,
)
from jira_pipeline_tests.drupal.made_rows import (
    asked,
    field,
    fields_of,
    row_of,
    sentences,
    ticket_of,
)
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

REQUIRED = field(required="y")
CONSENT = field("field_consent", required="y", type="Boolean", widget="Single on/off checkbox")
PREFILLED = field(
    "field_rig", required="y", type="List (text)", note="Options: Sloop (default), Ketch."
)


# The fact.


@each(
    ("row", "fact"),
    [
        (REQUIRED, Required()),
        (field(required="n"), NotRequired()),
        (field(required=""), NotRequired()),
        (field(required="y", type="Boolean"), NeverEmpty()),
        (field(required="y", type="Comments"), NeverEmpty()),
        (field(required="y", type="Markup"), NeverEmpty()),
        (PREFILLED, Prefilled()),
        (field(required="y", type="List (text)", note="Options: Sloop, Ketch."), Required()),
        (field(required="y", default="Blue"), Required()),  # somebody may empty a text
        (field(required="y", note="Filled in automatically."), Prefilled()),
        (field(required="y", type="Boolean", note="Filled in automatically."), NeverEmpty()),
        (CONSENT, ToTick()),
        (CONSENT | {"Form widget": "boolean_checkbox"}, ToTick()),
        (CONSENT | {"Form widget": "Check boxes/radio buttons"}, NeverEmpty()),
        (CONSENT | {"Req'd": "n"}, NotRequired()),
        (CONSENT | {"Settings/notes": "Filled in automatically."}, NeverEmpty()),
    ],
)
def test_a_required_field_is_refused_where_it_can_be_empty(row: Row, fact: RequiredFact) -> None:
    assert required_of(row_of(row)) == fact
    assert is_required(row_of(row)) is not isinstance(fact, NotRequired)


@each(
    ("note", "fact"),
    [
        ("Fill automatically: [Hull] + [Year], hide from form", Prefilled()),
        ("auto-generated", Prefilled()),
        ("Set by the system on saving", Prefilled()),
        ("Filled in by the captain", Required()),
        ("Set the colour of the form", Required()),
    ],
)
def test_a_field_that_fills_itself_is_known_by_its_note(note: str, fact: RequiredFact) -> None:
    """“Saving fails while it is empty” was claimed of a title that nobody may type."""
    assert required_of(row_of(field(required="y", note=note))) == fact


# The question.


def test_a_required_field_of_a_type_that_is_there_is_empty_in_existing_items() -> None:
    assert asked("bundles.newly_required", ticket_of(REQUIRED, status="c")) == [
        "“Hull” (`field_hull`): empty in existing items until somebody edits them, though required."
    ]


def test_existing_items_have_no_default_either() -> None:
    assert asked("bundles.newly_required", ticket_of(PREFILLED, status="c")) != []


def test_a_new_type_has_no_existing_items() -> None:
    assert asked("bundles.newly_required", ticket_of(REQUIRED)) == []


@each(
    "row",
    [
        field(required="n"),
        field(required="y", type="Boolean"),
        field(required="y", widget="-- Disabled --"),
        field("title", required="y"),
    ],
)
def test_nothing_is_asked_about_a_field_that_no_form_refuses(row: Row) -> None:
    assert asked("bundles.newly_required", ticket_of(row, status="c")) == []


@each(
    ("note", "is_asked"),
    [("Moves to Hull.", False), ("Moves to Hulls.", True), ("", True)],
)
def test_values_that_move_from_a_field_that_goes_are_not_asked_for(
    note: str, *, is_asked: bool
) -> None:
    former = field("field_body", status="d", note=note)

    questions = asked("bundles.newly_required", ticket_of(REQUIRED, former, status="c"))

    assert bool(questions) is is_asked


def test_a_note_of_a_field_that_stays_moves_nothing() -> None:
    other = field("field_body", note="Moves to Hull.")

    assert asked("bundles.newly_required", ticket_of(REQUIRED, other, status="c")) != []


# The sentence.


def test_saving_fails_while_a_required_field_is_empty() -> None:
    mast = field("field_mast", required="y")

    assert sentences(check(fields_of(REQUIRED, mast, PREFILLED, field("field_keel")))) == [
        "Saving fails while field_hull or field_mast is empty."
    ]


def test_saving_fails_while_a_required_box_is_not_ticked() -> None:
    """Three readers missed the consents of a form: core takes an unticked box for an empty one."""
    assert sentences(check(fields_of(REQUIRED, CONSENT))) == [
        "Saving fails while field_hull is empty.",
        "Saving fails while field_consent is not ticked.",
    ]


@each(
    "row",
    [
        PREFILLED,
        field(required="y", widget="-- Disabled --"),
        field(required="y", type="Boolean"),
        field(required="n"),
    ],
)
def test_nothing_is_claimed_of_a_field_that_no_form_refuses(row: Row) -> None:
    assert sentences(check(fields_of(row))) == []
