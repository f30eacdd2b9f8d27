"""What people decide about tickets: whether they are exported, by whom and with which fields.

One function is one verb. It takes an open session, ticket numbers and `by`, the person; it changes
the store and returns an `Outcome` with sentences for people and the steps that undo it. `were` has
the values that the person saw, so that nobody decides over a change that they did not see. `decide`
takes any verb as data, such as `("skip", {"numbers": [3], "reason": "Built"})`, and `undo` takes
back what such decisions changed.

Belongs here: these verbs. Does not: ready marks (`approvals`), texts (`revisions`), order and
dependencies (`ticket_order`), answers (`answers`), rules of fields (`outcomes`), the table of the
verbs (`verbs`), how they are typed or sent (`cli/verb_commands`, `web/pages/tickets_page`).

Each raises `NotFoundError` where a number names no ticket, `EditConflictError` where a ticket does
not have the values of `were`, and `withdraw` and `unwithdraw` raise `NotVanishedError` where the rows
of a ticket are in the sheets.
"""

import shlex
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from inspect import signature
from typing import TYPE_CHECKING, Annotated, Any, cast

from pydantic import Field, TypeAdapter, ValidationError

from jira_pipeline.model.actions import Action, ActionKind, command_of
from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.errors import EditConflictError, InputError, PipelineError, WrongUseError
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.line_numbers import format_count, ticket_numbers_text
from jira_pipeline.model.ticket_decisions import Exclusion, SentBack, Skipped
from jira_pipeline.model.tickets import FieldValue, Ticket, unconfirmed_withdrawals
from jira_pipeline.review.outcomes import (
    NAME_MAX,
    REASON_MAX,
    Decided,
    Fields,
    Labels,
    Numbers,
    Outcome,
    Seen,
    Step,
    checked_fields,
    decision_outcome,
    ids_of,
    marking_again,
    numbers_by,
    numbers_of,
    outdated_issue_sentences,
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
        InputError: There is no reason, or a ticket has an issue already, which would not change.
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
        further_words=dict(zip(SentBack.word_columns, (about.strip(), to.strip()), strict=True)),
        with_issues=True,
        were=were,
        by=by,
    )


