"""What a conversion could not keep as it was.

Belongs here: the changes of one document, listed in its order. Does not: which there are
(`building`, `html`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from jira_pipeline.adf.nodes import AdfNode
from jira_pipeline.adf.to_text import first_text

EXCERPT_LENGTH = 60
_MAX_CHANGES = 10_000
# A person reads some dozens; the rest is shown as a number.

ChangeCode: TypeAlias = Literal[
    "lifted", "demoted", "flattened", "dropped", "link_dropped", "color_dropped", "marks_dropped",
    "image_as_text", "shown_otherwise", "more",
]  # fmt: skip
"""What happened: a block was moved out of what may not hold it; became a lesser one; lost its
nesting; is gone; lost its link, its colour, or what code excludes; an image became a link or
words; something is shown in other words or signs; more changes than are listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing the conversion could not keep as it was."""

    code: ChangeCode
    what: str
    """The node, mark or element it happened to, with its value where that says more."""
    where: str
    """The blocks around it from the outside in, such as `bulletList > listItem`."""
    excerpt: str
    """The beginning of its text; of what has none, of the text before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeDraft:
    """A change whose excerpt is known only when the document is finished."""

    code: ChangeCode
    what: str
    where: str
    excerpt: str = ""
    content: Sequence[AdfNode] = ()
    """Nodes whose text is the excerpt, where none is given."""
    fallback: str = ""
    """The excerpt where these have no text."""

    def finished(self) -> Change:
        """Make the change, its excerpt taken from the text where none was given."""
        shown = self.excerpt or first_text(self.content, EXCERPT_LENGTH) or self.fallback
        excerpt = " ".join(shown.split())
        return Change(
            code=self.code,
            what=self.what[:EXCERPT_LENGTH],
            where=self.where,
            excerpt=excerpt[:EXCERPT_LENGTH],
        )


class ChangeNotes:
    """The changes of one document so far; beyond some thousands they are only counted."""

    def __init__(self) -> None:
        self._drafts: list[ChangeDraft] = []
        self._unlisted_count = 0

    @property
    def is_full(self) -> bool:
        """One more is only counted."""
        return len(self._drafts) >= _MAX_CHANGES

    def count_unlisted(self) -> None:
        """Count one that is not listed."""
        self._unlisted_count += 1

    def add(self, draft: ChangeDraft) -> None:
        """Remember one more."""
        self._drafts.append(draft)

    def finished(self) -> tuple[Change, ...]:
        """Return the changes in the order of the document."""
        changes = [draft.finished() for draft in self._drafts]
        if self._unlisted_count:
            what = f"{self._unlisted_count:,} changes"
            changes.append(Change(code="more", what=what, where="doc", excerpt=""))
        return tuple(changes)
