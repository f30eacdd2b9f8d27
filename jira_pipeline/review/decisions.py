"""What people decide about tickets in a review: one function and one outcome a verb.

Belongs here: which tickets a verb takes, what else a decision sets off, what it came to. Does not:
rules (`review`), words and forms (`cli`, `web`, `defs`).
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from inspect import signature
from typing import Annotated, TypeAlias, TypeVar, cast, get_type_hints

from pydantic import Field, TypeAdapter, ValidationError
from typing_extensions import override

from jira_pipeline.context.states import refuse_without_tickets
from jira_pipeline.model.actions import Action, ActionKind, advice
from jira_pipeline.model.errors import (
    NotVanishedError,
    PipelineError,
    WrongUseError,
    unknown_ticket,
)
from jira_pipeline.model.ticket_drafts import TicketRework
from jira_pipeline.model.tickets import (
    ASSIGNABLE_FIELDS,
    FieldValue,
    Revision,
    Ticket,
    open_questions_json,
    questions_left,
    refuse_other_fields,
)
from jira_pipeline.review import ready_marks
from jira_pipeline.review.editing import TicketEdit, edit_ticket
from jira_pipeline.review.fields import checked_fields
from jira_pipeline.review.filled_tables import read_filled_table
from jira_pipeline.review.model_changes import edit_taking_back
from jira_pipeline.review.questions import (
    accepted_at,
    answers_at,
    dismissed_at,
    read_answers,
    taken_over_at,
)
from jira_pipeline.review.review_facts import ReviewFacts
from jira_pipeline.review.validating import validated_for
from jira_pipeline.review.withdrawals import proposed_among

_SEEN = "|".join(("skipped_reason", "ready_by", *ASSIGNABLE_FIELDS))
Seen: TypeAlias = Mapping[Annotated[str, Field(pattern=f"^({_SEEN})$")], FieldValue]
"""What people saw of each ticket that they decide about, by field."""
Step: TypeAlias = tuple[str, Mapping[str, object]]
"""A decision as data: its name in `BY_NAME`, and its arguments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What a decision about tickets came to."""

    session_key: str
    chosen: tuple[Ticket, ...]
    """Those it was about, as they were before it."""
    count: int
    """How many it changed."""
    counted_as: str = "changed"
    """What the count is called to programs."""
    undo: tuple[Step, ...] = ()
    """What takes it back, in this order; none where it cannot be, or changed nothing."""

    def to_json(self) -> dict[str, object]:
        """Return the shape programs get, whichever way they asked."""
        return {
            "session_key": self.session_key,
            "chosen": len(self.chosen),
            "changed": self.count,
            self.counted_as: self.count,
        }


Outcome = TypeVar("Outcome", bound=Decided)
Kept = TypeVar("Kept", bound=Hashable)


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedReady(Decided):
    """What ready marks came to."""

    counted_as: str = "marked"
    left: tuple[Ticket, ...] = ()
    """Those that stayed as they were, because they have open questions."""

    @override
    def to_json(self) -> dict[str, object]:
        """Return the same, with the questions these tickets leave open."""
        return Decided.to_json(self) | open_questions_json(self.chosen)


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped(Decided):
    """What leaving tickets out came to."""

    counted_as: str = "skipped"

    dependents: tuple[int, ...]
    """Numbers of tickets that are exported without a link to one of them."""

    @override
    def to_json(self) -> dict[str, object]:
        """Return the same, with those that depend on them."""
        return Decided.to_json(self) | {"dependents": list(self.dependents)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn(Decided):
    """What agreeing to withdrawals came to."""

    counted_as: str = "withdrawn"

    still_proposed: int
    """Tickets without rows that nobody decided about."""

    @override
    def to_json(self) -> dict[str, object]:
        """Return the same, with how many are left to decide."""
        return Decided.to_json(self) | {"still_proposed": self.still_proposed}


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned(Decided):
    """What setting fields came to."""

    changed: tuple[Ticket, ...]
    """Those it changed, as they were."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """What a change of dependencies came to."""

    ticket: Ticket
    changed: tuple[Ticket, ...]
    """Those it waits for now, or no longer."""

    def to_json(self) -> dict[str, object]:
        """Return the shape programs get, whichever way they asked."""
        return {
            "session_key": self.ticket.session_key,
            "number": self.ticket.number,
            "changed": [other.number for other in self.changed],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Revised:
    """The revision a ticket has after a change of its text."""

    ticket: Ticket
    """As it was before."""
    revision: Revision

    @property
    def is_changed(self) -> bool:
        """There is a new revision."""
        return self.revision.number != self.ticket.revision.number

    def to_json(self) -> dict[str, object]:
        """Return the shape programs get, whichever way they asked."""
        return {
            "session_key": self.ticket.session_key,
            "number": self.ticket.number,
            "revision": self.revision.number,
            "changed": self.is_changed,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What answers came to."""

    session_key: str
    kept: int
    tickets: tuple[Ticket, ...]
    """Those that have other answers now, as they are."""
    unmarked: tuple[int, ...]
    """Numbers of those that lost their ready mark by that."""
    open_count: int
    """Questions of the session that nobody answered."""
    undo: tuple[Step, ...] = ()
    """As `Decided.undo`."""

    def to_json(self) -> dict[str, object]:
        """Return the shape programs get, whichever way they asked."""
        return {
            "session_key": self.session_key,
            "kept": self.kept,
            "tickets": [ticket.number for ticket in self.tickets],
            "unmarked": [*self.unmarked],
            "open": self.open_count,
        }


