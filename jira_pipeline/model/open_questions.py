"""A question that the sheets leave open, and how many questions people still have to answer.

Belongs here: the value, which questions are one, the one count that all lists and pages show. Does
not: finding them (`tickets/questions`), listing them with their answers (`review/questions`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from jira_pipeline.model.entities import RowSource
from jira_pipeline.model.forms_in_text import is_about_form
from jira_pipeline.model.line_numbers import format_count, places_cited

GUESSES = frozenset({"the nearest name", "the only name that has its words"})
"""Reasons of suggestions that no cell speaks for."""
FORMER_KINDS: Mapping[str, tuple[str, ...]] = {
    **{
        f"{part}.{name}": ()
        for part, names in {
            "components": "address dead_end document empty file off outside secret secrets start "
            "twice unknown unreached",
            "changes": "new_address new_secret only_there own_address own_secret twice",
            "rows": "mockups there",
            "bundles": "copied default deprecated fields_sheet limited module most not_required of_alike "
            "only_for other_target pending several shown_so token twice widget_number",
            "lists": "kept ownerless same_mode scheduling scoped used_on",
            "views": "action assumed base_table by_code counted criterion exported given kept lists look "
            "module no_date passed placeholder related shipped_alike title user users",
        }.items()
        for name in names.split()
    },
    "rows.amount": ("rows.unsettled",),
    "rows.waits": ("rows.unsettled",),
    "bundles.filled_in": ("bundles.done_so",),
    "bundles.target_goes": ("bundles.no_such_target",),
    "bundles.target_noted": ("bundles.target",),
    "lists.applies": ("lists.unknown",),
    "lists.gone": ("lists.unknown",),
    "lists.isolated": ("lists.unreached",),
    "lists.owner_alike": ("lists.unknown",),
    "lists.transitions": ("lists.states",),
    "lists.offline": ("lists.flags",),
    "lists.effect": ("lists.values",),
    "lists.format": ("lists.values",),
}
"""Kinds that nothing asks any more, and which ones ask it since: one where it was renamed or merged
with others, several where it was split, none where it is gone. Answers and proposals follow."""
ASKED_ONCE = frozenset({"rows.unknown_status"})
"""Kinds that are asked of all rows of a session at once, whichever tickets they are in."""
MODEL = "model"
"""The kind of a question that a model proposed: its words are in its keys."""
OBJECTION = "Not assumed"
"""What the answer begins with that says why an assumption does not hold: it is a question again."""
CALL_ME = "I don’t know: please call me"
"""What a client may say in place of an answer; it is none."""


class Audience(StrEnum):
    """Who can answer a question."""

    AGENCY = "agency"
    CLIENT = "client"
    DEVELOPER = "developer"


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestedAnswer:
    """What the sheets make likely for one row of a question, and why."""

    answer: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenQuestion:
    """One question with the cell that raises it."""

    file: str
    line: int
    column: str
    quote: str
    """The cell, or the part of it that raises the question; literal."""
    question: str
    """One sentence a person can answer: labels in quotation marks, machine names in backticks."""
    subjects: tuple[str, ...] = ()
    """Machine names it is about, in sheet order."""
    proposed_by: str = ""
    """Name of the model that proposed it; empty where a rule asks."""
    suggested_answer: str = ""
    """What the sheets make likely, for a person to accept; never part of what is asked."""
    suggested_because: str = ""
    """Where the suggestion comes from, such as `same name`."""
    suggestions: tuple["SuggestedAnswer", ...] = field(default=(), compare=False)
    """One for each row, in the order of `keys`, where they differ; empty: all rows have one, or an
    older version asked."""
    choices: tuple[str, ...] = ()
    """The answers that the rule which asks knows of; another one may be right."""
    disputes: str = ""
    """The columns whose cells it doubts, joined by `; `, so that nobody states them as facts."""
    record: int | None = None
    """The row a spreadsheet program shows; None: asked by an older version."""
    compared: tuple[RowSource, ...] = ()
    """Where the rows are that it speaks of beside its own."""
    kind: str = field(default="", compare=False)
    """What is asked, whatever the words: a key of `drupal/words`, or `MODEL`; empty: an older
    version asked it, and its kind could not be told from its words."""
    keys: tuple[str, ...] = field(default=(), compare=False)
    """The rows that it asks about: for each the key of the entity, such as `field:event/field_begin`,
    with a passage ` “…”` where one cell may raise several questions."""

    audience: str = field(default="", compare=False)
    """An `Audience` where its rows decide that; empty: the one of its kind."""
    card: str = field(default="", compare=False)
    """Equal, besides the kind, for questions that one answer may settle: they share a card on pages."""
    labels: tuple[str, ...] = field(default=(), compare=False)
    """What clients call each of its rows, in the order of `keys`."""
    client_quotes: tuple[str, ...] = field(default=(), compare=False)
    """What each of its rows says, where a client is shown that; in the order of `keys`."""
    for_client: str = field(default="", compare=False)
    """The question in words for a client; empty: to send it to one, somebody has to word it."""
    client_choices: tuple[str, ...] = field(default=(), compare=False)
    """The answers a client chooses from, where these are others than `choices`."""
    assumption: str = ""
    """What is built unless somebody objects, as a sentence; empty: it has to be answered."""
    is_below_text: bool = field(default=False, compare=False)
    """A generation added it to a text of people, in which it is not mentioned."""

    @property
    def source(self) -> str:
        """Where its rows are, as people say it: `fields.csv:12 / row 9 (compare fields.csv:4)`."""
        compared = f" (compare {places_cited(self.compared)})" if self.compared else ""
        return f"{places_cited([self])}{compared}"

    @property
    def is_guessed(self) -> bool:
        """The suggestion rests on a name alone: a person chooses it, nothing does so for them."""
        return any(guess in self.suggested_because for guess in GUESSES)

    @property
    def disputed_columns(self) -> frozenset[str]:
        """The columns whose cells it doubts."""
        return frozenset(filter(None, self.disputes.split("; ")))

    @property
    def asks(self) -> tuple[str, str, str, str]:
        """What is equal for the same question in every generation; its line may differ."""
        return (self.file, self.column, self.quote, self.question)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedAnswer:
    """What somebody proposed by a link: no answer until a reviewer takes it over."""

    ticket_id: str
    question_id: str
    """The ids of its rows, as they were asked then, parted by spaces."""
    secret_sha256: str
    """Of the link."""
    text: str
    at: datetime
    given_by: str = ""
    """Who the link was for, as it named them, and which client asked them."""
    answer_id: int = 0
    """Its number in the store, which gives it one."""
    taken_at: datetime | None = None
    """When a person took it though its question was asked no longer; None: nobody did."""
    taken_by: str = ""
    passed_over_at: datetime | None = None
    """When an older program wrote what was said of another row to this one, too; None: it did not."""

    @property
    def waits_from(self) -> datetime:
        """What answers its row from this moment on is a decision about it."""
        if self.passed_over_at is None:
            return self.at
        # The answer of that moment is the one that hid it.
        return self.passed_over_at + timedelta(microseconds=1)

    @property
    def question(self) -> tuple[str, str]:
        """What names the question, whatever was said to it."""
        return self.ticket_id, self.question_id

    @property
    def is_answer(self) -> bool:
        """It says something of the site, and nothing besides."""
        return CALL_ME not in self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionRoute:
    """Whom a question goes to by somebody's decision, and in which words."""

    ticket_id: str
    question_id: str
    """The first of its rows, as it was asked then."""
    audience: Audience
    words: str
    """For the client; empty: those of the rule."""
    routed_by: str
    routed_at: datetime


