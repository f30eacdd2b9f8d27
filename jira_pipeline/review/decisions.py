"""What people decide about tickets: whether and in which order they are exported, with which fields.

Belongs here: one function a verb, what it says, what else it sets off; taking any decision that is
given as data, and taking it back. Does not: ready marks (`approvals`), texts (`revisions`), answers
(`answers`), rules of fields (`outcomes`), the table of the verbs (`verbs`), how they are typed or
sent (`cli/verb_commands`, `web/pages/tickets_page`).

Each raises `NotFoundError` where a number names no ticket, `EditConflictError` where one has not what
people saw, and of withdrawals `NotVanishedError` where the rows of one are there.
"""

import shlex
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from inspect import signature
from typing import TYPE_CHECKING, Annotated, Any, cast

from pydantic import Field, TypeAdapter, ValidationError

from jira_pipeline.model.actions import Action, ActionKind, advice, command_of
from jira_pipeline.model.errors import (
    EditConflictError,
    InputError,
    PipelineError,
    WrongUseError,
)
from jira_pipeline.model.grouped import grouped
from jira_pipeline.model.line_numbers import counted, ticket_numbers_text
from jira_pipeline.model.records import AuditAction
from jira_pipeline.model.tickets import (
    Exclusion,
    FieldValue,
    SentBack,
    Skipped,
    Ticket,
    proposed_among,
)
from jira_pipeline.review.outcomes import (
    NAME_MAX,
    NOTHING,
    REASON_MAX,
    Decided,
    Fields,
    Labels,
    Number,
    Numbers,
    Outcome,
    Seen,
    Step,
    Waits,
    alike,
    checked_fields,
    decided,
    exported,
    ids_of,
    marking_again,
    numbers_of,
    step,
    tickets_of,
    vanished_of,
)
from jira_pipeline.review.verbs import VERBS

if TYPE_CHECKING:  # what only offers a verb loads no store
    from jira_pipeline.review.open_session import OpenSession


def discard_comparison(session: "OpenSession", *, by: str) -> Outcome:
    """Discard the last comparison with the site; the one before it counts again.

    Raises:
        WrongUseError: No site was compared with this session.
    """
    verification = session.site_verification
    if verification is None:
        raise WrongUseError("No site was compared with this session.")
    session.store.site_verifications.discard(verification, by=by, at=session.clock.now())
    sentence = f"The comparison with {verification.verification.config} is discarded."
    return Outcome(session_key=session.key, sentences=(sentence,))


def skip(
    session: "OpenSession",
    numbers: Numbers,
    *,
    reason: Annotated[
        str, Field(title="TEXT", max_length=REASON_MAX, description="Why they are left out.")
    ],
    with_issues: bool = True,
    were: Seen | None = None,
    by: str,
) -> Decided:
    """Leave tickets out of exports, with a reason; tickets that depend on them mention it.

    Raises:
        InputError: There is no reason, or one has an issue already: it would change nothing there.
    """
    return _exclude(
        session, numbers, Skipped, reason=reason, with_issues=with_issues, were=were, by=by
    )


def request_changes(
    session: "OpenSession",
    numbers: Numbers,
    *,
    reason: Annotated[
        str, Field(title="TEXT", max_length=REASON_MAX, description="What has to change.")
    ],
    about: Annotated[
        str,
        Field(title="PLACE", max_length=REASON_MAX, description="The line or cell that is meant."),
    ] = "",
    to: Annotated[
        str,
        Field(
            title="WHO",
            max_length=NAME_MAX,
            description="Who is asked; without it whoever a ticket is assigned to.",
        ),
    ] = "",
    were: Seen | None = None,
    by: str,
) -> Decided:
    """Send tickets back until somebody resolves what has to change; they lose their approval.

    Raises:
        InputError: It does not say what has to change.
    """
    return _exclude(
        session,
        numbers,
        SentBack,
        reason=reason,
        beside=dict(zip(SentBack.beside, (about.strip(), to.strip()), strict=True)),
        with_issues=True,
        were=were,
        by=by,
    )


def resolve(
    session: "OpenSession",
    numbers: Numbers,
    *,
    answer: Annotated[
        str, Field(title="TEXT", max_length=REASON_MAX, description="What became of the request.")
    ] = "",
    were: Seen | None = None,
    by: str,
) -> Decided:
    """Resolve the changes requested of tickets: they are to be reviewed again."""
    return _include(session, numbers, SentBack, answer=answer.strip(), were=were, by=by)


