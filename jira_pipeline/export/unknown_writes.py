"""Issues whose text was written by what this ledger does not know, as after an older backup.

Belongs here: which issues these are, whether such an issue says what its ticket says, what the
ledger notes of it. Does not: writing texts (`text_writes`), which issues are updated (`updating`),
reading issues back (`lookups`).

A ledger that was put back from a backup, or copied, has forgotten writes that Jira has done. The
issue remembers the last one in its properties. What it says then may be newer than its ticket, so
it is compared; where both differ, a person decides. Source: docs/export.md, rule 15.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from jira_pipeline.export.export_run import MARKER_PROPERTY, UPDATE_PROPERTY, ExportRun, marker_in
from jira_pipeline.export.issue_texts import BLOCKS_PROPERTY, merged_text
from jira_pipeline.export.ledger_page import LedgerPage, WriteSubject
from jira_pipeline.export.lookups import read_some
from jira_pipeline.export.text_writes import unknown_text_reason
from jira_pipeline.jira.adf.merging import fingerprint
from jira_pipeline.model.exports import LedgerEntry, LedgerEvent, Origin, SentContent
from jira_pipeline.model.issue_tracker import FoundIssue, IssueText, JsonObject
from jira_pipeline.model.rendered_tickets import RenderedTicket
from jira_pipeline.model.ticket_hashes import DESCRIPTION
from jira_pipeline.model.ticket_links import as_cards

TITLE = "title"
DIFFERENT = "different"
"""What the ledger has in the place of the hash of a part that is not the ticket's."""
_TEXT_PROPERTIES = (MARKER_PROPERTY, UPDATE_PROPERTY, BLOCKS_PROPERTY)
_EMPTY_DOCUMENT: Mapping[str, object] = {"type": "doc", "version": 1, "content": []}


def is_written_unknown(
    page: LedgerPage, receipt: LedgerEntry, properties: Mapping[str, object]
) -> bool:
    """Tell whether the last write of ours that an issue remembers is not in the ledger.

    One whose text was found to be that of its ticket is.
    """
    write = _last_write_in(properties, receipt)
    return bool(write) and write not in _known_writes(page, receipt, is_noted_too=False)


def says_ticket(run: ExportRun, rendered: RenderedTicket, text: IssueText) -> bool:
    """Tell whether an update would change nothing in an issue that this store may not know."""
    return not _differing(run, rendered, text)


def note_unknown_writes(run: ExportRun, shown: Mapping[str, FoundIssue]) -> None:
    """Compare the issues, as `shown` by id, whose last write is unknown, and note what they say.

    Each is noted once. Where one differs from its ticket an update leaves it to a person.
    """
    tickets = {rendered.ticket.ticket_id: rendered for rendered in run.order.rendered}
    unknown: dict[str, tuple[LedgerEntry, RenderedTicket]] = {}
    for receipt in run.page.issue_receipts():
        issue = shown.get(receipt.remote_id or "")
        rendered = tickets.get(receipt.ticket_id)
        if issue is None or rendered is None:
            continue
        write = _last_write_in(issue.properties, receipt)
        if write and write not in _known_writes(run.page, receipt, is_noted_too=True):
            unknown[issue.issue_id] = receipt, rendered
    if not unknown:
        return
    fields = ("summary", "description")
    read, _ = read_some(run, list(unknown), fields=fields, properties=_TEXT_PROPERTIES)
    for issue_id, issue in read.items():
        receipt, rendered = unknown[issue_id]
        _note(run, receipt, rendered, issue)


