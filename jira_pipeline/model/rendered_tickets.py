"""Tickets as an issue tracker will get them: title, document, attachment, and their hashes.

Belongs here: the value that the renderer makes and the export sends, and how its file is named. Does
not: rendering (`tickets/documents/rendering`), what checking one found (`ticket_validations`), the
hashes (`ticket_hashes`), sending (`export/sending`).
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from jira_pipeline.model.ticket_decisions import APPROVED_AS_IT_IS
from jira_pipeline.model.ticket_hashes import NO_HASHES, TicketHashes
from jira_pipeline.model.ticket_links import Naming, by_title, names_tickets, written_out
from jira_pipeline.model.ticket_validations import TicketValidation
from jira_pipeline.model.tickets import Ticket

FILE_NAME_HASH_LENGTH = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedTicket:
    """One ticket with everything that is sent for it; skipped tickets are rendered too."""

    ticket: Ticket
    summary: str
    kept_text: str
    """The document as it is kept and hashed, canonical JSON: links to other tickets name their groups.

    As many documents as a session has, as nodes, held everybody up for 0.6 s at every full garbage
    collection of a server (1,000 tickets, 540,000 nodes).
    """
    attachment: tuple[str, str] | None
    """File name and text; the name should come from `hashed_file_name`."""
    rendered_hash: str
    """Hash over title, document, attachment, fields: whatever issues exist, it is the same."""
    approved_hash: str = ""
    """`approved_hash_of` the ticket with the rows that the document shows; empty of an epic."""
    whole_characters: int = 0
    """Characters of text of the whole ticket, where the body is a part of it; else 0."""
    verdict: TicketValidation | None = None
    """What checking it found; None where nobody did."""

    @property
    def document(self) -> dict[str, object]:
        """The document as nodes, as Jira gets it where no other ticket has an issue."""
        return self.document_naming(by_title)

    def document_naming(self, naming: Naming) -> dict[str, object]:
        """Return the document as nodes, with other tickets named so; made again each time."""
        nodes: dict[str, object] = json.loads(self.kept_text)
        return written_out(nodes, naming) if names_tickets(self.kept_text) else nodes

    @property
    def largest_bytes(self) -> int:
        """Size of the document as it is kept: in no form that is sent it is larger."""
        return len(self.kept_text.encode("utf-8", "surrogatepass"))

    @property
    def is_excluded(self) -> bool:
        """People decided not to export it."""
        return self.ticket.exclusion is not None

    @property
    def is_approved(self) -> bool:
        """Somebody, or auto approval, marked it ready, and what the mark covers is the same."""
        is_covered = self.ticket.approved_hash in {self.approved_hash, APPROVED_AS_IT_IS}
        return self.ticket.is_ready and is_covered

    @property
    def hashes(self) -> TicketHashes:
        return TicketHashes(rendered=self.rendered_hash, approved=self.approved_hash)


def without_documents(
    tickets: Iterable[Ticket], hashes_by_id: Mapping[str, TicketHashes]
) -> tuple[RenderedTicket, ...]:
    """Return tickets by their hashes alone, for who does not look at documents."""
    rendered = []
    for ticket in tickets:
        hashes = hashes_by_id.get(ticket.ticket_id, NO_HASHES)
        rendered.append(
            RenderedTicket(
                ticket=ticket,
                summary=ticket.title,
                kept_text="{}",
                attachment=None,
                rendered_hash=hashes.rendered,
                approved_hash=hashes.approved,
            )
        )
    return tuple(rendered)


def hashed_file_name(file_name: str, text: str) -> str:
    """Put 8 hex digits of the content's hash before the suffix, unless they are there already.

    Source: docs/export.md, rule 9: an attachment sent twice is recognised by its name.
    """
    digest = hashlib.sha256(text.encode("utf-8")).hexdigest()[:FILE_NAME_HASH_LENGTH]
    path = PurePosixPath(file_name)
    if path.stem.endswith(digest):
        return file_name
    return f"{path.stem}-{digest}{path.suffix}"