def resolve(
    session: "OpenSession",
    numbers: Numbers,
    *,
    answer: Annotated[
        str, Field(title="TEXT", max_length=REASON_MAX, description="How the request was resolved.")
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
    further_words: Mapping[str, str] | None = None,
    with_issues: bool,
    were: Seen | None,
    by: str,
) -> Decided:
    """Leave tickets out of exports; `kind` says in which way, skipped or sent back.

    `further_words` are texts beside the reason, by their names in `kind.word_columns`. Where people chose
    many tickets by a filter, `with_issues` is false, and those with an issue stay as they are.

    Raises:
        InputError: There is no reason, or a ticket has an issue, which would not change.
    """
    chosen = tickets_of(session, numbers)
    issue_keys = {t.ticket_id: session.places[t.ticket_id].jira_key for t in chosen}
    left = ""
    if not with_issues:
        without_issue = tuple(t for t in chosen if issue_keys[t.ticket_id] is None)
        with_issue_count = len(chosen) - len(without_issue)
        # Where all have an issue, none is left: the refusal below says which it is.
        if without_issue and with_issue_count:
            left = f"{format_count(with_issue_count, 'ticket')} with an issue left unchanged."
            chosen = without_issue
    reason = reason.strip()
    if not reason:
        raise InputError(
            "Leaving tickets out requires a reason.",
            recovery_actions=(f"Fill in: {kind.asks.lower()}.",),
        )
    if not kind.is_for_now:
        _refuse_with_issue(chosen, issue_keys, kind)
    count = session.store.tickets.exclude(
        session.key,
        ids_of(chosen),
        kind,
        reason=reason,
        beside=further_words,
        were=were,
        by=by,
        at=session.clock.now(),
    )
    label = kind.state.label
    sentences = [f"{format_count(count, 'ticket')} {label}."]
    dependents = _numbers_depending_on(chosen, session.tickets)
    if dependents:
        shown = ", ".join(map(str, dependents))
        sentences.append(f"Exported without links to {label} tickets: {shown}.")
    words = kind(reason, *((further_words or {}).get(name, "") for name in kind.word_columns))
    included = [ticket.number for ticket in chosen if ticket.exclusion is None]
    now: Seen = {kind.column: reason}
    undo = (*step(kind.undone_by, included, were=now), *_excluding_again(chosen, were=now))
    if kind.is_for_now:
        undo = (*undo, *marking_again(chosen))
    return decision_outcome(
        session,
        chosen,
        count,
        *sentences,
        replaced=tuple(_replaced_reasons(session.key, chosen, by=words)) if count else (),
        left=left,
        undo=undo,
        **{kind.state: count},
        dependents=dependents,
    )


def _refuse_with_issue(
    tickets: Iterable[Ticket], issue_keys: Mapping[str, str | None], kind: type[Exclusion]
) -> None:
    """Stop where a ticket has an issue, which leaving the ticket out would not change.

    Raises:
        InputError: One has an issue.
    """
    for ticket in tickets:
        jira_key = issue_keys[ticket.ticket_id]
        if jira_key is None:
            continue
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


def _numbers_depending_on(left_out: Sequence[Ticket], tickets: Iterable[Ticket]) -> list[int]:
    """Return the numbers of exported tickets that wait for one that was left out just now."""
    left_out_ids = set(ids_of(left_out))
    numbers = []
    for ticket in tickets:
        is_exported = ticket.exclusion is None and ticket.ticket_id not in left_out_ids
        if is_exported and not left_out_ids.isdisjoint(ticket.depends_on):
            numbers.append(ticket.number)
    return numbers


_TAKEN_AGAIN = {
    "skip": ActionKind.SKIP_AGAIN,
    "request-changes": ActionKind.REQUEST_CHANGES,
}
"""By verb, the action whose command takes the decision again, with the words that it had."""


def _replaced_reasons(
    session_key: str, chosen: Iterable[Ticket], *, by: Exclusion
) -> Iterator[str]:
    """Yield a sentence for each reason that another one replaced, with the command to restore it.

    `by` is the new reason; tickets without a reason, or with the same one, are passed over.
    """
    for before, numbers in numbers_by(chosen, lambda ticket: ticket.exclusion).items():
        if before is None or before == by:
            continue
        words = [f"“{before.reason}”"]
        if before.about:
            words.append(before.about)
        if before.to:
            words.append(f"asked: {before.to}")
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
            f"Replaced on {named}, {before.state.label}: {'; '.join(words)}. To bring that back: "
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
    """Take tickets into exports again that were left out in the way that `kind` says.

    `answer` is what became of a request for changes; tickets left out in another way stay out.
    """
    chosen = tickets_of(session, numbers)
    excluded = [ticket for ticket in chosen if isinstance(ticket.exclusion, kind)]
    included_count = session.store.tickets.exclude(
        session.key,
        ids_of(chosen),
        kind,
        reason=None,
        beside={"answer": answer},
        were=were,
        by=by,
        at=session.clock.now(),
    )
    tickets_text = format_count(included_count, f"{kind.state.label} ticket")
    sentence = f"{tickets_text} included again."
    undo = _excluding_again(excluded, were={kind.column: None})
    # Programs get the count by the name of the action, such as `unskipped`.
    _, including_action = kind.actions
    name = including_action.removeprefix("tickets_")
    count_by_name: dict[str, Any] = {name: included_count}
    return decision_outcome(session, chosen, included_count, sentence, undo=undo, **count_by_name)


def _excluding_again(tickets: Iterable[Ticket], *, were: Seen) -> tuple[Step, ...]:
    """Return the steps that leave tickets out as they were, with the words that they had."""
    steps: list[Step] = []
    for before, numbers in numbers_by(tickets, lambda ticket: ticket.exclusion).items():
        if before is None:
            continue
        arguments = {"numbers": numbers, "reason": before.reason, "were": were}
        if before.about:
            arguments["about"] = before.about
        if before.to:
            arguments["to"] = before.to
        steps.append((before.taken_by, arguments))
    return tuple(steps)


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
    agreed_ids = ids_of(chosen)
    count = session.store.tickets.withdraw(
        session.key, agreed_ids, reason=reason.strip(), by=by, at=session.clock.now()
    )
    proposed_ids = ids_of(unconfirmed_withdrawals(session.vanished_tickets))
    left = len(set(proposed_ids) - set(agreed_ids))
    sentences = [f"{format_count(count, 'ticket')} withdrawn; {left} still proposed."]
    places = session.places_of(chosen)
    for ticket in chosen:
        jira_key = places[ticket.ticket_id].jira_key
        if jira_key is not None:
            sentences.append(
                f"{ticket.title} has the issue {jira_key}: close or delete it in Jira."
            )
    return decision_outcome(
        session, chosen, count, *sentences, withdrawn=count, still_proposed=left
    )


def unwithdraw(session: "OpenSession", numbers: Numbers, *, by: str) -> Decided:
    """Undo a withdrawal; nothing is exported until somebody agrees or the rows are back."""
    chosen = vanished_of(session, numbers)
    count = session.store.tickets.unwithdraw(
        session.key, ids_of(chosen), by=by, at=session.clock.now()
    )
    return decision_outcome(
        session,
        chosen,
        count,
        f"{format_count(count, 'ticket')} proposed for withdrawal again.",
        proposed=count,
    )


def assign(
    session: "OpenSession", numbers: Numbers, *, fields: Fields, were: Seen | None = None, by: str
) -> Decided:
    """Set the assignee, sprint, priority, labels or parent of many tickets at once.

    Raises:
        WrongUseError: No field is named, or Jira does not take a value.
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

    def values_of(ticket: Ticket) -> tuple[FieldValue, ...]:
        return tuple(getattr(ticket, name) for name in checked)

    changed = [ticket for ticket in chosen if values_of(ticket) != tuple(checked.values())]
    undo: list[Step] = []
    for values, numbers_alike in numbers_by(changed, values_of).items():
        fields_before = dict(zip(checked, values, strict=True))
        undo.append(
            ("assign", {"numbers": numbers_alike, "fields": fields_before, "were": checked})
        )
    return _report_fields(session, chosen, changed, count, undo)


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
        WrongUseError: Jira does not take a label.
        EditConflictError: Somebody else changed the labels of a ticket meanwhile.
    """
    chosen = tickets_of(session, numbers)
    # The field that a ticket shall have, by the labels that it has.
    wanted = {}
    for labels in {ticket.labels for ticket in chosen}:
        labels_wanted = {*labels, *added} - {*removed}
        wanted[labels] = checked_fields({"labels": tuple(labels_wanted)})
    changed = [ticket for ticket in chosen if wanted[ticket.labels]["labels"] != ticket.labels]
    at = session.clock.now()
    with session.store.database.together():
        for labels, same in group_by(changed, lambda ticket: ticket.labels).items():
            session.store.reviews.assign(
                session.key,
                ids_of(same),
                fields=wanted[labels],
                were={"labels": labels},
                by=by,
                at=at,
            )

    def labels_back(ticket: Ticket) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return which labels the ticket lost, and which it got."""
        labels_before = {*ticket.labels}
        lost = {*removed} & labels_before
        new = {*added} - labels_before
        return tuple(lost), tuple(new)

    undo: list[Step] = []
    for (lost, new), numbers_alike in numbers_by(changed, labels_back).items():
        undo.append(("labels", {"numbers": numbers_alike, "added": lost, "removed": new}))
    return _report_fields(session, chosen, changed, len(changed), undo)


def _report_fields(
    session: "OpenSession",
    chosen: Sequence[Ticket],
    changed: Sequence[Ticket],
    count: int,
    undo: Iterable[Step],
) -> Decided:
    """Return the outcome of setting fields, with a sentence on issues that still have the old ones.

    `count` is how many tickets the store changed.
    """
    sentence = f"{format_count(count, 'ticket')} changed."
    if count != len(chosen):
        sentence = f"{count:,} of {format_count(len(chosen), 'ticket')} changed."
    return Decided(
        session_key=session.key,
        chosen=len(chosen),
        changed=count,
        sentences=(sentence, *outdated_issue_sentences(session, changed)),
        undo=tuple(undo),
        numbers=numbers_of(changed),
    )


def decide(
    session: "OpenSession", name: str, arguments: Mapping[str, object], *, by: str
) -> Outcome:
    """Take a decision that is given as data; the signature of its verb checks the arguments.

    Raises:
        WrongUseError: There is no such verb, or an argument is missing, unknown or not valid.
        PipelineError: What the verb raises.
    """
    if name not in VERBS:
        raise WrongUseError(
            f"There is no decision {name!r}.", recovery_actions=(f"Use one of {', '.join(VERBS)}.",)
        )
    verb = VERBS[name].take
    parameters = signature(verb).parameters
    hints = {word: parameter.annotation for word, parameter in parameters.items()}
    takes = [word for word in hints if word not in {"session", "by"}]
    if "fields" in takes and "fields" not in arguments:
        # Programs name fields beside the other arguments; the verb takes them as one.
        fields: dict[str, object] = {}
        others: dict[str, object] = {}
        for argument, value in arguments.items():
            target = fields if argument in Fields.__annotations__ else others
            target[argument] = value
        arguments = others | {"fields": fields}
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


def decide_all(session: "OpenSession", decisions: Sequence[Step], *, by: str) -> list[Outcome]:
    """Take decisions one after the other in one transaction: where one is refused, none is kept.

    Raises:
        PipelineError: What a verb raises; of several decisions it says which was refused.
    """
    outcomes: list[Outcome] = []
    try:
        with session.store.database.together():
            for name, arguments in decisions:
                outcomes.append(decide(session.reload(), name, arguments, by=by))
    except PipelineError as error:
        if len(decisions) > 1:
            number = len(outcomes) + 1
            error.message = (
                f"{error.message} (Decision {number} of {len(decisions)}; none was saved.)"
            )
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
    """Refuse to go on where somebody decided about tickets after the audit entry `since`.

    Only these actions count, and none by the person `but_by`. `left` says in the message what is
    not done, such as `undone`.

    Raises:
        EditConflictError: Somebody did one of the actions to one of the tickets.
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
    """Undo decisions by the steps of their outcomes; return how many tickets that changed.

    `since` is the last audit entry of these decisions. Where somebody decided about one of the
    tickets after it, nothing is undone, even if the ticket has the same values again. Ready marks
    come last, as every other step takes them away; a mark returns only where the ticket says again
    what was approved.

    Raises:
        EditConflictError: Something was decided about one of the tickets since.
        PipelineError: What the verbs raise.
    """
    numbers: list[int] = []
    for _, arguments in steps:
        numbers += cast("Sequence[int]", arguments.get("numbers", ()))
    actions = [action for action in AuditAction if action.event]
    refuse_decided(session.reload(), numbers, actions, since=since, left="undone")
    changed = set[int]()
    for name, arguments in sorted(steps, key=lambda step: step[0] == "ready"):
        changed.update(decide(session.reload(), name, arguments, by=by).numbers)
    return len(changed)
