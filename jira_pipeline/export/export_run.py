"""What an export is given, and the one value every step of it gets.

Belongs here: the tools and orders of an export, the run that is made once at the door, what it
writes on every issue, its waits. Does not: the door (`target`), any step of the export
(`exporting` documents their order).
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Protocol, TypeVar

from jira_pipeline.export.durations import ASSUMED_PACE, Pace
from jira_pipeline.export.jira_names import AS_SHIPPED, JiraNames
from jira_pipeline.export.ledger_page import LedgerPage, WriteSubject
from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.clock import Clock
from jira_pipeline.model.dependencies import Edge, build_order
from jira_pipeline.model.errors import CancelledError, GateRule, LeaseLostError, RateLimitedError
from jira_pipeline.model.exports import (
    Destination,
    LedgerEntry,
    LedgerEvent,
    LedgerState,
    LedgerSubject,
    NotSent,
    Origin,
    Target,
    identity_of,
    is_handmade,
)
from jira_pipeline.model.issue_tracker import Account, FoundIssue, WriteAnswer
from jira_pipeline.model.rendered_tickets import RenderedTicket
from jira_pipeline.model.sessions import SessionStage, SessionStatus, TicketProgress
from jira_pipeline.model.target_shares import issue_url_of
from jira_pipeline.model.tickets import ListedTicket, Ticket
from jira_pipeline.model.update_choices import UpdateChoice
from jira_pipeline.store.session_store import SessionStore
from jira_pipeline.store.store import Store

if TYPE_CHECKING:  # an HTTP client: loaded where one is opened
    from jira_pipeline.jira.client.client import JiraClient

logger = logging.getLogger(__name__)

MARKER_PROPERTY = "jira_pipeline"
"""Key of the issue property that carries the identity."""
UPDATE_PROPERTY = "jira_pipeline_update"
"""Key of the issue property that says which update wrote the text last."""
LABEL_PREFIX = "jp-"
UNASKED = Account(account_id="", display_name="")
"""The account of a run with nothing left to write: nobody asked Jira who we are."""
THROTTLED_MAX = 4
"""How often in a row Jira may ask to wait before the export is started again later."""
THROTTLED_WAIT_MAX_SECONDS = 30.0
WAIT_SLICE_SECONDS = 5.0
"""How often a wait looks whether the export was cancelled."""
INTENT_FRESH_SECONDS = 20.0
"""Less than the 25 s after which a database gives up on a machine that fell silent, and its lease."""
STANDSTILLS_MAX = 3

Intended = TypeVar("Intended")


Sent = TypeVar("Sent")
EPIC_PREFIX = "epic:"
"""Of the group key of an epic: then the name of what is below it."""


class SendAll(Protocol):
    """Sends requests and returns their answers in the order of what was sent."""

    def __call__(
        self, send: Callable[[Sent], WriteAnswer], requests: Sequence[Sent], /
    ) -> Sequence[WriteAnswer]: ...


def send_in_order(
    send: Callable[[Sent], WriteAnswer], requests: Sequence[Sent], /
) -> Sequence[WriteAnswer]:
    """Send one request after the other: a schedule of faults meets them in this order."""
    return [send(request) for request in requests]


def send_in_parallel(
    send: Callable[[Sent], WriteAnswer], requests: Sequence[Sent], /
) -> Sequence[WriteAnswer]:
    """Send each from a thread of its own, and wait for all answers."""
    if len(requests) < 2:  # noqa: PLR2004 - nothing to wait for meanwhile
        return send_in_order(send, requests)
    with ThreadPoolExecutor(len(requests)) as threads:
        return list(threads.map(send, requests))


@dataclass(slots=True, kw_only=True)
class Preflight:
    """What was asked about a target: by a step for the next of its run, by a plan for the first."""

    target: Target | None = None
    project_key: str | None = None
    """The key by which the project was found; by now it may have another."""
    account: Account = UNASKED
    wanted: tuple[str, ...] = ()
    """The permissions that were asked for."""
    withheld: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportTools:
    """Everything an export talks to."""

    tracker: "JiraClient"
    store: Store
    sessions: SessionStore
    """The store's; they may pass progress on to somebody who follows it."""
    clock: Clock
    sleep: Callable[[float], None]
    """Wait so many seconds."""
    monotonic: Callable[[], float]
    """Seconds that no change of the wall clock disturbs."""
    is_cancelled: Callable[[], bool]
    """The export was cancelled, or another one took its place."""
    send_all: SendAll = send_in_order
    """Sends requests that do not wait for each other."""
    preflights: list[Preflight] = field(default_factory=list)
    """What the step before asked about the target; empty unless it ended well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEpic:
    """One epic, and the tickets below it."""

    rendered: RenderedTicket
    """What is created: an issue like a ticket's, of number 0; not one of the session's tickets."""
    below: frozenset[str]
    """Ids of tickets."""
    key: str = ""
    """Key of the issue that people named as this epic: then none is created."""


@dataclass(frozen=True, kw_only=True)
class SessionEpics:
    """The epics that a session wants."""

    wanted: tuple[SessionEpic, ...] = ()
    """In the order of their first tickets."""
    names: frozenset[str] = frozenset()
    """What `epic_keys` may name."""
    keys: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def created(self) -> tuple[RenderedTicket, ...]:
        return tuple(epic.rendered for epic in self.wanted if not epic.key)

    @cached_property
    def above(self) -> Mapping[str, SessionEpic]:
        """The epic of each ticket that goes below one, by its id."""
        return {ticket_id: epic for epic in self.wanted for ticket_id in epic.below}


@dataclass(frozen=True, kw_only=True)
class ExportOrder:
    session_key: str
    project_key: str | None
    rendered: tuple[RenderedTicket, ...]
    """All tickets whose rows are in the sheets, skipped ones included."""
    is_sandbox: bool
    destination: Destination | None = None
    """What the settings name."""
    holder: str
    """Who holds the lease, for people: run id, host, process."""
    content_sha256: str = ""
    """Hash of the upload that the tickets are rendered from."""
    content_of: Callable[[Ticket], Mapping[str, str] | None] = lambda _: None
    """What a ticket says, part by part (`model/ticket_hashes`)."""
    run_id: str | None = None
    started_by: str | None = None
    """Who the run is of, a person or not; None: nobody is to learn of it."""
    names: JiraNames = AS_SHIPPED
    """What people named of Jira's issue types and link types."""
    settle_horizon_seconds: float = 600.0
    create_delay_seconds: float = 0.0
    pace: Pace = ASSUMED_PACE
    """How fast earlier exports to this target were."""
    as_new_by: str | None = None
    """Who wants new issues beside whatever is there already; None: nobody said so."""
    beside_sessions_by: str | None = None
    """Who wants new issues beside those of other sessions; None: nobody, nor does the manifest."""
    body_max_bytes: int = 32_767
    """The most bytes that a description may have as compact JSON."""
    batch_size: int = 1
    """How many issues one request may create, at most 50."""
    update: UpdateChoice = field(default_factory=UpdateChoice)
    """What people chose of an update."""
    find_epics: Callable[[], SessionEpics] = SessionEpics
    """Finds the epics above the tickets, by their rows."""

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Where each ticket is among `issues`, by its id."""
        return {rendered.ticket.ticket_id: place for place, rendered in enumerate(self.issues)}

    @property
    def session_label(self) -> str:
        """The one label all issues of the session carry."""
        return session_label_of(self.session_key)

    @cached_property
    def in_build_order(self) -> tuple[RenderedTicket, ...]:
        """The tickets to export, dependencies first, else as people put them."""
        by_id = {r.ticket.ticket_id: r for r in self.rendered}
        by_place = sorted((r.ticket for r in self.rendered), key=lambda ticket: ticket.place)
        return tuple(by_id[ticket_id] for ticket_id in creation_order(by_place))

    @cached_property
    def epics(self) -> SessionEpics:
        return self.find_epics()

    @cached_property
    def with_epics(self) -> tuple[RenderedTicket, ...]:
        """The epics that are created, and all tickets, skipped ones included."""
        return (*self.epics.created, *self.rendered)

    @cached_property
    def issues(self) -> tuple[RenderedTicket, ...]:
        """All that gets an issue of its own: epics, then the tickets in build order."""
        return (*self.epics.created, *self.in_build_order)


def is_epic(ticket: Ticket) -> bool:
    """Tell whether what gets an issue is an epic, which has no number."""
    return ticket.group_key.startswith(EPIC_PREFIX)


def names_of_tickets(tickets: Iterable[Ticket]) -> str:
    """Name tickets by number, epics by title."""
    return ", ".join(map(_name_of_ticket, tickets))


def _name_of_ticket(ticket: Ticket) -> str:
    return f"“{ticket.title}”" if is_epic(ticket) else str(ticket.number)


def creation_order(tickets: Iterable[Ticket | ListedTicket]) -> tuple[str, ...]:
    """Return the ids of the tickets to export, dependencies first, else in the order given."""
    exported = {ticket.ticket_id: ticket for ticket in tickets if ticket.exclusion is None}
    edges = [
        Edge(dependent=ticket_id, dependency=dependency, is_required=True)
        for ticket_id, ticket in exported.items()
        for dependency in ticket.depends_on
        if dependency in exported
    ]
    return build_order(tuple(exported), edges)


@dataclass(frozen=True, kw_only=True)
class ExportRun:
    """One order at work on one target."""

    tools: ExportTools
    order: ExportOrder
    target: Target
    page: LedgerPage
    """What the ledger holds of the session there; written to before and after every call."""
    installation_id: str
    account: Account = UNASKED
    withheld: frozenset[str] = frozenset()
    """Permissions the order could use and the account lacks: what needs them becomes manual."""

    def __post_init__(self) -> None:
        self.page.account_id = self.account.account_id

    def is_known_as(self, account: Account) -> bool:
        """Tell whether Jira takes us for who we were when the run began."""
        return self.account is UNASKED or account.account_id == self.account.account_id

    def identity(self, ticket_id: str) -> str:
        """Name the creation of a ticket's issue."""
        return identity_of(
            installation_id=self.installation_id,
            target_id=self.target.target_id,
            session_key=self.order.session_key,
            ticket_id=ticket_id,
        )

    @cached_property
    def own_accounts(self) -> frozenset[str]:
        """The accounts that ever sent something to the target, and the one of now."""
        sent = self.tools.store.ledger.accounts_of(self.target.target_id)
        return sent | {self.account.account_id} - {""}

    def is_made_by_us(self, identity: str, creator_id: str | None) -> bool:
        """Tell whether who made an issue that carries an identity is an account of ours.

        Where no intent names one, it is who made the first issue that was read: their own issue.
        """
        makers = self.own_accounts | self._makers(identity)
        return creator_id in makers or self.is_maker_unknown(identity)

    def is_maker_unknown(self, identity: str) -> bool:
        """Tell whether an older version sent an issue, and nobody read since who made it.

        Of one that a person chose it does not matter who sent another.
        """
        receipt = self.page.receipt(identity)
        if receipt is not None and receipt.origin is Origin.ADOPTED:
            return False
        entries = self.page.entries_of(identity)
        intents = [entry for entry in entries if entry.event is LedgerEvent.INTENT]
        is_unnamed = bool(intents) and intents[-1].account_id is None
        return is_unnamed and not self._makers(identity)

    def _makers(self, identity: str) -> frozenset[str]:
        """Return the accounts that made issues of an identity, as receipts name them."""
        return frozenset(
            entry.account_id
            for entry in self.page.entries_of(identity)
            if entry.event is LedgerEvent.RECEIPT and entry.account_id
        )

    def marker_for(self, entry: LedgerEntry) -> "Marker":
        """Return what an issue carries that an entry of the ledger sends, or adopts."""
        return Marker(
            identity=entry.identity,
            installation_id=self.installation_id,
            session_key=self.order.session_key,
            sequence=entry.sequence,
            place=self.tools.store.place,
            is_adopted=entry.origin is Origin.ADOPTED,
        )

    def issue_subject(self, rendered: RenderedTicket) -> WriteSubject:
        """Name the issue of a ticket in the ledger."""
        ticket_id = rendered.ticket.ticket_id
        return WriteSubject(
            ticket_id=ticket_id, subject=LedgerSubject.ISSUE, identity=self.identity(ticket_id)
        )

    def issue_state(self, rendered: RenderedTicket) -> LedgerState:
        return self.page.state(self.identity(rendered.ticket.ticket_id))

    def issue_receipt(self, rendered: RenderedTicket) -> LedgerEntry | None:
        return self.page.receipt(self.identity(rendered.ticket.ticket_id))

    def issue_id(self, rendered: RenderedTicket) -> str:
        """Return the id of a ticket's issue, which exists."""
        receipt = self.issue_receipt(rendered)
        if receipt is None or receipt.remote_id is None:
            raise ValueError(f"ticket {rendered.ticket.ticket_id} has no issue")
        return receipt.remote_id

    def issue_key(self, rendered: RenderedTicket) -> str | None:
        receipt = self.issue_receipt(rendered)
        return receipt.remote_key if receipt is not None else None

    def waits_for(self, ticket: Ticket) -> tuple[str, ...]:
        """Return the ids of what has to have an issue before a ticket gets one.

        An epic that was sent is not waited for, whatever became of it: what is below it shows
        whether Jira shows anything, and is put there later.
        """
        epic = self.order.epics.above.get(ticket.ticket_id)
        # defence: epic-first, epic-in-doubt
        if epic is None or epic.key or not isinstance(self.issue_state(epic.rendered), NotSent):
            return ticket.depends_on
        return (*ticket.depends_on, epic.rendered.ticket.ticket_id)

    def parent_of(self, ticket: Ticket) -> str | None:
        """Return the key of what an issue goes below: what people named, else its epic, once there."""
        if ticket.parent:
            return ticket.parent
        epic = self.order.epics.above.get(ticket.ticket_id)
        if epic is not None and epic.key:
            return epic.key
        receipt = self.epic_of(ticket)
        if receipt is None:
            return None
        return receipt.remote_key or None

    def epic_of(self, ticket: Ticket) -> LedgerEntry | None:
        """Return the receipt of the epic of ours that an issue goes below; None: of none, or not yet."""
        epic = self.order.epics.above.get(ticket.ticket_id)
        if epic is None or epic.key or ticket.parent:
            return None
        return self.issue_receipt(epic.rendered)

    def is_adopted(self, rendered: RenderedTicket) -> bool:
        """Tell whether people made an issue, and plan with it as they like."""
        receipt = self.issue_receipt(rendered)
        return receipt is not None and is_handmade(self.page.entries_of_issue(receipt))

    def address_of(self, group_key: str) -> str | None:
        """Return where people read the issue of the ticket of a group; None where none is known."""
        rendered = self._by_group.get(group_key)
        key = None if rendered is None else self.issue_key(rendered)
        return None if key is None else issue_url_of(self.target, key)

    @cached_property
    def _by_group(self) -> dict[str, RenderedTicket]:
        return {rendered.ticket.group_key: rendered for rendered in self.order.rendered}

    def show(
        self,
        stage: SessionStage,
        status: SessionStatus,
        *,
        is_undone: bool = False,
        started_by: str | None = None,
    ) -> None:
        """Store the stage and status that the session shows from now on."""
        self.tools.sessions.set_stage(
            self.order.session_key,
            stage=stage,
            status=status,
            at=self.tools.clock.now(),
            run_id=self.order.run_id,
            is_undone=is_undone,
            started_by=started_by,
        )

    def show_progress(
        self, percentage: float, text: str, details: TicketProgress | None = None
    ) -> None:
        """Show people how far it is within its stage."""
        self.tools.sessions.set_progress(
            self.order.session_key,
            percentage=percentage,
            text=text,
            at=self.tools.clock.now(),
            details=details,
        )

    def raise_if_cancelled(self) -> None:
        """Stop here if the export or undo was cancelled, or another took its place."""
        if self.tools.is_cancelled():
            if self.page.open_undo() is not None:
                key = self.order.session_key
                raise CancelledError(
                    "The undo was cancelled before it finished; deletions are recorded.",
                    recovery_actions=GateRule.UNDO_OPEN.meaning.actions_on(session_key=key),
                )
            raise CancelledError(
                "The export was cancelled; existing issues are recorded and not created again.",
                recovery_actions=(Action.of(ActionKind.RESUME, "Continue: {}."),),
            )

    def wait_until(self, monotonic_seconds: float) -> None:
        """Return at a time of the monotonic clock."""
        seconds_left = monotonic_seconds - self.tools.monotonic()
        while seconds_left > 0:
            self.raise_if_cancelled()
            self.tools.sleep(min(seconds_left, WAIT_SLICE_SECONDS))
            seconds_left = monotonic_seconds - self.tools.monotonic()

    def commit_before_send(self, commit: Callable[[], Intended]) -> Intended:
        """Commit intents; again when this process was suspended, for the lease may be gone."""
        for _ in range(STANDSTILLS_MAX):
            began_at = self.tools.clock.now()
            began_monotonic = self.tools.monotonic()
            committed = commit()
            # the monotonic clock stops while a machine sleeps, the other one may be set back
            wall_seconds = (self.tools.clock.now() - began_at).total_seconds()
            monotonic_seconds = self.tools.monotonic() - began_monotonic
            if max(wall_seconds, monotonic_seconds) <= INTENT_FRESH_SECONDS:
                return committed
            logger.warning("intents are older than %g s; committed again", INTENT_FRESH_SECONDS)
        reason = "the intents grow old before they can be sent"
        raise LeaseLostError(target=self.target.name, reason=reason)


