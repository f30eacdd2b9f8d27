"""What a ticket is for whose rows are of no known sheet, or belong to something that no row is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.columns import owner_column_of
from jira_pipeline.drupal.listed_things import story_of_list
from jira_pipeline.drupal.markup import quoted, text
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model.entities import Entity, EntityKind
from jira_pipeline.model.sheet_names import sheet_noun, sheet_title


@dataclass(frozen=True, slots=True)
class Things:
    """Each row is a thing to build, of a noun that the sheet is called by."""

    noun: str


@dataclass(frozen=True, slots=True)
class PartsWithoutOwner:
    """Each row is a part, such as a field, of something that no row is."""

    owner: str
    """What all of them name as that; empty where they name several or none."""


@dataclass(frozen=True, slots=True)
class UnknownTable:
    """Nobody knows what the rows of the sheet are."""

    sheet: str


TableFact: TypeAlias = Things | PartsWithoutOwner | UnknownTable


def table_of(ticket: TicketRows) -> TableFact:
    """Read from the rows of a ticket what its table lists."""
    rows = _rows_of(ticket)
    if ticket.to_build and rows[0].kind is not EntityKind.CUSTOM:
        return PartsWithoutOwner(_owner_of(rows))
    if ticket.group.key != rows[0].key:
        return UnknownTable(sheet_title(rows[0].source.file))
    return Things(sheet_noun(rows[0].source.file))


def _rows_of(ticket: TicketRows) -> Sequence[Entity]:
    return ticket.to_build or ticket.rows


def _owner_of(rows: Sequence[Entity]) -> str:
    """Return the one thing to which all rows say they belong; empty where they name several, or none."""
    column = owner_column_of(rows[0].kind)
    if column is None:
        return ""
    owners = {row.cell(column.name) for row in rows}
    return owners.pop() if len(owners) == 1 else ""


def say(ticket: TicketRows) -> tuple[Claim, ...]:
    """Say which things the site needs; of rows that nobody understands, that they are quoted.

    `The table quotes the rows of “Extras”, which is no known sheet.` Parts without an owner:
    `“Hull” belongs to Boat, for which there is no one row.`
    """
    rows = _rows_of(ticket)
    match table_of(ticket):
        case Things(noun):
            return story_of_list(ticket, rows, noun=noun)
        case PartsWithoutOwner(owner):
            return claims_about("story.ownerless", rows, owner=text(owner) or "things")
        case UnknownTable(sheet):
            return claims_about("story.unknown_table", rows, sheet=quoted(sheet))


def facts(ticket: TicketRows) -> Iterator[StatedFact]:
    """Yield what the table of the ticket lists."""
    yield StatedFact(fact=table_of(ticket), rows=tuple(_rows_of(ticket)))


RULE = Rule(key="custom.story", facts=facts, say=say)
