"""A line of a sheet of open questions, which somebody wrote beside the sheets of the specification.

Most of them are asked in the tickets that they name. Titles and headers of such a sheet ask nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.ticket_rows import GroupRows, TicketRows
from jira_pipeline.model.columns import QUESTION_LINE
from jira_pipeline.model.entities import Entity
from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline.model.sheet_names import sheet_title

_SENTENCE_WORDS_MIN = 5
"""Fewer words are a title or a header."""


# The fact: what a line of such a sheet is.


@dataclass(frozen=True, slots=True)
class QuestionLine:
    """Words that ask something."""

    text: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A title, a header or a word."""


LineFact: TypeAlias = QuestionLine | Heading


def line_of(line: Entity) -> LineFact:
    """Read a line of a sheet of open questions: it asks if it has a question mark, or is a sentence."""
    text = line.cell(QUESTION_LINE)
    has_sentence = any(len(part.split()) >= _SENTENCE_WORDS_MIN for part in text.splitlines())
    if has_sentence or "?" in text:
        return QuestionLine(" ".join(text.split()))
    return Heading()


# What follows from it.


def lines_of_questions(rows: GroupRows) -> Sequence[Entity]:
    """Return the lines of sheets of open questions that name something of a group."""
    return _question_lines(rows.group)


def _question_lines(group: EntityGroup) -> list[Entity]:
    return [line for line in group.captions if line.states(QUESTION_LINE)]


def ask(line: Entity, _: GroupRows) -> Iterator[RowQuestion]:
    """Ask what a line of a sheet of open questions asks, naming the sheet.

    `“Who moors the boats?” (Open questions)`
    """
    match line_of(line):
        case QuestionLine(text):
            sheet = sheet_title(line.source.file)
            yield question_about("rows.asked_beside", line, quote=text, where=sheet)
        case Heading():
            return


def facts(ticket: TicketRows) -> Iterator[StatedFact]:
    """Yield whether each line of open questions asks, of the lines that name something of the ticket."""
    return facts_by_row(line_of, _question_lines(ticket.group))


RULE = Rule(key="any_kind.question_line", facts=facts, asked_rows=lines_of_questions, ask=ask)