def unskip(
    session: "OpenSession", numbers: Numbers, *, were: Seen | None = None, by: str
) -> Decided:
    """Include skipped tickets again."""
    return _include(session, numbers, Skipped, were=were, by=by)


def _exclude(
    session: "OpenSession",
    numbers: Sequence[int],
    kind: type[Exclusion],
    *,
    reason: str,
    beside: Mapping[str, str] | None = None,
    with_issues: bool,
    were: Seen | None,
    by: str,
) -> Decided:
    # Of many that somebody chose together, those without an issue are meant: `with_issues` is false.
    chosen = tickets_of(session, numbers)
    keys = {t.ticket_id: session.places[t.ticket_id].jira_key for t in chosen}
    free = tuple(t for t in chosen if keys[t.ticket_id] is None)
    has_left = bool(free) and not with_issues and len(free) < len(chosen)
    left = f"{counted(len(chosen) - len(free), 'ticket')} with an issue left unchanged."
    chosen = free if has_left else chosen
    reason = reason.strip()
    if not reason:
        raise InputError(
            "Leaving tickets out requires a reason.",
            recovery_actions=(f"Fill in: {kind.asks.lower()}.",),
        )
    for ticket in () if kind.is_for_now else chosen:
        if (jira_key := keys[ticket.ticket_id]) is not None:
            raise InputError(
                f"Ticket {ticket.number} already has the issue {jira_key}; leaving it out would "
                "change nothing in Jira.",
                recovery_actions=(
                    f"Change or close {jira_key} in Jira.",
                    Action.of(
                        ActionKind.UNDO,
                        f"Or delete the unchanged issues, then {kind.taken_by}: {{}}.",
                    ),
                ),
            )
    at = session.clock.now()
    exclude = session.store.tickets.exclude
    count = exclude(
        session.key,
        ids_of(chosen),
        kind,
        reason=reason,
        beside=beside,
        were=were,
        by=by,
        at=at,
    )
    gone = set(ids_of(chosen))
    dependents = [
        ticket.number
        for ticket in session.tickets
        if ticket.exclusion is None
        and ticket.ticket_id not in gone
        and not gone.isdisjoint(ticket.depends_on)
    ]
    label = kind.state.label
    sentences = [f"{counted(count, 'ticket')} {label}."]
    if dependents:
        shown = ", ".join(map(str, dependents))
        sentences.append(f"Exported without links to {label} tickets: {shown}.")
    said = kind(reason, *((beside or {}).get(name, "") for name in kind.beside))
    included = [t.number for t in chosen if t.exclusion is None]
    now: Seen = {kind.column: reason}
    return decided(
        session,
        chosen,
        count,
        *sentences,
        replaced=tuple(_replaced_reasons(session.key, chosen, by=said)) if count else (),
        left=left if has_left else "",
        undo=(
            *step(kind.undone_by, included, were=now),
            *_again(chosen, were=now),
            *(marking_again(chosen) if kind.is_for_now else ()),
        ),
        **{kind.state: count},
        dependents=dependents,
    )


_TAKEN_AGAIN = {
    "skip": ActionKind.SKIP_AGAIN,
    "request-changes": ActionKind.REQUEST_CHANGES,
}
"""By verb, the command that takes a decision with the words it had."""


def _replaced_reasons(
    session_key: str, chosen: Iterable[Ticket], *, by: Exclusion
) -> Iterator[str]:
    """Say which words no longer stand, and what brings them back."""
    for before, numbers in alike(chosen, lambda ticket: ticket.exclusion).items():
        if before is None or before == by:
            continue
        said = [f"“{before.reason}”"]
        if before.about:
            said.append(before.about)
        if before.to:
            said.append(f"asked: {before.to}")
        options = {"reason": before.reason, "about": before.about, "to": before.to}
        typed = [f"--{name} {shlex.quote(text)}" for name, text in options.items() if text]
        named = ticket_numbers_text(numbers)
        bring_back = Action.of(
            _TAKEN_AGAIN[before.taken_by],
            "{}",
            session_key=session_key,
            options=" ".join([*map(str, numbers), *typed]),
        )
        yield (
            f"Replaced on {named}, {before.state.label}: {'; '.join(said)}. To bring that back: "
            f"{command_of(bring_back)}"
        )


