"""What decisions share: what they take, what they came to, which tickets they are about.

Belongs here: types of parameters, what may be entered into fields, outcomes, steps that take a
decision back. Does not: the decisions (`decisions`, `approvals`, `revisions`, `answers`), whether Jira
has such a person, sprint or priority: `check-project` reports it, and the export falls back. What
only offers a verb loads this, and no store.
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
"""Characters of the reason of a decision, in forms, too."""
NAME_MAX = 300
"""Characters of a person, in forms, too."""
_REASON_COLUMNS = [exclusion.column for exclusion in GIVEN_REASONS]
_SEEN = "|".join((*_REASON_COLUMNS, "ready_by", *ASSIGNABLE_FIELDS))
Seen: TypeAlias = Mapping[Annotated[str, Field(pattern=f"^({_SEEN})$")], FieldValue]
"""What people saw of each ticket that they decide about, by field."""
Step: TypeAlias = tuple[str, Mapping[str, object]]
"""A decision as data: its name in `VERBS`, and its arguments."""
Numbers: TypeAlias = Annotated[Sequence[int], Field(description="Ticket numbers.")]
NumbersOrAll: TypeAlias = Annotated[Sequence[int] | None, Field(description="Ticket numbers.")]
Number: TypeAlias = Annotated[int, Field(ge=1, description="Number of the ticket.")]
Base: TypeAlias = Annotated[int | None, Field(ge=1)]
"""The revision that was read; None: that of the ticket as it is."""
Labels: TypeAlias = Annotated[
    tuple[str, ...], BeforeValidator(lambda v: labels_in(v) if isinstance(v, str) else v)
]
LABEL_MAX_CHARACTERS = 255
FIELD_MAX_CHARACTERS = 255


class Fields(TypedDict, total=False):
    """What is set about tickets; an empty text clears, what is not named stays."""

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
    """The same for people."""
    replaced: tuple[str, ...] = Field(default=(), exclude=True)
    """Those of the sentences that name words of people which no longer stand."""
    left: str = Field(default="", exclude=True)
    """What was not done, and why."""
    undo: tuple[Step, ...] = Field(default=(), exclude=True)
    """What takes it back, in this order; none where it cannot be, or changed nothing."""
    numbers: tuple[int, ...] = Field(default=(), exclude=True)
    """Of the tickets it changed."""

    @property
    def is_something(self) -> bool:
        """Something was decided, or said about what was not."""
        return self.sentences != (NOTHING,)


class Decided(Outcome):
    """Result of a decision about tickets; its count is there a second time, by the verb's own name."""

    chosen: int
    """Those it was about."""
    changed: int


class Waits(Outcome):
    """Which dependencies changed."""

    number: int
    changed: tuple[int, ...]
    """Numbers of those it waits for now, or no longer."""


class Revised(Outcome):
    """The revision a ticket has after a change of its text."""

    number: int
    revision: int
    changed: bool


class Answered(Outcome):
    kept: int
    tickets: tuple[int, ...]
    """Numbers of those that have other answers now."""
    unmarked: tuple[int, ...]
    """Numbers of those that lost their ready mark by that."""
    open: int
    """Questions of the session that nobody answered."""


Kept = TypeVar("Kept", bound=Hashable)


def tickets_of(session: "OpenSession", numbers: Sequence[int]) -> tuple[Ticket, ...]:
    """Return the tickets of these numbers, once each, in this order."""
    return _numbered(session, numbers, among=session.tickets)


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
    return _numbered(session, numbers, among=session.vanished_tickets)


def any_of(session: "OpenSession", number: int) -> Ticket:
    """Return the ticket of a number, with or without rows.

    Raises:
        NotFoundError: The number names none.
    """
    (ticket,) = _numbered(session, [number], among=(*session.tickets, *session.vanished_tickets))
    return ticket


def _numbered(
    session: "OpenSession", numbers: Sequence[int], *, among: Sequence[Ticket]
) -> tuple[Ticket, ...]:
    by_number = {ticket.number: ticket for ticket in among}
    for number in numbers:
        if number not in by_number:
            raise unknown_ticket(session_key=session.key, ticket=str(number))
    return tuple(by_number[number] for number in dict.fromkeys(numbers))


def decided(
    session: "OpenSession",
    chosen: Sequence[Ticket],
    count: int,
    *sentences: str,
    replaced: tuple[str, ...] = (),
    left: str = "",
    undo: tuple[Step, ...] = (),
    **named: object,
) -> Decided:
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


def exported(session: "OpenSession", changed: Sequence[Ticket]) -> tuple[str, ...]:
    """Say which issues do not say what their tickets say now."""
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
    """Mark those ready that were, as far as they say what was approved."""
    seen: dict[int, str | None] = {}
    for ticket in tickets:
        if ticket.is_ready:
            is_of_older_version = ticket.approved_hash in {None, APPROVED_AS_IT_IS}
            seen[ticket.number] = ticket.ready_hash if is_of_older_version else ticket.approved_hash
    return step("ready", list(seen), seen=seen)


def alike(tickets: Iterable[Ticket], of: Callable[[Ticket], Kept]) -> Mapping[Kept, list[int]]:
    """Return the numbers of tickets by something they have in common."""
    return {value: list(numbers_of(same)) for value, same in group_by(tickets, of).items()}


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
