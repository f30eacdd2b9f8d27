"""What changed after an issue was created: people make these changes in Jira, or an update does.

Belongs here: comparing what each issue says with what its ticket says now, which of it is text, and
recording that a person made a change. Does not: updating issues (`updating`), asking Jira
(`ledger_comparison`), reporting (`results`, `sessions/export_report`).

Contents are compared, not renderings (`model/rendered_tickets`): a line that moved is no change.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from jira_pipeline.export.lost_words import TICKET_LACKS, LostWords, lacks_text
from jira_pipeline.export.text_writes import OVERWRITABLE
from jira_pipeline.model.entities import SourceWord
from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline.model.exports import (
    LedgerEntry,
    LedgerEvent,
    LedgerSubject,
    SentContent,
)
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.rendered_tickets import (
    DESCRIPTION,
    FACTS,
    RenderedTicket,
    changed_cells,
    content_of,
    differing_parts,
    hashed_file_name,
)
from jira_pipeline.model.target_shares import TicketExport
from jira_pipeline.model.tickets import ISSUE_FIELDS, ChangedCell, Ticket, canonical_hash
from jira_pipeline.review.revisions import PART_TITLES

NAMES = "names"
_PART_LABELS = {
    **PART_TITLES,
    FACTS: "what it refers to",
    "links": "Dependencies",
    NAMES: "the keys of issues that were created again",
}
"""What pages call what differs; other parts by their names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedIssue:
    """The issue of a ticket, as people name both."""

    number: int
    title: str
    jira_key: str


@json_fields(
    "ticket_id number title jira_key jira_url withdrawn=is_vanished parts cells file old_file "
    "recommended_action objection commented=is_commented lacks=lacks_shown"
)
@dataclass(frozen=True, slots=True, kw_only=True)
class LaterChange(NamedIssue):
    """One issue that no longer says what its ticket says."""

    ticket_id: str
    jira_url: str
    source_word: SourceWord
    becomes: SentContent
    """What the issue says once a person made the change."""
    sent_revision: int = 0
    """The revision that the issue says."""
    is_vanished: bool = False
    """The sheets no longer ask for it."""
    parts: tuple[str, ...] = ()
    """What of its content differs; without `facts` where `cells` say it."""
    cells: tuple[ChangedCell, ...] = ()
    """Cells that differ."""
    file: str | None = None
    """The file of the ticket as it is now; None: the issue has it, or there is none."""
    old_file: str | None = None
    """The file on the issue that is out of date."""
    is_rest: bool = False
    """An update followed the ticket; what still differs is for people."""
    objection: str = ""
    """Why the last update left the issue as it is; empty: it was not tried, or nothing was."""
    is_commented: bool = False
    """A comment of ours on the issue says all of it."""
    lacks: tuple[LostWords, ...] = ()
    """What the issue has from people of ours and its ticket lacks: an update waits for a person."""

    @property
    def is_text(self) -> bool:
        """Summary or description differ: an update may replace them."""
        is_there = not (self.is_vanished or self.is_rest)
        return is_there and (bool(self.cells) or not set(self.parts).issubset(ISSUE_FIELDS))

    @property
    def is_updatable(self) -> bool:
        """An update may bring the issue to it, as far as is known without asking Jira."""
        return self.is_text and not self.objection

    @property
    def is_edited(self) -> bool:
        """Words of people would go, which people may have overwritten: in Jira, or of the ticket."""
        return self.is_text and self.objection.startswith((*OVERWRITABLE, TICKET_LACKS))

    @property
    def content_hash(self) -> str:
        """Name what the issue is to say, for somebody who looked at it."""
        return canonical_hash([self.is_vanished, self.becomes.content])[:16]

    @property
    def lacks_shown(self) -> tuple[str, ...]:
        return tuple(lost.words for lost in self.lacks)

    @property
    def differences(self) -> tuple[str, ...]:
        """Say what differs beside the cells."""
        if self.is_vanished:
            return (f"no longer in the {self.source_word}",)
        files = ("its file",) if self.about_file else ()
        return (*map(part_label, self.parts), *files)

    @property
    def about_file(self) -> str:
        """Say what a person does with the file beside the fields; empty where it stays."""
        if self.old_file is None:
            return f"Attach {self.file}, whose text the ticket shows." if self.file else ""
        outdated = f"Its file {self.old_file} is out of date"
        if self.file is None:
            return f"{outdated}: delete it."
        return f"{outdated}: replace it with {self.file}, whose text the ticket shows."

    @property
    def about_comment(self) -> str:
        """Say that the issue has a comment on it; empty where it has none."""
        return "A comment on it says what changed." if self.is_commented else ""

    @property
    def recommended_action(self) -> str:
        """Say what a person does in Jira."""
        if self.is_vanished:
            change = (
                f"Close {self.jira_key}, or delete it: it is no longer in the {self.source_word}."
            )
        else:
            change = f"Change {self.jira_key} to match `tickets show`{self._about_update}."
        return " ".join(filter(None, (change, self.about_file, self.about_comment)))

    @property
    def _about_update(self) -> str:
        if self.is_edited:
            return f", or overwrite it as `export --update --plan` says: {self.objection}"
        if self.objection:
            return f"; an update does not do it: {self.objection.rstrip('.')}"
        return ", or run `export --update`" if self.is_updatable else ""


def part_label(part: str) -> str:
    """Return what pages call a part that differs."""
    return _PART_LABELS.get(part, part.capitalize())


