"""Writing in a ticket: drafts as one types, one revision when one leaves it; comments beside it.

Belongs here: keeping drafts and comments, making drafts a revision. Does not: which drafts may be taken
(`review/drafts`), what a part may hold (`review/editing`).

Drafts carry the id of their ticket, never its number: another upload may give that to another one.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from jira_pipeline.errors import EditConflictError, InputError, WrongUseError, unknown_ticket
from jira_pipeline.kernel.drafts import (
    COMMENT_PART,
    DRAFT_PARTS,
    TITLE_PART,
    Comment,
    Draft,
    answer_part,
    is_of_answer,
    is_sent,
)
from jira_pipeline.kernel.tickets import Revision, Ticket
from jira_pipeline.review.drafts import DraftConflict, MergedDrafts, merge_drafts
from jira_pipeline.review.editing import (
    PART_MAX_BYTES,
    checked_title,
    edit_ticket,
    html_of_markdown,
)
from jira_pipeline.review.facts import ReviewFacts

ATTEMPTS_MAX = 5
"""So many others may edit the ticket in the moment it takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptDrafts:
    """What became of the drafts of a person when they left a ticket."""

    revision: Revision
    """The current one."""
    is_new: bool
    """The drafts, or some of them, are in it."""
    merged: MergedDrafts
    seen: str
    """Hash of the ticket as its writer knows it now: as it was read, and their own text. Empty where
    others changed it too, nobody said what was read, or nothing is new."""

    @property
    def is_settled(self) -> bool:
        """No draft is left."""
        return not self.merged.conflicts and not self.merged.unusable


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedDraft:
    """What became of what a person typed."""

    draft: Draft
    """The one that is kept, which may be another window's."""
    conflict: DraftConflict | None
    is_left: bool
    """False: the ticket says it already, so there is no draft any more."""


def ticket_of_id(session: ReviewFacts, ticket_id: str) -> Ticket:
    """Return a ticket whose rows are in the sheets.

    Raises:
        NotFoundError: There is none of that id, or its rows are gone.
    """
    found = session.store.tickets.some(session.key, [ticket_id])
    if not found:
        raise unknown_ticket(session_key=session.key, ticket=ticket_id)
    return found[0]


def drafting_in(session: ReviewFacts) -> Mapping[str, Sequence[int]]:
    """Return of which tickets people have drafts that an export would lack, by person."""
    numbers = session.store.tickets.numbers(session.key)
    found: dict[str, dict[int, None]] = {}
    for draft in session.store.drafts.of_session(session.key):
        of_person = found.setdefault(draft.person, {})
        if draft.ticket_id in numbers and draft.part != COMMENT_PART:
            of_person[numbers[draft.ticket_id]] = None
    return {person: tuple(its) for person, its in found.items()}


def save_draft(
    session: ReviewFacts,
    ticket_id: str,
    part: str,
    *,
    text: str,
    base_revision: int,
    known_hash: str,
    by: str,
) -> SavedDraft:
    """Keep what a person types, unless the ticket says it already, or it says nothing to be sent.

    Raises:
        InputError: There is no such part, or the text is too large.
        NotFoundError: It is no ticket of the session; one without rows is one.
    """
    if part not in DRAFT_PARTS and not is_sent(part):
        raise InputError(
            f"There is no part {part!r}; parts are {', '.join(DRAFT_PARTS)}.",
            recovery_actions=("Tables come from what was uploaded: correct it there.",),
        )
    text = text.replace("\r\n", "\n")
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > PART_MAX_BYTES:
        raise InputError(
            f"The part {part} has {size:,} bytes; {PART_MAX_BYTES:,} are allowed.",
            recovery_actions=("Shorten it, or attach the long part to the issue in Jira.",),
        )
    draft = Draft(
        ticket_id=ticket_id,
        person=by,
        part=part,
        text=text,
        base_revision=base_revision,
        saved_at=session.clock.now(),
    )
    kept = session.store.drafts.save(session.key, draft, known_hash=known_hash)
    if is_sent(part):
        is_empty = not kept.text.strip()
        if is_empty:
            session.store.drafts.remove([kept])
        return SavedDraft(draft=kept, conflict=None, is_left=not is_empty)
    found = session.store.tickets.some(session.key, [ticket_id])
    if not found:  # its rows are gone
        return SavedDraft(draft=kept, conflict=None, is_left=True)
    merged = merged_drafts(session, found[0], [kept])
    is_said = bool(merged.taken) and merged.edit.is_empty
    if is_said:
        session.store.drafts.remove(merged.taken)
    return SavedDraft(draft=kept, conflict=next(iter(merged.conflicts), None), is_left=not is_said)


def keep_drafts(session: ReviewFacts, ticket_id: str, *, seen: str = "", by: str) -> KeptDrafts:
    """Make the drafts of a person one revision of a ticket; what cannot be in it stays a draft.

    May be repeated: a draft that the ticket says already is only removed. `seen` has the hash of
    what the person read beside the drafts.

    Raises:
        NotFoundError: It is no ticket, or its rows are gone; the drafts stay.
        EditConflictError: Others edited it in every attempt; the drafts stay.
    """
    for attempt in range(1, ATTEMPTS_MAX + 1):
        ticket = ticket_of_id(session, ticket_id)
        drafts = own_drafts(session, ticket.ticket_id, by=by).values()
        merged = merged_drafts(session, ticket, drafts)
        revision = ticket.revision
        if not merged.edit.is_empty:
            try:
                revision = edit_ticket(
                    ticket,
                    merged.edit,
                    reviews=session.store.reviews,
                    by=by,
                    at=session.clock.now(),
                )
            except EditConflictError:
                if attempt == ATTEMPTS_MAX:
                    raise
                continue
        if merged.taken:
            session.store.drafts.remove(merged.taken)
        is_new = revision.number != ticket.revision.number
        return KeptDrafts(
            revision=revision,
            is_new=is_new,
            merged=merged,
            seen=_seen_now(session, ticket, revision, seen=seen) if is_new and seen else "",
        )
    raise AssertionError  # the last attempt returns or raises


