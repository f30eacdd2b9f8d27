"""What a rule is: one fact that rows say of a thing, and all that the program does about it.

The module of a rule reads from top to bottom:

1. what the thing is in Drupal, with the source
2. `COLUMN`, where sheets say it
3. the fact: a union of small values, and the one function that reads it from a row
4. what follows from the fact, each only where there is something to do:
   `say` for the analysis of the ticket, `ask` for people, `check` for its verification,
   `compare` with the configuration of a site
5. `RULE`, which `drupal/rules` lists in the order of the ticket; its `facts` are the fact of every
   row of a ticket that it applies to, for whoever reads a ticket as facts and not as sentences

Its sentences and questions are in `words.toml` of its folder. Its cases are in a test module of the
same name: what raises it, what does not, the exception.

Does not belong here: any one rule; making claims and questions (`claims`, `row_questions`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeAlias, TypeVar

from jira_pipeline.drupal.claims import Claim
from jira_pipeline.drupal.comparisons import Counterpart
from jira_pipeline.drupal.row_questions import RowQuestion
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.model.columns import Column
from jira_pipeline.model.entities import Entity

Rows = TypeVar("Rows", contravariant=True)  # noqa: PLC0105 - named for what it is
"""The rows of a ticket as the rules of one kind see them, such as `TicketFields`."""
State: TypeAlias = Callable[[Rows], Iterable[Claim]]
"""Makes claims about rows of a ticket: one sentence may join what several rows say."""
AskedRows: TypeAlias = Callable[[GroupRows], Iterable[Entity]]
"""Chooses rows of a group, none of a group of another kind, mostly one of `drupal/asked_rows`."""
Ask: TypeAlias = Callable[[Entity, GroupRows], Iterable[RowQuestion]]
"""Makes the questions that one row leaves open; beside it are the other rows of its group."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedFact:
    """A fact of a rule, and the rows that say it."""

    fact: object
    """A value of the union that the rule declares, such as `NotForType`."""
    rows: tuple[Entity, ...]


Read: TypeAlias = Callable[[Rows], Iterable[StatedFact]]
"""Reads the facts of a rule from the rows of a ticket, in the order of the rows."""


def facts_by_row(read: Callable[[Entity], object], rows: Iterable[Entity]) -> Iterator[StatedFact]:
    """Yield the fact that each row says by itself."""
    for row in rows:
        yield StatedFact(fact=read(row), rows=(row,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Generic[Rows]):
    """One rule; a part that it does not have is None."""

    key: str
    """Its folder and module: `field.widget`."""
    facts: Read[Rows]
    """What `ticket_facts.facts_of` returns of a ticket."""
    columns: tuple[Column, ...] = ()
    """The columns that it declares."""
    say: State[Rows] | None = None
    asked_rows: AskedRows | None = None
    """Of which rows of a group it asks; None where `ask` is."""
    ask: Ask | None = None
    check: State[Rows] | None = None
    counterpart: Counterpart | None = None
    """What of a site's configuration its only column is compared with, and its `compare`."""
    counterparts: Mapping[str, Counterpart] = field(default_factory=dict)
    """The same of several columns, by their names."""
