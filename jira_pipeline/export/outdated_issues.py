"""Issues that no longer say what their tickets say, as the ledger has them; Jira is not asked.

Belongs here: gathering, for one session, what `later_changes` compares; the changed texts that a
person copies into an issue. Does not: the comparison (`later_changes`), words of people that an
update would take out (`lost_words`), updating issues (`updating`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import cast

from jira_pipeline.export.later_changes import (
    ExportedIssues,
    LaterChange,
    TicketSource,
    is_as_sent,
    later_changes,
    naming_removed_issues,
    part_label,
)
from jira_pipeline.export.lost_words import LostWords, lost_words
from jira_pipeline.export.results import (
    attached_files,
    commented_changes,
    content_entries,
    issue_contents,
    update_objections,
)
from jira_pipeline.model.audit_actions import ANSWER_ACTIONS, AuditAction
from jira_pipeline.model.exports import current_entries
from jira_pipeline.model.records import AuditEntry
from jira_pipeline.model.tickets import Ticket
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.revisions import compare_revisions, text_of_parts


def _acts_on_answers(session: OpenSession) -> list[AuditEntry]:
    """Return the entries by which tickets got answers or lost them.

    An answer that went with its row to a ticket that is in no export is lost to Jira, so that entry
    tells nothing of why an issue should lose it. A person who gives words back takes them away.
    """
    of_people = (AuditAction.QUESTIONS_ANSWERED, AuditAction.WORDS_GIVEN_BACK)
    exported_ids = {ticket.ticket_id for ticket in session.tickets if ticket.exclusion is None}
    entries = session.store.audit.entries(session.key, actions=ANSWER_ACTIONS)
    return [
        entry for entry in entries if entry.action in of_people or _receivers(entry) <= exported_ids
    ]


def _receivers(entry: AuditEntry) -> set[str]:
    """Return the ids of the tickets that got answers."""
    of_tickets = cast("Mapping[str, Mapping[str, str]]", entry.details.get("answers", {}))
    return {ticket_id for ticket_id, answers in of_tickets.items() if any(answers.values())}


def changes_in_jira(session: OpenSession) -> tuple[LaterChange, ...]:
    """Return how tickets of a session differ from what their issues say; nothing before any is written.

    Issues that are gone are left out: people decide about these first.
    """
    if not has_tickets_of_its_sheets(session):
        return ()
    entries = current_entries(session.entries)
    content_of_issues = content_entries(entries)
    contents = issue_contents(entries)
    outdated = naming_removed_issues(session.entries, session.tickets)
    changed = []
    for rendered in session.hashed_tickets:
        content = contents.get(rendered.ticket.ticket_id)
        is_changed = content is not None and not is_as_sent(content, rendered.rendered_hash)
        if is_changed or rendered.ticket.ticket_id in outdated:
            changed.append(rendered.ticket)
    if not changed and not session.vanished_tickets:
        return ()
    find_answered = cache(partial(_acts_on_answers, session))

    def find_lost_words(ticket: Ticket, parts: Sequence[str]) -> tuple[LostWords, ...]:
        entry = content_of_issues[ticket.ticket_id]
        assert entry.sent is not None  # noqa: S101 - else nothing would differ
        return lost_words(
            ticket,
            sent=entry.sent,
            sent_at=entry.at,
            parts=parts,
            find_answered=find_answered,
            revisions=session.revisions(ticket),
        )

    places = session.places_of([*changed, *session.vanished_tickets])
    gone = session.gone_ids
    return later_changes(
        session.rendered_of(changed) if changed else (),
        session.vanished_tickets,
        source=TicketSource(
            content_sha256=session.stored.content_sha256,
            source_word=session.stored.source_word,
            groups=session.groups if changed else {},
            find_earlier_groups=session.earlier_groups,
        ),
        issues=ExportedIssues(
            places={name: place for name, place in places.items() if name not in gone},
            contents=contents,
            files=attached_files(entries),
            objections=update_objections(entries),
            outdated=outdated,
            comments=commented_changes(entries),
            find_lost_words=find_lost_words,
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedText:
    """What a person puts into one part of an issue."""

    label: str
    """What pages call the part."""
    lines: tuple[str, ...]
    """How it differs from what the issue says; empty where that is not known."""
    text: str
    """As it is now; Jira takes its Markdown."""


def changed_texts(session: OpenSession, change: LaterChange) -> tuple[ChangedText, ...]:
    """Return the texts of a ticket that its issue does not have, to be copied there."""
    tickets = {ticket.ticket_id: ticket for ticket in session.tickets}
    ticket = tickets.get(change.ticket_id)
    if ticket is None or change.is_vanished:
        return ()
    lines_by_part: dict[str, tuple[str, ...]] = {}
    for revision in session.revisions(ticket):
        if revision.number == change.sent_revision:
            for difference in compare_revisions(revision, ticket.revision):
                lines_by_part[difference.part] = difference.lines
    texts = text_of_parts(ticket)
    return tuple(
        ChangedText(label=part_label(part), lines=lines_by_part.get(part, ()), text=texts[part])
        for part in change.parts
        if part in texts
    )


def has_tickets_of_its_sheets(session: OpenSession) -> bool:
    return session.stored.generated_from_sha256 == session.stored.content_sha256
