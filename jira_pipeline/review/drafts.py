"""Drafts of a ticket become one edit of it, and what they cannot become stays a draft.

Belongs here: what of the drafts may be taken, and what keeps the others out. Does not: keeping
drafts (`store/drafts`) and the edit (`editing`).

A draft counts for its part alone: what somebody else wrote meanwhile in another part stays.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jira_pipeline.errors import InputError
from jira_pipeline.kernel.drafts import DRAFT_PARTS, TITLE_PART, Draft
from jira_pipeline.kernel.tickets import Revision
from jira_pipeline.review.editable_text import (
    changed_parts,
    markdown_of_part,
    unified_lines,
)
from jira_pipeline.review.editing import TicketEdit, checked_title


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftConflict:
    """A draft of a part that somebody else changed since it was begun."""

    draft: Draft
    current: str
    """What the part says now, as people edit it."""
    revision: int
    """Number of the revision that says so."""
    author: str

    @property
    def lines(self) -> tuple[str, ...]:
        """How the draft differs from that, as a unified difference."""
        return unified_lines(self.current, self.draft.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnusableDraft:
    """A draft that cannot be kept as it is."""

    draft: Draft
    fault: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedDrafts:
    """What the drafts of one person come to."""

    edit: TicketEdit
    taken: tuple[Draft, ...]
    """Those that the edit contains, and those the ticket says already."""
    conflicts: tuple[DraftConflict, ...]
    unusable: tuple[UnusableDraft, ...]


def text_of_part(revision: Revision, part: str) -> str:
    """Return a part, or the title, as people edit it."""
    return (
        revision.title
        if part == TITLE_PART
        else markdown_of_part(str(getattr(revision.parts, part)))
    )


def merge_drafts(
    drafts: Iterable[Draft], revisions: Mapping[int, Revision], *, current: Revision
) -> MergedDrafts:
    """Bring the drafts of one person into one edit of the current revision.

    `revisions` are those of the ticket by number; a draft of one that is not there conflicts.
    """
    title: str | None = None
    parts: dict[str, str] = {}
    taken, conflicts, unusable = [], [], []
    for draft in sorted(drafts, key=lambda one: DRAFT_PARTS.index(one.part)):
        base = revisions.get(draft.base_revision)
        try:
            wanted = _wanted(draft, base or current)
            differs = base is None or wanted != _held(base, draft.part)
            if not differs or _wanted(draft, current) == _held(current, draft.part):
                taken.append(draft)  # nothing was changed, or the ticket says it already
            elif base is None or _held(base, draft.part) != _held(current, draft.part):
                conflicts.append(
                    DraftConflict(
                        draft=draft,
                        current=text_of_part(current, draft.part),
                        revision=current.number,
                        author=current.author,
                    )
                )
            else:
                taken.append(draft)
                if draft.part == TITLE_PART:
                    title = wanted
                else:
                    parts[draft.part] = wanted
        except InputError as error:
            unusable.append(UnusableDraft(draft=draft, fault=error.message))
    return MergedDrafts(
        edit=TicketEdit(title=title, parts=parts),
        taken=tuple(taken),
        conflicts=tuple(conflicts),
        unusable=tuple(unusable),
    )


def _wanted(draft: Draft, beside: Revision) -> str:
    """Return what a draft says as it would be kept; what another revision says, where it is the same."""
    if draft.part == TITLE_PART:
        return checked_title(draft.text)
    held = _held(beside, draft.part)
    return changed_parts({draft.part: draft.text.strip()}, beside).get(draft.part, held)


def _held(revision: Revision, part: str) -> str:
    return revision.title if part == TITLE_PART else str(getattr(revision.parts, part))
