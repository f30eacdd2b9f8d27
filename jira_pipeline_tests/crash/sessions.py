"""A small session in a store: its tickets, how they change later, what the ledger has of it.

Belongs here: builders for tests of the export. Does not: the site and its processes (`export_world`).
"""

from collections.abc import Collection, Mapping
from dataclasses import replace

from jira_pipeline.export.export_run import ExportOrder
from jira_pipeline.export.later_changes import LaterChange
from jira_pipeline.export.results import issue_contents
from jira_pipeline.model.exports import LedgerEntry, SentContent
from jira_pipeline.model.rendered_tickets import RenderedTicket, hashed_file_name
from jira_pipeline.model.source_tables import SourceWord
from jira_pipeline.model.ticket_hashes import approved_hash_of
from jira_pipeline.model.ticket_validations import TicketValidation, Validation
from jira_pipeline.model.tickets import Ticket, TicketDraft, canonical_hash, canonical_json
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.stored_values import START, a_draft, an_upload

SESSION_KEY = "site"
PROJECT_KEY = "SBX"
FULL_TEXT = "Everything that did not fit.\n"

DRAFTS: tuple[TicketDraft, ...] = (
    a_draft(1, depends_on=("t04",)),
    a_draft(2, relates_to=("t05",), assignee="ada@sandbox.example"),
    a_draft(3, depends_on=("t01", "t02")),
    a_draft(4, labels=("drupal", "content")),
    a_draft(5, depends_on=("t03",), relates_to=("t02",)),
)
ATTACHED = ("t02", "t03")
TITLES = frozenset(draft.title for draft in DRAFTS)
CHANGED = ("t01", "t02", "t04")
WITH_FILES = ("t01", "t04")
OTHER_DEPENDENCIES: Mapping[str, tuple[str, ...]] = {"t01": (), "t04": ("t05",)}
"""One link falls away, another one is new."""


def later_drafts(when: str) -> tuple[TicketDraft, ...]:
    """Return the session's drafts with three of them changed, one of which a person edits in Jira."""
    return tuple(
        replace(
            draft,
            title=f"{draft.title}, {when}",
            depends_on=OTHER_DEPENDENCIES.get(draft.ticket_id, draft.depends_on),
        )
        if draft.ticket_id in CHANGED
        else draft
        for draft in DRAFTS
    )


LATER_DRAFTS = later_drafts("later")


def entries_of(store: Store) -> tuple[LedgerEntry, ...]:
    """Return what the ledger has of the session, on all targets."""
    found = [
        entry
        for target in store.ledger.targets()
        for entry in store.ledger.entries(target_id=target.target_id, session_key=SESSION_KEY)
    ]
    return tuple(sorted(found, key=lambda entry: entry.sequence))


def render(ticket: Ticket) -> RenderedTicket:
    """Render a ticket to the smallest real document."""
    attachment = ("full text.md", FULL_TEXT) if ticket.ticket_id in ATTACHED else None
    return RenderedTicket(
        ticket=ticket,
        summary=ticket.title,
        kept_text=canonical_json(document(ticket.title)),
        attachment=attachment,
        rendered_hash=canonical_hash([ticket.title, attachment]),
        approved_hash=approved_hash_of(ticket, ""),
    )


def document(text: str) -> Mapping[str, object]:
    paragraph = {"type": "paragraph", "content": [{"type": "text", "text": text}]}
    return {"type": "doc", "version": 1, "content": [paragraph]}


def fill_store(store: Store, drafts: tuple[TicketDraft, ...] = DRAFTS) -> None:
    """Put a session into a store that is validated and ready; tickets it had besides are withdrawn."""
    upload = an_upload(SESSION_KEY)
    store.sessions.register(upload, at=START, actor="a test")
    store.tickets.save_generated(SESSION_KEY, drafts, at=START)
    gone = [ticket.ticket_id for ticket in store.tickets.list_vanished(SESSION_KEY)]
    if gone:
        store.tickets.withdraw(SESSION_KEY, gone, reason="", by="a test", at=START)
    store.sessions.mark_generated(SESSION_KEY, from_sha256=upload.content_sha256, at=START)
    make_ready(store)


def make_ready(store: Store) -> None:
    """Validate all tickets of the session and mark them ready."""
    rendered = [render(ticket) for ticket in store.tickets.list_all(SESSION_KEY)]
    store.validations.record(validation_of(rendered))
    hashes = {r.ticket.ticket_id: r.hashes for r in rendered}
    store.tickets.mark_ready(SESSION_KEY, hashes, by="a test", at=START)


def validation_of(rendered: list[RenderedTicket], *, is_passed: bool = True) -> Validation:
    return Validation(
        session_key=SESSION_KEY,
        at=START,
        results=tuple(
            TicketValidation(
                ticket_id=r.ticket.ticket_id,
                title=r.summary,
                is_passed=is_passed,
                rendered_hash=r.rendered_hash,
                adf_size_bytes=100,
                character_reduction=0,
                error_message="" if is_passed else "/content/0: unknown node",
            )
            for r in rendered
        ),
    )


def changes_of(order: ExportOrder, entries: Collection[LedgerEntry]) -> tuple[LaterChange, ...]:
    """Return which issues no longer say what their tickets say, by the hashes of both."""
    changes, contents = [], issue_contents(entries)
    there = {rendered.ticket.ticket_id for rendered in order.rendered}
    for ticket_id in sorted(contents.keys() - there):
        gone = replace(contents[ticket_id], rendered_hash="")
        changes.append(_change_of(ticket_id, 0, "", becomes=gone, is_vanished=True))
    for rendered in order.rendered:
        ticket = rendered.ticket
        was = contents.get(ticket.ticket_id)
        if was is not None and was.rendered_hash != rendered.rendered_hash:
            becomes = SentContent(
                rendered_hash=rendered.rendered_hash,
                revision=ticket.revision.number,
                content_sha256=order.content_sha256,
            )
            changes.append(
                _change_of(ticket.ticket_id, ticket.number, ticket.title, becomes=becomes)
            )
    return tuple(changes)


def _change_of(
    ticket_id: str, number: int, title: str, *, becomes: SentContent, is_vanished: bool = False
) -> LaterChange:
    return LaterChange(
        ticket_id=ticket_id,
        number=number,
        title=title,
        jira_key="",
        jira_url="",
        source_word=SourceWord.SHEETS,
        becomes=becomes,
        parts=() if is_vanished else ("title",),
        is_vanished=is_vanished,
    )


def with_files(order: ExportOrder) -> ExportOrder:
    """Return the order with a file for two of the tickets, which their descriptions name."""
    return replace(
        order,
        rendered=tuple(
            _with_file(r) if r.ticket.ticket_id in WITH_FILES else r for r in order.rendered
        ),
    )


def _with_file(rendered: RenderedTicket) -> RenderedTicket:
    name, text = "full text.md", f"All of {rendered.summary}.\n"
    words = f"{rendered.summary}, the whole in {hashed_file_name(name, text)}"
    return replace(rendered, attachment=(name, text), kept_text=canonical_json(document(words)))
