"""What an export is given, and what it writes on every issue.

Belongs here: the ports and orders all export stages share, the identity marker. Does not: any
step of the export (`jira_export` tells their order).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from jira_pipeline.domain.dependencies import Edge, build_order
from jira_pipeline.domain.export_ledger import Target, identity_of
from jira_pipeline.domain.rendered_tickets import RenderedTicket
from jira_pipeline.ports.clock import Clock
from jira_pipeline.ports.export import ExportLedger, ManualFixStore, TargetLease
from jira_pipeline.ports.issue_tracker import Account, FoundIssue, IssueTracker
from jira_pipeline.ports.sessions import SessionStore
from jira_pipeline.ports.tickets import TicketStore, ValidationStore
from jira_pipeline.stages.jira_export.jira_names import AS_SHIPPED, JiraNames
from jira_pipeline.stages.jira_export.pace import ASSUMED_PACE, Pace

MARKER_PROPERTY = "jira_pipeline"
"""Key of the issue property that carries the identity."""
LABEL_PREFIX = "jp-"
UNASKED = Account(account_id="", display_name="")
"""Of an opened target where nothing is left to write: nobody was asked who we are there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportTools:
    """Everything an export talks to."""

    tracker: IssueTracker
    ledger: ExportLedger
    lease: TargetLease
    sessions: SessionStore
    tickets: TicketStore
    validations: ValidationStore
    fixes: ManualFixStore
    clock: Clock
    sleep: Callable[[float], None]
    """Wait so many seconds."""
    monotonic: Callable[[], float]
    """Seconds that no change of the wall clock disturbs."""
    is_cancelled: Callable[[], bool]
    """The export was cancelled, or another one took its place."""


@dataclass(frozen=True, kw_only=True)
class ExportOrder:
    """What to export where."""

    session_key: str
    project_key: str | None
    rendered: tuple[RenderedTicket, ...]
    """All tickets whose rows are in the sheets, skipped ones included."""
    is_sandbox: bool
    holder: str
    """Who holds the lease, for people: run id, host, process."""
    content_sha256: str = ""
    """Of the upload the tickets are rendered from."""
    run_id: str | None = None
    names: JiraNames = AS_SHIPPED
    """What people named of Jira's issue types and link types."""
    settle_horizon_seconds: float = 600.0
    create_delay_seconds: float = 0.0
    pace: Pace = ASSUMED_PACE
    """Of earlier exports to this target."""
    as_new_by: str | None = None
    """Who wants new issues even where another session has them; None: nobody said so."""
    batch_size: int = 1
    """How many issues one request may create, at most 50."""
    attaches_refused_descriptions: bool = False
    """What Jira does not take as a description becomes a file; else the export stops there."""

    @property
    def session_label(self) -> str:
        """The one label all issues of the session carry."""
        return session_label_of(self.session_key)

    @cached_property
    def in_build_order(self) -> tuple[RenderedTicket, ...]:
        """The tickets to export, dependencies first, else as people put them (S0-8, S2-2)."""
        by_id = {r.ticket.ticket_id: r for r in self.rendered if not r.is_skipped}
        by_place = sorted(by_id, key=lambda ticket_id: by_id[ticket_id].ticket.place)
        edges = [
            Edge(dependent=ticket_id, dependency=dependency, is_required=True)
            for ticket_id in by_place
            for dependency in by_id[ticket_id].ticket.depends_on
            if dependency in by_id
        ]
        return tuple(by_id[ticket_id] for ticket_id in build_order(by_place, edges))


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTarget:
    """A target whose lease we hold and whose gate we passed."""

    target: Target
    installation_id: str
    session_key: str
    account: Account = UNASKED
    withheld: frozenset[str] = frozenset()
    """Permissions the order could use and the account lacks: what needs them becomes manual."""

    def is_known_as(self, account: Account) -> bool:
        """Tell whether Jira takes us for who we were when the target was opened."""
        return self.account is UNASKED or account.account_id == self.account.account_id

    def identity(self, ticket_id: str) -> str:
        """Name the creation of a ticket's issue."""
        return identity_of(
            installation_id=self.installation_id,
            target_id=self.target.target_id,
            session_key=self.session_key,
            ticket_id=ticket_id,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """What an issue's property says of where it comes from."""

    identity: str
    installation_id: str
    session_key: str
    sequence: int
    """Of the ledger entry of its intent."""

    def to_property(self) -> Mapping[str, object]:
        """Return the value of the issue property."""
        return {
            "identity": self.identity,
            "installation": self.installation_id,
            "session": self.session_key,
            "sequence": self.sequence,
        }


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
            )
        case _:
            return None


def session_label_of(session_key: str) -> str:
    """Name the one label all issues of a session carry."""
    return f"{LABEL_PREFIX}{session_key}"


def issue_url_of(target: Target, key: str) -> str:
    """Return where a person reads an issue."""
    return f"{target.base_url}/browse/{key}"
