"""Drafts of layouts, and the layouts that people confirmed.

Belongs here: statements. Does not: what a layout says and whether it may be confirmed
(`sessions/layouts`).

A layout is a YAML text that says what the worksheets of an upload hold. A session has at most one
draft, whose revision is counted on with each change, so that whoever changes it can name the one they
saw. Drafts and confirmed layouts stay when their session is removed: they are what people said of
worksheets, which may be uploaded again.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.errors import EditConflictError
from jira_pipeline.model.layouts import (
    CHANGES_KEPT_MAX,
    NO_DRAFT,
    LayoutChange,
    LayoutDraft,
    UndoneChange,
    UsedLayout,
)
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
"""Describes the change by which somebody discarded a draft, for whoever undoes it."""


class LayoutStore(SessionPart):
    """Keeps the layout that people work on for a session, and those that were used before."""

    def draft(self, session_key: str) -> LayoutDraft | None:
        """Return the draft of a session; None: nobody saved one, or it was confirmed or discarded."""
        draft = self._first(_DRAFT, session_key=session_key)
        return draft if draft is not None and draft.layout else None

    def revision(self, session_key: str) -> int:
        """Return the current revision of the draft of a session, which every change has to name."""
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
        """Save a draft in place of the one of this revision; return it with its new revision. Audited.

        `description` says in words what somebody changed; `undo_change` takes the former draft again.

        Raises:
            EditConflictError: Somebody else saved, confirmed or discarded it meanwhile.
        """
        with self._begin_change(session_key, by=by, at=at) as change:
            draft = _change_draft(change, layout, revision=revision, description=description)
            change.note(AuditAction.LAYOUT_SAVED, revision=draft.revision)
            return draft

    def last_change(self, session_key: str) -> LayoutChange | None:
        """Return the last change of the draft of a session that can be undone, or None."""
        return self._first(_CHANGES, order_by=_NEWEST_CHANGE, session_key=session_key)

    @repeated
    def undo_change(
        self, session_key: str, *, revision: int, by: str, at: datetime
    ) -> UndoneChange | None:
        """Restore the draft from before its last change; None where no change is kept. Audited.

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
        """Discard the draft of this revision, which can be undone; audited.

        Raises:
            EditConflictError: Somebody else saved, confirmed or discarded it meanwhile.
        """
        with self._begin_change(session_key, by=by, at=at) as change:
            _change_draft(change, "", revision=revision, description=DISCARDED)
            change.note(AuditAction.LAYOUT_DISCARDED, revision=revision)

    @repeated
    def confirm(self, used: UsedLayout, *, revision: int) -> None:
        """Keep a layout as the confirmed one; the draft of this revision and its changes go. Audited.

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
        """Keep a layout as confirmed that came with an upload and left nothing to settle."""
        with self._database.writing() as connection:
            _remember(connection, used)

    def used_by(self, session_key: str) -> UsedLayout | None:
        """Return the layout that was confirmed last for a session of this key, or None."""
        newest = [_USED_COLUMNS.confirmed_at.desc(), _USED_COLUMNS.layout_sha256]
        return self._first(_USED, order_by=newest, session_key=session_key)

    def used_layouts(self, *, most: int) -> Sequence[UsedLayout]:
        """Return up to `most` layouts that were confirmed for any session, newest first, each once."""
        newest = [_USED_COLUMNS.confirmed_at.desc(), _USED_COLUMNS.session_key]
        layouts_by_hash: dict[str, UsedLayout] = {}
        for used_layout in self._values(_USED, order_by=newest):
            layouts_by_hash.setdefault(used_layout.layout_sha256, used_layout)
        return tuple(layouts_by_hash.values())[:most]


def _revision(connection: Connection, session_key: str) -> int:
    latest = _latest(connection, session_key)
    return NO_DRAFT if latest is None else latest.revision


def _latest(connection: Connection, session_key: str) -> LayoutDraft | None:
    drafts = _DRAFT.values_of(connection.execute(_DRAFT.query_where(session_key=session_key)))
    return next(iter(drafts), None)


def _change_draft(change: Change, layout: str, *, revision: int, description: str) -> LayoutDraft:
    """Replace the draft of this revision and keep the change, so that it can be undone."""
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
    """Return the changes of the draft of a session that are kept, newest first."""
    query = _CHANGES.query_where(session_key=change.session_key).order_by(*_NEWEST_CHANGE)
    return [*_CHANGES.values_of(change.connection.execute(query))]


def _forget_changes(change: Change, changes: Sequence[LayoutChange]) -> None:
    for forgotten in changes:
        delete_rows(
            change.connection,
            tables.layout_changes,
            session_key=forgotten.session_key,
            revision=forgotten.revision,
        )


def _replace_draft(change: Change, layout: str, *, revision: int) -> LayoutDraft:
    """Replace the draft of this revision by a layout, and return it with the next revision.

    An empty layout means that there is no draft: its row stays, so that revisions are counted on and
    a decision about a draft that is gone does not hit a later one.

    Raises:
        EditConflictError: The draft has another revision now.
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
    """Keep a confirmed layout, in place of the same one of the same session."""
    delete_rows(
        connection,
        tables.used_layouts,
        session_key=used.session_key,
        layout_sha256=used.layout_sha256,
    )
    insert_rows(connection, tables.used_layouts, [_USED.cells(used)])
