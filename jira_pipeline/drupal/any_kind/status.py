"""The status of a row: whether what it is about is built, changed, removed, there already or on hold.

Sheets have a letter or a word for it in *X*. A row with a word that nobody knows there is built, and
somebody has to say whether that is meant.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.asked_rows import rows_to_build
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.specification_index import SpecificationIndex, once_per_session
from jira_pipeline.drupal.ticket_rows import GroupRows, TicketRows, to_build
from jira_pipeline.model.columns import STATUS_COLUMN
from jira_pipeline.model.entities import Entity
from jira_pipeline.model.line_numbers import format_count

# The fact: whether the status of a row is one of those that the program knows.


@dataclass(frozen=True, slots=True)
class UnknownStatus:
    """A word that is no status anybody knows."""

    word: str


@dataclass(frozen=True, slots=True)
class KnownStatus:
    """A status, or nothing: a row without a status is built."""


StatusFact: TypeAlias = UnknownStatus | KnownStatus


def status_of(row: Entity) -> StatusFact:
    """Read the status of a row from its cell."""
    word = row.cell(STATUS_COLUMN)
    # A single character, such as a question mark, is no word that somebody could explain.
    if row.is_status_blank and len(word) > 1:
        return UnknownStatus(word)
    return KnownStatus()


# What follows from it.


def ask(row: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask about an unknown word, in the same words wherever a row has it."""
    match status_of(row):
        case UnknownStatus(word):
            count = format_count(_rows_by_unknown_word(rows.index)[word], "row")
            yield question_about("rows.unknown_status", row, quote=word, count=count)
        case KnownStatus():
            return


@once_per_session
def _rows_by_unknown_word(index: SpecificationIndex) -> Mapping[str, int]:
    """Count the rows with each unknown word; an entity that two sheets have is one for each row."""
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
    """Yield what the status of each row to build is."""
    return facts_by_row(status_of, to_build(ticket.own_rows))


RULE = Rule(key="any_kind.status", facts=facts, asked_rows=rows_to_build, ask=ask)
