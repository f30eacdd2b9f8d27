"""What an issue has from people of ours and its ticket lacks, though nobody took it away.

Belongs here: telling that from what people changed, by the audit trail of the session's key and by
the history of the ticket. Does not: what people wrote in Jira itself (`text_writes`), what becomes
of such an issue (`updating`), putting back what was kept (`store/kept_reviews`).

A ticket lacks words where it was made anew without them: its session was removed by a version that
kept nothing, or a store was put back. Ids of tickets come of the key of the session and of the
group, so the trail of the key knows what was said before.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import cast

from jira_pipeline.model.exports import SentContent
from jira_pipeline.model.records import AuditEntry
from jira_pipeline.model.revisions import Revision
from jira_pipeline.model.ticket_hashes import NOTHING_WRITTEN, WRITER, prose_hashes
from jira_pipeline.model.tickets import Ticket, row_ids_of
from jira_pipeline.review.revisions import PART_TITLES

ANSWERS = "answers"
_TITLE = "title"
_NOTES = "notes"
TICKET_LACKS = "its ticket lacks what people gave it"
"""How the reason begins for which an issue waits."""


class GivenKind(StrEnum):
    """What people give to a ticket in words."""

    ANSWER = "answer"
    TITLE = "title"
    NOTE = "note"
    EDIT = "edit"


@dataclass(frozen=True, slots=True, kw_only=True)
class LostWords:
    """One thing that somebody said, which only the issue has."""

    kind: GivenKind
    part: str
    """The part of the ticket's content that differs."""
    text: str = ""
    """The words; empty: only the issue has them."""

    @property
    def label(self) -> str:
        """What it is, without the words."""
        match self.kind:
            case GivenKind.ANSWER:
                return "an answer"
            case GivenKind.TITLE:
                return "its title"
            case GivenKind.NOTE:
                return "its notes"
            case GivenKind.EDIT:
                return f"edited text ({PART_TITLES.get(self.part, self.part).lower()})"

    @property
    def words(self) -> str:
        return f"{self.label} “{self.text}”" if self.text else self.label


def lacks_text(lost: Iterable[LostWords]) -> str:
    """Say why an issue waits, without the words themselves; empty where nothing is lost."""
    labels = list(dict.fromkeys(words.label for words in lost))
    return f"{TICKET_LACKS}: {', '.join(labels)}" if labels else ""


def lost_words(
    ticket: Ticket,
    *,
    sent: SentContent,
    sent_at: datetime,
    parts: Sequence[str],
    find_answered: Callable[[], Iterable[AuditEntry]],
    revisions: Iterable[Revision],
) -> tuple[LostWords, ...]:
    """Return what the issue of a ticket has from people of ours and an update would take out.

    `sent` is what the issue says since `sent_at`, `parts` what of it differs; `find_answered` reads
    the answers in the audit trail of the session's key, of removed sessions too, oldest first;
    `revisions` all that the ticket has.
    """
    lost = list[LostWords]()
    if ANSWERS in parts:
        texts = _lost_answers(ticket, find_answered(), sent_at=sent_at)
        lost += [LostWords(kind=GivenKind.ANSWER, part=ANSWERS, text=text) for text in texts]
    hashes_of_revisions = [prose_hashes(revision) for revision in revisions]
    content = sent.content or {}
    is_of_people = content.get(WRITER) == ""
    for part in parts:
        hashed = content.get(part)
        is_prose = bool(hashes_of_revisions) and part in hashes_of_revisions[0]
        if hashed is None or not is_prose:
            continue
        if any(hashes[part] == hashed for hashes in hashes_of_revisions):
            continue  # people or a writer changed it since, in a way that the ticket remembers
        if part == _NOTES and hashed != NOTHING_WRITTEN:  # no writer writes notes
            lost.append(LostWords(kind=GivenKind.NOTE, part=part))
        elif part == _TITLE and is_of_people:
            lost.append(LostWords(kind=GivenKind.TITLE, part=part))
        elif part != _NOTES and is_of_people:
            lost.append(LostWords(kind=GivenKind.EDIT, part=part))
    return tuple(lost)


def _lost_answers(
    ticket: Ticket, entries: Iterable[AuditEntry], *, sent_at: datetime
) -> tuple[str, ...]:
    """Return the answers that the issue got, that nobody changed since, and the ticket lacks."""
    then = dict[str, str]()
    now = dict[str, str]()
    taken_back = set[str]()
    question_of = {
        row_id: row_ids_of(question)[0]
        for question in ticket.revision.left_open
        for row_id in row_ids_of(question)
    }
    for entry in entries:
        of_tickets = cast("Mapping[str, Mapping[str, str]]", entry.details.get("answers", {}))
        for key, text in of_tickets.get(ticket.ticket_id, {}).items():
            if entry.at <= sent_at:
                then[key] = text
            elif not text and not entry.details.get("is_by_row"):
                # An entry of an older version names the first of several rows, so it may have
                # taken back others.
                taken_back.add(question_of.get(key, key))
            now[key] = text
    given = {*ticket.given_answers, *(answer.question for answer in ticket.answers)}
    renamed = _answers_of_no_entry(ticket, now, question_of=question_of)
    lost = list[str]()
    for key, text in then.items():
        is_there = key in given or question_of.get(key, key) in taken_back
        if not text or now[key] != text or is_there:
            continue
        if renamed[text]:  # an older version named the question by its words
            renamed[text] -= 1
            continue
        lost.append(text)
    return tuple(lost)


def _answers_of_no_entry(
    ticket: Ticket, entered: Iterable[str], *, question_of: Mapping[str, str]
) -> Counter[str]:
    """Count the answers of a ticket, by their text, whose question no entry names as it is now."""
    names = set(entered)
    questions = {question_of.get(key, key) for key in names}
    return Counter(
        answer.answer
        for answer in ticket.answers
        if question_of.get(answer.question_id, answer.question_id) not in questions
        and answer.question not in names
    )
