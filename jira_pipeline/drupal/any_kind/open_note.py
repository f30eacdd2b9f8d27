"""What the note of a row leaves for somebody to decide, such as `Perhaps in blue`.

The words for that are `left_open` of `lexicon.toml`. A choice of a list, such as *TBD*, and the
address of a page may hold such a word and leave nothing open.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from jira_pipeline.drupal.asked_rows import rows_to_build
from jira_pipeline.drupal.meaning.notes import LEFT_OPEN, readable, sentences_of, without_wording
from jira_pipeline.drupal.row_names import plain
from jira_pipeline.drupal.row_notes import ALLOWED_VALUES, note_of
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.ticket_rows import GroupRows, TicketRows, to_build
from jira_pipeline.model.entities import Entity

_ADDRESS = re.compile(r"\b\w{1,20}://\S*\w")
_BETWEEN_CHOICES = re.compile("[/,;\n]")


# The fact: the sentences of a note that leave something open.


@dataclass(frozen=True, slots=True)
class OpenSentence:
    """A sentence that leaves to somebody what is to hold."""

    text: str


def open_sentences_of(row: Entity) -> tuple[OpenSentence, ...]:
    """Read the sentences in the note of a row that leave something open."""
    choices = _choices_listed(row)
    sentences = []
    for sentence in sentences_of(readable(without_wording(note_of(row)))):
        open_word = LEFT_OPEN.search(_ADDRESS.sub("", sentence))
        if open_word and open_word[0].casefold() not in choices:
            sentences.append(OpenSentence(sentence))
    return tuple(sentences)


def _choices_listed(row: Entity) -> set[str]:
    """Return the items of cells that list some, in columns nobody knows and of allowed values."""
    choices: set[str] = set()
    for column in (*row.unexplained, ALLOWED_VALUES.name):
        items = _BETWEEN_CHOICES.split(row.cell(column))
        if len(items) > 1:
            choices.update(choice.strip().casefold() for choice in items)
    return choices


# What follows from it.


def ask(row: Entity, _: GroupRows) -> Iterator[RowQuestion]:
    """Ask what is decided, once for each sentence of a note that leaves something open.

    `The note of “Hull” says “Perhaps in blue”: what is decided?`
    """
    for sentence in open_sentences_of(row):
        yield question_about("rows.unsettled", row, quote=plain(sentence.text.rstrip(". ")))


def facts(ticket: TicketRows) -> Iterator[StatedFact]:
    """Yield the open sentences of each row to build, one after the other."""
    for row in to_build(ticket.own_rows):
        for sentence in open_sentences_of(row):
            yield StatedFact(fact=sentence, rows=(row,))


RULE = Rule(key="any_kind.open_note", facts=facts, asked_rows=rows_to_build, ask=ask)
