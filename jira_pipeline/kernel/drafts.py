"""What people write beside the tickets: drafts of edits, and comments.

Belongs here: the values. Does not: what becomes of a draft (`review/drafts`), keeping them
(`store/drafts`).
"""

from dataclasses import dataclass
from datetime import datetime

from jira_pipeline.kernel.tickets import PART_NAMES, canonical_hash

TITLE_PART = "title"
DRAFT_PARTS = (TITLE_PART, *PART_NAMES)
"""What of a ticket people write, in its order."""
COMMENT_MAX_CHARACTERS = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a person wrote for one part of a ticket and did not finish; no ticket shows it."""

    ticket_id: str
    person: str
    part: str
    """One of `DRAFT_PARTS`."""
    text: str
    """As typed: Markdown, or the title."""
    base_revision: int
    """Number of the revision it was written from."""
    saved_at: datetime

    @property
    def text_hash(self) -> str:
        """Name its text, for whoever goes on with it."""
        return text_hash_of(self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """What a person said about a ticket; Jira never gets it."""

    comment_id: int
    ticket_id: str
    author: str
    text: str
    """Plain text; line breaks are kept."""
    at: datetime


def text_hash_of(text: str) -> str:
    """Name a text."""
    return canonical_hash(text)[:16]