def mark_ready(
    session: ReviewFacts,
    numbers: Sequence[int] | None = None,
    *,
    with_questions: bool = True,
    seen: Mapping[int, str] | None = None,
    by: str,
) -> MarkedReady:
    """Mark tickets ready: those named, or all that are not skipped.

    What was not validated as it is now is validated first. The audit trail has how many questions
    were open. Where a person is to be asked first, `with_questions` is false: tickets with open
    questions stay as they are. `seen` has the hash of what a person read, by number.

    Raises:
        ReadConflictError: One is not as it was read.
        GateError: There are no tickets, one is not valid, the sheets changed since they were
            written, or something is at work and one was not validated.
        NotFoundError: A number names no ticket.
    """
    refuse_without_tickets(session.stored)
    if numbers is None:
        numbers = [t.number for t in session.tickets if t.skipped_reason is None]
    chosen = tickets_of(session, numbers)
    left = () if with_questions else tuple(t for t in chosen if t.unanswered and not t.is_ready)
    session = validated_for(session, chosen)
    count = ready_marks.mark_ready(
        session.stored,
        session.judged,
        numbers={one.number for one in chosen} - {one.number for one in left},
        seen=seen,
        tickets=session.store.tickets,
        validations=session.store.validations,
        by=by,
        at=session.clock.now(),
    )
    asking = {one.number for one in left}
    marked = [t.number for t in chosen if not t.is_ready and t.number not in asking]
    undo = _step("unready", marked, were={"ready_by": by})
    return MarkedReady(session_key=session.key, chosen=chosen, count=count, left=left, undo=undo)


def unmark_ready(
    session: ReviewFacts, numbers: Sequence[int], *, were: Seen | None = None, by: str
) -> Decided:
    """Take ready marks away.

    Raises:
        FieldConflictError: One has not what people saw.
        NotFoundError: A number names no ticket.
    """
    chosen = tickets_of(session, numbers)
    count = session.store.tickets.unmark_ready(
        session.key, _ids_of(chosen), were=were, by=by, at=session.clock.now()
    )
    undo = _marking_again(chosen)
    return Decided(
        session_key=session.key, chosen=chosen, count=count, counted_as="unmarked", undo=undo
    )


