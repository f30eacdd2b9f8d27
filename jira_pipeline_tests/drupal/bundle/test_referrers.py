"""The fields that refer to a type that goes."""

from jira_pipeline.drupal.bundle.referrers import check, facts, referrers_of, say
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline_tests.drupal.made_bundles import anchor, boat, bundles_of
from jira_pipeline_tests.drupal.made_rows import field, sentences
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

ANCHOR = "Anchor (Content type)"
BOAT = "Boat (Content type)"
TO_BOAT = field("field_boat", bundle=ANCHOR, type="Entity reference", target=BOAT)


def removal_with(*fields: Row, other: Row | None = None) -> TicketRows:
    """Return the ticket that removes *Boat*, beside the type *Anchor*."""
    return bundles_of(boat(status="d"), other or anchor(), fields=fields).ticket


def test_a_field_that_refers_to_nothing_else_needs_another_target() -> None:
    ticket = removal_with(TO_BOAT)

    (claim,) = say(ticket)
    assert "refers to Boat (Content type) alone" in "".join(sentences([claim]))
    assert "its ticket: " in claim.words["ticket"]
    assert sentences(check(ticket)) == [
        "The field field_boat of Anchor (Content type) does not offer Boat (Content type)."
    ]
    assert [stated.fact for stated in facts(ticket)] == list(referrers_of(ticket))


def test_a_field_with_further_targets_loses_one() -> None:
    ticket = removal_with(TO_BOAT | {"Ref. bundle": f"{BOAT}, {ANCHOR}"})

    (sentence,) = sentences(say(ticket))
    assert "take that out of its targets first" in sentence


def test_its_ticket_is_named_where_there_is_one() -> None:
    ticket = removal_with(TO_BOAT | {"X": "x"}, other=anchor(status="x"))

    (claim,) = say(ticket)
    assert claim.words["ticket"] == ""


@each("status", ["d", "w"])
def test_a_field_that_nobody_keeps_is_not_named(status: str) -> None:
    assert list(referrers_of(removal_with(TO_BOAT | {"X": status}))) == []
    assert list(referrers_of(removal_with(TO_BOAT, other=anchor(status=status)))) == []


def test_only_fields_refer_to_a_type() -> None:
    ticket = bundles_of(
        boat(status="d"), migrations=[{"Migration": "Boats", "X": "a", "Destination": BOAT}]
    ).ticket

    assert list(referrers_of(ticket)) == []
