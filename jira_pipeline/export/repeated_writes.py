"""Writes to Jira, of whatever kind: look, intend, send, receipt; and what is left to people.

Belongs here: the order of these four, what an answer means for the execution, the one loop of every
write that twice is the same as once (links, parents, sprints, deletions), manual fixes. Does not:
what is looked at, sent and written down (each kind: `links`, `placing`, `attachments`), how a doubt
ends (`unconfirmed`), creations, which wait for their turn before they are intended (`sending`).

Writes that do not wait for each other are sent at once: intents before, receipts after, by the one
thread that has the lease; only the requests are of others.

The look and the intent are one commit, made again where this process stood still after the look:
else the request would undo what people did meanwhile. What an answer makes certain is committed
before anything else is done.

Nothing in the loop fails the export: what Jira refuses becomes a manual fix. A receipt is written
once the write is known to be there; from then on people may undo it, and no resume does it again.
Source: docs/export.md, rules 2, 3 and 9.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Generic, TypeVar

from typing_extensions import override

from jira_pipeline.export.export_run import ExportRun, Intended, is_worth_waiting
from jira_pipeline.export.ledger_page import WriteSubject
from jira_pipeline.export.lookups import batches
from jira_pipeline.model.errors import AccessError, RateLimitedError, RefusedError
from jira_pipeline.model.exports import (
    DETACHING,
    SENDING,
    Exists,
    LedgerSubject,
    LeftToPerson,
    Origin,
    WriteEvents,
)
from jira_pipeline.model.issue_tracker import Created, NothingDone, Unknown, WriteAnswer
from jira_pipeline.model.manual_fixes import FixState, FixType, ManualFix
from jira_pipeline.model.rendered_tickets import RenderedTicket
from jira_pipeline.model.target_shares import issue_url_of
from jira_pipeline.model.tickets import Ticket

UNAUTHORIZED = 401
ROUNDS = 2  # defence: second-round
"""A write that was lost is sent once more before a person is asked."""
Write = TypeVar("Write")
"""One write of a kind: the ticket, link or file that it is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallback:
    """Something that was left out, and what a person should do about it."""

    fix_type: FixType
    subject: str
    title: str
    original_value: str
    recommended_action: str


def is_for_people(error: Exception) -> bool:
    """Tell whether a refused link or file is left to people instead of stopping the export.

    Lost authentication, an unreachable Jira and a request to wait concern the whole export.
    """
    if isinstance(error, AccessError):
        return error.status_code != UNAUTHORIZED
    return isinstance(error, RefusedError)


def record_fix(run: ExportRun, ticket: Ticket, fallback: Fallback, *, key: str | None) -> None:
    """Keep what a person has to do about a ticket; the key is that of its issue, where known."""
    run.tools.store.manual_fixes.record(
        ManualFix(
            fix_type=fallback.fix_type,
            session_key=ticket.session_key,
            target_id=run.target.target_id,
            ticket_id=ticket.ticket_id,
            subject=fallback.subject,
            title=fallback.title,
            original_value=fallback.original_value,
            recommended_action=fallback.recommended_action,
            jira_key=key,
            jira_url=issue_url_of(run.target, key) if key else None,
            state=FixState.OPEN,
            created_at=run.tools.clock.now(),
        )
    )


def end_fixes(
    run: ExportRun, *, is_over: Callable[[ManualFix], bool], state: FixState, by: str
) -> None:
    """Give those fixes another state that are over, such as those about an issue that is gone."""
    fixes = run.tools.store.manual_fixes.list_all(
        run.order.session_key, target_id=run.target.target_id
    )
    for fix in fixes:
        if fix.state is not state and is_over(fix):
            run.tools.store.manual_fixes.set_state(
                run.order.session_key, fix.fix_id, state, by=by, at=run.tools.clock.now()
            )


class FixesOnRecord:
    """The manual fixes of some types that people are asked to do on the target of a run."""

    def __init__(self, run: ExportRun, *fix_types: FixType) -> None:
        """Read what earlier executions left; obsolete fixes are about issues that are gone."""
        self._run = run
        fixes = run.tools.store.manual_fixes.list_all(
            run.order.session_key, target_id=run.target.target_id
        )
        self._left = {
            (fix.ticket_id, fix.subject)
            for fix in fixes
            if fix.fix_type in fix_types and fix.state is not FixState.OBSOLETE
        }
        """Ticket id and subject of each fix."""

    def has(self, ticket: Ticket, subject: str) -> bool:
        """Tell whether a fix about this subject of a ticket was left to people already."""
        return (ticket.ticket_id, subject) in self._left

    def leave(self, ticket: Ticket, fallback: Fallback, *, key: str | None) -> None:
        """Record a manual fix, so that what it is about is left to people from now on."""
        record_fix(self._run, ticket, fallback, key=key)
        self._left.add((ticket.ticket_id, fallback.subject))


def write_once(
    run: ExportRun,
    *,
    intend: Callable[[], Intended | None],
    send: Callable[[Intended], WriteAnswer],
    record: Callable[[Intended, WriteAnswer], object],
) -> WriteAnswer | None:
    """Send one write as `write_together` does; return its answer, or None if nothing was intended."""

    def intend_one() -> tuple[Intended, ...]:
        intended = intend()
        return () if intended is None else (intended,)

    return next(iter(write_together(run, intend=intend_one, send=send, record=record)), None)