def skip(
    session: ReviewFacts,
    numbers: Sequence[int],
    *,
    reason: str,
    were: Seen | None = None,
    by: str,
) -> Skipped:
    """Leave tickets out of exports, for a reason; those that depend on them lose that link.

    Raises:
        FieldConflictError: One has not what people saw.
        InputError: There is no reason, or one has an issue already: it would change nothing there.
        NotFoundError: A number names no ticket.
    """
    chosen = tickets_of(session, numbers)
    keys = {t.ticket_id: session.places[t.ticket_id].jira_key for t in chosen}
    ready_marks.refuse_to_skip(chosen, keys, reason=reason)
    reason = reason.strip()
    count = session.store.tickets.skip(
        session.key, _ids_of(chosen), reason=reason, were=were, by=by, at=session.clock.now()
    )
    left = set(_ids_of(chosen))
    dependents = [
        ticket.number
        for ticket in session.tickets
        if ticket.skipped_reason is None
        and ticket.ticket_id not in left
        and not left.isdisjoint(ticket.depends_on)
    ]
    skipped = [t.number for t in chosen if t.skipped_reason is None]
    now: Seen = {"skipped_reason": reason}
    undo = (*_step("unskip", skipped, were=now), *_skipping_again(chosen, were=now))
    return Skipped(
        session_key=session.key, chosen=chosen, count=count, dependents=tuple(dependents), undo=undo
    )


def unskip(
    session: ReviewFacts, numbers: Sequence[int], *, were: Seen | None = None, by: str
) -> Decided:
    """Take skipped tickets in again.

    Raises:
        FieldConflictError: One has not what people saw.
        NotFoundError: A number names no ticket.
    """
    chosen = tickets_of(session, numbers)
    count = session.store.tickets.unskip(
        session.key, _ids_of(chosen), were=were, by=by, at=session.clock.now()
    )
    undo = _skipping_again(chosen, were={"skipped_reason": None})
    return Decided(
        session_key=session.key, chosen=chosen, count=count, counted_as="unskipped", undo=undo
    )


def withdraw(
    session: ReviewFacts, numbers: Sequence[int], *, reason: str = "", by: str
) -> Withdrawn:
    """Agree that tickets go whose rows are no longer in the sheets; nothing is done in Jira.

    Raises:
        NotVanishedError: The rows of one are there.
        NotFoundError: A number names no ticket.
    """
    chosen = vanished_of(session, numbers)
    count = session.store.tickets.withdraw(
        session.key, _ids_of(chosen), reason=reason.strip(), by=by, at=session.clock.now()
    )
    agreed = set(_ids_of(chosen))
    left = [t for t in proposed_among(session.vanished) if t.ticket_id not in agreed]
    return Withdrawn(session_key=session.key, chosen=chosen, count=count, still_proposed=len(left))


def unwithdraw(session: ReviewFacts, numbers: Sequence[int], *, by: str) -> Decided:
    """Take that agreement back: nothing is exported until somebody agrees or the rows are back.

    Raises:
        NotVanishedError: The rows of one are there.
        NotFoundError: A number names no ticket.
    """
    chosen = vanished_of(session, numbers)
    count = session.store.tickets.unwithdraw(
        session.key, _ids_of(chosen), by=by, at=session.clock.now()
    )
    return Decided(session_key=session.key, chosen=chosen, count=count, counted_as="proposed")


def assign(
    session: ReviewFacts,
    numbers: Sequence[int],
    *,
    fields: Mapping[str, FieldValue],
    were: Seen | None = None,
    by: str,
) -> Assigned:
    """Set assignee, sprint, priority, labels or parent of tickets; an empty text clears a field.

    Raises:
        FieldConflictError: One has not what people saw.
        NotFoundError: A number names no ticket.
        WrongUseError: No field is named, or Jira takes no such value.
    """
    if not fields:
        raise WrongUseError(
            "No field is named.", recovery_actions=("Name one, such as `assignee`.",)
        )
    chosen = tickets_of(session, numbers)
    checked = checked_fields(fields)
    count = session.store.reviews.assign(
        session.key, _ids_of(chosen), fields=checked, were=were, by=by, at=session.clock.now()
    )
    changed = [t for t in chosen if any(getattr(t, n) != value for n, value in checked.items())]
    before = _alike(changed, lambda t: tuple((name, getattr(t, name)) for name in checked))
    undo = [
        ("assign", {"numbers": numbers, "fields": dict(values), "were": checked})
        for values, numbers in before.items()
    ]
    return Assigned(
        session_key=session.key,
        chosen=chosen,
        count=count,
        changed=tuple(changed),
        undo=(*undo, *_marking_again(changed)),
    )


