"""What a model may change of a ticket, in a closed schema, and changes as they are kept.

Belongs here: the schema; naming rows by what they are, not by their line, and back. Does not: which
changes hold, applying them (`checking`), keeping (`store/run_records`), or what an
answer is kept for (`prompt`).
"""

import html
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from jira_pipeline.model.columns import LABEL_COLUMNS, PROSE_COLUMNS, STATUS_COLUMN
from jira_pipeline.model.grouped import grouped
from jira_pipeline.model.hidden_characters import without_hidden
from jira_pipeline.tickets.group_facts import SessionFacts
from jira_pipeline.tickets.questions.question_index import once_per_session
from jira_pipeline.writing.completion.specification_text import row_ids
from jira_pipeline.writing.completion.ticket_text import TicketToComplete

_Text = Annotated[str, AfterValidator(html.unescape)]
"""Models copy `-&gt;` from help texts, and nobody reads it so."""
Sentence = Annotated[_Text, StringConstraints(min_length=1, max_length=600, strip_whitespace=True)]
ShortText = Annotated[_Text, StringConstraints(max_length=300, strip_whitespace=True)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=300, strip_whitespace=True)]

ITEMS_MAX = 40
"""No guide to how much is good: a bound on what a broken model can send."""
FILLS_MAX = 4 * ITEMS_MAX


class CheckKind(StrEnum):
    """What can be tried of one cell."""

    columns: tuple[str, ...]
    """Which cells it is of."""

    def __new__(cls, value: str, *columns: str) -> Self:
        kind = str.__new__(cls, value)
        kind._value_, kind.columns = value, columns
        return kind

    TYPE = "type", "Field type"
    WIDGET = "widget", "Form widget"
    REQUIRED = "required", "Req'd"
    OPTIONAL = "optional", "Req'd"
    VALUES = "values", "Vals."
    TARGET = "target", "Ref. bundle"
    OPTION = "option", *PROSE_COLUMNS
    LENGTH = "length", *PROSE_COLUMNS
    LABEL = "label", *LABEL_COLUMNS
    HELP = "help", "Help text"
    GROUP = "group", "Field group"
    PATH = "path", *PROSE_COLUMNS, "URL alias pattern", "Path"
    FROM_STATE = "from", "From state"
    TO_STATE = "to", "To state"
    GONE = "gone", STATUS_COLUMN
    VALUE = "value"
    """Of a setting of a package."""


class _AnswerPart(BaseModel):
    """What an answer holds: no value of another type; models that add a name mean no harm."""

    model_config = ConfigDict(
        extra="ignore", strict=True, json_schema_extra={"additionalProperties": False}
    )


class Drop(_AnswerPart):
    """A sentence or question of the template that does not hold, is answered or is no use."""

    id: Name = Field(description="Such as a2 or q1.")
    why: Sentence
    row: Name = Field(description="The row that shows it.")


class Fill(_AnswerPart):
    """A cell of the form that a row answers."""

    cell: Name = Field(description="Such as f1.Filters.")
    value: ShortText = Field(min_length=1)
    row: Name
    quote: ShortText = Field(min_length=1, description="Words of the row, copied exactly.")


class ProposedQuestion(_AnswerPart):
    """A question that nobody asked yet, or a suggestion to one of the template."""

    row: Name
    question: Sentence = Field(description="Or the name of one, such as q1.")
    suggested_answer: ShortText = ""
    because: ShortText = ""


class CellCheck(_AnswerPart):
    """A check of one cell; its sentence is made by the program."""

    row: Name
    column: Name
    value: Annotated[ShortText, AfterValidator(without_hidden)] = Field(
        description="As in the cell; of `option` and `length` the part of it."
    )
    check: CheckKind


class Changes(_AnswerPart):
    """What a model changes of one ticket; nothing is a good answer."""

    model_config = ConfigDict(extra="forbid")

    user_story: Sentence | None = Field(default=None, description="A better one; null keeps it.")
    estimated_hours: ShortText | None = Field(default=None, description="Such as 2-6; null keeps.")
    drop: list[Drop] = Field(default_factory=list, max_length=ITEMS_MAX)
    analysis: list[Sentence] = Field(default_factory=list, max_length=ITEMS_MAX)
    fill: list[Fill] = Field(default_factory=list, max_length=FILLS_MAX)
    questions: list[ProposedQuestion] = Field(default_factory=list, max_length=ITEMS_MAX)
    verification: list[CellCheck | Sentence] = Field(default_factory=list, max_length=ITEMS_MAX)


def storable_json(changes: Changes, ticket: TicketToComplete) -> str:
    """Return changes to keep: a row that moves in its sheet is the same row."""
    return _with_rows(changes, _lasting_names(ticket.facts.session)).model_dump_json()


def kept_changes(answer_json: str, ticket: TicketToComplete) -> Changes:
    """Return changes that were kept; a row that is gone has a name that no row has.

    Raises:
        ValidationError: It is no answer of this shape.
    """
    names = {lasting: name for name, lasting in _lasting_names(ticket.facts.session).items()}
    return _with_rows(Changes.model_validate_json(answer_json), names)


@once_per_session
def _lasting_names(session: SessionFacts) -> Mapping[str, str]:
    """Return what rows are kept under, by what a model calls them: keys, counted where they repeat."""
    alike = grouped(row_ids(session).items(), lambda named: named[1].key).items()
    return {name: f"{key}#{n}" for key, same in alike for n, (name, _) in enumerate(same, start=1)}


def _with_rows(changes: Changes, names: Mapping[str, str]) -> Changes:
    renamed = changes.model_copy(deep=True)
    for part in ("drop", "fill", "questions", "verification"):
        for item in getattr(renamed, part):
            if not isinstance(item, str):
                item.row = names.get(item.row, item.row)
    return renamed
