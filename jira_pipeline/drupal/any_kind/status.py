"""The status of a row: whether what it is about is built, changed, removed, there already or on hold.

Sheets have a letter or a word for it in *X*. A row with a word that nobody can read there is on hold:
it may be one that is to be removed. Somebody has to say what is meant.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.specification_index import SpecificationIndex, once_per_session
from jira_pipeline.drupal.ticket_rows import GroupRows, TicketRows
from jira_pipeline.model.entities import Entity, Status
from jira_pipeline.model.line_numbers import format_count

# The fact: whether the status of a row is one of those that the program knows.


@dataclass(frozen=True, slots=True)
class UnknownStatus:
    """A word that is no status anybody knows."""

    word: str


@dataclass(frozen=True, slots=True)
class KnownStatus:
    """A status, or nothing: a row with a blank status is built."""


StatusFact: TypeAlias = UnknownStatus | KnownStatus


def status_of(row: Entity) -> StatusFact:
    """Read the status of a row from its cell."""
    return UnknownStatus(row.unread_status) if row.unread_status else KnownStatus()


# What follows from it.


def ask(row: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask once for all rows with an unknown word as status whether they are built now.

    `“maybe” is no known status: should what has it be built now (3 rows)?`
    """
    match status_of(row):
        case UnknownStatus(word):
            count = format_count(_rows_by_unknown_word(rows.index)[word], "row")
            yield question_about("rows.unknown_status", row, quote=word, count=count)
        case KnownStatus():
            return


@once_per_session
def _rows_by_unknown_word(index: SpecificationIndex) -> Mapping[str, int]:
    """Count the rows with each unknown word; a thing in two sheets counts twice."""
    rows_by_source = {row.source: row for row in index.specification.entities}
    counts: Counter[str] = Counter()
    for row in rows_by_source.values():
        match status_of(row):
            case UnknownStatus(word):
                counts[word] += 1
            case KnownStatus():
                pass
    return counts


def facts(ticket: TicketRows) -> Iterator[StatedFact]:
    """Yield whether the status of each row is known."""
    return facts_by_row(status_of, ticket.own_rows)


def rows_on_hold(rows: GroupRows) -> Sequence[Entity]:
    """Return the rows of any group that are on hold, heads first."""
    own_rows = (*rows.group.heads, *rows.group.members)
    return [row for row in own_rows if row.status is Status.WAITING]


RULE = Rule(key="any_kind.status", facts=facts, asked_rows=rows_on_hold, ask=ask)