def change_labels(
    session: ReviewFacts,
    numbers: Sequence[int],
    *,
    added: Sequence[str],
    removed: Sequence[str],
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
    return Decided(
        session_key=session.key,
        chosen=chosen,
        count=len(changed),
        undo=(*undo, *_marking_again(reworked)),
    )


def undo(session: ReviewFacts, steps: Sequence[Step], *, by: str) -> int:
    """Take decisions back, as their outcomes say; return how many tickets that changed.

    Ready marks come last, and only for what says again what was approved. What somebody decided
    since stays.

    Raises:
        FieldConflictError: Something was decided about one of them since.
        PipelineError: What the verbs raise.
    """
    now, changed = session.again(), set[int]()
    for name, arguments in steps:
        if name != "answer":
            numbers = cast("Sequence[int]", arguments["numbers"])
            were = cast("Mapping[str, FieldValue]", arguments.get("were", {}))
            refuse_other_fields(tickets_of(now, numbers), were)
    for name, arguments in sorted(steps, key=lambda step: step[0] == "ready"):
        done = decide(session.again(), name, arguments, by=by)
        if isinstance(done, Decided) and done.count:
            changed |= {ticket.number for ticket in done.chosen}
        elif isinstance(done, Answered):
            changed |= {ticket.number for ticket in done.tickets}
    return len(changed)


def order(session: ReviewFacts, numbers: Sequence[int], *, by: str) -> Decided:
    """Put tickets of one display group into this order; what they wait for still comes first.

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
    return Decided(session_key=session.key, chosen=chosen, count=count, counted_as="moved")


def move(session: ReviewFacts, number: int, *, places: int, by: str) -> Decided:
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
        return Decided(session_key=session.key, chosen=(ticket,), count=0, counted_as="moved")
    between = peers[min(here, there) : max(here, there) + 1]
    others = [one.number for one in between if one is not ticket]
    return order(session, [*others, number] if there > here else [number, *others], by=by)


def depend(
    session: ReviewFacts, number: int, on: Sequence[int], *, is_not: bool = False, by: str
) -> Waits:
    """Make a ticket wait for others, or no longer; returns those for which that is new.

    A circle is refused by name, and those before it are kept.

    Raises:
        DependencyCycleError: They would wait for each other.
        NotFoundError: A number names no ticket.
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
    return Waits(ticket=ticket, changed=tuple(changed))


def edit(
    session: ReviewFacts, ticket: Ticket, wanted: TicketEdit, *, revision: int | None, by: str
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
    return Revised(ticket=ticket, revision=kept)


def take_back(
    session: ReviewFacts, ticket: Ticket, change: int, *, revision: int | None, by: str
) -> Revised:
    """Take one change of a model back, as a new revision; the others stay.

    Raises:
        EditConflictError: Somebody else changed the ticket since.
        InputError: There is no such change, or the text does not have it any more.
    """
    return edit(session, ticket, edit_taking_back(ticket, change), revision=revision, by=by)


def roll_back(
    session: ReviewFacts, ticket: Ticket, *, to: int, revision: int | None, by: str
) -> Revised:
    """Bring an earlier revision back, as a new one: nothing is lost.

    Raises:
        EditConflictError: Somebody else changed the ticket since.
        NotFoundError: There is no such revision.
    """
    kept = session.store.reviews.roll_back(
        session.key,
        ticket.ticket_id,
        to_revision=to,
        expected_revision=revision or ticket.revision.number,
        by=by,
        at=session.clock.now(),
    )
    return Revised(ticket=ticket, revision=kept)


def answer(
    session: ReviewFacts,
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


def answer_by_file(session: ReviewFacts, content: bytes, *, name: str, by: str) -> Answered:
    """Keep the answers of a workbook of questions that was filled in.

    Raises:
        InputError: It cannot be read, or one of its answers cannot be kept: then none is.
    """
    filled = read_filled_table(content, name=name)
    answers = read_answers(filled, session_key=session.key, tickets=session.tickets)
    return _answered(session, answers, by=by)


def _answered(
    session: ReviewFacts,
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
    return Answered(
        session_key=session.key,
        kept=kept,
        tickets=tuple(t for t in now if t.answers != before[t.ticket_id].answers),
        unmarked=tuple(t.number for t in now if before[t.ticket_id].is_ready and not t.is_ready),
        open_count=questions_left(now).count,
        undo=undo if kept else (),
    )


def _answering_again(
    session: ReviewFacts, answers: Mapping[str, Mapping[str, str]]
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


BY_NAME: Mapping[str, Callable[..., Decided | Waits | Answered]] = {
    "ready": mark_ready,
    "unready": unmark_ready,
    "skip": skip,
    "unskip": unskip,
    "withdraw": withdraw,
    "unwithdraw": unwithdraw,
    "assign": assign,
    "labels": change_labels,
    "order": order,
    "move": move,
    "depend": depend,
    "answer": answer,
}
"""What can be decided by numbers and places alone, by what it is called in files and run configuration."""


def decide(
    session: ReviewFacts, name: str, arguments: Mapping[str, object], *, by: str
) -> Decided | Waits | Answered:
    """Take a decision that is given as data; its verb's own signature checks the arguments.

    Raises:
        WrongUseError: There is no such verb, or an argument is missing, unknown or no such value.
        PipelineError: What the verb raises.
    """
    verb = BY_NAME.get(name)
    if verb is None:
        raise WrongUseError(
            f"There is no decision {name!r}.",
            recovery_actions=(f"Take one of {', '.join(BY_NAME)}.",),
        )
    hints = get_type_hints(verb)
    takes = [word for word in signature(verb).parameters if word not in {"session", "by"}]
    given, word = {}, ""
    try:
        signature(verb).bind(session, by=by, **arguments)
        for word, value in arguments.items():
            given[word] = TypeAdapter(hints[word]).validate_python(value)
    except (TypeError, ValidationError) as error:
        fault = str(error)  # an argument is missing, or there is none of that name
        if isinstance(error, ValidationError):
            fault = f"{word}: {error.errors()[0]['msg']}"
        raise WrongUseError(
            f"The decision {name} cannot be taken: {fault}.",
            recovery_actions=(f"It takes {', '.join(takes)}.",),
        ) from error
    return verb(session, by=by, **given)


def tickets_of(session: ReviewFacts, numbers: Sequence[int]) -> tuple[Ticket, ...]:
    """Return the tickets of these numbers, once each, in this order.

    Raises:
        NotFoundError: A number names none.
    """
    return _numbered(session, numbers, among=session.tickets)


def vanished_of(session: ReviewFacts, numbers: Sequence[int]) -> tuple[Ticket, ...]:
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
    session: ReviewFacts, numbers: Sequence[int], *, among: Sequence[Ticket]
) -> tuple[Ticket, ...]:
    known = {ticket.number: ticket for ticket in among}
    for number in numbers:
        if number not in known:
            raise unknown_ticket(session_key=session.key, ticket=str(number))
    return tuple(known[number] for number in dict.fromkeys(numbers))


def _step(name: str, numbers: Sequence[int], **arguments: object) -> tuple[Step, ...]:
    return ((name, {"numbers": numbers, **arguments}),) if numbers else ()


def _marking_again(tickets: Iterable[Ticket]) -> tuple[Step, ...]:
    """Mark those ready that were, as far as they say what was approved."""
    seen = {t.number: t.ready_hash for t in tickets if t.ready_hash is not None}
    return _step("ready", list(seen), seen=seen)


def _skipping_again(tickets: Iterable[Ticket], *, were: Seen) -> tuple[Step, ...]:
    skipped = [ticket for ticket in tickets if ticket.skipped_reason is not None]
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
