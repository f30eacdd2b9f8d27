"""A form of answers about a ticket: what is asked for, how it is read, judged, kept and made a ticket.

Belongs here: the value that asking and keeping go by, whatever a model is asked for. Does not: the two
forms, `changes_form` and `whole/request`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Generic, Protocol, TypeVar

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema
from typing_extensions import override

from jira_pipeline.model.revisions import TicketProse
from jira_pipeline.writing.completion.prompt import Prompt, PromptRule, TicketToComplete

Answer = TypeVar("Answer", bound=BaseModel)
Judged = TypeVar("Judged", bound=BaseModel, contravariant=True)  # noqa: PLC0105 - named for what it is


class SchemaWithoutTitles(GenerateJsonSchema):
    """Makes a schema without titles: they repeat the names of the values, and cost tokens."""

    @override
    def field_title_should_be_set(self, schema: object) -> bool:
        return False


@cache
def json_schema_of(model: type[BaseModel]) -> dict[str, object]:
    """Return the JSON schema of an answer."""
    return model.model_json_schema(schema_generator=SchemaWithoutTitles)


class ProseOf(Protocol[Judged]):
    """Makes the prose of a ticket of what holds in an answer."""

    def __call__(self, answer: Judged, ticket: TicketToComplete, /, *, writer: str) -> TicketProse:
        """Return it; what does not hold is listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerLength:
    """How many tokens an answer is expected to have, by the length of the template's prose."""

    least_tokens: int
    """Of an answer about a ticket of which the template says nothing."""
    share_of_template: Fraction
    """Added of the tokens of the template's prose."""

    def tokens(self, template_tokens: int) -> int:
        """Return the tokens of an answer about a ticket whose prose by the template has so many."""
        return self.least_tokens + int(self.share_of_template * template_tokens)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerForm(Generic[Answer]):
    """What a model is asked for about a ticket, and what becomes of its answer."""

    version: str
    """Of the instructions."""
    model: type[Answer]
    """The schema of an answer."""
    length: AnswerLength
    prompt_of: Callable[[TicketToComplete, PromptRule], Prompt]
    complaint_about: Callable[[Answer, TicketToComplete], str]
    """Says what is asked once more of an answer; empty where all of it holds."""
    joined: Callable[[Answer, Answer, TicketToComplete], Answer]
    """Joins an answer and its repair."""
    storable: Callable[[Answer, TicketToComplete], str]
    from_store: Callable[[str, TicketToComplete], Answer]
    """Reads an answer that was stored, or raises a `ValidationError`."""
    prose_of: ProseOf[Answer]

    @property
    def schema(self) -> dict[str, object]:
        """The JSON schema of an answer."""
        return json_schema_of(self.model)
