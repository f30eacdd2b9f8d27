"""What a ticket of several types without fields is for."""

from jira_pipeline.drupal.bundle.fieldless import (
    CertainlyFieldless,
    PerhapsWithFields,
    facts,
    fieldless_fact_of,
    new_types,
    say,
)
from jira_pipeline.drupal.bundle.ticket_bundles import TicketBundles
from jira_pipeline_tests.drupal.made_bundles import anchor, boat, bundles_of
from jira_pipeline_tests.drupal.made_rows import field, sentences
from jira_pipeline_tests.sheets.made_specifications import Row, table
from jira_pipeline_tests.tables import each

CREW = boat(name="Crew", machine_name="crew")
ELSEWHERE = [field(bundle="Crew (Content type)")]


def types(*bundles: Row, **sheets: list[Row]) -> TicketBundles:
    """Return the ticket of types without fields, beside the type *Crew* with one."""
    return bundles_of(*bundles, CREW, fields=ELSEWHERE, **sheets)


def test_types_that_come_have_no_fields_of_their_own() -> None:
    one = types(boat(description="Floats"))
    two = types(boat(), anchor())

    assert sentences(say(one)) == [
        "The site needs the content type “Boat” without fields of its own. Description: “Floats”."
    ]
    assert sentences(say(two)) == [
        "The site needs the content types “Boat” and “Anchor” without fields of their own."
    ]
    assert [stated.fact for stated in facts(two)] == [CertainlyFieldless()]


def test_types_that_change_may_have_fields_that_no_sheet_lists() -> None:
    ticket = types(boat(), anchor(status="c"))

    assert fieldless_fact_of(ticket.ticket) == PerhapsWithFields()
    assert sentences(say(ticket)) == [
        "The site needs the content type “Boat” and changes to the content type “Anchor”."
    ]


@each(
    "ticket",
    [
        types(boat(type="Webform")),
        types(boat(name="Webform", machine_name="webform")),
        types(boat() | {"Fields": "Hull, Mast"}),
        bundles_of(boat(), matrix=table("Effect,X,Strength", "Scale,a,1")),
    ],
    ids=["elements", "a module", "a column nobody knows", "a sheet nobody knows"],
)
def test_nothing_is_said_of_fields_where_something_else_may_list_them(
    ticket: TicketBundles,
) -> None:
    assert fieldless_fact_of(ticket.ticket) == PerhapsWithFields()
    (sentence,) = sentences(say(ticket))
    assert "without fields" not in sentence


def test_a_sheet_that_nobody_knows_has_no_fields_where_there_is_one_of_fields() -> None:
    ticket = types(boat(), matrix=table("Effect,X,Strength", "Scale,a,1"))

    assert fieldless_fact_of(ticket.ticket) == CertainlyFieldless()


def test_no_fields_are_missing_where_every_sheet_is_known() -> None:
    assert fieldless_fact_of(bundles_of(boat()).ticket) == CertainlyFieldless()


def test_only_one_type_is_described() -> None:
    (claim,) = say(types(boat(description="Floats"), anchor()))

    assert claim.words["description"] == ""


def test_a_type_that_a_module_brings_is_not_named_among_others() -> None:
    webform = boat(name="Webform", machine_name="webform")
    ticket = types(webform, anchor())

    assert [bundle.machine_name for bundle in new_types(ticket.ticket)] == ["anchor"]
    assert sentences(say(ticket)) == [
        "The site needs the content type “Anchor” without fields of their own."
    ]


def test_nothing_is_said_where_nothing_is_built() -> None:
    (row,) = bundles_of(boat(status="d")).ticket.group.heads
    ticket = bundles_of(boat(status="d"))

    assert row.machine_name == "boat"
    assert sentences(say(ticket)) == []
    assert list(facts(ticket)) == []
