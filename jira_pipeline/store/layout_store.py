"""Drafts of layouts, and the layouts that people confirmed.

Belongs here: statements. Does not: what a layout says and whether it may be confirmed
(`sessions/layouts`). Both stay when their session is removed: they are what people said of
worksheets, which may be uploaded again.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from jira_pipeline.model.errors import EditConflictError
from jira_pipeline.model.layouts import (
    CHANGES_KEPT_MAX,
    NO_DRAFT,
    LayoutChange,
    LayoutDraft,
    UndoneChange,
    UsedLayout,
)
from jira_pipeline.model.records import AuditAction
from jira_pipeline.store import tables
from jira_pipeline.store.changes import Change, SessionPart
from jira_pipeline.store.mapping import Rows, delete_rows, insert_rows
from jira_pipeline.store.transactions import repeated

_DRAFT = Rows(tables.layout_drafts, LayoutDraft)
_USED = Rows(tables.used_layouts, UsedLayout)
_USED_COLUMNS = tables.used_layouts.c
_CHANGES = Rows(tables.layout_changes, LayoutChange)
_NEWEST_CHANGE = [tables.layout_changes.c.revision.desc()]
DISCARDED = "discard the draft"
"""What is undone where the last that somebody did with a draft was to discard it."""


class LayoutStore(SessionPart):
    """Keeps the layout that people work on for a session, and those that were used before."""

    def draft(self, session_key: str) -> LayoutDraft | None:
        """Return the draft of a session; None where nobody saved one, or it was confirmed."""
        draft = self._first(_DRAFT, session_key=session_key)
        return draft if draft is not None and draft.layout else None

    def revision(self, session_key: str) -> int:
        """Return the revision that a change of the draft of a session has to name."""
        return self._read(_revision, session_key)

    @repeated
    def save_draft(
        self,
        session_key: str,
        layout: str,
        *,
        revision: int,
        by: str,
        at: datetime,
        description: str = "",
    ) -> LayoutDraft:
        """Keep a draft in place of the one of this revision, which can be taken again; audited.

        `description` is what somebody chose, in words.

        Raises:
            EditConflictError: Somebody else saved, confirmed or discarded it meanwhile.
        """
        with self._begin_change(session_key, by=by, at=at) as change:
            draft = _change_draft(change, layout, revision=revision, description=description)
            change.note(AuditAction.LAYOUT_SAVED, revision=draft.revision)
            return draft

    def last_change(self, session_key: str) -> LayoutChange | None:
        """Return the last change of the draft of a session that can be undone."""
        return self._first(_CHANGES, order_by=_NEWEST_CHANGE, session_key=session_key)

    @repeated
    def undo_change(
        self, session_key: str, *, revision: int, by: str, at: datetime
    ) -> UndoneChange | None:
        """Take the draft again that the last change was made to; None where none is kept. Audited.

        Raises:
            EditConflictError: Somebody else saved, confirmed or discarded it meanwhile.
        """
        with self._begin_change(session_key, by=by, at=at) as change:
            changes = _changes_of(change)
            if not changes:
                return None
            last = changes[0]
            draft = _replace_draft(change, last.layout_before, revision=revision)
            _forget_changes(change, [last])
            change.note(AuditAction.LAYOUT_CHANGE_UNDONE, revision=last.revision)
            return UndoneChange(description=last.description, revision=draft.revision)

    @repeated
    def discard_draft(self, session_key: str, *, revision: int, by: str, at: datetime) -> None:
        """Take the draft of this revision away; audited.

        Raises:
            EditConflictError: Somebody else saved, confirmed or discarded it meanwhile.
        """
        with self._begin_change(session_key, by=by, at=at) as change:
            _change_draft(change, "", revision=revision, description=DISCARDED)
            change.note(AuditAction.LAYOUT_DISCARDED, revision=revision)

    @repeated
    def confirm(self, used: UsedLayout, *, revision: int) -> None:
        """Remember a layout as used, in place of the draft of this revision; audited.

        Raises:
            EditConflictError: Somebody else saved, confirmed or discarded it meanwhile.
        """
        by = used.confirmed_by
        at = used.confirmed_at
        with self._begin_change(used.session_key, by=by, at=at) as change:
            _replace_draft(change, "", revision=revision)
            _forget_changes(change, _changes_of(change))
            _remember(change.connection, used)
            change.note(
                AuditAction.LAYOUT_CONFIRMED, revision=revision, layout_sha256=used.layout_sha256
            )

    @repeated
    def remember(self, used: UsedLayout) -> None:
        """Remember a layout that came with an upload and left nothing to settle."""
        with self._database.writing() as connection:
            _remember(connection, used)

    def used_by(self, session_key: str) -> UsedLayout | None:
        """Return the layout that was confirmed last for a session of this key."""
        newest = [_USED_COLUMNS.confirmed_at.desc(), _USED_COLUMNS.layout_sha256]
        return self._first(_USED, order_by=newest, session_key=session_key)

    def used_layouts(self, *, most: int) -> Sequence[UsedLayout]:
        """Return the layouts that the team confirmed, the newest first, each once."""
        newest = [_USED_COLUMNS.confirmed_at.desc(), _USED_COLUMNS.session_key]
        by_hash: dict[str, UsedLayout] = {}
        for used in self._values(_USED, order_by=newest):
            by_hash.setdefault(used.layout_sha256, used)
        return tuple(by_hash.values())[:most]


def _revision(connection: Connection, session_key: str) -> int:
    latest = _latest(connection, session_key)
    return NO_DRAFT if latest is None else latest.revision


def _latest(connection: Connection, session_key: str) -> LayoutDraft | None:
    drafts = _DRAFT.values_of(connection.execute(_DRAFT.query_where(session_key=session_key)))
    return next(iter(drafts), None)


def _change_draft(change: Change, layout: str, *, revision: int, description: str) -> LayoutDraft:
    """Put a layout in the place of the draft of this revision, and keep that one to be taken again."""
    latest = _latest(change.connection, change.session_key)
    draft = _replace_draft(change, layout, revision=revision)
    made = LayoutChange(
        session_key=change.session_key,
        revision=draft.revision,
        description=description,
        layout_before="" if latest is None else latest.layout,
        changed_by=change.by,
        changed_at=change.at,
    )
    insert_rows(change.connection, tables.layout_changes, [_CHANGES.cells(made)])
    _forget_changes(change, _changes_of(change)[CHANGES_KEPT_MAX:])
    return draft


def _changes_of(change: Change) -> list[LayoutChange]:
    """Return the changes of the draft of a session that are kept, the newest first."""
    select = _CHANGES.query_where(session_key=change.session_key).order_by(*_NEWEST_CHANGE)
    return [*_CHANGES.values_of(change.connection.execute(select))]


def _forget_changes(change: Change, changes: Sequence[LayoutChange]) -> None:
    for forgotten in changes:
        delete_rows(
            change.connection,
            tables.layout_changes,
            session_key=forgotten.session_key,
            revision=forgotten.revision,
        )


def _replace_draft(change: Change, layout: str, *, revision: int) -> LayoutDraft:
    """Put a layout in the place of the draft of this revision, or nothing; return what there is now.

    The number is counted on, so that a decision about what is gone meets no later draft.
    """
    latest = _latest(change.connection, change.session_key)
    current = NO_DRAFT if latest is None else latest.revision
    if current != revision:
        author = "nobody" if latest is None else latest.saved_by
        raise EditConflictError(
            f"The layout of session {change.session_key} is now at revision {current}, by {author}; "
            f"this was made to revision {revision}. Nothing was overwritten.",
            recovery_actions=("Look at the layout as it is now, then make your change again.",),
        )
    draft = LayoutDraft(
        session_key=change.session_key,
        revision=current + 1,
        layout=layout,
        saved_by=change.by,
        saved_at=change.at,
    )
    delete_rows(change.connection, tables.layout_drafts, session_key=change.session_key)
    insert_rows(change.connection, tables.layout_drafts, [_DRAFT.cells(draft)])
    return draft


def _remember(connection: Connection, used: UsedLayout) -> None:
    delete_rows(
        connection,
        tables.used_layouts,
        session_key=used.session_key,
        layout_sha256=used.layout_sha256,
    )
    insert_rows(connection, tables.used_layouts, [_USED.cells(used)])
