"""What the ticket of one type is for."""

from jira_pipeline.drupal.bundle.story import (
    ChangedFields,
    ChangedType,
    NewType,
    facts,
    say,
    story_of,
)
from jira_pipeline.drupal.field.ticket_fields import TicketFields
from jira_pipeline_tests.drupal.made_bundles import boat, bundles_of
from jira_pipeline_tests.drupal.made_rows import field, fields_of, sentences
from jira_pipeline_tests.sheets.made_specifications import Row, bundle, table
from jira_pipeline_tests.tables import each

SAIL = "Sail (Paragraph type)"
SAIL_ROW = bundle("Sail", "sail", "Paragraph type")
COLOUR = field("field_colour", bundle=SAIL)
TO_SAIL = {"type": "Entity reference revisions", "target": SAIL}


def sail_with(*hosts: Row, others: tuple[Row, ...] = ()) -> TicketFields:
    """Return the ticket of the paragraph type *Sail*, beside types with fields of theirs."""
    types = [bundle(host["Bundle"].removesuffix(" (Content type)"), "") for host in hosts]
    named = {row["Name"]: row | {"Machine name": row["Name"].casefold()} for row in types}
    fields = [COLOUR, *hosts]
    ticket = bundles_of(SAIL_ROW, *named.values(), *others, fields=fields).ticket
    return TicketFields(ticket=ticket)


def host(type_: str, **cells: str) -> Row:
    """Make a field of a content type that refers to *Sail*."""
    return field("field_sails", **({"bundle": f"{type_} (Content type)"} | TO_SAIL | cells))


def story(ticket: TicketFields) -> str:
    (sentence,) = sentences(say(ticket))
    (stated,) = facts(ticket)
    assert stated.fact == story_of(ticket)
    return sentence


def test_a_new_type_is_needed_with_its_description() -> None:
    described = bundles_of(boat(description="Floats"), fields=[field()]).ticket

    assert story(fields_of(field())) == "The site needs the content type Boat."
    assert story(TicketFields(ticket=described)) == (
        "The site needs the content type Boat. Description: “Floats”."
    )


def test_a_type_for_fields_is_needed_where_they_are() -> None:
    assert story(sail_with(host("Boat"))) == (
        "The site needs the paragraph type Sail for the field “Sails” of Boat (Content type)."
    )
    assert story(sail_with(host("Boat"), host("Kite"))) == (
        "The site needs the paragraph type Sail for Boat (Content type) and Kite (Content type)."
    )


def test_many_types_that_use_it_are_counted() -> None:
    names = ["Ark", "Boat", "Cog", "Dory", "Eel", "Fly", "Gig"]

    assert story(sail_with(*map(host, names))) == (
        "The site needs the paragraph type Sail for 7 types."
    )
    assert "for 6 types" not in story(sail_with(*map(host, names[:6])))


@each(
    "ticket",
    [
        sail_with(),
        sail_with(host("Boat", status="d")),
        sail_with(host("Boat"), others=(bundle("Sail", "sail_two", "Paragraph type"),)),
        sail_with(host("Boat", type="Text (plain)", target="", note="Of the view.")),
    ],
    ids=["no field", "a field that goes", "a namesake", "no reference"],
)
def test_nobody_says_who_needs_it_where_that_is_not_certain(ticket: TicketFields) -> None:
    assert story_of(ticket) == NewType(())
    assert story(ticket) == "The site needs the paragraph type Sail."


def test_only_fields_that_stay_on_types_that_stay_are_uses() -> None:
    former = host("Boat", status="d") | {"Machine name": "field_jibs"}
    there = host("Boat", status="x")
    of_removed = bundles_of(SAIL_ROW, boat(status="d"), fields=[COLOUR, there]).ticket

    fact = story_of(sail_with(former, host("Boat")))
    assert isinstance(fact, NewType)
    assert [row.machine_name for row in fact.uses] == ["field_sails"]
    assert story_of(TicketFields(ticket=of_removed)) == NewType(())


def test_a_sentence_rests_on_the_description_that_it_quotes() -> None:
    described = bundles_of(boat(description="Floats"), fields=[field()]).ticket
    (with_description,) = say(TicketFields(ticket=described))
    (without,) = say(fields_of(field()))

    assert with_description.columns == ("Description",)
    assert without.columns == ()


def test_a_content_type_is_needed_by_itself() -> None:
    to_boat = field("field_boat", bundle="Crew (Content type)", type="Entity reference")
    others = [bundle("Crew", "crew")]
    refers = to_boat | {"Ref. bundle": "Boat (Content type)"}

    assert story_of(fields_of(field(), refers, others=others)) == NewType(())


def test_of_a_type_that_is_there_the_ticket_says_which_fields_come_change_and_go() -> None:
    ticket = fields_of(
        field(),
        field("field_mast", status="c"),
        field("field_keel", status="d"),
        status="x",
    )

    fact = story_of(ticket)
    assert isinstance(fact, ChangedFields)
    assert [row.machine_name for row in fact.rows] == ["field_hull", "field_mast", "field_keel"]
    assert story(ticket) == (
        "The content type Boat needs the new field “Hull”, changes to the field “Mast” and "
        "the removal of the field “Keel”."
    )


def test_fields_of_one_label_are_told_apart_by_machine_name() -> None:
    ticket = fields_of(field(), field("field_hull_two", label="Hull"), status="x")

    assert story(ticket) == (
        "The content type Boat needs the new fields field_hull and field_hull_two."
    )


def test_a_type_itself_may_change() -> None:
    there = boat(status="c")
    modes = table("View Modes,Entity Type,X,Entities Used On", "Card,Content type,a,Boat")
    fields = [field(status="x")]
    alone = TicketFields(ticket=bundles_of(there, fields=fields).ticket)
    with_mode = TicketFields(ticket=bundles_of(there, fields=fields, view_modes=modes).ticket)

    assert story_of(alone) == ChangedType(())
    assert story(alone) == "The content type Boat changes."
    assert story(with_mode) == (
        "The content type Boat changes, and gets “Card” among its view modes."
    )