def write_together(
    run: ExportRun,
    *,
    intend: Callable[[], Sequence[Intended]],
    send: Callable[[Intended], WriteAnswer],
    record: Callable[[Intended, WriteAnswer], object],
    is_waiting: bool = True,
) -> Sequence[WriteAnswer]:
    """Send some writes, each after its intent is committed; return the answers to those sent last.

    `intend` looks what is still to be sent and commits the intents of that. `record` commits what
    an answer makes certain, for all answers before an error of one is raised. Where Jira asks to
    wait, this waits and begins again with `intend`: a gateway that limits may have let a request
    through. Without `is_waiting` the client waited already, and the request to wait is raised. A
    refusal among the answers is for people.

    Raises:
        CancelledError: The export was cancelled.
        LeaseLostError: The lease is gone.
        UpstreamError: Jira is out of reach, asks to wait for long, or forgot who we are.
    """
    throttled = 0
    while True:
        run.raise_if_cancelled()
        intended = run.commit_before_send(intend)  # defence: look-after-standstill
        answers = run.tools.send_all(send, intended)
        for write, answer in zip(intended, answers, strict=True):
            record(write, answer)  # defence: answer-is-recorded
        errors = [answer.error for answer in answers if isinstance(answer, NothingDone)]
        limits = [error for error in errors if isinstance(error, RateLimitedError)]
        for answer in answers:
            if isinstance(answer, Unknown) and answer.limit is not None:
                limits.append(answer.limit)
        for error in errors:
            if error not in limits and not is_for_people(error):  # defence: lost-authentication
                raise error
        if not limits:
            return answers
        throttled += 1
        longest = max(limits, key=lambda limit: limit.wait_seconds)
        if not is_waiting or not is_worth_waiting(longest, throttled=throttled):
            raise longest
        run.wait_until(run.tools.monotonic() + longest.wait_seconds)


def gone_or_hidden(answer: WriteAnswer) -> WriteAnswer:
    """Return the answer to a deletion as unknown where it is 404: the thing may be gone or hidden."""
    match answer:
        # defence: deletion-404
        case NothingDone(reason=reason, error=RefusedError(status_code=404)):
            return Unknown(reason=reason)
        case _:
            return answer


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBack:
    """Which of some writes are done, as Jira shows it, by identity; the others are not done."""

    seen: Mapping[str, str]
    """The writes that are done, with what their receipts are to say."""
    not_ours: frozenset[str] = frozenset()
    """Identities of things that were there before we sent anything."""
    ids: Mapping[str, str] = field(default_factory=dict)
    """Ids in Jira of the things that have one."""
    for_people: Mapping[str, Fallback] = field(default_factory=dict)
    """Writes of which Jira does not show whether they are done: nothing is sent, a person looks."""