def _include(
    session: "OpenSession",
    numbers: Sequence[int],
    kind: type[Exclusion],
    *,
    answer: str = "",
    were: Seen | None,
    by: str,
) -> Decided:
    chosen = tickets_of(session, numbers)
    at = session.clock.now()
    exclude = session.store.tickets.exclude
    count = exclude(
        session.key,
        ids_of(chosen),
        kind,
        reason=None,
        beside={"answer": answer},
        were=were,
        by=by,
        at=at,
    )
    said = f"{counted(count, f'{kind.state.label} ticket')} included again."
    excluded = [ticket for ticket in chosen if isinstance(ticket.exclusion, kind)]
    undo = _again(excluded, were={kind.column: None})
    named: dict[str, Any] = {kind.actions[1].removeprefix("tickets_"): count}
    return decided(session, chosen, count, said, undo=undo, **named)


def _again(tickets: Iterable[Ticket], *, were: Seen) -> tuple[Step, ...]:
    return tuple(
        (
            before.taken_by,
            {"numbers": numbers, "reason": before.reason, "were": were}
            | {name: value for name in ("about", "to") if (value := getattr(before, name))},
        )
        for before, numbers in alike(tickets, lambda ticket: ticket.exclusion).items()
        if before is not None
    )


def withdraw(
    session: "OpenSession",
    numbers: Numbers,
    *,
    reason: Annotated[
        str, Field(title="TEXT", max_length=REASON_MAX, description="Why they are withdrawn.")
    ] = "",
    by: str,
) -> Decided:
    """Agree to drop tickets whose rows are no longer in the sheets; nothing changes in Jira."""
    chosen = vanished_of(session, numbers)
    places = session.places_of(chosen)
    issues = [
        f"{ticket.title} has the issue {key}: close or delete it in Jira."
        for ticket in chosen
        if (key := places[ticket.ticket_id].jira_key) is not None
    ]
    count = session.store.tickets.withdraw(
        session.key, ids_of(chosen), reason=reason.strip(), by=by, at=session.clock.now()
    )
    agreed = set(ids_of(chosen))
    left = sum(one.ticket_id not in agreed for one in proposed_among(session.vanished_tickets))
    sentence = f"{counted(count, 'ticket')} withdrawn; {left} still proposed."
    return decided(session, chosen, count, sentence, *issues, withdrawn=count, still_proposed=left)


def unwithdraw(session: "OpenSession", numbers: Numbers, *, by: str) -> Decided:
    """Undo a withdrawal; nothing is exported until somebody agrees or the rows are back."""
    chosen = vanished_of(session, numbers)
    count = session.store.tickets.unwithdraw(
        session.key, ids_of(chosen), by=by, at=session.clock.now()
    )
    return decided(
        session,
        chosen,
        count,
        f"{counted(count, 'ticket')} proposed for withdrawal again.",
        proposed=count,
    )


def assign(
    session: "OpenSession", numbers: Numbers, *, fields: Fields, were: Seen | None = None, by: str
) -> Decided:
    """Set the assignee, sprint, priority, labels or parent of many tickets at once.

    Raises:
        WrongUseError: No field is named, or Jira takes no such value.
    """
    if not fields:
        raise WrongUseError(
            "No field was given.", recovery_actions=("Name a field, such as `assignee`.",)
        )
    chosen = tickets_of(session, numbers)
    checked = checked_fields(cast("Mapping[str, FieldValue]", fields))
    count = session.store.reviews.assign(
        session.key, ids_of(chosen), fields=checked, were=were, by=by, at=session.clock.now()
    )
    changed = [t for t in chosen if any(getattr(t, n) != value for n, value in checked.items())]
    before = alike(changed, lambda t: tuple((name, getattr(t, name)) for name in checked))
    undo = [
        ("assign", {"numbers": numbers, "fields": dict(values), "were": checked})
        for values, numbers in before.items()
    ]
    return _set(session, chosen, changed, count, undo)


def change_labels(
    session: "OpenSession",
    numbers: Numbers,
    *,
    added: Annotated[Labels, Field(title="A,B", description="Labels to add.")] = (),
    removed: Annotated[Labels, Field(title="A,B", description="Labels to remove.")] = (),
    by: str,
) -> Decided:
    """Add labels to tickets and remove labels from them; either every ticket changes or none does.

    Raises:
        WrongUseError: Jira takes no such label.
        EditConflictError: Somebody else changed the labels of one meanwhile.
    """
    chosen = tickets_of(session, numbers)
    wanted = {
        labels: checked_fields({"labels": tuple({*labels, *added} - {*removed})})
        for labels in {ticket.labels for ticket in chosen}
    }
    changed = [t for t in chosen if wanted[t.labels]["labels"] != t.labels]
    assign_them = session.store.reviews.assign
    at = session.clock.now()
    with session.store.database.together():
        for were, same in grouped(changed, lambda ticket: ticket.labels).items():
            seen = {"labels": were}
            assign_them(session.key, ids_of(same), fields=wanted[were], were=seen, by=by, at=at)
    before = alike(
        changed, lambda t: (tuple({*removed} & {*t.labels}), tuple({*added} - {*t.labels}))
    )
    undo = [
        ("labels", {"numbers": numbers, "added": back, "removed": new})
        for (back, new), numbers in before.items()
    ]
    return _set(session, chosen, changed, len(changed), undo)