def later_changes(
    rendered: Sequence[RenderedTicket],
    vanished: Iterable[Ticket],
    *,
    content_sha256: str,
    source_word: SourceWord,
    places: Mapping[str, TicketExport],
    contents: Mapping[str, SentContent],
    files: Mapping[str, str],
    objections: Mapping[str, str],
    comments: Collection[tuple[str, str]],
    outdated: Collection[str],
    groups: Mapping[str, EntityGroup],
    groups_of: Callable[[str], Mapping[str, EntityGroup] | None],
    lost_of: Callable[[Ticket, Sequence[str]], tuple[LostWords, ...]] = lambda *_: (),
) -> tuple[LaterChange, ...]:
    """Return what people have to change in issues that exist, by number, vanished ones last.

    `content_sha256`, `source_word` and `groups` are of the upload the tickets are from now;
    `groups_of` gives the groups of an earlier one by its hash, None where its copy is gone. By
    ticket id: the `places` of issues, the `contents` they say (what is not known is not compared),
    the `files` on them, the `objections` for which the last update left them, and those whose text
    is `outdated`: it names issues that were taken back. `lost_of` gives what a ticket lacks of what
    people gave it, by the parts that differ. `comments` of ours are about ticket id and
    `content_hash` of a change.
    """
    known_groups = cache(groups_of)  # issues may be of several uploads, and each is read whole
    changes = []
    for rendered_ticket in rendered:
        ticket = rendered_ticket.ticket
        group = groups[ticket.group_key]
        was = contents.get(ticket.ticket_id)
        place = places.get(ticket.ticket_id)
        if place is None or was is None or was.content is None:
            continue
        names = (NAMES,) if ticket.ticket_id in outdated else ()
        if is_as_sent(was, rendered_ticket.rendered_hash) and not names:
            continue
        earlier = (known_groups(was.content_sha256) or {}).get(ticket.group_key)
        now = content_of(ticket, group)
        unknown = (DESCRIPTION,) if DESCRIPTION in was.content else ()
        parts = (*differing_parts(was.content, now), *unknown, *names)
        if not parts:
            continue
        is_of_rows = FACTS in parts and earlier is not None
        cells = changed_cells(earlier, group) if is_of_rows else ()
        becomes = replace(
            was,
            rendered_hash=rendered_ticket.rendered_hash,
            revision=ticket.revision.number,
            content_sha256=content_sha256,
            content=now,
            left=(),
        )
        attachment = rendered_ticket.attachment
        file = None if attachment is None else hashed_file_name(*attachment)
        old_file = files.get(ticket.ticket_id)
        lacks = lost_of(ticket, parts)
        objection = objections.get(ticket.ticket_id, "")
        if lacks or objection.startswith(TICKET_LACKS):  # as it is now, whatever was found before
            objection = lacks_text(lacks)
        changes.append(
            replace(
                _change_of(ticket, place, becomes=becomes, source_word=source_word),
                parts=tuple(part for part in parts if part != FACTS or not cells),
                cells=cells,
                sent_revision=was.revision,
                is_rest=was.rendered_hash == rendered_ticket.rendered_hash and not names,
                objection=objection,
                lacks=lacks,
                file=None if file == old_file else file,
                old_file=None if file == old_file else old_file,
            )
        )
    for ticket in vanished:
        place = places.get(ticket.ticket_id)
        if place is None:
            continue
        becomes = SentContent(
            rendered_hash="", revision=ticket.revision.number, content_sha256=content_sha256
        )
        change = _change_of(ticket, place, becomes=becomes, source_word=source_word)
        changes.append(replace(change, is_vanished=True))
    return tuple(
        replace(change, is_commented=(change.ticket_id, change.content_hash) in comments)
        for change in changes
        if change.jira_key
    )


def naming_removed_issues(
    entries: Iterable[LedgerEntry], tickets: Sequence[Ticket]
) -> frozenset[str]:
    """Return the ids of tickets whose issues name others that were taken back since, and are again."""
    removed_at: dict[str, int] = {}
    """Sequence of the last removal, by ticket id."""
    written_at: dict[str, int] = {}
    """Sequence of the last writing of the text, by ticket id."""
    issue_ids: dict[str, str | None] = {}
    """Of the issues that exist, by ticket id."""
    for entry in entries:
        if entry.subject is LedgerSubject.ISSUE:
            match entry.event:
                case LedgerEvent.RELEASED if issue_ids.get(entry.ticket_id) != entry.remote_id:
                    pass  # another issue of it
                case LedgerEvent.REMOVED | LedgerEvent.RELEASED:
                    removed_at[entry.ticket_id] = entry.sequence
                    issue_ids.pop(entry.ticket_id, None)
                case LedgerEvent.RECEIPT:
                    written_at[entry.ticket_id] = entry.sequence
                    issue_ids[entry.ticket_id] = entry.remote_id
                case LedgerEvent.UPDATED:
                    written_at[entry.ticket_id] = entry.sequence
                case _:
                    pass

    def names_removed(ticket: Ticket) -> bool:
        others = issue_ids.keys() & {*ticket.depends_on, *ticket.relates_to}
        return any(removed_at.get(other, 0) > written_at[ticket.ticket_id] for other in others)

    return frozenset(
        ticket.ticket_id
        for ticket in tickets
        if ticket.ticket_id in issue_ids and names_removed(ticket)
    )


def is_as_sent(was: SentContent, rendered_hash: str) -> bool:
    """Tell whether an issue says what its ticket says; then no document has to be read."""
    return was.rendered_hash == rendered_hash and not was.left


def _change_of(
    ticket: Ticket, place: TicketExport, *, becomes: SentContent, source_word: SourceWord
) -> LaterChange:
    return LaterChange(
        ticket_id=ticket.ticket_id,
        number=ticket.number,
        title=ticket.title,
        jira_key=place.jira_key or "",
        jira_url=place.jira_url or "",
        becomes=becomes,
        source_word=source_word,
    )
