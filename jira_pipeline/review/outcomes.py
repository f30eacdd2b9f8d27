"""What all decisions share: types of their parameters, their outcomes, finding their tickets.

A decision is a function that takes an open session, ticket numbers and further arguments, changes
the store and returns an `Outcome`: sentences for people, counts for programs, and the steps that
undo it. A step is a decision as data, such as `("skip", {"numbers": [3], "reason": "Built"})`.

Belongs here: types of parameters, what may be entered into fields, outcomes, steps. Does not: the
decisions (`decisions`, `approvals`, `revisions`, `answers`), whether Jira has such a person, sprint
or priority: `check-project` reports it, and the export falls back. No store is imported here, so that
commands are listed fast.
"""

import re
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, TypeAlias, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from typing_extensions import TypedDict

from jira_pipeline.model.errors import NotVanishedError, WrongUseError, unknown_ticket
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.issue_tracker import ISSUE_KEY
from jira_pipeline.model.ticket_decisions import APPROVED_AS_IT_IS, GIVEN_REASONS
from jira_pipeline.model.tickets import ASSIGNABLE_FIELDS, FieldValue, Ticket

if TYPE_CHECKING:  # what only offers a verb loads no store
    from jira_pipeline.review.open_session import OpenSession

NOTHING = "Nothing was changed."
REASON_MAX = 2_000
"""The most characters of a decision's reason, also in forms."""
NAME_MAX = 300
"""The most characters of a person's name, also in forms."""
_REASON_COLUMNS = [exclusion.column for exclusion in GIVEN_REASONS]
_SEEN = "|".join((*_REASON_COLUMNS, "ready_by", *ASSIGNABLE_FIELDS))
Seen: TypeAlias = Mapping[Annotated[str, Field(pattern=f"^({_SEEN})$")], FieldValue]
"""The values that people saw in each ticket when they decided, by field; others refuse a decision."""
Step: TypeAlias = tuple[str, Mapping[str, object]]
"""A decision as data: its name in `VERBS`, and its arguments by name."""
Numbers: TypeAlias = Annotated[Sequence[int], Field(description="Ticket numbers.")]
NumbersOrAll: TypeAlias = Annotated[
    Sequence[int] | None, Field(description="Ticket numbers; null: of all tickets.")
]
Number: TypeAlias = Annotated[int, Field(ge=1, description="Number of the ticket.")]
BaseRevision: TypeAlias = Annotated[int | None, Field(ge=1)]
"""The number of the revision that was read; None means the current one."""
Labels: TypeAlias = Annotated[
    tuple[str, ...], BeforeValidator(lambda v: labels_in(v) if isinstance(v, str) else v)
]
LABEL_MAX_CHARACTERS = 255
"""Jira's limit."""
FIELD_MAX_CHARACTERS = 255
"""The limit of Jira's one-line text fields."""


class Fields(TypedDict, total=False):
    """The fields to set in tickets; an empty text clears a field, one that is not named stays."""

    __pydantic_config__ = ConfigDict(extra="forbid")  # type: ignore[misc] # as Pydantic reads it

    assignee: Annotated[
        str | None, Field(title="WHO", description="E-mail address or name; empty to clear.")
    ]
    sprint: Annotated[
        str | None, Field(title="NAME", description="Name of the sprint; empty to clear.")
    ]
    priority: Annotated[
        str | None, Field(title="NAME", description="Name of the priority; empty to clear.")
    ]
    labels: Annotated[Labels, Field(title="A,B", description="Labels; empty to clear.")]
    parent: Annotated[
        str | None, Field(title="KEY", description="Key of the epic or parent; empty to clear.")
    ]


class Outcome(BaseModel):
    """Result of a decision, in the form that every surface returns to programs."""

    model_config = ConfigDict(extra="allow", frozen=True)

    session_key: str
    sentences: tuple[str, ...] = Field(default=(NOTHING,), exclude=True)
    """What was done, for people."""
    replaced: tuple[str, ...] = Field(default=(), exclude=True)
    """Those of the sentences that quote people's words which this decision replaced."""
    left: str = Field(default="", exclude=True)
    """What was not done and why; empty where all was."""
    undo: tuple[Step, ...] = Field(default=(), exclude=True)
    """The steps that undo it, in this order; none where nothing changed or it cannot be undone."""
    numbers: tuple[int, ...] = Field(default=(), exclude=True)
    """Numbers of the tickets that it changed."""

    @property
    def is_something(self) -> bool:
        """Something was decided, or said about what was not."""
        return self.sentences != (NOTHING,)


class Decided(Outcome):
    """Result of a decision about tickets; a further field repeats its count by the verb's name."""

    chosen: int
    """How many tickets it was about."""
    changed: int
    """How many of them it changed."""


class Waits(Outcome):
    """Result of changing what a ticket waits for."""

    number: int
    """The number of the ticket that waits."""
    changed: tuple[int, ...]
    """Numbers of the tickets that it waits for from now on, or no longer."""


class Revised(Outcome):
    """Result of changing the text of a ticket: the revision that it has now."""

    number: int
    revision: int
    changed: bool


class Answered(Outcome):
    """Result of answering questions."""

    kept: int
    """How many answers were stored or removed."""
    tickets: tuple[int, ...]
    """Numbers of the tickets that have other answers now."""
    unmarked: tuple[int, ...]
    """Numbers of the tickets that lost their ready mark by that."""
    open: int
    """How many questions of the session are still open."""


Value = TypeVar("Value", bound=Hashable)


