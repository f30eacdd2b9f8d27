"""What tickets of other rows and of components claim.

Does not belong here: lists of things that Drupal has (`drupal/rules`).
"""

from collections.abc import Iterable, Iterator, Mapping

from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.columns import owner_column_of
from jira_pipeline.drupal.listed_things import story_of_list
from jira_pipeline.drupal.markup import code, listed, quoted, text
from jira_pipeline.drupal.row_names import name_of
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model.columns import NOTE_COLUMNS, UPKEEP_COLUMNS
from jira_pipeline.model.entities import Entity, EntityKind
from jira_pipeline.model.sheet_names import sheet_noun, sheet_title
from jira_pipeline.tickets.grouping.component_rows import (
    AFTER,
    PATH,
    TARGET,
    WANTED_AS_IN as AS_IN,
    is_change,
    noun_of,
    settings_of,
    system_name_of,
)

_UPKEEP = frozenset({*UPKEEP_COLUMNS, *NOTE_COLUMNS})
_CELL_WORDS_MAX = 12


def custom_claims(facts: TicketRows) -> Iterable[Claim]:
    """Claim that each thing of a sheet of its own is there with what its columns say.

    Of rows that are no such things nothing is claimed: their table quotes them.
    """
    rows = facts.to_build or facts.rows
    if facts.to_build and rows[0].kind is not EntityKind.CUSTOM:  # of something that no row is
        column = owner_column_of(rows[0].kind)
        owners = {row.cell(column.name) for row in rows} if column else set()
        owner = text(owners.pop()) if len(owners) == 1 else ""
        return claims_about("story.ownerless", rows, owner=owner or "things")
    if facts.group.key != rows[0].key:  # nobody knows what its columns are of
        sheet = quoted(sheet_title(rows[0].source.file))
        return claims_about("story.unknown_table", rows, sheet=sheet)
    checks = (claim for row in facts.to_build for claim in _cells_of(row, row.cells))
    return (*story_of_list(facts, rows, noun=sheet_noun(rows[0].source.file)), *checks)


def _cells_of(row: Entity, cells: Mapping[str, str]) -> Iterator[Claim]:
    """Claim that a row is there with its cells, but for its names and what its table shows better."""
    known = {row.label, name_of(row), row.machine_name, "", "-"}
    short = {c: v for c, v in cells.items() if len(v.split()) <= _CELL_WORDS_MAX and v not in known}
    columns = [column for column in short if column not in _UPKEEP]
    if columns:
        each = listed([f"{text(c)} {quoted(short[c])}" for c in columns])
        values = [short[column] for column in columns]
        words = {"cells": each}
        if row.kind is EntityKind.COMPONENT_ITEM and row.label == row.machine_name:
            words["named"] = code(row.machine_name)
        yield from claims_about("verification.custom", [row], *columns, values=values, **words)


def component_claims(facts: TicketRows) -> Iterator[Claim]:
    """Claim that a component is there with what its rows set; of two environments, what differs."""
    head = facts.head
    session = facts.session
    words = {
        "noun": noun_of(head),
        "name": quoted(facts.name),
        "source": text(head.cell(AS_IN)),
        "target": text(head.cell(TARGET)) or "the target",
        "Target": text(head.cell(TARGET)) or "The target",
        "system": code(system_name_of(head)),
    }
    yield from claims_about(f"story.{facts.group.kind}", [head], **words)
    yield from claims_about(f"verification.{facts.group.kind}", [head], **words)
    for row in facts.own_rows:
        cells = settings_of(row, session.specification)
        if not is_change(row):
            yield from _cells_of(row, cells)
        elif not row.cell(AFTER):
            yield from claims_about("verification.change_gone", [row], PATH, **words)
        elif after := cells.get(AFTER, ""):
            is_short = "\n" not in after and len(after.split()) <= _CELL_WORDS_MAX
            kind = "verification.change" if is_short else "verification.change_tabled"
            yield from claims_about(kind, [row], AFTER, **words, value=quoted(after))
