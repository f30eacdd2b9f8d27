"""What people say about the tickets, beside them.

Belongs here: the value. Does not: keeping it (`store/comment_store`).
"""

from dataclasses import dataclass
from datetime import datetime

COMMENT_MAX_CHARACTERS = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """What a person said about a ticket; Jira never gets it."""

    comment_id: int
    ticket_id: str
    author: str
    text: str
    """Plain text; line breaks are kept."""
    at: datetime
