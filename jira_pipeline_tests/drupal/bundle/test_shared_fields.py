"""The fields that go with a type while others keep theirs."""

from jira_pipeline.drupal.bundle.shared_fields import (
    GoesWithTypes,
    StaysOnOthers,
    facts,
    say,
    shared_fields,
)
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model.entities import EntityKind
from jira_pipeline_tests.drupal.made_bundles import anchor, boat, bundles_of
from jira_pipeline_tests.drupal.made_rows import field, sentences, ticket_in
from jira_pipeline_tests.sheets.made_specifications import Row, display, specification_of, view

ANCHOR = "Anchor (Content type)"


def removal_with(*fields: Row, other: Row | None = None) -> TicketRows:
    """Return the ticket that removes *Boat*, beside the type *Anchor*."""
    return bundles_of(boat(status="d"), other or anchor(), fields=fields).ticket


def test_a_field_that_another_type_has_stays_there() -> None:
    ticket = removal_with(field(), field("field_keel"), field(bundle=ANCHOR))

    assert [stated.fact for stated in facts(ticket)] == [StaysOnOthers(), GoesWithTypes()]
    assert sentences(say(ticket)) == ["field_hull is on other types too and stays there."]


def test_it_is_named_once_where_the_sheet_repeats_it() -> None:
    ticket = removal_with(
        field(),
        field(),
        field("field_keel"),
        field("field_keel", bundle=ANCHOR),
        field(bundle=ANCHOR),
    )

    assert [row.machine_name for row in shared_fields(ticket)] == ["field_hull", "field_keel"]


def test_nothing_is_shared_with_types_that_go_as_well() -> None:
    ticket = removal_with(field(), field(bundle=ANCHOR), other=anchor(status="d"))

    assert sentences(say(ticket)) == []


def test_displays_of_views_that_go_are_no_fields() -> None:
    specification = specification_of(
        views=[view("Boats", "boats", "d")], displays=[display("Boats", "page_1")]
    )
    ticket = ticket_in(specification, lambda head: head.kind is EntityKind.VIEW)

    assert list(facts(ticket)) == []


def test_what_every_item_has_is_no_field_that_goes() -> None:
    title = {"type": "Title"}
    ticket = removal_with(field("title", **title), field("title", bundle=ANCHOR, **title))

    assert sentences(say(ticket)) == []