def _note(
    run: ExportRun, receipt: LedgerEntry, rendered: RenderedTicket, issue: FoundIssue
) -> None:
    """Note in the ledger what an issue says that something else than this store wrote."""
    text = IssueText(
        key=issue.key,
        updated="",
        summary=issue.summary,
        description=issue.description,
        changes=(),
        properties=issue.properties,
    )
    differing = _differing(run, rendered, text)
    sent = _content_there(run, rendered, differing)
    noted_write = _last_write_in(issue.properties, receipt)
    run.page.write(
        WriteSubject.of(receipt),
        LedgerEvent.RECEIPT,
        remote_id=receipt.remote_id,
        remote_key=issue.key,
        detail="read back: written by what this store does not know",
        sent=replace(sent, noted_write=noted_write),
        origin=receipt.origin,
    )
    if differing:
        description = rendered.document_naming(as_cards(run.address_of))
        reason = unknown_text_reason(text, summary=rendered.summary, description=description)
        run.page.write_of_issue(receipt, LedgerEvent.UPDATE_LEFT, detail=reason)


def _content_there(
    run: ExportRun, rendered: RenderedTicket, differing: Collection[str]
) -> SentContent:
    """Return what an issue says: as its ticket does, but for the parts in which it differs."""
    content = run.order.content_of(rendered.ticket)
    if content is not None:
        content = {**content, **dict.fromkeys(differing, DIFFERENT)}
    if differing:  # no revision of the ticket says it as a whole
        return SentContent(
            rendered_hash="",
            revision=0,
            content_sha256=run.order.content_sha256,
            content=content,
        )
    return SentContent(
        rendered_hash=rendered.rendered_hash,
        revision=rendered.ticket.revision.number,
        content_sha256=run.order.content_sha256,
        content=content,
    )


def _differing(run: ExportRun, rendered: RenderedTicket, text: IssueText) -> tuple[str, ...]:
    """Return the parts in which an issue does not say what its ticket says.

    Beside what people wrote there, as an update would put it; another ticket is named as it is there.
    """
    theirs = text.description or _EMPTY_DOCUMENT
    cards = frozenset(_cards_in(theirs))

    def address_of(group_key: str) -> str | None:
        address = run.address_of(group_key)
        return address if address in cards else None

    merged = merged_text(text, rendered.summary, rendered.document_naming(as_cards(address_of)))
    parts = []
    if merged.summary != text.summary:
        parts.append(TITLE)
    if fingerprint(merged.description or _EMPTY_DOCUMENT) != fingerprint(theirs):
        parts.append(DESCRIPTION)
    return tuple(parts)


def _last_write_in(properties: Mapping[str, object], receipt: LedgerEntry) -> str:
    """Name the last write of ours that the issue of a receipt remembers; empty: there is none."""
    marker = marker_in(properties)
    if marker is None or marker.identity != receipt.identity:
        return ""
    update = properties.get(UPDATE_PROPERTY)
    if isinstance(update, Mapping):
        return f"{update.get('sequence')}:{update.get('text')}"
    return "" if receipt.origin is Origin.ADOPTED else f"{marker.sequence}:"


def _known_writes(page: LedgerPage, receipt: LedgerEntry, *, is_noted_too: bool) -> frozenset[str]:
    """Return the names of the writes to an issue that the ledger has.

    `is_noted_too`: also of those that were compared with another text of the ticket.
    """
    names = set()
    for entry in page.entries_of(receipt.identity):
        sent = entry.sent
        if entry.event is LedgerEvent.INTENT:
            names.add(f"{entry.sequence}:")
        elif (
            entry.event is LedgerEvent.UPDATE_INTENT and sent is not None and sent.text is not None
        ):
            names.add(f"{entry.sequence}:{sent.text.wanted_hash}")
        elif entry.event is LedgerEvent.RECEIPT and sent is not None:
            if sent.rendered_hash or is_noted_too:
                names.add(sent.noted_write)
    return frozenset(names)


def _cards_in(node: JsonObject) -> Iterator[str]:
    """Yield the addresses of the cards in a document."""
    attributes = node.get("attrs")
    if node.get("type") == "inlineCard" and isinstance(attributes, Mapping):
        yield str(attributes.get("url"))
    children = node.get("content")
    for child in children if isinstance(children, list) else ():
        yield from _cards_in(child)
