"""What the ticket of a component of a package claims: it is there, with what its rows set.

Does not belong here: what Drupal has (`drupal/rules`), the words (`drupal/phrases.toml`), what rows
of components are (`grouping/component_rows`).
"""

from collections.abc import Iterator, Mapping

from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.custom.cells import WORDS_MAX, claims_of_cells
from jira_pipeline.drupal.markup import code, quoted, text
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model.entities import Entity, EntityKind
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


def component_claims(ticket: TicketRows) -> Iterator[Claim]:
    """Claim that a component is there with what its rows set; of two environments, what differs."""
    head = ticket.head
    words = _words_of(ticket)
    yield from claims_about(f"story.{ticket.group.kind}", [head], **words)
    yield from claims_about(f"verification.{ticket.group.kind}", [head], **words)
    for row in ticket.own_rows:
        cells = settings_of(row, ticket.session.specification)
        if is_change(row):
            yield from _claims_of_change(row, cells, words)
        else:
            yield from claims_of_cells(row, cells, **_name_of_item(row))


def _words_of(ticket: TicketRows) -> Mapping[str, str]:
    """Return what fills the places of the phrases about a component: its noun, names, environments."""
    target = text(ticket.head.cell(TARGET))
    return {
        "noun": noun_of(ticket.head),
        "name": quoted(ticket.name),
        "source": text(ticket.head.cell(AS_IN)),
        "target": target or "the target",
        "Target": target or "The target",
        "system": code(system_name_of(ticket.head)),
    }


def _name_of_item(row: Entity) -> Mapping[str, str]:
    """Name an item that has no label by its machine name alone, and anything else as usual."""
    if row.kind is EntityKind.COMPONENT_ITEM and row.label == row.machine_name:
        return {"named": code(row.machine_name)}
    return {}


def _claims_of_change(
    row: Entity, cells: Mapping[str, str], words: Mapping[str, str]
) -> Iterator[Claim]:
    """Claim that a setting has the other value, or is gone; of a long value, as in the table."""
    if not row.cell(AFTER):
        yield from claims_about("verification.change_gone", [row], PATH, **words)
        return
    value = cells.get(AFTER, "")
    if not value:
        return
    is_short = "\n" not in value and len(value.split()) <= WORDS_MAX
    key = "verification.change" if is_short else "verification.change_tabled"
    yield from claims_about(key, [row], AFTER, **words, value=quoted(value))
