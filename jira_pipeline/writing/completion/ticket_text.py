"""What a model is told of one ticket, and what it may change of it, in a closed schema.

Belongs here: facts of the ticket, its rows by what is to be done, the template's sentences under the
names that changes use: `s1`, `a1` …, `v1` …, `q1` …, cells of the form `f1.Filters`; the schema; changes
as they are kept, with rows named by what they are, not by their line. Does not: the rows themselves
(`specification_text`), which changes hold, applying them (`checking`), keeping (`store/run_records`), what
an answer is kept for (`prompt`).
"""

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from jira_pipeline.model.columns import LABEL_COLUMNS, PROSE_COLUMNS, STATUS_COLUMN
from jira_pipeline.model.entities import Entity, ReferenceState, Status
from jira_pipeline.model.forms_in_text import is_about_form
from jira_pipeline.model.grouped import grouped
from jira_pipeline.model.hidden_characters import without_hidden
from jira_pipeline.model.line_numbers import without_citations
from jira_pipeline.model.open_questions import OpenQuestion
from jira_pipeline.model.ticket_links import with_titles
from jira_pipeline.tickets.claims.claim import Claim, Claims, rendered
from jira_pipeline.tickets.claims.ticket import claims_of, estimated_hours
from jira_pipeline.tickets.group_facts import GroupFacts, SessionFacts
from jira_pipeline.tickets.questions.question_index import once_per_session
from jira_pipeline.writing.completion.specification_text import as_data, ids_of, row_ids

_STATES: Mapping[Status, str] = {
    Status.APPROVED: "new",
    Status.CHANGED: "changed",
    Status.IMPLEMENTED: "there",
    Status.WAITING: "on hold",
    Status.DELETED: "gone",
}


@dataclass(frozen=True, kw_only=True)
class TicketToComplete:
    """A ticket of claims with the names of all that a model may speak of."""

    facts: GroupFacts
    claimed: Claims
    asked: tuple[OpenQuestion, ...]
    hours: str
    dropped: frozenset[str] = frozenset()
    """Names of sentences that it is judged without."""

    @staticmethod
    def of(facts: GroupFacts) -> "TicketToComplete":
        claimed, hours = claims_of(facts), estimated_hours(facts)
        return TicketToComplete(facts=facts, claimed=claimed, asked=facts.questions, hours=hours)

    @cached_property
    def rows(self) -> Mapping[str, Entity]:
        return row_ids(self.facts.session)

    @cached_property
    def claims(self) -> Mapping[str, Claim]:
        """Its sentences by name, without questions: `s1`, `a1` …, `v1` …."""
        said = self.claimed
        parts = {"s": said.story, "a": said.analysis, "v": said.verification}
        return {
            f"{letter}{number}": claim
            for letter, some in parts.items()
            for number, claim in enumerate(some, start=1)
            if f"{letter}{number}" not in self.dropped
        }

    @cached_property
    def sentences(self) -> Mapping[str, str]:
        """Its sentences by name, as plain text with backticks and the titles of other tickets."""
        groups = self.facts.session.groups
        said = ((name, rendered(claim)) for name, claim in self.claims.items())
        return {name: plain_of(with_titles(sentence, groups)) for name, sentence in said}

    @cached_property
    def questions(self) -> Mapping[str, OpenQuestion]:
        return {f"q{n}": asked for n, asked in enumerate(self.asked, start=1)}

    @cached_property
    def form(self) -> Mapping[str, tuple[int, str, str]]:
        """The cells of its form by name, each with the place of its row and its column."""
        return {
            f"f{place + 1}.{column}": (place, column, cell)
            for place, row in enumerate(self.claimed.form)
            for column, cell in row.cells.items()
        }


def ticket_text(ticket: TicketToComplete) -> str:
    """Say what the ticket is about and what it says already."""
    lines = [*_about(ticket.facts), "", "As the template wrote it:"]
    lines += (f"{name} {text}" for name, text in ticket.sentences.items())
    lines += [*_form(ticket), *_questions(ticket), f"hours {ticket.hours or 'unknown'}"]
    return "\n".join(html.escape(line, quote=False) for line in lines)


def _about(facts: GroupFacts) -> Iterator[str]:
    session = facts.session
    yield f"Title: {facts.group.title}"
    by_state = grouped(facts.own_rows, lambda row: _STATES[row.status])
    for state, rows in by_state.items():
        yield f"Rows {state}: {_ids(facts, rows)}"
    yield from _references(facts)
    for dependency in facts.group.dependencies:
        yield f"Waits for: {session.groups[dependency.group_key].title}"
    for relation in facts.group.relations:
        yield f"Related ({relation.kind.value}): {relation.label}"
    if facts.group.is_hollow:
        yield "None of its rows is approved."


def _references(facts: GroupFacts) -> Iterator[str]:
    session, ids = facts.session, ids_of(facts.session)
    for row in facts.own_rows:
        for reference in row.references:
            targets = session.specification.first_of(reference.target_key)
            others = [target for target in targets if target.key != row.owner_key]
            leads = [f"{ids[other.source]}, {_STATES[other.status]}" for other in others]
            if reference.state is ReferenceState.DANGLING:
                leads = leads or ["no row"]
            for to in leads:
                yield f"{ids[row.source]} {reference.column} {reference.text}: {to}"


def _form(ticket: TicketToComplete) -> Iterator[str]:
    for place, row in enumerate(ticket.claimed.form, start=1):
        cells = {f"f{place}.{column}": cell for column, cell in row.cells.items()}
        yield f"form of {ids_of(ticket.facts.session)[row.display.source]}: {as_data(cells)}"


def _questions(ticket: TicketToComplete) -> Iterator[str]:
    own_rows, facts = ticket.facts.own_rows, ticket.facts
    for name, asked in ticket.questions.items():
        rows = [r for r in own_rows if not {r.machine_name, r.label}.isdisjoint(asked.subjects)]
        there = [r for r in own_rows if (r.source.file, r.source.line) == (asked.file, asked.line)]
        suggested = f" Suggested: {asked.suggested_answer}" if asked.suggested_answer else ""
        words = f"{asked.question}{suggested}"
        if is_about_form(asked.question):
            words = "Please fill in the cells marked “?”."
        yield f"{name} ({_ids(facts, rows or there)}) {words}"
    for assumed in facts.assumptions:
        yield f"assumed: {assumed.assumption}"


def _ids(facts: GroupFacts, rows: Iterable[Entity]) -> str:
    """List rows by name; runs of one sheet shortly, such as `field464–field468`."""
    ids, order = ids_of(facts.session), _order(facts.session)
    names = sorted({ids[row.source] for row in rows}, key=order.__getitem__)
    by_run = grouped(enumerate(names), lambda placed: order[placed[1]] - placed[0])
    runs = [[name for _, name in run] for run in by_run.values()]
    return ", ".join(run[0] if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)


@once_per_session
def _order(session: SessionFacts) -> Mapping[str, int]:
    return {name: place for place, name in enumerate(row_ids(session))}


def plain_of(fragment: str) -> str:
    """Return generated HTML as plain text, machine names between backticks."""
    marked = re.sub(r"</?code>", "`", without_citations(fragment))
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", marked)).split())


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