def begin_run(
    tools: ExportTools, order: ExportOrder, target: Target, *, account: Account = UNASKED
) -> ExportRun:
    """Read the session's page of the ledger on a target; nothing is sent."""
    return ExportRun(
        tools=tools,
        order=order,
        target=target,
        page=LedgerPage(
            tools.store.ledger,
            clock=tools.clock,
            target_id=target.target_id,
            session_key=order.session_key,
        ),
        installation_id=tools.store.ledger.installation_id(),
        account=account,
    )


def is_worth_waiting(error: RateLimitedError, *, throttled: int) -> bool:
    """Tell whether a step waits itself; `throttled` counts how often in a row it was asked to."""
    return error.wait_seconds <= THROTTLED_WAIT_MAX_SECONDS and throttled <= THROTTLED_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """What an issue's property says of where it comes from."""

    identity: str
    installation_id: str
    session_key: str
    sequence: int
    """Sequence of the ledger entry that intended its creation."""
    place: str = ""
    """Where the store was that sent it; empty: an older version sent it."""
    is_adopted: bool = False
    """People made the issue: a store that was restored may have forgotten it."""

    def to_property(self) -> Mapping[str, object]:
        """Return the value of the issue property."""
        value: dict[str, object] = {
            "identity": self.identity,
            "installation": self.installation_id,
            "session": self.session_key,
            "sequence": self.sequence,
            "place": self.place,
        }
        if self.is_adopted:
            value["adopted"] = True
        return value


def marker_of(issue: FoundIssue) -> Marker | None:
    """Read the marker of an issue; None where it has none of ours."""
    return marker_in(issue.properties)


def marker_in(properties: Mapping[str, object]) -> Marker | None:
    """Read the marker among the properties of an issue; None where there is none of ours."""
    value = properties.get(MARKER_PROPERTY)
    if not isinstance(value, Mapping):
        return None
    match dict(value):
        case {
            "identity": str(identity),
            "installation": str(installation_id),
            "session": str(session_key),
            "sequence": int(sequence),
        }:
            return Marker(
                identity=identity,
                installation_id=installation_id,
                session_key=session_key,
                sequence=sequence,
                place=str(value.get("place", "")),
                is_adopted=value.get("adopted") is True,
            )
        case _:
            return None


def session_label_of(session_key: str) -> str:
    """Name the one label all issues of a session carry."""
    return f"{LABEL_PREFIX}{session_key}"
