"""How much of a session is where, what a new target would get, and who created the same elsewhere.

Belongs here: the state of each ticket on one target, by the ledger alone; the values, the rule, and
their words for people and programs. Does not: asking the
ledger, refusing and answering (`export/target_questions`).

What was sent to one target says nothing about another: there a session begins anew, and people are
asked whether they mean that. Within a session an issue is created once; the ledger knows nothing of
specifications, so sheets that are uploaded under another key are recognised by their group keys.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from jira_pipeline.model.actions import Action, ActionKind, advice
from jira_pipeline.model.exports import (
    Exists,
    InDoubt,
    LedgerEntry,
    LedgerSubject,
    LeftToPerson,
    NotSent,
    Target,
    issue_keys,
    ledger_state_of,
    open_undo_of,
)
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.line_numbers import first_named
from jira_pipeline.model.sessions import AsNew, Beside, UploadSession
from jira_pipeline.model.tickets import ListedTicket, Ticket, TicketState, ticket_id_of

ISSUES_NAMED = 3

SHARED_MIN = 0.5
"""Two sites share a few groups (roles, image styles), one site in two states nearly all of them."""


@json_fields(
    "target=name exported=exported_count in_doubt=in_doubt_count undo_open=is_undo_open "
    "tickets=ticket_count is_current"
)
@dataclass(frozen=True, slots=True, kw_only=True)
class TargetShare:
    """How much of a session is on one target."""

    name: str
    exported_count: int
    in_doubt_count: int
    """Sent, and nobody knows whether it exists."""
    is_undo_open: bool
    """An undo there has not ended."""
    ticket_count: int
    """How many tickets the session exports."""
    is_current: bool
    """The settings mean it now."""

    @property
    def summary(self) -> str:
        """Say it in a few words."""
        doubt = f", {self.in_doubt_count} unconfirmed" if self.in_doubt_count else ""
        undo = ", an undo is unfinished" if self.is_undo_open else ""
        return f"{self.name}: {self.exported_count} of {self.ticket_count}{doubt}{undo}"


def share_of(
    name: str,
    ticket_ids: Collection[str],
    entries: Collection[LedgerEntry],
    *,
    is_current: bool,
    gone_ids: Collection[str] = (),
) -> TargetShare:
    """Count the issues of these tickets by what the ledger says of one target.

    Those of `gone_ids` are no longer shown by Jira, and not counted.
    """
    issues = issue_keys(entries)
    shown_ids = [ticket_id for ticket_id in ticket_ids if ticket_id not in gone_ids]
    keys = [issues[ticket_id] for ticket_id in shown_ids if ticket_id in issues]
    return TargetShare(
        name=name,
        exported_count=sum(key is not None for key in keys),
        in_doubt_count=sum(key is None for key in keys),
        is_undo_open=open_undo_of(entries) is not None,
        ticket_count=len(ticket_ids),
        is_current=is_current,
    )


@json_fields("target=name create=issue_count elsewhere")
@dataclass(frozen=True, slots=True, kw_only=True)
class NewTarget:
    """A target that a session was never exported to, while it has issues on others."""

    name: str
    issue_count: int
    """How many an export creates there."""
    elsewhere: tuple[TargetShare, ...]

    @property
    def summary(self) -> str:
        """Say it without a full stop."""
        there = "; ".join(share.summary for share in self.elsewhere)
        return f"it has never been exported to {self.name} and has issues elsewhere ({there})"


def shares_of(
    ticket_ids: Collection[str],
    *,
    targets: Iterable[Target],
    entries_of: Callable[[Target], Collection[LedgerEntry]],
) -> tuple[TargetShare, ...]:
    return tuple(
        share_of(target.name, ticket_ids, entries_of(target), is_current=False)
        for target in targets
    )


def new_target(
    name: str,
    target_id: str | None,
    *,
    session: UploadSession,
    ticket_ids: Collection[str],
    elsewhere: Iterable[TargetShare],
) -> NewTarget | None:
    """Return what a session begins on a target without entries of it; None: nothing is asked.

    `target_id` is None where nobody asked the site yet which one it is.
    """
    answer = AsNew(target_id=target_id or "", session_key=session.session_key, beside=Beside.TARGET)
    with_issues = tuple(
        share for share in elsewhere if share.exported_count or share.in_doubt_count
    )
    if not ticket_ids or answer in session.as_new or not with_issues:
        return None
    return NewTarget(name=name, issue_count=len(ticket_ids), elsewhere=with_issues)


@dataclass(frozen=True, slots=True, kw_only=True)
class CopiedIssues:
    """Issues on a target that carry the marker of a session's issue on another one."""

    session_key: str
    target_name: str
    keys: tuple[str, ...]
    origins: tuple[str, ...]
    """Names of the targets that the ledger has them on; none where it knows of no such issue."""

    @property
    def summary(self) -> str:
        """Say it without a full stop."""
        count = len(self.keys)
        issues = "1 issue" if count == 1 else f"{count} issues"
        verb = "is" if count == 1 else "are"
        came_from = ""
        if self.origins:
            came_from = f", copied or moved from {'; '.join(self.origins)}"
        place = f"already in {self.target_name}{came_from}"
        keys = first_named(self.keys, ISSUES_NAMED)
        return f"{issues} of session {self.session_key} {verb} {place}: {keys}"


