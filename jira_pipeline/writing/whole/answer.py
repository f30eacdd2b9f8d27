"""What a model answers that writes a ticket whole, in a closed schema; how an answer is kept.

Every sentence names the rows it rests on, and lists the facts it covers (`must_facts`). Tables, title,
dependencies and the questions that rules ask are the program's: an answer words them, and no more.

Belongs here: the schema; an answer as it is kept, with rows named by what they are, not by their line.
Does not: whether what is in it holds (`judging`).
"""

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import ConfigDict, Field

from jira_pipeline.writing.completion.prompt import (
    FILLS_MAX,
    ITEMS_MAX,
    AnswerPart,
    Fill,
    Name,
    Sentence,
    ShortText,
    TicketToComplete,
    lasting_row_names,
)

ROWS_MAX = 200
"""No guide to how many are good: a bound on what a broken model can send."""
_Names = Annotated[list[Name], Field(max_length=ROWS_MAX)]


class WrittenSentence(AnswerPart):
    """One sentence of the story, the analysis or the checks."""

    text: Sentence
    rows: _Names = Field(default_factory=list, description="The rows that it rests on.")
    covers: _Names = Field(default_factory=list, description="The facts that it says, such as m2.")


class WrittenQuestion(AnswerPart):
    """A question: a new one, or one of the program's in better words."""

    row: Name = Field(description="The row that raises it.")
    column: ShortText = Field(default="", description="The column that raises it; empty: the row.")
    question: Sentence
    question_names: _Names = Field(
        default_factory=list,
        alias="for",
        description="The questions it is, in better words, such as q2; empty: it is new.",
    )
    suggested_answer: ShortText = ""
    because: ShortText = ""


class AnsweredQuestion(AnswerPart):
    """A question of the program's that a row answers."""

    question: Name = Field(description="Such as q3.")
    row: Name
    quote: ShortText = Field(min_length=1, description="Words of the row, copied exactly.")


class WholeAnswer(AnswerPart):
    """The prose of one ticket."""

    model_config = ConfigDict(extra="forbid")

    story: WrittenSentence | None = Field(default=None, description="null: the template's.")
    analysis: list[WrittenSentence] = Field(default_factory=list, max_length=ITEMS_MAX)
    checks: list[WrittenSentence] = Field(default_factory=list, max_length=ITEMS_MAX)
    questions: list[WrittenQuestion] = Field(default_factory=list, max_length=ITEMS_MAX)
    answered: list[AnsweredQuestion] = Field(default_factory=list, max_length=ITEMS_MAX)
    cells: list[Fill] = Field(default_factory=list, max_length=FILLS_MAX)
    estimated_hours: ShortText | None = Field(default=None, description="Such as 2-6.")


def storable_answer(answer: WholeAnswer, ticket: TicketToComplete) -> str:
    """Return an answer to keep: a row that moves in its sheet is the same row."""
    storable = _with_rows(answer, lasting_row_names(ticket.facts.session))
    return storable.model_dump_json(by_alias=True)


def kept_answer(answer_json: str, ticket: TicketToComplete) -> WholeAnswer:
    """Return an answer that was kept; a row that is gone has a name that no row has.

    Raises:
        ValidationError: It is no answer of this shape.
    """
    lasting_names = lasting_row_names(ticket.facts.session)
    names = {lasting: name for name, lasting in lasting_names.items()}
    return _with_rows(WholeAnswer.model_validate_json(answer_json), names)


def _with_rows(answer: WholeAnswer, names: Mapping[str, str]) -> WholeAnswer:
    """Return an answer whose rows have other names; a row without another one keeps its name."""
    renamed = answer.model_copy(deep=True)
    for sentence in sentences_of(renamed):
        sentence.rows = [names.get(row, row) for row in sentence.rows]
    parts: list[WrittenQuestion | AnsweredQuestion | Fill] = [
        *renamed.questions,
        *renamed.answered,
        *renamed.cells,
    ]
    for part in parts:
        part.row = names.get(part.row, part.row)
    return renamed


def sentences_of(answer: WholeAnswer) -> Iterator[WrittenSentence]:
    """Yield the sentences of an answer that are no questions, in the order of the ticket."""
    if answer.story is not None:
        yield answer.story
    yield from answer.analysis
    yield from answer.checks
