"""A ticket as facts: what its rules read from its rows, typed, instead of sentences.

Whoever writes a ticket in other words says these facts; whoever keeps prose compares them.

Belongs here: which facts a ticket has, in which order. Does not: what a row says (the rules), which
rules a ticket has (`rules`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from jira_pipeline.drupal.rule import Rule
from jira_pipeline.drupal.rules import ANY_KIND_RULES, LAST_RULES, rules_of_ticket
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model.entities import Entity

Rows = TypeVar("Rows")


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketFact:
    """A fact of a ticket.

    It can be hashed, and its `repr` is the same wherever its rows are in their sheets.
    """

    rule: str
    """Key of the rule that reads it: `field.widget`."""
    fact: object
    """A value that the rule declares, such as `NotForType`."""
    rows: tuple[Entity, ...]
    """The rows that say it; those of other tickets come after its own."""


def facts_of(ticket: TicketRows) -> tuple[TicketFact, ...]:
    """Return the facts of a ticket: of its kind in the order of its text, then those of any kind.

    The ticket of a component of a package has none of its kind.
    """
    facts: list[TicketFact] = []
    of_kind = rules_of_ticket(ticket)
    if of_kind is not None:
        facts += _facts_by(of_kind.rules, of_kind.rows_of(ticket))
    facts += _facts_by((*ANY_KIND_RULES, *LAST_RULES), ticket)
    return tuple(facts)


def _facts_by(rules: Sequence[Rule[Rows]], rows: Rows) -> Iterator[TicketFact]:
    """Yield what rules read from the rows of a ticket, one rule after the other."""
    for rule in rules:
        for stated in rule.facts(rows):
            yield TicketFact(rule=rule.key, fact=stated.fact, rows=stated.rows)
