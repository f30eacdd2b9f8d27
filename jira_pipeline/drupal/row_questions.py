"""A question that a rule asks about one row, in the words of its key.

Belongs here: the value and making it. Does not: what is asked (the rules), the words (`words`),
joining what is asked of several rows into one question (`tickets/questions/found_questions`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jira_pipeline.drupal.row_names import joined, name_of, plain
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.drupal.unknown_columns import wordy_headers
from jira_pipeline.drupal.words import question_words
from jira_pipeline.model.columns import NOTE_COLUMNS
from jira_pipeline.model.entities import Entity
from jira_pipeline.model.open_questions import OpenQuestion

SUBJECTS = "{subjects}"
"""Stays in a question until rows are joined: where it names the rows it is about."""
ANSWER = "{answer}"
"""Stays in an assumption until rows are joined: where it names the suggested answer."""
_NO_COLUMN_SAYS = "No known column says"
_QUOTED_CELLS_MAX = 2
"""Quoting more cells makes a question nobody reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowQuestion:
    """A question about one row, before it is joined with the same question about others."""

    of_row: OpenQuestion
    """As it is asked of this row alone, with `SUBJECTS` and `ANSWER` in it."""
    entity: Entity
    about: str
    """What in its cell it is about, where a cell may raise several questions of its key."""
    question_for_many: str
    """As it is asked of several rows; rows with the same text become one question."""
    client_quote: str

    @property
    def key(self) -> str:
        """What it is about: its row, and the passage where a cell may raise several of its kind."""
        return f"{self.entity.key} “{self.about}”" if self.about else self.entity.key


def question_about(
    key: str,
    row: Entity,
    column: str = "",
    compared: Sequence[Entity] = (),
    /,
    *,
    quote: str = "",
    answer: str = "",
    because: str = "",
    choices: Sequence[str] = (),
    disputes: str = "",
    audience: str = "",
    **places: str,
) -> RowQuestion:
    """Make the question of a key about a row; `places` fill the places of its words.

    What is not given of `column`, `because`, `choices`, `disputes` and `audience` its words say.
    `{said}` is the quote unless `places` fill it. An assumption that names an answer is asked as a
    question where there is no answer.

    Args:
        key: Key of the question in `words`, such as `bundles.widget`.
        row: The row it is about.
        column: The column that raises it.
        compared: Other rows that it shows beside this one.
        quote: What of the row it quotes, if not the whole cell of the column in its words.
        answer: What the sheets suggest as an answer.
        because: What in the sheets suggests it.
        choices: The answers to choose from.
        disputes: The column whose cell it doubts: no claim is made of that.
        audience: Who can answer it.
        places: What fills the other places of its words.

    Raises:
        KeyError: There is no such question, or its words have a place that nothing fills.
    """
    words = question_words()[key]
    filled = {
        "subjects": SUBJECTS,
        "answer": ANSWER,
        "lacks": _what_is_lacking(row, words),
        "label": plain(name_of(row)),
        "name": row.machine_name,
        "said": plain(quote),
        **places,
    }
    question = words["one"].format_map(_quoting_unknown_columns(filled, row))
    question_for_many = words.get("many", words["one"]).format_map(filled)
    about = filled.get(words.get("each", ""), "")
    card = filled.get(words.get("card", ""), "")

    quoted_cell = quote or row.cell(words.get("column", ""))
    quoted_column = _quoted_column(row, column or words["column"], quoted_cell)
    if not choices:
        choices = [choice.format_map(filled) for choice in words.get("choices", ())]
    suggested_because = ""
    if answer:
        suggested_because = because or words.get("because", "")
    assumed = words.get("assumed", "")
    if ANSWER in assumed and not answer:
        assumed = ""

    client_words = words.get("client", {})
    for_client = client_words.get("ask", "").format_map(filled)
    client_choices = client_words.get("choices", client_words.get("ticks", ()))
    client_quote = ""
    if client_words.get("is_quoted"):
        client_quote = plain(quote or note_of(row))

    source = row.source
    of_row = OpenQuestion(
        kind=key,
        file=source.file,
        line=source.line,
        record=source.record,
        column=quoted_column,
        quote=quoted_cell,
        question=question,
        suggested_answer=answer,
        suggested_because=suggested_because,
        choices=tuple(dict.fromkeys(choices)),
        disputes=disputes or words.get("disputes", ""),
        compared=tuple(other.source for other in compared),
        audience=audience or words["audience"],
        card=card,
        for_client=for_client,
        client_choices=tuple(client_choices),
        assumption=assumed.format_map(filled),
    )
    return RowQuestion(
        of_row=of_row,
        entity=row,
        about=about,
        question_for_many=question_for_many,
        client_quote=client_quote,
    )


def _quoted_column(row: Entity, column: str, quoted_cell: str) -> str:
    """Return the column that holds what is quoted: one note may be spread over several columns."""
    if column in NOTE_COLUMNS and quoted_cell:
        for note_column in (column, *NOTE_COLUMNS):
            if quoted_cell in row.cell(note_column):
                return note_column
    return column


def _what_is_lacking(row: Entity, words: Mapping[str, Any]) -> str:
    """Say that no cell has the answer, and which unknown columns may have it."""
    headers = [f"“{plain(header)}”" for header in wordy_headers(row)]
    if headers:
        return f"{_NO_COLUMN_SAYS}; does {joined(headers, 'or')}?"
    return str(words.get("lacks", ""))


def _quoting_unknown_columns(filled: Mapping[str, str], row: Entity) -> Mapping[str, str]:
    """Have the question of a single row quote what it says in columns that nobody knows."""
    headers = wordy_headers(row)
    if not filled["lacks"].startswith(_NO_COLUMN_SAYS) or len(headers) > _QUOTED_CELLS_MAX:
        return filled
    quotes = [f"“{plain(header)}” says “{plain(row.cell(header))}”" for header in headers]
    return {**filled, "lacks": f"{_NO_COLUMN_SAYS}; {joined(quotes)}: is it that?"}
