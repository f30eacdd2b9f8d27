"""What concerns a person, over all sessions: an inbox, and what it says.

Belongs here: gathering it, its sentences. Does not: which change concerns whom (`store/concerns`),
sending it (`flow/notifying`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jira_pipeline.errors import WrongUseError
from jira_pipeline.flow.open_session import open_session
from jira_pipeline.kernel.notifications import Notification, NotificationKind, NotificationMark
from jira_pipeline.kernel.people import Person
from jira_pipeline.kernel.sessions import SessionStage, SessionStatus
from jira_pipeline.kernel.tickets import ListedTicket
from jira_pipeline.session.pipeline import Pipeline

UNREAD_SHOWN_MAX = 99
TICKETS_NAMED = 3
"""Of each; the page of the session has the others."""
_CAUSES: Mapping[str, str] = {
    "ticket_edited": "{who} edited {it}",
    "ticket_rolled_back": "{who} brought back an earlier text",
    "fields_assigned": "{who} set fields",
    "questions_answered": "{who} answered questions",
    "dependency_added": "{who} added a dependency",
    "dependency_removed": "{who} removed a dependency",
    "tickets_unmarked_ready": "{who} took {mark} away",
    "withdrawals_agreed": "{who} withdrew {it}",
    "tickets_generated": "{was} written again from what was uploaded",
}
"""Why ready marks went, by the action of the audit trail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxItem:
    """A notification with what it is about."""

    notification: Notification
    site_name: str
    tickets: tuple[ListedTicket, ...]
    """The first of those whose rows are still there, by number."""

    @property
    def ticket_count(self) -> int:
        """Of all it is about, gone ones too."""
        return len(self.notification.ticket_ids)

    @property
    def sentence(self) -> str:
        """Who did what; never a text of a ticket."""
        one = self.notification
        who = one.entry.actor
        match one.kind:
            case NotificationKind.ASSIGNED:
                return f"{who} assigned {self._tickets} to you"
            case NotificationKind.MENTIONED:
                place = "a comment" if one.entry.action == "comment_added" else "an answer"
                return f"{who} mentioned you in {place} on {self._tickets}"
            case NotificationKind.QUESTION_ASKED:
                return f"{who} asked you about {self._tickets}"
            case NotificationKind.QUESTION_ANSWERED:
                did = "proposed to answer" if one.entry.action == "answers_proposed" else "answered"
                return f"{who} {did} what you asked about {self._tickets}"
            case NotificationKind.APPROVAL_LOST:
                is_one = self.ticket_count == 1
                why = _CAUSES[one.entry.action].format(
                    who=who,
                    it="it" if is_one else "them",
                    was="it was" if is_one else "they were",
                    mark="the mark" if is_one else "the marks",
                )
                waits = "waits" if is_one else "wait"
                which = self._tickets[0].upper() + self._tickets[1:]
                return f"{which}, which you marked ready, {waits} again: {why}"
            case NotificationKind.EXPORT_ENDED:
                return _end_of_export(one)

    @property
    def _tickets(self) -> str:
        if self.ticket_count != 1:
            return f"{self.ticket_count:,} tickets"
        return f"ticket {self.tickets[0].number}" if self.tickets else "a ticket"


def unread_count(pipeline: Pipeline, person: Person) -> int:
    """Return how much somebody has not read, up to one more than is shown."""
    return pipeline.store.notifications.unread_count(person, most=UNREAD_SHOWN_MAX + 1)


def inbox_of(pipeline: Pipeline, person: Person, *, is_done: bool = False) -> Sequence[int]:
    """Return the ids of what somebody has left to do, or is done with, newest first."""
    return pipeline.store.notifications.ids(person, is_done=is_done)


def inbox_items(pipeline: Pipeline, notification_ids: Sequence[int]) -> tuple[InboxItem, ...]:
    """Return notifications of an inbox with what they are about."""
    found = pipeline.store.notifications.some(notification_ids)
    sessions = {
        key: open_session(pipeline, key) for key in dict.fromkeys(one.session_key for one in found)
    }
    items = []
    for one in found:
        session = sessions[one.session_key]
        wanted = set(one.ticket_ids)
        tickets = [ticket for ticket in session.listed if ticket.ticket_id in wanted]
        items.append(
            InboxItem(
                notification=one,
                site_name=session.stored.site_name,
                tickets=tuple(sorted(tickets, key=lambda one: one.number)[:TICKETS_NAMED]),
            )
        )
    return tuple(items)


def mark_inbox(
    pipeline: Pipeline,
    person: Person,
    mark: NotificationMark,
    *,
    notification_ids: Sequence[int] | None = None,
    up_to: int | None = None,
) -> int:
    """Mark what somebody has read, is done with, or has left to do; return how many changed.

    All up to one, so that nothing is marked that came after somebody looked, or those named. What
    is of others stays as it is.

    Raises:
        WrongUseError: Neither is named.
    """
    if notification_ids is None and up_to is None:
        raise WrongUseError("Nothing was chosen: name notifications, or the last that was seen.")
    return pipeline.store.notifications.mark(
        person,
        mark,
        notification_ids=notification_ids,
        up_to=up_to,
        at=pipeline.clock.now(),
    )


def _end_of_export(one: Notification) -> str:
    to = one.entry.details["to"]
    assert isinstance(to, list)  # noqa: S101 - as `set_stage` enters it
    stage, status = to
    if stage == SessionStage.COMPLETED:
        return "The export you started is completed"
    if status == SessionStatus.CANCELLED:
        return "The export you started was cancelled"
    return "The export you started did not end well"
