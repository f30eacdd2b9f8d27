"""Drafts of edits: kept as one types, one revision when one leaves the ticket.

They are of the person who asks, and carry the id of their ticket, never its number.
"""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from jira_pipeline.flow.open_session import OpenSession
from jira_pipeline.review.drafting import (
    SavedDraft,
    drop_draft,
    keep_drafts,
    preview,
    save_draft,
)
from jira_pipeline.review.editing import PART_MAX_BYTES
from jira_pipeline.web.access import Reviewer
from jira_pipeline.web.context import Opened

router = APIRouter(prefix="/api/sessions/{key}/drafts/{ticket_id}")
TicketId = Annotated[str, Path(max_length=64)]
Part = Annotated[str, Path(max_length=64)]
RevisionNumber = Annotated[int, Field(ge=1, le=2_000_000_000)]


class WrittenPart(BaseModel):
    """What a person typed for one part."""

    text: Annotated[str, Field(max_length=PART_MAX_BYTES)]
    """Markdown, or the title."""
    base_revision: RevisionNumber
    """The revision it was written from."""
    known_hash: Annotated[str, Field(max_length=64)] = ""
    """`text_hash` of the draft this window goes on with; empty where it knows none."""


class NamedPart(WrittenPart):
    """The same with its name."""

    part: Annotated[str, Field(max_length=64)]


class KeptDraft(BaseModel, extra="forbid"):
    """The draft there is now."""

    part: str
    text: str
    base_revision: int
    text_hash: str
    """Empty: the ticket says it already, so there is no draft any more."""
    saved_at: datetime
    is_kept: bool
    """False: another window of this person wrote something else since; that is what is shown."""
    changed_by: str
    """Who changed the part since `base_revision`, so that it cannot become a revision as it is; empty
    where nobody did."""
    html: str
    """What the text becomes; empty for a title, and where it cannot be kept."""
    fault: str
    """Why it cannot be kept as it is; empty where it can."""


class Leaving(BaseModel):
    """What is not kept yet when a person leaves a ticket."""

    parts: Annotated[list[NamedPart], Field(max_length=10)] = []
    seen: Annotated[str, Field(max_length=64)] | None = None
    """Hash of the ticket as the page showed it."""


class Left(BaseModel, extra="forbid"):
    """What became of the drafts of a person when they left a ticket."""

    revision: int
    """The current one."""
    is_new: bool
    conflicts: list[str]
    """Parts that others changed meanwhile: their drafts stay."""
    unusable: list[str]
    """Parts whose drafts cannot be kept as they are: they stay."""
    refused: list[str]
    """Parts that came with this request and are not kept: another window wrote something else."""
    seen: str = ""
    """Hash of the ticket as it was seen, with the new revision; empty where others changed it too."""


@router.put("/{part}")
def write_draft(
    person: Reviewer, opened: Opened, ticket_id: TicketId, part: Part, written: WrittenPart
) -> KeptDraft:
    """Keep what somebody types, and show what it becomes."""
    return _written(opened, ticket_id, part, written, by=person.name)


@router.delete("/{part}", status_code=204)
def drop(
    person: Reviewer,
    opened: Opened,
    ticket_id: TicketId,
    part: Part,
    known_hash: Annotated[str, Query(max_length=64)],
) -> None:
    """Drop one's draft of a part, if it still is the one that was seen."""
    drop_draft(opened, ticket_id, part, known_hash=known_hash, by=person.name)


@router.post("/keep")
def leave(person: Reviewer, opened: Opened, ticket_id: TicketId, leaving: Leaving) -> Left:
    """Make one's drafts one revision; what others changed meanwhile stays a draft."""
    written = [_written(opened, ticket_id, one.part, one, by=person.name) for one in leaving.parts]
    kept = keep_drafts(opened, ticket_id, seen=leaving.seen or "", by=person.name)
    return Left(
        revision=kept.revision.number,
        is_new=kept.is_new,
        conflicts=[one.draft.part for one in kept.merged.conflicts],
        unusable=[one.draft.part for one in kept.merged.unusable],
        refused=[one.part for one in written if not one.is_kept],
        seen=kept.seen,
    )


def _written(
    opened: OpenSession, ticket_id: str, part: str, written: WrittenPart, *, by: str
) -> KeptDraft:
    saved = save_draft(
        opened,
        ticket_id,
        part,
        text=written.text,
        base_revision=written.base_revision,
        known_hash=written.known_hash,
        by=by,
    )
    return _shown(saved, is_kept=saved.draft.text == written.text.replace("\r\n", "\n"))


def _shown(saved: SavedDraft, *, is_kept: bool) -> KeptDraft:
    draft, conflict = saved.draft, saved.conflict
    html, fault = preview(draft.part, draft.text)
    return KeptDraft(
        part=draft.part,
        text=draft.text,
        base_revision=draft.base_revision,
        text_hash=draft.text_hash if saved.is_left else "",
        saved_at=draft.saved_at,
        is_kept=is_kept,
        changed_by="" if conflict is None else conflict.author,
        html=html,
        fault=fault,
    )
