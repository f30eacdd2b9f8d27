"""Whether the form offers a field, and what fills it in where it does not."""

from jira_pipeline.drupal.field.on_form import (
    FilledElsewhere,
    FormFact,
    OnForm,
    Unfilled,
    check,
    place_on_form,
    say,
)
from jira_pipeline_tests.drupal.made_bundles import boat, bundles_of
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

OFF = {"widget": "-- Disabled --"}
HIDDEN = field(**OFF)


# The fact.


@each(
    ("row", "fact"),
    [
        (field(), OnForm()),
        (HIDDEN, Unfilled()),
        (field(type="Markup", **OFF), FilledElsewhere()),
        (field(note="Set by a nightly import.", **OFF), FilledElsewhere()),
        (field(note="Max length 80.", **OFF), Unfilled()),
        (field("field_domain_source", **OFF), FilledElsewhere()),  # Domain Source adds it
        (field(type="Radioactivity", **OFF), FilledElsewhere()),  # views of the item fill it in
        (
            field(type="Radioactivity Reference", **OFF),
            Unfilled(),
        ),  # its widget makes what it names
        (field("layout_builder__layout"), FilledElsewhere()),
    ],
)
def test_what_no_form_offers_is_filled_in_by_something_else(row: Row, fact: FormFact) -> None:
    assert place_on_form(row_of(row), row_of(row)) == fact


def test_a_pattern_for_addresses_fills_in_what_it_names() -> None:
    (bundle,) = bundles_of(boat(alias="/boats/[node:field_hull]")).ticket.group.heads

    assert place_on_form(row_of(HIDDEN), bundle) == FilledElsewhere()
    assert place_on_form(row_of(field("field_mast", **OFF)), bundle) == Unfilled()


# The questions.


def test_a_required_field_off_the_form_is_asked_about() -> None:
    ticket = ticket_of(field(required="y", **OFF))

    assert asked("bundles.off_the_form", ticket) == []
    (question,) = asked("bundles.not_on_the_form", ticket)
    assert question.startswith("“Hull” (`field_hull`) is required but not on the form: ")


def test_another_field_off_the_form_is_assumed_to_stay_empty() -> None:
    ticket = ticket_of(HIDDEN)

    assert asked("bundles.not_on_the_form", ticket) == []
    assert asked("bundles.off_the_form", ticket) == [
        "“Hull” (`field_hull`): not on the form; this ticket builds nothing that fills it in."
    ]


@each(
    "row",
    [
        field(),
        field(note="Set by a nightly import.", **OFF),
        field(help="Set for you.", **OFF),
        field("created", **OFF),
        field(type="radioactivity", **OFF),
    ],
)
def test_nothing_is_asked_about_a_field_that_may_be_empty_or_is_not(row: Row) -> None:
    ticket = ticket_of(row)

    assert asked("bundles.off_the_form", ticket) == []
    assert asked("bundles.not_on_the_form", ticket) == []


def test_an_element_of_a_webform_may_be_off_its_form() -> None:
    ticket = ticket_of(HIDDEN, type_="Webform")

    assert asked("bundles.off_the_form", ticket) == []


# The sentence.


def test_a_field_whose_help_text_nobody_sees_is_said_to_be_filled_in_by_nothing() -> None:
    """Readers of three types missed it; without a help text the ticket says what is assumed."""
    spoken_of = field("field_mast", help="Give the height in metres.", **OFF)

    assert sentences(say(fields_of(HIDDEN, spoken_of))) == [
        "No form offers field_mast, whose help text speaks to editors, and no row says what fills it in."
    ]


@each(
    "row",
    [
        field(help="Set for you."),
        field(help="Set for you.", note="Set by a nightly import.", **OFF),
        field(help="Set for you.", required="y", **OFF),
        field("created", help="Set for you.", **OFF),
    ],
)
def test_nothing_is_said_of_other_fields(row: Row) -> None:
    assert sentences(say(fields_of(row))) == []


@each("row", [HIDDEN, field(note="Set by a nightly import.", **OFF)])
def test_a_field_that_may_be_empty_is_under_disabled(row: Row) -> None:
    assert sentences(check(fields_of(row))) == [
        "On Manage form display field_hull is under Disabled."
    ]


@each("row", [field(widget="Textfield"), field(required="y", **OFF)])
def test_no_other_field_is_claimed_to_be_under_disabled(row: Row) -> None:
    assert sentences(check(fields_of(row))) == []
