"""Titles that moved to another ticket since the last export began, and what people said under them.

Answers, notes and decisions follow the machine name, which is all that is certain. Where newer sheets
give one machine name the label of another, as where two views swap theirs, nobody can know whether the
names or the labels were meant: people are told which words are now under which title.

Belongs here: these values and their sentences. Does not: finding out that a generation gave a title
to another ticket (`store/generations`), rows that changed their ticket (`moved_rows`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from jira_pipeline.model.actions import Action, ActionKind, action_text
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.kept_reviews import kept_ticket
from jira_pipeline.model.listed_reviews import subject_of
from jira_pipeline.model.records import AuditEntry
from jira_pipeline.model.tickets import Ticket
from jira_pipeline.model.words_to_take import TicketWords
from jira_pipeline.review.successors import is_named_alike


@json_fields(
    "number=ticket.number title_before other_number=other.number other_title=other.title words text"
)
@dataclass(frozen=True, slots=True, kw_only=True)
class MovedTitle:
    """A ticket of which people said something under a title that another ticket has now."""

    ticket: Ticket
    title_before: str
    other: Ticket
    """The ticket that has that title now."""
    words: tuple[str, ...]
    """What people said of the ticket, as texts such as `approved by Ada`."""

    @property
    def text(self) -> str:
        """Sentences for people: which ticket has which title, where the words are, what to do."""
        key = self.ticket.session_key
        number = self.ticket.number
        other_number = self.other.number
        subject = subject_of(self.ticket.group_key)
        other_subject = subject_of(self.other.group_key)
        words = "; ".join(self.words)
        upload = action_text(Action.of(ActionKind.UPLOAD, "{}", session=key))
        show = action_text(Action.of(ActionKind.SHOW_TICKET, "{}", session_key=key, number=number))
        return (
            f"Ticket {number} (`{subject}`) was “{self.title_before}”, "
            f"which is ticket {other_number} (`{other_subject}`) now. "
            f"What people said stays with the machine name: {words}. "
            f"If the names were swapped by mistake, correct them and run {upload}; "
            f"if it was said of ticket {other_number}, say it there: {show} has the words."
        )


def titles_before(entries: Iterable[AuditEntry]) -> Mapping[str, str]:
    """Return the titles that tickets lost to others, by ticket id; `entries` are the newest first.

    Of several the oldest counts, so that a title that came back has not moved.
    """
    titles: dict[str, str] = {}
    for entry in entries:
        titles |= cast("Mapping[str, str]", entry.details.get("titles_moved", {}))
    return titles


def find_moved_titles(
    titles: Mapping[str, str],
    tickets: Sequence[Ticket],
    *,
    title_of: Callable[[Ticket], str],
    words_of: Callable[[Ticket], TicketWords],
) -> tuple[MovedTitle, ...]:
    """Return the tickets that lost one of these titles to another ticket, and have words of people.

    `titles` has the lost titles by ticket id. `title_of` returns the title that the sheets give a
    ticket, whatever title people gave it.
    """
    moved = []
    for ticket in tickets:
        title_before = titles.get(ticket.ticket_id)
        if title_before is None or title_of(ticket) == title_before:
            continue
        alike = [other for other in tickets if is_named_alike(ticket, other)]
        others = [other for other in alike if title_of(other) == title_before]
        words = _texts_of(words_of(ticket)) if others else ()
        if words:
            moved.append(
                MovedTitle(ticket=ticket, title_before=title_before, other=others[0], words=words)
            )
    return tuple(moved)


def _texts_of(words: TicketWords) -> tuple[str, ...]:
    """Return what people said of a ticket, without approvals: those covered the title, too."""
    return kept_ticket(
        replace(words.ticket, ready_hash=None, ready_by=None),
        revisions=tuple(words.revisions),
        routes=words.routes,
        proposals=words.proposals,
        comments=words.comments,
        remark=words.remark,
    ).words