def _set(
    session: "OpenSession",
    chosen: Sequence[Ticket],
    changed: Sequence[Ticket],
    count: int,
    undo: Iterable[Step],
) -> Decided:
    return Decided(
        session_key=session.key,
        chosen=len(chosen),
        changed=count,
        sentences=(
            f"{counted(count, 'ticket')} changed."
            if count == len(chosen)
            else f"{count:,} of {counted(len(chosen), 'ticket')} changed.",
            *exported(session, changed),
        ),
        undo=tuple(undo),
        numbers=numbers_of(changed),
    )


def order(
    session: "OpenSession",
    numbers: Annotated[
        Sequence[int], Field(title="N N...", description="Two or more ticket numbers, in order.")
    ],
    *,
    by: str,
) -> Decided:
    """Set the order of tickets in a display group; the tickets they wait for still come first.

    Raises:
        WrongUseError: They are fewer than two, one comes twice, or they are of several groups.
    """
    chosen = tickets_of(session, numbers)
    if len(chosen) != len(numbers) or len(chosen) < 2:  # noqa: PLR2004 - an order of one is none
        raise WrongUseError(
            "An order needs two or more different tickets.",
            recovery_actions=("Name two or more tickets.",),
        )
    groups = sorted({ticket.display_group.value for ticket in chosen})
    if len(groups) > 1:
        raise WrongUseError(
            f"These tickets belong to {' and '.join(groups)}; an order applies within one group.",
            recovery_actions=(
                Action.of(ActionKind.LIST_TICKETS, "{} shows the groups.", session_key=session.key),
            ),
        )
    count = session.store.reviews.reorder(
        session.key, ids_of(chosen), by=by, at=session.clock.now()
    )
    waiting = [
        f"{ticket.number} waits for {other.number}"
        for place, ticket in enumerate(chosen)
        for other in chosen[place + 1 :]
        if other.ticket_id in ticket.depends_on
    ]
    sentences = [f"{counted(count, 'ticket')} moved."]
    if waiting:
        sentences.append(f"Dependencies still come first: {', '.join(waiting)}.")
    return decided(session, chosen, count, *sentences, moved=count)


def move(session: "OpenSession", number: Number, places: int, *, by: str) -> Decided:
    """Move a ticket among those of its group, up by so many places where negative.

    Beyond the first and the last there is none.
    """
    (ticket,) = tickets_of(session, [number])
    listed = sorted(session.tickets, key=lambda one: one.place)
    peers = [one for one in listed if one.display_group is ticket.display_group]
    here = peers.index(ticket)
    there = min(max(here + places, 0), len(peers) - 1)
    if here == there:
        return decided(session, (ticket,), 0, NOTHING, moved=0)
    between = peers[min(here, there) : max(here, there) + 1]
    others = [one.number for one in between if one is not ticket]
    return order(session, [*others, number] if there > here else [number, *others], by=by)


def depend(
    session: "OpenSession",
    number: Number,
    on: Annotated[
        Sequence[int], Field(title="ON...", description="Numbers of the tickets it waits for.")
    ],
    *,
    is_not: Annotated[bool, Field(description="Remove these dependencies.")] = False,
    by: str,
) -> Waits:
    """Make a ticket wait for others, or stop it waiting; circular dependencies are reported.

    Raises:
        DependencyCycleError: They would wait for each other; those before it are kept.
    """
    (ticket,) = tickets_of(session, [number])
    others = tickets_of(session, on)
    changed: list[Ticket] = []
    try:
        for other in others:
            pair = (ticket.ticket_id, other.ticket_id)
            at = session.clock.now()
            if session.store.reviews.set_dependency(
                session.key, *pair, waits=not is_not, by=by, at=at
            ):
                changed.append(other)
    except PipelineError as error:
        if changed:
            saved = ", ".join(str(one.number) for one in changed)
            note = advice(f"{saved}: already saved, nothing to repeat.")
            error.recovery_actions = (*error.recovery_actions, note)
        raise
    if not changed:
        return Waits(session_key=session.key, number=number, changed=())
    numbers = numbers_of(changed)
    verb = "no longer waits" if is_not else "waits"
    return Waits(
        session_key=session.key,
        number=number,
        changed=numbers,
        sentences=(
            f"Ticket {number} {verb} for {', '.join(map(str, numbers))}.",
            *exported(session, [ticket]),
        ),
        numbers=(number,),
    )


