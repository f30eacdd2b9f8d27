"""Requests with keys: which of them are under way, and how the others were answered.

Belongs here: statements; that of two alike one alone is done. Does not: answering (`web/api`).
"""

from datetime import datetime

from sqlalchemy import ColumnElement, update

from jira_pipeline.model.keyed_requests import REMEMBERED_FOR, KeyedRequest
from jira_pipeline.store import tables
from jira_pipeline.store.changes import StorePart
from jira_pipeline.store.mapping import Rows, delete_rows, has_cells
from jira_pipeline.store.postgres import lock_for_transaction
from jira_pipeline.store.transactions import WRITTEN_ALONG, repeated

_REQUEST = Rows(tables.keyed_requests, KeyedRequest)


class KeyedRequestStore(StorePart):
    """Remembers requests by who sent them, where to and with which key."""

    def find(self, request: KeyedRequest) -> KeyedRequest | None:
        """Return the same request as it came before, within the time that is remembered."""
        earlier = self._first(_REQUEST, scope_sha256=request.scope_sha256)
        return earlier if _is_remembered(earlier, at=request.received_at) else None

    @repeated
    def begin(
        self, request: KeyedRequest, *, instead_of: KeyedRequest | None = None
    ) -> KeyedRequest | None:
        """Remember a request that begins, and return None; or return the one that came before it.

        `instead_of` is one whose program was killed: it does not count, if it is still the same.
        """
        key = {"scope_sha256": request.scope_sha256}
        with self._database.writing() as connection:
            lock_for_transaction(connection, f"request {request.scope_sha256}")
            for earlier in _REQUEST.read(connection, **key):
                if earlier != instead_of and _is_remembered(earlier, at=request.received_at):
                    return earlier
            delete_rows(connection, tables.keyed_requests, **key)
            _REQUEST.insert_one(connection, request)
            return None

    def note_writes(self, request: KeyedRequest) -> None:
        """Have every change that this context makes say of a request that it changed something."""
        written = update(tables.keyed_requests).where(_is_this(request)).values(has_written=True)
        WRITTEN_ALONG.set(lambda connection: connection.execute(written))

    def note_no_writes(self) -> None:
        """Have changes of this context say nothing of a request any more."""
        WRITTEN_ALONG.set(None)

    def note_answer(
        self, request: KeyedRequest, *, status: int, location: str | None, answer: str
    ) -> None:
        """Remember how a request was answered, unless it counts as abandoned and began again."""
        answered = {"status": status, "location": location, "answer": answer}
        self._execute(update(tables.keyed_requests).where(_is_this(request)).values(answered))

    @repeated
    def forget(self, request: KeyedRequest) -> None:
        """Have a request that was refused, or failed, be done anew when it comes again."""
        with self._database.writing() as connection:
            delete_rows(connection, tables.keyed_requests, _is_this(request))

    @repeated
    def forget_old(self, at: datetime) -> None:
        """Forget what nobody has to remember any more."""
        is_old = tables.keyed_requests.c.received_at <= at - REMEMBERED_FOR
        with self._database.writing() as connection:
            delete_rows(connection, tables.keyed_requests, is_old)


def _is_remembered(request: KeyedRequest | None, *, at: datetime) -> bool:
    return request is not None and at - request.received_at < REMEMBERED_FOR


def _is_this(request: KeyedRequest) -> ColumnElement[bool]:
    return has_cells(
        tables.keyed_requests,
        scope_sha256=request.scope_sha256,
        received_at=request.received_at,
        status=None,
    )