@json_fields(
    "session_key tickets=ticket_count shared=shared_count issues=issue_keys as_new=is_answered"
)
@dataclass(frozen=True, slots=True, kw_only=True)
class SameSpecification:
    """Another session that has issues for at least half of the tickets of a session."""

    session_key: str
    ticket_count: int
    """How many tickets this session exports."""
    shared_count: int
    """How many of them have an issue, or may have one, by the other session only."""
    issue_keys: tuple[str, ...] = ()
    """In the order of the tickets; an issue in doubt has no key."""
    is_answered: bool = False
    """People said that the issues of this session are new ones."""

    @property
    def summary(self) -> str:
        """Say it without a full stop: who has which issues."""
        named = first_named(self.issue_keys, ISSUES_NAMED)
        return (
            f"session {self.session_key} has issues for {self.shared_count} of these "
            f"{self.ticket_count} tickets{f': {named}' if named else ''}"
        )

    @property
    def advice(self) -> Action:
        """Say it in sentences, with both ways on where nobody answered."""
        same = f"Same specification: {self.summary}."
        if self.is_answered:
            return advice(f"{same} This session's issues will be new ones.")
        return Action.of(
            ActionKind.UPLOAD,
            f"{same} To continue with that session, upload these files to it ({{}}); to create "
            "new issues as well, export as new ({1}).",
            session=self.session_key,
            also=(Action.of(ActionKind.EXPORT, "{}", as_new=True),),
        )


def same_specifications(
    group_keys: Iterable[str], *, session_key: str, issues: Mapping[str, Mapping[str, str | None]]
) -> tuple[SameSpecification, ...]:
    """Return the sessions that have issues for at least half of these groups, the most first.

    A group that has an issue by this session counts for no other one: nothing is created for it.
    `issues` are keys on one target (None: in doubt), by session and ticket id.
    """
    wanted_keys = tuple(dict.fromkeys(group_keys))
    own_issues = issues.get(session_key, {})
    missing_keys = [key for key in wanted_keys if ticket_id_of(session_key, key) not in own_issues]
    same: list[SameSpecification] = []
    for other in sorted(issues.keys() - {session_key}):
        shared_count = 0
        shared_keys: list[str] = []
        for group_key in missing_keys:
            ticket_id = ticket_id_of(other, group_key)
            if ticket_id not in issues[other]:
                continue
            shared_count += 1
            issue_key = issues[other][ticket_id]
            if issue_key:
                shared_keys.append(issue_key)
        if shared_count and shared_count >= SHARED_MIN * len(wanted_keys):
            specification = SameSpecification(
                session_key=other,
                ticket_count=len(wanted_keys),
                shared_count=shared_count,
                issue_keys=tuple(shared_keys),
            )
            same.append(specification)
    return tuple(sorted(same, key=lambda specification: -specification.shared_count))


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketExport:
    """The issue of one ticket on one target."""

    state: TicketState
    issue_id: str | None = None
    jira_key: str | None = None
    jira_url: str | None = None
    exported_at: datetime | None = None
    """When it was known that its issue exists."""


def ticket_exports(
    tickets: Iterable[Ticket | ListedTicket],
    *,
    target: Target | None,
    entries: Iterable[LedgerEntry],
) -> dict[str, TicketExport]:
    """Return the state of each ticket on a target, by ticket id."""
    of_ticket = entries_by_ticket(entries)
    return {
        ticket.ticket_id: ticket_export(
            ticket, target=target, entries=of_ticket.get(ticket.ticket_id, ())
        )
        for ticket in tickets
    }


def entries_by_ticket(entries: Iterable[LedgerEntry]) -> Mapping[str, Sequence[LedgerEntry]]:
    """Return what the ledger says of issues, by ticket id."""
    issues = (entry for entry in entries if entry.subject is LedgerSubject.ISSUE)
    return group_by(issues, lambda entry: entry.ticket_id)


def ticket_export(
    ticket: Ticket | ListedTicket, *, target: Target | None, entries: Sequence[LedgerEntry]
) -> TicketExport:
    """Return the state of one ticket on a target, by what the ledger says of its issue there."""
    state = ledger_state_of(entries)
    match state:
        case Exists(receipt=receipt):
            key = receipt.remote_key
            return TicketExport(
                state=TicketState.EXPORTED,
                issue_id=receipt.remote_id,
                jira_key=key,
                jira_url=issue_url_of(target, key) if key and target else None,
                exported_at=receipt.at,
            )
        case InDoubt() | LeftToPerson():
            return TicketExport(state=TicketState.IN_DOUBT)
        case NotSent(attempts=attempts):
            wanted = TicketState.FAILED if attempts else TicketState.PENDING
            return TicketExport(state=ticket.exclusion.state if ticket.exclusion else wanted)


def tickets_with_errors(places: Iterable[TicketExport]) -> int:
    """Count the tickets that were sent and have no issue that is known."""
    return sum(place.state in {TicketState.FAILED, TicketState.IN_DOUBT} for place in places)


def issue_url_of(target: Target, key: str) -> str:
    return f"{target.base_url}/browse/{key}"
