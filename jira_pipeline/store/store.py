"""The store as one value: all its parts.

Belongs here: which parts there are, and which of them each database has. Does not: opening it
(`engine`).
"""

import socket
from pathlib import Path
from typing import Self

from jira_pipeline.model.kept_files import CACHE, KeptFiles
from jira_pipeline.model.sessions import RunLiveness
from jira_pipeline.store.changes import AuditTrail, ErrorStore, ReviewOutbox
from jira_pipeline.store.documents import SearchIndex, SqlDocumentStore
from jira_pipeline.store.files import FolderFiles, RowFiles
from jira_pipeline.store.ledger import SqlExportLedger
from jira_pipeline.store.locks import (
    AdvisoryRunLocks,
    AdvisoryTargetLease,
    FileRunLocks,
    FileTargetLease,
    WatchedLease,
)
from jira_pipeline.store.people_store import ClientLinkStore, PeopleStore
from jira_pipeline.store.reviews import CommentStore, ReviewStore
from jira_pipeline.store.run_records import (
    ComparisonStore,
    ExportRunStore,
    ManualFixStore,
    RunRequestStore,
    SqlExportJobStore,
    WritingRecord,
)
from jira_pipeline.store.session_store import SessionStore, SiteVerificationStore, ValidationStore
from jira_pipeline.store.ticket_store import TicketStore
from jira_pipeline.store.transactions import Database, create_lease_engine

_LEASE_FOLDER, _RUN_FOLDER = "leases", "runs"


class Store:
    """An open store; closed with `close` or at the end of a `with` block."""

    def __init__(self, database: Database, *, lock_path: Path) -> None:
        """Keep the database, and where its locks and files are on SQLite."""
        self.database = database
        """For tests and tools of this room; everybody else uses the parts."""
        self.folder = lock_path.parent
        self.is_postgres = database.engine.dialect.name == "postgresql"
        self.sessions = SessionStore(database)
        self.tickets = TicketStore(database)
        self.documents = SqlDocumentStore(database)
        self.search = SearchIndex(database)
        self.reviews = ReviewStore(database)
        self.outbox = ReviewOutbox(database)
        self.validations = ValidationStore(database)
        self.writing = WritingRecord(database)
        self.manual_fixes = ManualFixStore(database)
        self.export_runs = ExportRunStore(database)
        self.run_requests = RunRequestStore(database)
        self.comparisons = ComparisonStore(database)
        self.errors = ErrorStore(database)
        self.audit = AuditTrail(database)
        self.sharedo_jobs = SqlExportJobStore(database)
        self.site_verifications = SiteVerificationStore(database)
        self.people = PeopleStore(database)
        self.client_links = ClientLinkStore(database)
        self.comments = CommentStore(database)
        self.files: KeptFiles = FolderFiles(self.folder)
        """In folders on SQLite, rows on PostgreSQL, which has copies in a cache."""
        self.leases: WatchedLease = FileTargetLease(self.folder / _LEASE_FOLDER)
        """Who works on what alone: files on SQLite, on PostgreSQL locks of the server."""
        self.run_locks: RunLiveness = FileRunLocks(self.folder / _RUN_FOLDER)
        """Which runs live, in the same way."""
        self.ledger = SqlExportLedger(database)
        """What was sent; on PostgreSQL intents are committed on the connection of the lease."""
        if self.is_postgres:
            # a lease is a connection there, and so is the lock of a run
            engine = create_lease_engine(database.engine.url)
            leases = AdvisoryTargetLease(database, lease_engine=engine)
            self.files = RowFiles(database, cache=FolderFiles(self.folder / CACHE))
            self.leases, self.ledger = leases, SqlExportLedger(database, intending=leases.intending)
            self.run_locks = AdvisoryRunLocks(database, lock_engine=engine)

    @property
    def place(self) -> str:
        """Where this store is, for people who may have a copy of it somewhere else."""
        url = self.database.engine.url
        if self.is_postgres:
            return f"{url.host}/{url.database}"
        return f"{socket.gethostname()}:{self.folder.absolute()}"

    def close(self) -> None:
        self.database.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
