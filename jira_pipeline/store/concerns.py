"""Whom a change concerns: notifications, written in the transaction of the change.

Belongs here: who gets one, by the entry of the audit trail. Does not: keeping them afterwards
(`notifications`), what is entered (the module of each change).

Each entry concerns a person at most once for each reason, and a change without its entry does not
exist: so no notification is lost, and none comes twice. Nobody is notified of their own changes,
and only people who may come in are.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, insert, select

from jira_pipeline.kernel.notifications import LOST_READY, NotificationKind, mentioned_in
from jira_pipeline.kernel.open_questions import CLIENT
from jira_pipeline.kernel.people import Role
from jira_pipeline.kernel.records import EXPORT_STARTED, AuditEntry
from jira_pipeline.kernel.sessions import SessionStage, SessionStatus
from jira_pipeline.store import tables

_QUESTIONS_ASKED = "questions_asked"
_EXPORT_RETRIED, _STAGE_SET = "export_retried", "stage_set"
_AUDIT = tables.audit.c
_COMMENTS = tables.comments.c
_PEOPLE = tables.people.c
_BROKEN_OFF = {SessionStatus.FAILED, SessionStatus.CANCELLED}

Found = Iterable[tuple[NotificationKind, str]]
"""Reason and name; not everybody who has one may come in."""


def append_notifications(connection: Connection, entry: AuditEntry) -> None:
    """Notify whom an entry of the audit trail concerns."""
    lost = entry.details.get(LOST_READY)
    marked_by = lost.values() if isinstance(lost, Mapping) else ()
    found = {(NotificationKind.APPROVAL_LOST, name.casefold()) for name in marked_by}
    if entry.action in _CONCERNED:
        concerned = _CONCERNED[entry.action](connection, entry)
        found |= {(kind, name.casefold()) for kind, name in concerned}
    wanted = {name for _, name in found} - {entry.actor.casefold()}
    if not wanted:
        return
    let_in = select(_PEOPLE.person_id).where(
        _PEOPLE.person_id.in_(sorted(wanted)), _PEOPLE.revoked_at.is_(None)
    )
    known = set(connection.execute(let_in).scalars())
    rows = [
        {
            "person_id": person_id,
            "session_key": entry.session_key,
            "sequence": entry.sequence,
            "kind": kind,
        }
        for kind, person_id in sorted(found)
        if person_id in known
    ]
    if rows:
        connection.execute(insert(tables.notifications), rows)


def _assigned(_connection: Connection, entry: AuditEntry) -> Found:
    fields: Any = entry.details["fields"]
    return [(NotificationKind.ASSIGNED, fields["assignee"])] if fields.get("assignee") else ()


def _in_comment(connection: Connection, entry: AuditEntry) -> Found:
    written = select(_COMMENTS.text).where(_COMMENTS.comment_id == entry.details["comment_id"])
    return _mentioned(connection, connection.execute(written).scalar_one())


def _asked(connection: Connection, entry: AuditEntry) -> Found:
    """Return who is asked; the client is whoever of the clients belongs to the session."""
    names = [str(entry.details["asked_of"])]
    if names == [CLIENT]:
        belongs = tables.memberships.c.person_id == _PEOPLE.person_id
        clients = (
            select(_PEOPLE.name)
            .join(tables.memberships, belongs)
            .where(
                tables.memberships.c.session_key == entry.session_key, _PEOPLE.role == Role.CLIENT
            )
        )
        names = [*connection.execute(clients).scalars()]
    return [(NotificationKind.QUESTION_ASKED, name) for name in names]


def _in_answers(connection: Connection, entry: AuditEntry) -> Found:
    """Return whom answers mention, and who had asked somebody for one of them."""
    yield from _mentioned(connection, "\n".join(_answers(entry).values()))
    yield from _had_asked(connection, entry)


def _had_asked(connection: Connection, entry: AuditEntry) -> Found:
    """Return who had asked somebody for one of the answers, proposed ones too."""
    asked = (
        select(_AUDIT.actor, _AUDIT.details)
        .where(_AUDIT.session_key == entry.session_key, _AUDIT.action == _QUESTIONS_ASKED)
        .order_by(_AUDIT.sequence.desc())
    )
    asked_by: dict[tuple[str, str], str] = {}
    for actor, details in connection.execute(asked).tuples():
        for ticket_id, questions in json.loads(details)["questions"].items():
            for question in questions:
                asked_by.setdefault((ticket_id, question), actor)
    for key in _answers(entry).keys() & asked_by.keys():
        yield NotificationKind.QUESTION_ANSWERED, asked_by[key]


def _answers(entry: AuditEntry) -> Mapping[tuple[str, str], str]:
    """Return the answers of an entry by ticket and question, without those taken back."""
    given: Any = entry.details["answers"]
    return {
        (ticket_id, question): text
        for ticket_id, of_ticket in given.items()
        for question, text in of_ticket.items()
        if text
    }


def _mentioned(connection: Connection, text: str) -> Found:
    if "@" not in text:
        return ()
    names = connection.execute(select(_PEOPLE.name).where(_PEOPLE.revoked_at.is_(None))).scalars()
    return [(NotificationKind.MENTIONED, name) for name in mentioned_in(text, names.all())]


def _started(connection: Connection, entry: AuditEntry) -> Found:
    """Return who started, or carried on with, the export that ends."""
    if not _ends_export(entry.details):
        return ()
    earlier = (
        select(_AUDIT.action, _AUDIT.actor, _AUDIT.details)
        .where(
            _AUDIT.session_key == entry.session_key,
            _AUDIT.sequence < entry.sequence,
            _AUDIT.action.in_([EXPORT_STARTED, _EXPORT_RETRIED, _STAGE_SET]),
        )
        .order_by(_AUDIT.sequence.desc())
    )
    for action, actor, details in connection.execute(earlier).tuples():
        if action != _STAGE_SET:
            return [(NotificationKind.EXPORT_ENDED, actor)]
        if _ends_export(json.loads(details)):
            break
    return ()


def _ends_export(details: Mapping[str, Any]) -> bool:
    """Tell whether a change of the stage is the end of an export, well or not."""
    (before, _), (stage, status) = details["from"], details["to"]
    if before != SessionStage.JIRA_EXPORT:
        return False
    return bool(stage != SessionStage.JIRA_EXPORT or status in _BROKEN_OFF)


_CONCERNED: Mapping[str, Callable[[Connection, AuditEntry], Found]] = {
    "fields_assigned": _assigned,
    "comment_added": _in_comment,
    "questions_answered": _in_answers,
    "answers_proposed": _had_asked,
    _QUESTIONS_ASKED: _asked,
    _STAGE_SET: _started,
}
