"""Tickets as an issue tracker will get them.

Belongs here: the value the renderer makes and the export sends, and how its file is named. Does
not: rendering (`stages/ticket_rendering`), sending (`stages/jira_export`).
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from typing_extensions import override

from jira_pipeline.domain.ticket_links import Naming, by_title, names_tickets, written_out
from jira_pipeline.domain.tickets import Ticket, canonical_json

FILE_NAME_HASH_LENGTH = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedTicket:
    """One ticket with everything that is sent for it; skipped tickets are rendered too."""

    ticket: Ticket
    summary: str
    description_adf: Mapping[str, object]
    """The document as it is kept and hashed: links to other tickets name their groups."""
    attachment: tuple[str, str] | None
    """File name and text; the name should come from `hashed_file_name`."""
    rendered_hash: str
    """Hash over title, document, attachment, fields: whatever issues exist, it is the same."""
    whole_characters: int = 0
    """Characters of text of the whole ticket, where the body is a part of it; else 0."""
    content_digest: "hashlib._Hash | None" = field(default=None, compare=False, repr=False)
    """`content_digest_of` document and attachment, where it was made already."""

    @property
    def document(self) -> dict[str, object]:
        """The document as nodes, as Jira gets it where no other ticket has an issue."""
        return self.document_naming(by_title)

    def document_naming(self, naming: Naming) -> dict[str, object]:
        """Return the document as nodes, with other tickets named so; made again each time."""
        nodes: dict[str, object] = json.loads(self._kept_text)
        return written_out(nodes, naming) if names_tickets(self._kept_text) else nodes

    @property
    def largest_bytes(self) -> int:
        """Size of the document as it is kept: in no form that is sent it is larger."""
        return len(self._kept_text.encode("utf-8", "surrogatepass"))

    @property
    def _kept_text(self) -> str:
        kept = self.description_adf
        return kept.text if isinstance(kept, KeptDocument) else canonical_json(kept)

    @property
    def is_skipped(self) -> bool:
        """People decided not to export it."""
        return self.ticket.skipped_reason is not None


class KeptDocument(Mapping[str, object]):
    """A document as its canonical JSON, read whenever it is looked into.

    As many documents as a session has, as nodes, held everybody up for 0.6 s at every full garbage
    collection of a server (1,000 tickets, 540,000 nodes).
    """

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        """Keep the text."""
        self.text = text

    @override
    def __getitem__(self, name: str) -> object:
        return json.loads(self.text)[name]

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(json.loads(self.text))

    @override
    def __len__(self) -> int:
        return len(json.loads(self.text))

    @override
    def __repr__(self) -> str:
        return f"KeptDocument({self.text})"


def content_digest_of(document_json: str, *, attachment: tuple[str, str] | None) -> "hashlib._Hash":
    """Hash the large part of all Jira gets, with which its canonical JSON begins.

    `document_json` is canonical, too. Hash the rest with a copy.
    """
    begun = f'{{"attachment":{canonical_json(attachment)},"description":{document_json}'
    return hashlib.sha256(begun.encode("utf-8"))


def hash_with_fields(ticket: Ticket, content_digest: "hashlib._Hash") -> str:
    """Hash the rest of it, too: what may change while document and attachment stay."""
    rest = canonical_json(
        {
            "fields": [ticket.assignee, ticket.sprint, ticket.priority, ticket.parent],
            "labels": sorted(ticket.labels),
            "links": [ticket.depends_on, ticket.relates_to],
            "summary": ticket.title,
        }
    )
    digest = content_digest.copy()
    digest.update(f",{rest[1:]}".encode())
    return digest.hexdigest()


def hashed_file_name(file_name: str, text: str) -> str:
    """Put 8 hex digits of the content's hash before the suffix, unless they are there already.

    Source: docs/export.md, rule 9: an attachment sent twice is recognised by its name.
    """
    digest = hashlib.sha256(text.encode("utf-8")).hexdigest()[:FILE_NAME_HASH_LENGTH]
    path = PurePosixPath(file_name)
    if path.stem.endswith(digest):
        return file_name
    return f"{path.stem}-{digest}{path.suffix}"
