"""What people decide about tickets in a review: one function and one outcome a verb.

Belongs here: what a verb takes and says, which tickets it is about, what else it sets off. Does
not: rules (`review`), the table of the verbs (`verbs`), how they are typed or sent (`cli`, `web`).
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Annotated, TypeAlias, TypeVar, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from typing_extensions import TypedDict

from jira_pipeline.context.states import refuse_without_tickets
from jira_pipeline.model.actions import Action, ActionKind, advice
from jira_pipeline.model.errors import (
    NotVanishedError,
    PipelineError,
    WrongUseError,
    unknown_ticket,
)
from jira_pipeline.model.line_numbers import counted, ticket_numbers_text
from jira_pipeline.model.ticket_drafts import TicketRework
from jira_pipeline.model.tickets import (
    ASSIGNABLE_FIELDS,
    FieldValue,
    Revision,
    Skipped,
    Ticket,
    asking_numbers,
    questions_left,
)
from jira_pipeline.review import ready_marks
from jira_pipeline.review.editing import TicketEdit, edit_ticket
from jira_pipeline.review.fields import checked_fields, labels_in
from jira_pipeline.review.filled_tables import read_filled_table
from jira_pipeline.review.model_changes import edit_taking_back
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.questions import (
    accepted_at,
    answers_at,
    dismissed_at,
    read_answers,
    taken_over_at,
)
from jira_pipeline.review.validating import validated_for
from jira_pipeline.review.withdrawals import proposed_among

NOTHING = "Nothing was changed."
NUMBERS_NAMED = 20
REASON_MAX = 2_000
"""Characters of the reason of a decision, in forms, too."""
_SEEN = "|".join(("skipped_reason", "ready_by", *ASSIGNABLE_FIELDS))
Seen: TypeAlias = Mapping[Annotated[str, Field(pattern=f"^({_SEEN})$")], FieldValue]
"""What people saw of each ticket that they decide about, by field."""
Step: TypeAlias = tuple[str, Mapping[str, object]]
"""A decision as data: its name in `VERBS`, and its arguments."""
Numbers: TypeAlias = Annotated[Sequence[int], Field(description="Numbers of tickets.")]
Number: TypeAlias = Annotated[int, Field(ge=1, description="Number of the ticket.")]
Base: TypeAlias = Annotated[int | None, Field(ge=1)]
"""The revision that was read; None: that of the ticket as it is."""
Labels: TypeAlias = Annotated[
    Sequence[str], BeforeValidator(lambda v: labels_in(v) if isinstance(v, str) else v)
]


class Fields(TypedDict, total=False):
    """What is set about tickets; an empty text clears, what is not named stays."""

    __pydantic_config__ = ConfigDict(extra="forbid")  # type: ignore[misc] # as Pydantic reads it

    assignee: Annotated[
        str | None, Field(title="WHO", description="E-mail address or name; empty clears.")
    ]
    sprint: Annotated[
        str | None, Field(title="NAME", description="Name of the sprint; empty clears.")
    ]
    priority: Annotated[
        str | None, Field(title="NAME", description="Name of the priority; empty clears.")
    ]
    labels: Annotated[
        Labels, Field(title="A,B", description="All labels, separated by commas; empty clears.")
    ]
    parent: Annotated[
        str | None, Field(title="KEY", description="Key of the epic or parent; empty clears.")
    ]


class Outcome(BaseModel):
    """What a decision came to: its fields as programs get them, whichever way they asked."""

    model_config = ConfigDict(extra="allow", frozen=True)

    session_key: str
    sentences: tuple[str, ...] = Field(default=(NOTHING,), exclude=True)
    """The same for people."""
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
    """What a decision about tickets came to; the count is there a second time, by its own name."""

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
    """The result of answers."""

    kept: int
    tickets: tuple[int, ...]
    """Numbers of those that have other answers now."""
    unmarked: tuple[int, ...]
    """Numbers of those that lost their ready mark by that."""
    open: int
    """Questions of the session that nobody answered."""


Kept = TypeVar("Kept", bound=Hashable)


def mark_ready(
    session: OpenSession,
    numbers: Numbers | None = None,
    *,
    with_questions: bool = True,
    seen: Mapping[int, str] | None = None,
    by: str,
) -> Decided:
    """Mark tickets ready for export; what changed is validated first.

    Any later change of a ticket removes its mark. Skipped tickets are marked by number only.

    Raises:
        EditConflictError: One is not as it was read.
        GateError: There are no tickets, one is not valid, the sheets changed since they were
            written, or something is at work and one was not validated.
        NotFoundError: A number names no ticket.
    """
    # The audit trail has how many questions were open. Where a person is to be asked first,
    # `with_questions` is false: tickets with open questions stay as they are. `seen` has the hash
    # of what a person read, by number.
    refuse_without_tickets(session.stored)
    if numbers is None:
        numbers = [t.number for t in session.tickets if t.exclusion is None]
    chosen = tickets_of(session, numbers)
    left = [] if with_questions else [t for t in chosen if t.unanswered and not t.is_ready]
    meant = [one for one in chosen if one not in left]
    session = validated_for(session, chosen)
    count = ready_marks.mark_ready(
        session.stored,
        session.judged,
        numbers={one.number for one in meant},
        seen=seen,
        tickets=session.store.tickets,
        validations=session.store.validations,
        by=by,
        at=session.clock.now(),
    )
    sentences = [f"{counted(count, 'ticket')} marked ready."]
    if asking := questions_left(meant).count:
        where = ticket_numbers_text(asking_numbers(meant))
        sentences.append(f"{counted(asking, 'question')} to answer, in {where}.")
    marked = [t.number for t in meant if not t.is_ready]
    return _decided(
        session,
        chosen,
        count,
        *sentences,
        left=_asking(left) if left else "",
        undo=_step("unready", marked, were={"ready_by": by}),
        marked=count,
        open_questions=questions_left(chosen).count,
        open_questions_in=asking_numbers(chosen),
    )


def _asking(left: Sequence[Ticket]) -> str:
    """Say which tickets are not ready because questions of them are open."""
    numbers = ", ".join(str(ticket.number) for ticket in left[:NUMBERS_NAMED])
    more = f" and {len(left) - NUMBERS_NAMED:,} more" if len(left) > NUMBERS_NAMED else ""
    are = "has open questions and is" if len(left) == 1 else "have open questions and are"
    return (
        f"{counted(len(left), 'ticket')} {are} not: {numbers}{more}. Answer them, or mark them "
        "ready all the same, “with open questions”."
    )


def unmark_ready(
    session: OpenSession, numbers: Numbers, *, were: Seen | None = None, by: str
) -> Decided:
    """Remove ready marks.

    Raises:
        EditConflictError: One has not what people saw.
        NotFoundError: A number names no ticket.
    """
    chosen = tickets_of(session, numbers)
    count = session.store.tickets.unmark_ready(
        session.key, _ids_of(chosen), were=were, by=by, at=session.clock.now()
    )
    said = f"{counted(count, 'ready mark')} removed."
    return _decided(session, chosen, count, said, undo=_marking_again(chosen), unmarked=count)


def skip(
    session: OpenSession,
    numbers: Numbers,
    *,
    reason: Annotated[
        str, Field(title="TEXT", max_length=REASON_MAX, description="Why they are left out.")
    ],
    with_issues: bool = True,
    were: Seen | None = None,
    by: str,
) -> Decided:
    """Leave tickets out of exports, with a reason; tickets that depend on them say so.

    Raises:
        EditConflictError: One has not what people saw.
        InputError: There is no reason, or one has an issue already: it would change nothing there.
        NotFoundError: A number names no ticket.
    """
    # Of many that somebody chose together, those without an issue are meant: `with_issues` is false.
    chosen = tickets_of(session, numbers)
    keys = {t.ticket_id: session.places[t.ticket_id].jira_key for t in chosen}
    free = tuple(t for t in chosen if keys[t.ticket_id] is None)
    has_left = bool(free) and not with_issues and len(free) < len(chosen)
    left = f"{counted(len(chosen) - len(free), 'ticket')} with an issue left as they are."
    chosen = free if has_left else chosen
    ready_marks.refuse_to_skip(chosen, keys, reason=reason)
    reason = reason.strip()
    count = session.store.tickets.skip(
        session.key, _ids_of(chosen), reason=reason, were=were, by=by, at=session.clock.now()
    )
    gone = set(_ids_of(chosen))
    dependents = [
        ticket.number
        for ticket in session.tickets
        if ticket.exclusion is None
        and ticket.ticket_id not in gone
        and not gone.isdisjoint(ticket.depends_on)
    ]
    sentences = [f"{counted(count, 'ticket')} skipped."]
    if dependents:
        shown = ", ".join(map(str, dependents))
        sentences.append(f"Exported without a link to what is skipped: {shown}.")
    skipped = [t.number for t in chosen if t.exclusion is None]
    now: Seen = {"skipped_reason": reason}
    return _decided(
        session,
        chosen,
        count,
        *sentences,
        left=left if has_left else "",
        undo=(*_step("unskip", skipped, were=now), *_skipping_again(chosen, were=now)),
        skipped=count,
        dependents=dependents,
    )


def unskip(session: OpenSession, numbers: Numbers, *, were: Seen | None = None, by: str) -> Decided:
    """Include skipped tickets again.

    Raises:
        EditConflictError: One has not what people saw.
        NotFoundError: A number names no ticket.
    """
    chosen = tickets_of(session, numbers)
    count = session.store.tickets.unskip(
        session.key, _ids_of(chosen), were=were, by=by, at=session.clock.now()
    )
    said = f"{counted(count, 'ticket')} included again."
    undo = _skipping_again(chosen, were={"skipped_reason": None})
    return _decided(session, chosen, count, said, undo=undo, unskipped=count)


def withdraw(
    session: OpenSession,
    numbers: Numbers,
    *,
    reason: Annotated[
        str, Field(title="TEXT", max_length=REASON_MAX, description="Why they are withdrawn.")
    ] = "",
    by: str,
) -> Decided:
    """Agree to drop tickets whose rows are no longer in the sheets; nothing changes in Jira.

    Raises:
        NotVanishedError: The rows of one are there.
        NotFoundError: A number names no ticket.
    """
    chosen = vanished_of(session, numbers)
    places = session.places_of(chosen)
    issues = [
        f"{ticket.title} has the issue {key}: close it there, or delete it."
        for ticket in chosen
        if (key := places[ticket.ticket_id].jira_key) is not None
    ]
    count = session.store.tickets.withdraw(
        session.key, _ids_of(chosen), reason=reason.strip(), by=by, at=session.clock.now()
    )
    agreed = set(_ids_of(chosen))
    left = sum(one.ticket_id not in agreed for one in proposed_among(session.vanished))
    said = f"{counted(count, 'ticket')} withdrawn; {left} still proposed."
    return _decided(session, chosen, count, said, *issues, withdrawn=count, still_proposed=left)


def unwithdraw(session: OpenSession, numbers: Numbers, *, by: str) -> Decided:
    """Undo that agreement: nothing is exported until somebody agrees or the rows are back.

    Raises:
        NotVanishedError: The rows of one are there.
        NotFoundError: A number names no ticket.
    """
    chosen = vanished_of(session, numbers)
    count = session.store.tickets.unwithdraw(
        session.key, _ids_of(chosen), by=by, at=session.clock.now()
    )
    said = f"{counted(count, 'ticket')} proposed for withdrawal again."
    return _decided(session, chosen, count, said, proposed=count)


def assign(
    session: OpenSession, numbers: Numbers, *, fields: Fields, were: Seen | None = None, by: str
) -> Decided:
    """Set assignee, sprint, priority, labels or parent of many tickets at once.

    Raises:
        EditConflictError: One has not what people saw.
        NotFoundError: A number names no ticket.
        WrongUseError: No field is named, or Jira takes no such value.
    """
    if not fields:
        raise WrongUseError(
            "No field was given.", recovery_actions=("Name one, such as `assignee`.",)
        )
    chosen = tickets_of(session, numbers)
    checked = checked_fields(cast("Mapping[str, FieldValue]", fields))
    count = session.store.reviews.assign(
        session.key, _ids_of(chosen), fields=checked, were=were, by=by, at=session.clock.now()
    )
    changed = [t for t in chosen if any(getattr(t, n) != value for n, value in checked.items())]
    before = _alike(changed, lambda t: tuple((name, getattr(t, name)) for name in checked))
    undo = [
        ("assign", {"numbers": numbers, "fields": dict(values), "were": checked})
        for values, numbers in before.items()
    ]
    return _set(session, chosen, changed, count, undo)


def change_labels(
    session: OpenSession,
    numbers: Numbers,
    *,
    added: Annotated[Labels, Field(title="A,B", description="Labels they get.")] = (),
    removed: Annotated[Labels, Field(title="A,B", description="Labels they lose.")] = (),
    by: str,
) -> Decided:
    """Add labels to tickets and take labels away, of all or of none.

    Raises:
        NotFoundError: A number names no ticket.
        WrongUseError: Jira takes no such label.
        EditConflictError: Somebody else changed one, or its labels, meanwhile.
    """
    chosen = tickets_of(session, numbers)
    works = []
    for ticket in chosen:
        wanted = tuple(sorted({*ticket.labels, *added} - set(removed)))
        labels = checked_fields({"labels": wanted})["labels"]
        if labels != ticket.labels:
            works.append(
                TicketRework(
                    ticket_id=ticket.ticket_id,
                    expected_revision=ticket.revision.number,
                    title=ticket.title,
                    parts=ticket.revision.parts,
                    expected_fields={"labels": ticket.labels},
                    fields={"labels": labels},
                )
            )
    changed = (
        session.store.reviews.rework(session.key, works, by=by, at=session.clock.now())
        if works
        else ()
    )
    reworked = [t for t in chosen if t.ticket_id in changed]
    before = _alike(
        reworked, lambda t: (tuple({*removed} & {*t.labels}), tuple({*added} - {*t.labels}))
    )
    undo = [
        ("labels", {"numbers": numbers, "added": back, "removed": new})
        for (back, new), numbers in before.items()
    ]
    return _set(session, chosen, reworked, len(changed), undo)


def _set(
    session: OpenSession,
    chosen: Sequence[Ticket],
    changed: Sequence[Ticket],
    count: int,
    undo: Iterable[Step],
) -> Decided:
    """Say which fields were set."""
    return Decided(
        session_key=session.key,
        chosen=len(chosen),
        changed=count,
        sentences=(
            f"{counted(count, 'ticket')} of {len(chosen):,} changed.",
            *_exported(session, changed),
        ),
        undo=tuple(undo),
        numbers=_numbers_of(changed),
    )


def order(
    session: OpenSession,
    numbers: Annotated[
        Sequence[int],
        Field(title="N N...", description="Numbers of two or more, in the order wanted."),
    ],
    *,
    by: str,
) -> Decided:
    """Put tickets of one display group into an order; what they wait for still comes first.

    Raises:
        NotFoundError: A number names no ticket.
        WrongUseError: They are fewer than two, one comes twice, or they are of several groups.
    """
    chosen = tickets_of(session, numbers)
    if len(chosen) != len(numbers) or len(chosen) < 2:  # noqa: PLR2004 - an order of one is none
        raise WrongUseError(
            "An order is of two tickets or more, each once.",
            recovery_actions=("Name two tickets or more.",),
        )
    groups = sorted({ticket.display_group.value for ticket in chosen})
    if len(groups) > 1:
        raise WrongUseError(
            f"These tickets are of {' and '.join(groups)}; an order is within one group.",
            recovery_actions=(
                Action.of(ActionKind.LIST_TICKETS, "{} shows the groups.", session_key=session.key),
            ),
        )
    count = session.store.reviews.reorder(
        session.key, _ids_of(chosen), by=by, at=session.clock.now()
    )
    waiting = [
        f"{ticket.number} waits for {other.number}"
        for place, ticket in enumerate(chosen)
        for other in chosen[place + 1 :]
        if other.ticket_id in ticket.depends_on
    ]
    sentences = [f"{counted(count, 'ticket')} moved."]
    if waiting:
        sentences.append(f"Still created in the order of dependencies: {', '.join(waiting)}.")
    return _decided(session, chosen, count, *sentences, moved=count)


def move(session: OpenSession, number: Number, places: int, *, by: str) -> Decided:
    """Move a ticket among those of its group, up by so many places where negative.

    Beyond the first and the last there is none.

    Raises:
        NotFoundError: No ticket has that number.
    """
    (ticket,) = tickets_of(session, [number])
    listed = sorted(session.tickets, key=lambda one: one.place)
    peers = [one for one in listed if one.display_group is ticket.display_group]
    here = peers.index(ticket)
    there = min(max(here + places, 0), len(peers) - 1)
    if here == there:
        return _decided(session, (ticket,), 0, NOTHING, moved=0)
    between = peers[min(here, there) : max(here, there) + 1]
    others = [one.number for one in between if one is not ticket]
    return order(session, [*others, number] if there > here else [number, *others], by=by)


def depend(
    session: OpenSession,
    number: Number,
    on: Annotated[
        Sequence[int], Field(title="ON...", description="Numbers of those it waits for.")
    ],
    *,
    is_not: Annotated[bool, Field(description="Remove these dependencies.")] = False,
    by: str,
) -> Waits:
    """Make a ticket wait for others, or no longer; tickets that would wait in a circle are named.

    Raises:
        DependencyCycleError: They would wait for each other; those before it are kept.
        NotFoundError: No ticket has that number.
    """
    (ticket,), others = tickets_of(session, [number]), tickets_of(session, on)
    reviews = session.store.reviews
    change = reviews.remove_dependency if is_not else reviews.add_dependency
    changed: list[Ticket] = []
    try:
        for other in others:
            at = session.clock.now()
            if change(session.key, ticket.ticket_id, other.ticket_id, by=by, at=at):
                changed.append(other)
    except PipelineError as error:
        if changed:
            kept = ", ".join(str(one.number) for one in changed)
            note = advice(f"Nothing to do again for {kept}: that was kept.")
            error.recovery_actions = (*error.recovery_actions, note)
        raise
    if not changed:
        return Waits(session_key=session.key, number=number, changed=())
    numbers = _numbers_of(changed)
    verb = "no longer waits" if is_not else "waits"
    return Waits(
        session_key=session.key,
        number=number,
        changed=numbers,
        sentences=(
            f"Ticket {number} {verb} for {', '.join(map(str, numbers))}.",
            *_exported(session, [ticket]),
        ),
        numbers=(number,),
    )


def edit(
    session: OpenSession, ticket: Ticket, wanted: TicketEdit, *, revision: int | None, by: str
) -> Revised:
    """Change title or prose, on the revision that was read (None: that of the ticket as given).

    Raises:
        EditConflictError: Somebody else changed the ticket since.
        InputError: The title cannot be one, or there is no such part.
    """
    kept = edit_ticket(
        ticket,
        wanted,
        expected_revision=revision,
        reviews=session.store.reviews,
        by=by,
        at=session.clock.now(),
    )
    return _revised(session, ticket, kept)


def take_back(
    session: OpenSession,
    number: Number,
    change: Annotated[
        int, Field(ge=1, title="CHANGE", description="Its number; `tickets show` lists them.")
    ],
    *,
    revision: Base = None,
    by: str,
) -> Revised:
    """Take one change of a model back, as a new revision; the others stay.

    Raises:
        EditConflictError: Somebody else changed the ticket since.
        InputError: There is no such change, or the text does not have it any more.
    """
    ticket = session.ticket(number)
    return edit(session, ticket, edit_taking_back(ticket, change), revision=revision, by=by)


def roll_back(
    session: OpenSession,
    number: Number,
    *,
    to: Annotated[
        int,
        Field(ge=1, title="N", description="Number of the revision; `tickets diff` lists them."),
    ],
    revision: Base = None,
    by: str,
) -> Revised:
    """Bring back an earlier revision as a new one; nothing is lost.

    Raises:
        EditConflictError: Somebody else changed the ticket since.
        NotFoundError: There is no such revision.
    """
    ticket = session.ticket(number)
    kept = session.store.reviews.roll_back(
        session.key,
        ticket.ticket_id,
        to_revision=to,
        expected_revision=revision or ticket.revision.number,
        by=by,
        at=session.clock.now(),
    )
    return _revised(session, ticket, kept)


def _revised(session: OpenSession, ticket: Ticket, kept: Revision) -> Revised:
    """Say which revision a ticket has."""
    is_new = kept.number != ticket.revision.number
    said = f"Ticket {ticket.number} has revision {kept.number} now."
    return Revised(
        session_key=session.key,
        number=ticket.number,
        revision=kept.number,
        changed=is_new,
        sentences=(said, *_exported(session, [ticket])) if is_new else (NOTHING,),
        numbers=(ticket.number,) if is_new else (),
    )


def answer(
    session: OpenSession,
    given: Sequence[tuple[str, str]] = (),
    *,
    accepted: Sequence[str] = (),
    taken_over: Sequence[str] = (),
    not_relevant: Sequence[tuple[str, str]] = (),
    were: Mapping[str, str] | None = None,
    is_only: bool = False,
    by: str,
) -> Answered:
    """Keep answers by the place of a question or cell, and suggestions people accept; all or none.

    So is what clients proposed and people take over. What is not relevant is answered, too: with
    the reason that stands beside its place. An empty answer takes one back. Each counts wherever
    its question is asked, unless `is_only` keeps it to its place. `were` are the answers people saw
    there, empty where they saw none.

    Raises:
        AnswerConflictError: Somebody else answered since.
        WrongUseError: A place, an answer, a suggestion or a reason is none.
    """
    asked, cells = session.questions, session.cells
    proposed = taken_over_at(taken_over, asked, session.proposed_answers)
    typed = [*given, *accepted_at(accepted, asked), *proposed, *dismissed_at(not_relevant)]
    answers = answers_at(typed, asked, cells=cells, is_only=is_only)
    seen = answers_at((were or {}).items(), asked, cells=cells, is_only=True)
    return _answered(session, answers, were=seen, by=by)


def answer_by_file(session: OpenSession, content: bytes, *, name: str, by: str) -> Answered:
    """Keep the answers of a workbook of questions that was filled in.

    Raises:
        InputError: It cannot be read, or one of its answers cannot be kept: then none is.
    """
    filled = read_filled_table(content, name=name)
    answers = read_answers(filled, session_key=session.key, tickets=session.tickets)
    return _answered(session, answers, by=by)


def _answered(
    session: OpenSession,
    answers: Mapping[str, Mapping[str, str]],
    *,
    were: Mapping[str, Mapping[str, str]] | None = None,
    by: str,
) -> Answered:
    before = {ticket.ticket_id: ticket for ticket in session.tickets}
    at = session.clock.now()
    undo = (*_answering_again(session, answers), *_marking_again(before[key] for key in answers))
    kept = session.store.reviews.answer(session.key, answers, by=by, at=at, were=were)
    now = session.again().tickets
    changed = [t for t in now if t.answers != before[t.ticket_id].answers]
    unmarked = tuple(t.number for t in now if before[t.ticket_id].is_ready and not t.is_ready)
    numbers = _numbers_of(changed)
    where = f" in {ticket_numbers_text(numbers)}" if numbers else ""
    is_removing = not any(text for of_ticket in answers.values() for text in of_ticket.values())
    sentences = [f"{counted(kept, 'answer')} {'removed' if is_removing else 'kept'}{where}."]
    if unmarked:
        sentences.append(f"{ticket_numbers_text(unmarked).capitalize()} lost the ready mark.")
    return Answered(
        session_key=session.key,
        kept=kept,
        tickets=numbers,
        unmarked=unmarked,
        open=questions_left(now).count,
        sentences=(*sentences, *_exported(session, changed)) if kept else (NOTHING,),
        undo=undo if kept else (),
        numbers=numbers,
    )


def _answering_again(
    session: OpenSession, answers: Mapping[str, Mapping[str, str]]
) -> tuple[Step, ...]:
    """Answer as it was answered before these answers, ticket by ticket."""
    known = [
        (q.place, q.given, answers[ticket_id].get(q.question_id))
        for ticket_id in answers
        for q in session.asked.of_ticket.get(ticket_id, ())
    ]
    known += [
        (cell.place, cell.answer, answers.get(cell.ticket.ticket_id, {}).get(cell.cell.cell_id))
        for cell in session.cells
    ]
    texts = {p: (given.answer if given else "", now) for p, given, now in known if now is not None}
    changed = {place: both for place, both in texts.items() if both[0] != both[1]}
    if not changed:
        return ()
    given = [(place, was) for place, (was, _) in changed.items()]
    were = {place: now for place, (_, now) in changed.items()}
    return (("answer", {"given": given, "were": were, "is_only": True}),)


def tickets_of(session: OpenSession, numbers: Sequence[int]) -> tuple[Ticket, ...]:
    """Return the tickets of these numbers, once each, in this order.

    Raises:
        NotFoundError: A number names none.
    """
    return _numbered(session, numbers, among=session.tickets)


def vanished_of(session: OpenSession, numbers: Sequence[int]) -> tuple[Ticket, ...]:
    """Return the tickets without rows that have these numbers, once each, in this order.

    Raises:
        NotVanishedError: The rows of one are in the sheets.
        NotFoundError: A number names none.
    """
    present = {ticket.number for ticket in session.tickets}
    for number in numbers:
        if number in present:
            raise NotVanishedError(session_key=session.key, ticket=str(number))
    return _numbered(session, numbers, among=session.vanished)


def _numbered(
    session: OpenSession, numbers: Sequence[int], *, among: Sequence[Ticket]
) -> tuple[Ticket, ...]:
    known = {ticket.number: ticket for ticket in among}
    for number in numbers:
        if number not in known:
            raise unknown_ticket(session_key=session.key, ticket=str(number))
    return tuple(known[number] for number in dict.fromkeys(numbers))


def _decided(
    session: OpenSession,
    chosen: Sequence[Ticket],
    count: int,
    *sentences: str,
    left: str = "",
    undo: tuple[Step, ...] = (),
    **named: object,
) -> Decided:
    return Decided(
        session_key=session.key,
        chosen=len(chosen),
        changed=count,
        sentences=sentences,
        left=left,
        undo=undo,
        numbers=_numbers_of(chosen) if count else (),
        **named,
    )


def _exported(session: OpenSession, changed: Sequence[Ticket]) -> tuple[str, ...]:
    """Say which issues do not say what their tickets say now."""
    places = session.places_of(changed)
    there = [
        f"{key} (ticket {ticket.number})"
        for ticket in changed
        if (key := places[ticket.ticket_id].jira_key) is not None
    ]
    return (f"Exported already, so change it there too: {', '.join(there)}.",) if there else ()


def _step(name: str, numbers: Sequence[int], **arguments: object) -> tuple[Step, ...]:
    return ((name, {"numbers": numbers, **arguments}),) if numbers else ()


def _marking_again(tickets: Iterable[Ticket]) -> tuple[Step, ...]:
    """Mark those ready that were, as far as they say what was approved."""
    seen = {t.number: t.ready_hash for t in tickets if t.ready_hash is not None}
    return _step("ready", list(seen), seen=seen)


def _skipping_again(tickets: Iterable[Ticket], *, were: Seen) -> tuple[Step, ...]:
    skipped = [ticket for ticket in tickets if isinstance(ticket.exclusion, Skipped)]
    reasons = _alike(skipped, lambda ticket: ticket.skipped_reason)
    return tuple(
        ("skip", {"numbers": numbers, "reason": reason, "were": were})
        for reason, numbers in reasons.items()
    )


def _alike(tickets: Iterable[Ticket], of: Callable[[Ticket], Kept]) -> Mapping[Kept, list[int]]:
    """Return the numbers of tickets by something they have in common."""
    found: dict[Kept, list[int]] = {}
    for ticket in tickets:
        found.setdefault(of(ticket), []).append(ticket.number)
    return found


def _ids_of(tickets: Sequence[Ticket]) -> list[str]:
    return [ticket.ticket_id for ticket in tickets]


def _numbers_of(tickets: Iterable[Ticket]) -> tuple[int, ...]:
    return tuple(ticket.number for ticket in tickets)