class PlacedQuestion(NamedTuple):
    ticket_id: str
    group_key: str
    question: OpenQuestion


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionsLeft:
    """Questions without an answer, of tickets that are not skipped."""

    count: int = 0
    """Each once, in however many tickets it is."""
    ticket_count: int = 0
    """How many tickets ask at least one of them."""
    view_count: int = 0
    """How many ask to describe a view."""
    is_each_once: bool = True
    """False where there are so many that equal ones were not looked for."""

    @property
    def summary(self) -> str:
        """All counts: `72 questions to answer and 10 views to describe, in 57 tickets`."""
        again = "" if self.is_each_once else ", counting repeated questions in each ticket"
        questions = self.asked or format_count(0, "question")
        return f"{questions}, in {format_count(self.ticket_count, 'ticket')}{again}"

    @property
    def asked(self) -> str:
        """`72 questions to answer and 10 views to describe`; empty where nothing is open."""
        question_count = self.count - self.view_count
        parts: list[str] = []
        if question_count:
            parts.append(f"{format_count(question_count, 'question')} to answer")
        if self.view_count:
            parts.append(f"{format_count(self.view_count, 'view')} to describe")
        return " and ".join(parts)


NO_QUESTIONS = QuestionsLeft()


def sharing_key(placed: PlacedQuestion) -> tuple[str, ...]:
    """Return a key that is equal for questions that count as one.

    A question of `ASKED_ONCE` is one in the whole session. In tickets about bundles of one type,
    equal questions are one: a field that they share has one storage and mostly one answer. In other
    tickets equal questions are about different things, so each counts.
    """
    if placed.question.kind in ASKED_ONCE:
        return (placed.question.kind, placed.question.question)
    of_type, is_in_type, _ = placed.group_key.partition("/")
    is_shared = is_in_type and of_type.startswith("bundle:")
    return (of_type if is_shared else placed.ticket_id, *placed.question.asks)


def count_questions(unanswered: Iterable[PlacedQuestion]) -> QuestionsLeft:
    """Count questions without an answer; those with an equal `sharing_key` count once."""
    placed_questions = tuple(unanswered)
    questions = set(map(sharing_key, placed_questions))
    return QuestionsLeft(
        count=len(questions),
        ticket_count=len({placed.ticket_id for placed in placed_questions}),
        view_count=sum(is_about_form(asks[-1]) for asks in questions),
    )