class RepeatedWrites(ABC, Generic[Write]):
    """One execution of all writes of one kind: the loop, and what differs between the kinds."""

    fix_types: tuple[FixType, ...]
    """The types of manual fixes that writes of this kind become."""
    is_looked_up = True
    """Jira is read right before each request, so that what people did meanwhile is not undone."""
    is_answer_proof = False
    """A write counts as done once Jira accepts it; else only once it was read back."""
    parallel_count = 1
    """How many requests are sent at once; more than one only where their order does not matter."""
    is_deleting = False
    """The writes delete things: one is done when its thing is not there any more."""
    lost_reason: str
    """Why a write is left to a person that was sent twice and is not done."""

    def __init__(self, run: ExportRun, writes: Sequence[Write]) -> None:
        self._run = run
        self._writes = writes
        self._fixes = FixesOnRecord(run, *self.fix_types)

    @abstractmethod
    def subject(self, write: Write) -> WriteSubject:
        """Return what the ledger calls a write."""

    @abstractmethod
    def ticket(self, write: Write) -> RenderedTicket:
        """Return the ticket whose manual fix a write becomes."""

    def skip_reason(self, _write: Write) -> str | None:
        """Return why a write is not sent at all; None: it may be sent."""
        return None

    def missing_permission(self, permission: str) -> str | None:
        """Return that our account lacks a permission; None: it has it."""
        if permission not in self._run.withheld:
            return None
        return f"the account lacks the permission {permission}"

    def requests(self, writes: Sequence[Write]) -> Iterable[Sequence[Write]]:
        """Divide writes into requests; most kinds send each write in a request of its own."""
        return ([write] for write in writes)

    def show_progress(self, writes: Sequence[Write]) -> None:
        """Show people what is sent next."""

    @abstractmethod
    def send(self, writes: Sequence[Write]) -> WriteAnswer:
        """Send one request; where several are sent at once, from a thread of its own."""

    @abstractmethod
    def read_back(self, writes: Sequence[Write]) -> ReadBack:
        """Read in Jira which of these writes are done."""

    @abstractmethod
    def fallback(self, write: Write, *, reason: str) -> Fallback:
        """Return the manual fix that a write becomes for this reason."""

    def record_done(self) -> None:
        """Write a receipt for each pending write that Jira shows as done."""
        self._record_done_among(self.pending())

    def carry_out(self) -> None:
        """Send what is missing, or leave it to people."""
        if not self.is_answer_proof and not self._is_only_one_to_send():
            self.record_done()  # a creation may have set it already, or people did it
        for _round in range(ROUNDS):
            requests = list(self.requests(self._sendable()))
            for parallel_requests in batches(requests, size=self.parallel_count):
                write_together(
                    self._run,
                    intend=partial(self._intend, parallel_requests),
                    send=self.send,
                    record=self._record,
                    # Where nothing is looked up between two tries, the client itself has waited.
                    is_waiting=self.is_looked_up,
                )
            self.record_done()
        for write in self.pending():
            self._leave(write, reason=self.lost_reason)  # defence: lost-write-is-listed

    def _is_only_one_to_send(self) -> bool:
        """Tell whether one write alone is left, which is looked up right before it is sent."""
        pending = self.pending()
        return len(pending) == 1 and self.is_looked_up and not self.skip_reason(pending[0])

    def _sendable(self) -> list[Write]:
        """Return what can be sent, and leave to people what cannot."""
        sendable = []
        for write in self.pending():
            skip_reason = self.skip_reason(write)
            if skip_reason is None:
                sendable.append(write)
            else:
                self._leave(write, reason=skip_reason)
        return sendable

    def pending(self, writes: Iterable[Write] | None = None) -> list[Write]:
        """Return the writes, of all or of those given, that are neither done nor left to people."""
        candidates = self._writes if writes is None else writes
        return [
            write
            for write in candidates
            if not self._is_over(write) and not self._is_left_to_people(write)
        ]

    def _is_left_to_people(self, write: Write) -> bool:
        return self._fixes.has(self.ticket(write).ticket, self.fallback(write, reason="").subject)

    def _is_over(self, write: Write) -> bool:
        """Tell whether nothing is to be sent any more, by the ledger."""
        state = self._run.page.state(self.subject(write).identity)
        if self.is_deleting:
            return not isinstance(state, Exists)
        return isinstance(state, Exists | LeftToPerson)  # defence: existing-is-not-resent

    def _intend(self, requests: Sequence[Sequence[Write]]) -> Sequence[Sequence[Write]]:
        """Look what is done already, commit intents for the other writes, and return these."""
        if self.is_looked_up:  # defence: look-before-setting
            self._record_done_among([write for writes in requests for write in writes])
        unsent_requests = []
        for writes in requests:
            unsent = self.pending(writes)  # defence: seen-is-not-sent
            if unsent:
                unsent_requests.append(unsent)
        if unsent_requests:
            self.show_progress(unsent_requests[0])
        for writes in unsent_requests:
            for write in writes:
                self._run.page.write(self.subject(write), self._events.intent)
        return unsent_requests

    def _record(self, writes: Sequence[Write], answer: WriteAnswer) -> None:
        """Record what an answer makes certain, and leave to people what Jira refuses."""
        if isinstance(answer, Created) and not self.is_answer_proof:  # defence: yes-is-no-proof
            return
        for write in writes:
            self._run.page.write_answer(self.subject(write), answer, events=self._events)
            if isinstance(answer, NothingDone) and is_for_people(answer.error):
                self._leave(write, reason=answer.reason)

    def _record_done_among(self, pending: Sequence[Write]) -> None:
        """Write a receipt for each of these writes that is done; leave to people what is not shown.

        They are read in batches, as many issues as Jira reads in one request.
        """
        for writes in batches(pending):
            read = self.read_back(writes)
            for write in writes:
                subject = self.subject(write)
                if subject.identity in read.seen:
                    self._run.page.write(
                        subject,
                        self._events.done,
                        remote_id=read.ids.get(subject.identity),
                        detail=read.seen[subject.identity],
                        origin=Origin.FOUND if subject.identity in read.not_ours else None,
                    )
                elif subject.identity in read.for_people:
                    self._leave_as(write, read.for_people[subject.identity])

    def _leave(self, write: Write, *, reason: str) -> None:
        """Leave a write to a person, for a reason."""
        self._leave_as(write, self.fallback(write, reason=reason))

    def _leave_as(self, write: Write, fallback: Fallback) -> None:
        rendered = self.ticket(write)
        self._fixes.leave(rendered.ticket, fallback, key=self._run.issue_key(rendered))

    @property
    def _events(self) -> WriteEvents:
        return DETACHING if self.is_deleting else SENDING


class IssueWrites(RepeatedWrites[RenderedTicket]):
    """Something that the issue of a ticket has once."""

    thing: LedgerSubject

    @override
    def subject(self, rendered: RenderedTicket) -> WriteSubject:
        ticket_id = rendered.ticket.ticket_id
        identity = f"{self.thing.value}/{self._run.identity(ticket_id)}"
        return WriteSubject(ticket_id=ticket_id, subject=self.thing, identity=identity)

    @override
    def ticket(self, rendered: RenderedTicket) -> RenderedTicket:
        return rendered
