"""What changed after an issue was created: people make these changes in Jira, or an update does.

Belongs here: comparing what each issue says with what its ticket says now, which of it is text, and
recording that a person made a change. Does not: updating issues (`updating`), asking Jira
(`ledger_comparison`), reporting (`results`, `sessions/export_report`).

Contents are compared, not renderings (`model/ticket_hashes`): a line that moved is no change.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from jira_pipeline.export.lost_words import TICKET_LACKS, LostWords, lacks_text
from jira_pipeline.export.text_writes import OVERWRITABLE
from jira_pipeline.model.changed_cells import changed_cells
from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline.model.exports import LedgerEntry, LedgerEvent, LedgerSubject, SentContent
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.rendered_tickets import RenderedTicket, hashed_file_name
from jira_pipeline.model.source_tables import SourceWord
from jira_pipeline.model.ticket_exports import TicketExport
from jira_pipeline.model.ticket_hashes import DESCRIPTION, FACTS, content_of, differing_parts
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
    """What the ledger is to record once a person made the change in the issue."""
    sent_revision: int = 0
    """The revision of the ticket that the issue was last sent as."""
    is_vanished: bool = False
    """The sheets no longer ask for it."""
    parts: tuple[str, ...] = ()
    """The parts of its content that differ; without `facts` where `cells` say more exactly what."""
    cells: tuple[ChangedCell, ...] = ()
    """Cells of the sheets that differ."""
    file: str | None = None
    """The file of the ticket as it is now; None: the issue has it, or there is none."""
    old_file: str | None = None
    """The file on the issue that is out of date."""
    is_rest: bool = False
    """An update wrote its text already; only what an update does not write still differs."""
    objection: str = ""
    """Why the last update left the issue as it is; empty: it was not tried, or nothing was."""
    is_commented: bool = False
    """A comment of ours on the issue says all of it."""
    lacks: tuple[LostWords, ...] = ()
    """What reviewers gave the ticket and only the issue still has: an update waits for a person."""

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
        """An update would lose words of people, so a person decides whether it may overwrite them."""
        return self.is_text and self.objection.startswith((*OVERWRITABLE, TICKET_LACKS))

    @property
    def content_hash(self) -> str:
        """Name the change, so that a person confirms the one they looked at."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketSource:
    """The upload that the tickets are from now, and where the groups of earlier ones are found."""

    content_sha256: str
    source_word: SourceWord
    groups: Mapping[str, EntityGroup]
    find_earlier_groups: Callable[[str], Mapping[str, EntityGroup] | None]
    """Gives the groups of an earlier upload by its hash; None where its copy is gone."""


def _no_lost_words(_ticket: Ticket, _parts: Sequence[str]) -> tuple[LostWords, ...]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedIssues:
    """What ledger and store know of a session's issues, by ticket id."""

    places: Mapping[str, TicketExport]
    contents: Mapping[str, SentContent]
    """What each issue was last sent as; an issue whose content is not known is not compared."""
    files: Mapping[str, str]
    """Names of the files on the issues."""
    objections: Mapping[str, str]
    """Why the last update left an issue as it is."""
    outdated: Collection[str]
    """Ids of tickets whose issues name others that were deleted and created again."""
    comments: Collection[tuple[str, str]]
    """Ticket id and `content_hash` of each change that a comment of ours is about."""
    find_lost_words: Callable[[Ticket, Sequence[str]], tuple[LostWords, ...]] = _no_lost_words
    """Gives what reviewers gave a ticket and only its issue still has, for the parts that differ."""


def later_changes(
    rendered: Sequence[RenderedTicket],
    vanished: Iterable[Ticket],
    *,
    source: TicketSource,
    issues: ExportedIssues,
) -> tuple[LaterChange, ...]:
    """Return what people have to change in issues that exist, by number, vanished ones last."""
    # Issues may be of several uploads, and the copy of an upload is read as a whole.
    find_groups_once = cache(source.find_earlier_groups)
    cached_source = replace(source, find_earlier_groups=find_groups_once)
    changes = []
    for rendered_ticket in rendered:
        change = _change_of_content(rendered_ticket, source=cached_source, issues=issues)
        if change is not None:
            changes.append(change)
    for ticket in vanished:
        place = issues.places.get(ticket.ticket_id)
        if place is None:
            continue
        becomes = SentContent(
            rendered_hash="",
            revision=ticket.revision.number,
            content_sha256=source.content_sha256,
        )
        change = _change_of(ticket, place, becomes=becomes, source_word=source.source_word)
        changes.append(replace(change, is_vanished=True))
    return tuple(
        replace(change, is_commented=(change.ticket_id, change.content_hash) in issues.comments)
        for change in changes
        if change.jira_key
    )