def tickets_of(session: "OpenSession", numbers: Sequence[int]) -> tuple[Ticket, ...]:
    """Return the tickets of these numbers, once each, in this order.

    Raises:
        NotFoundError: A number names none whose rows are in the sheets.
    """
    return _tickets_by_number(session, numbers, among=session.tickets)


def vanished_of(session: "OpenSession", numbers: Sequence[int]) -> tuple[Ticket, ...]:
    """Return the tickets without rows that have these numbers, once each, in this order.

    Raises:
        NotVanishedError: The rows of one are in the sheets.
        NotFoundError: A number names none.
    """
    present = {ticket.number for ticket in session.tickets}
    for number in numbers:
        if number in present:
            raise NotVanishedError(session_key=session.key, number=number)
    return _tickets_by_number(session, numbers, among=session.vanished_tickets)


def ticket_with_or_without_rows(session: "OpenSession", number: int) -> Ticket:
    """Return the ticket of a number, with or without rows.

    Raises:
        NotFoundError: The number names none.
    """
    (ticket,) = _tickets_by_number(
        session, [number], among=(*session.tickets, *session.vanished_tickets)
    )
    return ticket


def _tickets_by_number(
    session: "OpenSession", numbers: Sequence[int], *, among: Sequence[Ticket]
) -> tuple[Ticket, ...]:
    by_number = {ticket.number: ticket for ticket in among}
    for number in numbers:
        if number not in by_number:
            raise unknown_ticket(session_key=session.key, ticket=str(number))
    return tuple(by_number[number] for number in dict.fromkeys(numbers))


def decision_outcome(
    session: "OpenSession",
    chosen: Sequence[Ticket],
    count: int,
    *sentences: str,
    replaced: tuple[str, ...] = (),
    left: str = "",
    undo: tuple[Step, ...] = (),
    **named: object,
) -> Decided:
    """Make the outcome of a decision about tickets, of which `count` changed.

    `replaced` are added to the sentences; `named` are counts by the names that programs know.
    """
    return Decided(
        session_key=session.key,
        chosen=len(chosen),
        changed=count,
        sentences=(*sentences, *replaced),
        replaced=replaced,
        left=left,
        undo=undo,
        numbers=numbers_of(chosen) if count else (),
        **named,
    )


def outdated_issue_sentences(session: "OpenSession", changed: Sequence[Ticket]) -> tuple[str, ...]:
    """Return a sentence that names the issues of changed tickets; none where they have no issues."""
    places = session.places_of(changed)
    issues = []
    for ticket in changed:
        jira_key = places[ticket.ticket_id].jira_key
        if jira_key is not None:
            issues.append(f"{jira_key} (ticket {ticket.number})")
    if not issues:
        return ()
    return (f"Already exported, so also change it in Jira: {', '.join(issues)}.",)


def step(name: str, numbers: Sequence[int], **arguments: object) -> tuple[Step, ...]:
    """Make a step of a decision about tickets; none where it is about no ticket."""
    return ((name, {"numbers": numbers, **arguments}),) if numbers else ()


def marking_again(tickets: Iterable[Ticket]) -> tuple[Step, ...]:
    """Return the step that marks tickets ready again which are ready now.

    It names the hash of what was approved, so that it does nothing where a ticket says something
    else by then.
    """
    seen: dict[int, str | None] = {}
    for ticket in tickets:
        if ticket.is_ready:
            is_of_older_version = ticket.approved_hash in {None, APPROVED_AS_IT_IS}
            seen[ticket.number] = ticket.ready_hash if is_of_older_version else ticket.approved_hash
    return step("ready", list(seen), seen=seen)


def numbers_by(
    tickets: Iterable[Ticket], value_of: Callable[[Ticket], Value]
) -> Mapping[Value, list[int]]:
    """Return the numbers of tickets by a value of each, such as its exclusion."""
    groups = group_by(tickets, value_of)
    return {value: list(numbers_of(same)) for value, same in groups.items()}


def ids_of(tickets: Sequence[Ticket]) -> list[str]:
    return [ticket.ticket_id for ticket in tickets]


def numbers_of(tickets: Iterable[Ticket]) -> tuple[int, ...]:
    return tuple(ticket.number for ticket in tickets)


def labels_in(text: str) -> tuple[str, ...]:
    """Return the labels that a person listed between commas."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def checked_fields(fields: Mapping[str, FieldValue]) -> dict[str, FieldValue]:
    """Return fields as Jira could take them; an empty text clears a field.

    Raises:
        WrongUseError: A label has a space, a parent is no issue key, or a value is too long.
    """
    return {name: _checked(name, value) for name, value in fields.items()}


def _checked(name: str, value: FieldValue) -> FieldValue:
    """Return one field as Jira could take it: labels sorted, an empty text as None."""
    if isinstance(value, tuple):
        for label in value:
            if not label or len(label) > LABEL_MAX_CHARACTERS or re.search(r"\s", label):
                limit = f"1 to {LABEL_MAX_CHARACTERS} characters without spaces"
                raise _refused("labels", label, limit)
        return tuple(sorted(set(value)))
    text = (value or "").strip()
    if len(text) > FIELD_MAX_CHARACTERS or len(text.splitlines()) > 1:
        raise _refused(name, text, f"at most {FIELD_MAX_CHARACTERS} characters on one line")
    if name == "parent" and text and not re.fullmatch(ISSUE_KEY, text):
        raise _refused(name, text, "a key such as SITE-12")
    return text or None


def _refused(name: str, value: str, wanted: str) -> WrongUseError:
    return WrongUseError(
        f"{value!r} cannot be used for {name}: Jira accepts {wanted}.",
        recovery_actions=("Enter another value, or an empty one to clear the field.",),
    )
