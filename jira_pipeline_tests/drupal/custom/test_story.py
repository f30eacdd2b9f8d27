"""What a ticket is for whose rows are of no known sheet."""

from jira_pipeline.drupal.custom.story import (
    PartsWithoutOwner,
    Things,
    UnknownTable,
    facts,
    say,
    table_of,
)
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model.entities import EntityKind
from jira_pipeline_tests.drupal.made_rows import BOAT, field, sentences, ticket_in
from jira_pipeline_tests.sheets.made_specifications import Row, bundle, specification_of, table


def own_sheet(*rows: str) -> TicketRows:
    """Return the ticket of the first row of a sheet with machine names."""
    specification = specification_of(custom=table("Label,Machine name,X,Colour", *rows))
    first = rows[0].split(",")[0]
    return ticket_in(specification, lambda head: head.label == first)


def ownerless(*fields: Row) -> TicketRows:
    """Return the ticket of fields whose bundles are in no sheet."""
    specification = specification_of(bundles=[bundle("Anchor", "anchor")], fields=list(fields))
    return ticket_in(specification, lambda head: head.kind is EntityKind.FIELD)


def test_a_row_with_a_machine_name_is_a_thing() -> None:
    ticket = own_sheet("Sail,sail,a,white")

    assert table_of(ticket) == Things("custom entry")
    assert [stated.fact for stated in facts(ticket)] == [Things("custom entry")]
    assert sentences(say(ticket)) == ["The site needs the custom entry “Sail”."]


def test_fields_of_no_bundle_name_what_they_belong_to() -> None:
    ticket = ownerless(field())
    of_two = ownerless(field(), field("field_keel", bundle="Raft (Content type)"))

    assert table_of(ticket) == PartsWithoutOwner(BOAT)
    assert sentences(say(ticket)) == [
        f"Hull field_hull belongs to {BOAT}, for which there is no one row."
    ]
    assert table_of(of_two) == PartsWithoutOwner("")
    assert "belong to things" in "".join(sentences(say(of_two)))


def test_nobody_knows_what_other_rows_are() -> None:
    specification = specification_of(matrix=table("Effect,X,Strength", "Scale,a,1", "Crop,a,2"))
    ticket = ticket_in(specification, lambda head: head.label == "Scale")

    assert table_of(ticket) == UnknownTable("matrix.csv")
    assert sentences(say(ticket)) == [
        "The table quotes the rows of “matrix.csv”, which is no known sheet."
    ]


def test_of_a_table_the_rows_to_build_are_meant() -> None:
    rows = table("Effect,X,Strength", "Scale,d,1", "Crop,a,2")
    ticket = ticket_in(specification_of(matrix=rows), lambda head: head.label == "Scale")

    (claim,) = say(ticket)
    assert [row.label for row in claim.rows] == ["Crop"]


def test_fields_of_no_bundle_that_go_are_called_an_unknown_table() -> None:
    """A false sentence: their sheet is known. It is said as before until sentences are the matter."""
    assert table_of(ownerless(field(status="d"))) == UnknownTable("fields.csv")
