"""The store as one value: all its parts.

Belongs here: the bundle. Does not: opening it (`engine`).
"""

from dataclasses import dataclass
from types import TracebackType
from typing import Self

from jira_pipeline.model.kept_files import KeptFiles
from jira_pipeline.model.runs import RunLiveness
from jira_pipeline.store.client_links import ClientLinkStore
from jira_pipeline.store.comment_store import CommentStore
from jira_pipeline.store.documents import SqlDocumentStore
from jira_pipeline.store.exports import (
    ComparisonStore,
    ExportRequestStore,
    ExportRunStore,
    ManualFixStore,
)
from jira_pipeline.store.leases import WatchedLease
from jira_pipeline.store.ledger import SqlExportLedger
from jira_pipeline.store.people_store import PeopleStore
from jira_pipeline.store.record_store import AuditTrail, ErrorStore
from jira_pipeline.store.review_events import ReviewOutbox
from jira_pipeline.store.reviews import ReviewStore
from jira_pipeline.store.search_index import SearchIndex
from jira_pipeline.store.session_store import SessionStore
from jira_pipeline.store.sharedo_jobs import AskedComparisonStore, SqlExportJobStore
from jira_pipeline.store.site_verifications import SiteVerificationStore
from jira_pipeline.store.ticket_store import TicketStore
from jira_pipeline.store.transactions import Database
from jira_pipeline.store.validations import ValidationStore
from jira_pipeline.store.writing import WritingRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """An open store; closed with `close` or at the end of a `with` block."""

    sessions: SessionStore
    files: KeptFiles
    tickets: TicketStore
    documents: SqlDocumentStore
    search: SearchIndex
    reviews: ReviewStore
    outbox: ReviewOutbox
    validations: ValidationStore
    ledger: SqlExportLedger
    leases: WatchedLease
    writing: WritingRecord
    manual_fixes: ManualFixStore
    export_runs: ExportRunStore
    export_requests: ExportRequestStore
    comparisons: ComparisonStore
    run_locks: RunLiveness
    errors: ErrorStore
    audit: AuditTrail
    sharedo_jobs: SqlExportJobStore
    sharedo_comparisons: AskedComparisonStore
    site_verifications: SiteVerificationStore
    people: PeopleStore
    client_links: ClientLinkStore
    comments: CommentStore
    database: Database
    """For tests and tools of this room; everybody else uses the parts."""

    def close(self) -> None:
        """Close all connections."""
        self.database.engine.dispose()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close all connections."""
        self.close()