def decide(
    session: "OpenSession", name: str, arguments: Mapping[str, object], *, by: str
) -> Outcome:
    """Take a decision that is given as data; its verb's own signature checks the arguments.

    Raises:
        WrongUseError: There is no such verb, or an argument is missing, unknown or no such value.
        PipelineError: What the verb raises.
    """
    if name not in VERBS:
        raise WrongUseError(
            f"There is no decision {name!r}.", recovery_actions=(f"Use one of {', '.join(VERBS)}.",)
        )
    verb = VERBS[name].take
    hints = {word: one.annotation for word, one in signature(verb).parameters.items()}
    takes = [word for word in hints if word not in {"session", "by"}]
    if "fields" in takes and "fields" not in arguments:
        fields = {n: value for n, value in arguments.items() if n in Fields.__annotations__}
        rest = {n: value for n, value in arguments.items() if n not in fields}
        arguments = rest | {"fields": fields}
    given = {}
    word = ""
    try:
        signature(verb).bind(session, by=by, **arguments)
        for word, value in arguments.items():
            given[word] = TypeAdapter[Any](hints[word]).validate_python(value)
    except (TypeError, ValidationError) as error:
        fault = str(error)  # an argument is missing, or there is none of that name
        if isinstance(error, ValidationError):
            fault = f"{word}: {error.errors()[0]['msg']}"
        raise WrongUseError(
            f"The decision {name} cannot be made: {fault}.",
            recovery_actions=(f"It takes {', '.join(takes)}.",),
        ) from error
    return verb(session, by=by, **given)


def decide_all(
    session: "OpenSession", given: Sequence[tuple[str, Mapping[str, object]]], *, by: str
) -> list[Outcome]:
    """Take decisions one after the other in one transaction: where one is refused, none is kept.

    Raises:
        PipelineError: What a verb raises; of several it says which.
    """
    outcomes: list[Outcome] = []
    try:
        with session.store.database.together():
            for name, arguments in given:
                outcomes.append(decide(session.reload(), name, arguments, by=by))
    except PipelineError as error:
        if len(given) > 1:
            number = len(outcomes) + 1
            error.message = f"{error.message} (Decision {number} of {len(given)}; none was saved.)"
        raise
    return outcomes


def refuse_decided(
    session: "OpenSession",
    numbers: Sequence[int],
    actions: Collection[AuditAction],
    *,
    since: int,
    but_by: str = "",
    left: str,
) -> None:
    """Stop what rests on tickets as they were at the entry `since`; `left` is what is not done.

    Raises:
        EditConflictError: Somebody else than `but_by` did one of these actions to one of them.
    """
    decided_since = {
        ticket_id
        for entry in session.store.audit.latest(session.key, actions=actions, after=since)
        for ticket_id in entry.ticket_ids
        if entry.actor != but_by
    }
    for ticket in tickets_of(session, numbers):
        if ticket.ticket_id in decided_since:
            raise EditConflictError(
                f"Ticket {ticket.number}: something was decided about it since; nothing was {left}.",
                recovery_actions=("Reload the ticket and decide again.",),
            )


def undo(session: "OpenSession", steps: Sequence[Step], *, since: int, by: str) -> int:
    """Take decisions back, as their outcomes say; return how many tickets that changed.

    Ready marks come last, and only for what says again what was approved. What somebody decided
    since stays, also where it led back to the same: `since` is the last entry at their end.

    Raises:
        EditConflictError: Something was decided about one of them since.
        PipelineError: What the verbs raise.
    """
    numbers = [n for _, step in steps for n in cast("Sequence[int]", step.get("numbers", ()))]
    actions = [action for action in AuditAction if action.event]
    refuse_decided(session.reload(), numbers, actions, since=since, left="undone")
    changed = set[int]()
    for name, arguments in sorted(steps, key=lambda step: step[0] == "ready"):
        changed |= {*decide(session.reload(), name, arguments, by=by).numbers}
    return len(changed)
