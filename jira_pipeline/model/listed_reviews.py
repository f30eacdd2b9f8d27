"""Kept reviews in a list: of which sessions that were removed there are any, and what they hold.

Belongs here: the line of the list, telling reviews apart by the titles of their tickets. Does not:
what a review holds (`kept_reviews`), keeping (`store/kept_reviews`).
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from jira_pipeline.model.actions import Action, ActionKind, action_text
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.kept_reviews import KeptReview
from jira_pipeline.model.source_tables import SourceWord
from jira_pipeline.model.tickets import Ticket


def subject_of(group_key: str) -> str:
    """Return the name of what a group is about: `clocks` of `view:clocks`."""
    return re.split("[:/]", group_key)[-1]


def distinct_titles(tickets: Iterable[Ticket]) -> Mapping[str, str]:
    """Return the titles of tickets by id; a title that several have ends in the name of its group."""
    listed = tuple(tickets)
    counts = Counter(ticket.title for ticket in listed)
    titles = {}
    for ticket in listed:
        title = ticket.title
        if counts[title] > 1:
            title = f"{title} ({subject_of(ticket.group_key)})"
        titles[ticket.ticket_id] = title
    return titles


@json_fields("group_key source=source_word kept_at title words way_back")
@dataclass(frozen=True, slots=True, kw_only=True)
class ListedReview:
    """What is kept of a ticket, or of the session as a whole, for people to read."""

    group_key: str
    """Empty: of the session as a whole."""
    session_key: str
    source_word: SourceWord
    kept_at: datetime
    review: "KeptReview"

    @property
    def title(self) -> str:
        of_ticket = self.review.ticket
        return "the whole session" if of_ticket is None else of_ticket.ticket.title

    @property
    def name(self) -> str:
        """Its title with the name of its group, which no other one of its kind has."""
        subject = subject_of(self.group_key)
        return f"{self.title} ({subject})" if subject else self.title

    @property
    def words(self) -> tuple[str, ...]:
        review = self.review
        words: list[str] = []
        if review.ticket is not None:
            words += review.ticket.words_with_replaced
        for answer in review.site_answers:
            words.append(f"answer to “{answer.question}”: {answer.answer}")
        for dependency in review.dependencies:
            words.append(review.text_of(dependency))
        for name, value in review.settings.items():
            words.append(f"setting {name}: {value}")
        return tuple(words)

    @property
    def way_back(self) -> str:
        """What brings it back to the session of its key."""
        key = self.session_key
        upload = action_text(Action.of(ActionKind.UPLOAD, "{}", session=key))
        write = action_text(Action.of(ActionKind.REGENERATE, "{}", session_key=key))
        if self.review.ticket is not None:
            return (
                f"It returns with the rows of its ticket: put them back into the {self.source_word}, "
                f"and run {upload} and {write}."
            )
        of_settings = (
            f" Settings do not: enter them on the settings page, or write them into session.yaml "
            f"and run {upload}."
            if self.review.settings
            else ""
        )
        return f"Answers and dependencies return with {write}.{of_settings}"
