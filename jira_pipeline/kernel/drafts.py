"""What people write beside the tickets: drafts of edits, and comments.

Belongs here: the values. Does not: what becomes of a draft (`review/drafts`), keeping them
(`store/drafts`).
"""

import re
from dataclasses import dataclass
from datetime import datetime

from jira_pipeline.kernel.tickets import PART_NAMES, canonical_hash

TITLE_PART = "title"
DRAFT_PARTS = (TITLE_PART, *PART_NAMES)
"""What of a ticket people write, in its order."""
COMMENT_PART = "comment"
_OF_ANSWER = re.compile(r"answer-[0-9a-f]{16}")
COMMENT_MAX_CHARACTERS = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a person wrote for one part of a ticket and did not finish; no ticket shows it."""

    ticket_id: str
    person: str
    part: str
    """One of `DRAFT_PARTS`, that of a comment, or that of an answer (`answer_part`)."""
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


def answer_part(question_id: str) -> str:
    """Name the draft of an answer, as the parts of a ticket are named."""
    return f"answer-{question_id}"


def is_of_answer(part: str) -> bool:
    """Tell whether a draft is of an answer."""
    return _OF_ANSWER.fullmatch(part) is not None


def is_sent(part: str) -> bool:
    """Tell whether a draft is of a comment or an answer: it is sent, and becomes no revision."""
    return part == COMMENT_PART or is_of_answer(part)


def text_hash_of(text: str) -> str:
    """Name a text."""
    return canonical_hash(text)[:16]
