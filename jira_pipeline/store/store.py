"""The store as one value: all its parts.

Belongs here: which parts there are, and which of them each database has. Does not: opening it
(`engine`).
"""

import socket
from collections.abc import Callable
from pathlib import Path
from threading import RLock
from typing import Generic, Self, TypeVar

from jira_pipeline.model.kept_files import CACHE, KeptFiles
from jira_pipeline.model.runs import RunLiveness
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
    WritingRecord,
)
from jira_pipeline.store.session_store import SessionStore, SiteVerificationStore, ValidationStore
from jira_pipeline.store.sharedo_jobs import SqlExportJobStore
from jira_pipeline.store.ticket_store import TicketStore
from jira_pipeline.store.transactions import Database, create_lease_engine

Part = TypeVar("Part")
_LEASE_FOLDER, _RUN_FOLDER = "leases", "runs"


class made_once(Generic[Part]):  # noqa: N801 - written as a field
    """A part that is made when somebody first asks, and kept: some hold locks."""

    def __init__(self, make: "Callable[[Store], Part]") -> None:
        self._make = make

    def __set_name__(self, _owner: type, name: str) -> None:
        self._name = name

    def __get__(self, store: "Store", _owner: type) -> Part:
        with store.turn:
            if self._name not in store.__dict__:
                store.__dict__[self._name] = self._make(store)
            made: Part = store.__dict__[self._name]
        return made


def _of(kind: Callable[[Database], Part]) -> made_once[Part]:
    return made_once(lambda store: kind(store.database))


class Store:
    """An open store; closed with `close` or at the end of a `with` block."""

    def __init__(self, database: Database, *, lock_path: Path) -> None:
        """Keep the database, and where its locks and files are on SQLite."""
        self.database = database
        """For tests and tools of this room; everybody else uses the parts."""
        self.folder = lock_path.parent
        self.turn = RLock()
        self.is_postgres = database.engine.dialect.name == "postgresql"

    @property
    def place(self) -> str:
        """Where this store is, for people who may have a copy of it somewhere else."""
        url = self.database.engine.url
        if self.is_postgres:
            return f"{url.host}/{url.database}"
        return f"{socket.gethostname()}:{self.folder.absolute()}"

    sessions = _of(SessionStore)
    tickets = _of(TicketStore)
    documents = _of(SqlDocumentStore)
    search = _of(SearchIndex)
    reviews = _of(ReviewStore)
    outbox = _of(ReviewOutbox)
    validations = _of(ValidationStore)
    writing = _of(WritingRecord)
    manual_fixes = _of(ManualFixStore)
    export_runs = _of(ExportRunStore)
    run_requests = _of(RunRequestStore)
    comparisons = _of(ComparisonStore)
    errors = _of(ErrorStore)
    audit = _of(AuditTrail)
    sharedo_jobs = _of(SqlExportJobStore)
    site_verifications = _of(SiteVerificationStore)
    people = _of(PeopleStore)
    client_links = _of(ClientLinkStore)
    comments = _of(CommentStore)
    lock_engine = made_once(lambda store: create_lease_engine(store.database.engine.url))
    """On PostgreSQL: a lease is a connection there, and so is the lock of a run."""

    @made_once
    def files(self) -> KeptFiles:
        """Files: in folders on SQLite, rows on PostgreSQL, which has copies in a cache."""
        if not self.is_postgres:
            return FolderFiles(self.folder)
        return RowFiles(self.database, cache=FolderFiles(self.folder / CACHE))

    @made_once
    def leases(self) -> WatchedLease:
        """Who works on what alone: files on SQLite, locks of the server on PostgreSQL."""
        if not self.is_postgres:
            return FileTargetLease(self.folder / _LEASE_FOLDER)
        return AdvisoryTargetLease(self.database, lease_engine=self.lock_engine)

    @made_once
    def run_locks(self) -> RunLiveness:
        """Which runs live, in the same way."""
        if not self.is_postgres:
            return FileRunLocks(self.folder / _RUN_FOLDER)
        return AdvisoryRunLocks(self.database, lock_engine=self.lock_engine)

    @made_once
    def ledger(self) -> SqlExportLedger:
        """What was sent; on PostgreSQL intents are committed on the connection of the lease."""
        if not self.is_postgres:
            return SqlExportLedger(self.database)
        assert isinstance(self.leases, AdvisoryTargetLease)  # noqa: S101 - as above
        return SqlExportLedger(self.database, intending=self.leases.intending)

    def close(self) -> None:
        self.database.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