def _seen_now(session: ReviewFacts, ticket: Ticket, revision: Revision, *, seen: str) -> str:
    """Return the hash of a ticket with a revision of its reader; empty where it was not as read."""
    [before] = session.rendered_of([ticket])
    if before.rendered_hash != seen:
        return ""
    [now] = session.rendered_of([replace(ticket, revision=revision)])
    return now.rendered_hash


def merged_drafts(session: ReviewFacts, ticket: Ticket, drafts: Collection[Draft]) -> MergedDrafts:
    """Return what the drafts of a person would come to now; nothing is stored."""
    is_old = any(draft.base_revision != ticket.revision.number for draft in drafts)
    known = session.store.tickets.revisions(ticket.ticket_id) if is_old else (ticket.revision,)
    return merge_drafts(drafts, {one.number: one for one in known}, current=ticket.revision)


def conflict_of(session: ReviewFacts, draft: Draft) -> DraftConflict | None:
    """Return what conflicts with a draft now; None where nothing does, or its ticket is gone."""
    found = session.store.tickets.some(session.key, [draft.ticket_id])
    if not found:
        return None
    return next(iter(merged_drafts(session, found[0], [draft]).conflicts), None)


def own_drafts(session: ReviewFacts, ticket_id: str, *, by: str) -> Mapping[str, Draft]:
    """Return the drafts of a person of the text of a ticket, by part."""
    known = drafts_of(session, ticket_id)
    return {one.part: one for one in known if one.person == by and one.part in DRAFT_PARTS}


def drafts_of(session: ReviewFacts, ticket_id: str) -> tuple[Draft, ...]:
    """Return the drafts of the text of a ticket and of comments, whoever writes them."""
    known = session.store.drafts.of_ticket(ticket_id)
    return tuple(draft for draft in known if not is_of_answer(draft.part))


def answer_drafts(session: ReviewFacts, *, by: str) -> Mapping[tuple[str, str], Draft]:
    """Return what a person typed as answers and did not send, by ticket and part."""
    return {
        (draft.ticket_id, draft.part): draft
        for draft in session.store.drafts.of_session(session.key)
        if draft.person == by and is_of_answer(draft.part)
    }


def end_answer_drafts(
    session: ReviewFacts, answers: Mapping[str, Collection[str]], *, by: str
) -> None:
    """Remove the drafts of answers that a person gave, by ticket and question id."""
    drafts = answer_drafts(session, by=by)
    given = {(ticket_id, answer_part(key)) for ticket_id, keys in answers.items() for key in keys}
    if ended := [drafts[one] for one in drafts.keys() & given]:
        session.store.drafts.remove(ended)


def preview(part: str, text: str) -> tuple[str, str]:
    """Return the HTML a text becomes, or why it cannot be kept; only parts of a text become some."""
    if is_sent(part):
        return "", ""
    try:
        if part == TITLE_PART:
            checked_title(text)
            return "", ""
        return html_of_markdown(text.strip(), part=part), ""
    except InputError as error:
        return "", error.message


def drafted_numbers(session: ReviewFacts, *, by: str) -> tuple[int, ...]:
    """Return the numbers of the tickets where a person has drafts that are in no revision."""
    drafted = session.store.drafts.drafted_by(session.key, by)
    numbers = session.store.tickets.numbers(session.key) if drafted else {}
    return tuple(sorted(numbers[ticket_id] for ticket_id in drafted if ticket_id in numbers))


def drop_draft(
    session: ReviewFacts, ticket_id: str, part: str, *, known_hash: str, by: str
) -> bool:
    """Remove the draft a person saw; tell whether it was still that one."""
    known = session.store.drafts.of_ticket(ticket_id)
    draft = next((one for one in known if (one.person, one.part) == (by, part)), None)
    if draft is None or draft.text_hash != known_hash:
        return False
    return session.store.drafts.remove([draft]) > 0


def add_comment(session: ReviewFacts, ticket_id: str, text: str, *, by: str) -> Comment:
    """Keep a comment on a ticket; the draft of it ends.

    Raises:
        NotFoundError: It is no ticket of the session; one without rows is one.
        WrongUseError: It is empty.
    """
    said = text.strip().replace("\r\n", "\n")
    if not said:
        raise WrongUseError("An empty comment says nothing.")
    at = session.clock.now()
    kept = session.store.comments.add(session.key, ticket_id, text=said, by=by, at=at)
    known = drafts_of(session, ticket_id)
    session.store.drafts.remove(d for d in known if (d.person, d.part) == (by, COMMENT_PART))
    return kept


def remove_comment(session: ReviewFacts, comment_id: int, *, by: str) -> bool:
    """Remove a comment of one's own; tell whether it was one."""
    return session.store.comments.remove(session.key, comment_id, by=by, at=session.clock.now())


def comments_on(session: ReviewFacts, ticket_id: str) -> tuple[Comment, ...]:
    """Return the comments on a ticket, oldest first."""
    return session.store.comments.of_ticket(ticket_id)
