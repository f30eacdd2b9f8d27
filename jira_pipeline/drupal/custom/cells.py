"""What the cells of a row say of a thing that no known sheet lists: it has them, whatever they mean.

Names and what is for the upkeep of a sheet say nothing of it; long texts are in the table.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.custom.story import PartsWithoutOwner, Things, UnknownTable, table_of
from jira_pipeline.drupal.markup import listed, quoted, text
from jira_pipeline.drupal.row_names import name_of
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model.columns import BLANK, NOTE_COLUMNS, UPKEEP_COLUMNS
from jira_pipeline.model.entities import Entity

WORDS_MAX = 12
"""So many words of a cell are said in a sentence; its table shows more."""
_UPKEEP = frozenset({*UPKEEP_COLUMNS, *NOTE_COLUMNS})


@dataclass(frozen=True, slots=True)
class StatedCells:
    """What a row says of its thing, in few words, by column; nothing where it says no such thing."""

    cells: Mapping[str, str]


def stated_cells_of(row: Entity, cells: Mapping[str, str]) -> StatedCells:
    """Read what some cells of a row say in few words, beside its names."""
    names = {row.label, name_of(row), row.machine_name, *BLANK}
    stated = {}
    for column, cell in cells.items():
        if column not in _UPKEEP and cell not in names and len(cell.split()) <= WORDS_MAX:
            stated[column] = cell
    return StatedCells(stated)


def claims_of_cells(row: Entity, cells: Mapping[str, str], **words: str) -> tuple[Claim, ...]:
    """Claim that a thing has what some cells of its row say; `words` may name it otherwise."""
    stated = stated_cells_of(row, cells).cells
    if not stated:
        return ()
    clauses = [f"{text(column)} {quoted(cell)}" for column, cell in stated.items()]
    return claims_about(
        "verification.custom",
        [row],
        *stated,
        values=list(stated.values()),
        cells=listed(clauses),
        **words,
    )


def check(ticket: TicketRows) -> Iterator[Claim]:
    """Claim that each thing of a sheet of no known kind has what its cells say.

    `“Harbour lights” has “red” as Colour.`
    """
    match table_of(ticket):
        case Things():
            for row in ticket.to_build:
                yield from claims_of_cells(row, row.cells)
        case PartsWithoutOwner() | UnknownTable():
            return


def facts(ticket: TicketRows) -> Iterator[StatedFact]:
    """Yield what each row says of its thing."""
    for row in ticket.to_build:
        yield StatedFact(fact=stated_cells_of(row, row.cells), rows=(row,))


RULE = Rule(key="custom.cells", facts=facts, check=check)