def _change_of_content(
    rendered_ticket: RenderedTicket, *, source: TicketSource, issues: ExportedIssues
) -> LaterChange | None:
    """Return how a ticket differs from what its issue was last sent as; None: in nothing."""
    ticket = rendered_ticket.ticket
    place = issues.places.get(ticket.ticket_id)
    sent = issues.contents.get(ticket.ticket_id)
    if place is None or sent is None or sent.content is None:
        return None
    names = (NAMES,) if ticket.ticket_id in issues.outdated else ()
    if is_as_sent(sent, rendered_ticket.rendered_hash) and not names:
        return None
    group = source.groups[ticket.group_key]
    content = content_of(ticket, group)
    # Of this text it is not known which part differs.
    whole_text = (DESCRIPTION,) if DESCRIPTION in sent.content else ()
    parts = (*differing_parts(sent.content, content), *whole_text, *names)
    if not parts:
        return None
    earlier_groups = source.find_earlier_groups(sent.content_sha256) or {}
    earlier_group = earlier_groups.get(ticket.group_key)
    cells: tuple[ChangedCell, ...] = ()
    if FACTS in parts and earlier_group is not None:
        cells = changed_cells(earlier_group, group)
    becomes = replace(
        sent,
        rendered_hash=rendered_ticket.rendered_hash,
        revision=ticket.revision.number,
        content_sha256=source.content_sha256,
        content=content,
        left=(),
    )
    attachment = rendered_ticket.attachment
    file = None if attachment is None else hashed_file_name(*attachment)
    old_file = issues.files.get(ticket.ticket_id)
    lacks = issues.find_lost_words(ticket, parts)
    objection = issues.objections.get(ticket.ticket_id, "")
    # The last update may have found other words missing, or words that the ticket has by now.
    if lacks or objection.startswith(TICKET_LACKS):
        objection = lacks_text(lacks)
    return replace(
        _change_of(ticket, place, becomes=becomes, source_word=source.source_word),
        parts=tuple(part for part in parts if part != FACTS or not cells),
        cells=cells,
        sent_revision=sent.revision,
        is_rest=sent.rendered_hash == rendered_ticket.rendered_hash and not names,
        objection=objection,
        lacks=lacks,
        file=None if file == old_file else file,
        old_file=None if file == old_file else old_file,
    )


def naming_removed_issues(
    entries: Iterable[LedgerEntry], tickets: Sequence[Ticket]
) -> frozenset[str]:
    """Return the ids of tickets whose issues name, in their text, an issue that was replaced since.

    The other ticket's issue was taken back after the text was written, and created again.
    """
    removed_at: dict[str, int] = {}
    """Sequence of the last removal, by ticket id."""
    written_at: dict[str, int] = {}
    """Sequence of the last writing of the text, by ticket id."""
    issue_ids: dict[str, str | None] = {}
    """Ids of the issues that exist, by ticket id."""
    for entry in entries:
        if entry.subject is LedgerSubject.ISSUE:
            match entry.event:
                case LedgerEvent.RELEASED if issue_ids.get(entry.ticket_id) != entry.remote_id:
                    pass  # people released another issue of the ticket, not the one that counts
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
    outdated = set()
    for ticket in tickets:
        if ticket.ticket_id not in issue_ids:
            continue
        named_ids = issue_ids.keys() & {*ticket.depends_on, *ticket.relates_to}
        text_written_at = written_at[ticket.ticket_id]
        if any(removed_at.get(named_id, 0) > text_written_at for named_id in named_ids):
            outdated.add(ticket.ticket_id)
    return frozenset(outdated)


def is_as_sent(was: SentContent, rendered_hash: str) -> bool:
    """Tell by its hash whether an issue says what its ticket says, without reading a document."""
    return was.rendered_hash == rendered_hash and not was.left


def _change_of(
    ticket: Ticket, place: TicketExport, *, becomes: SentContent, source_word: SourceWord
) -> LaterChange:
    """Return a change that names the ticket and its issue, and says nothing yet of what differs."""
    return LaterChange(
        ticket_id=ticket.ticket_id,
        number=ticket.number,
        title=ticket.title,
        jira_key=place.jira_key or "",
        jira_url=place.jira_url or "",
        becomes=becomes,
        source_word=source_word,
    )
