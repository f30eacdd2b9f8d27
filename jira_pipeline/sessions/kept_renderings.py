"""Rendered tickets kept between processes: what did not change is not rendered again.

Belongs here: the file of a session. Does not: what a process has rendered itself (`memory`),
rendering (`stages/ticket_rendering`).

Everything in the file can be computed again. One that is damaged, or of other sheets or other code,
counts as absent; a document that is not what its hash says is rendered again.
"""

import hashlib
import json
import logging
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path

from jira_pipeline.domain.rendered_tickets import RenderedTicket, rendered_hash_of
from jira_pipeline.domain.tickets import Ticket

FOLDER = "rendered_tickets"
"""Beside the artefacts of the assets, and removed with them."""
KEY_CHARACTERS = 64
logger = logging.getLogger(__name__)


def content_key_of(ticket: Ticket) -> str:
    """Name what a ticket says: what people decided about it does not show in Jira."""
    content = replace(
        ticket,
        ready_hash=None,
        ready_by=None,
        skipped_reason=None,
        position=None,
        assigned_fields=(),
        source_changes=(),
    )
    text = json.dumps(asdict(content), sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def read_renderings(
    path: Path, wanted: Mapping[str, Ticket], *, made_by: str
) -> dict[str, RenderedTicket]:
    """Return those renderings of these tickets that the file holds; both by content key.

    `made_by` names sheets and code, and is the first line of the file.
    """
    found: dict[str, RenderedTicket] = {}
    if not wanted:
        return found
    try:
        with path.open(encoding="utf-8") as lines:
            if next(lines, "").rstrip("\n") != made_by:
                return found
            for line in lines:
                key = line[:KEY_CHARACTERS]
                if key in wanted:
                    rendered = _rendering_in(line[KEY_CHARACTERS:], wanted[key])
                    if rendered is not None:
                        found[key] = rendered
    except (OSError, ValueError) as error:  # ValueError: no JSON, no UTF-8
        logger.debug("the rendered tickets in %s cannot be read: %s", path, error)
    return found


def _rendering_in(text: str, ticket: Ticket) -> RenderedTicket | None:
    document, attachment, whole_characters, rendered_hash = json.loads(text)
    named = None if attachment is None else (str(attachment[0]), str(attachment[1]))
    if rendered_hash_of(ticket, document=document, attachment=named) != rendered_hash:
        return None
    return RenderedTicket(
        ticket=ticket,
        summary=ticket.title,
        description_adf=document,
        attachment=named,
        rendered_hash=rendered_hash,
        whole_characters=whole_characters,
    )


def write_renderings(path: Path, rendered: Mapping[str, RenderedTicket], *, made_by: str) -> None:
    """Keep renderings by content key, in place of those before; nothing is lost where it fails."""
    incoming = path.with_name(f".{path.name}.{os.getpid()}.incoming")  # a run may write it too
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with incoming.open("w", encoding="utf-8") as lines:
            lines.write(f"{made_by}\n")
            for key, one in rendered.items():
                values = (
                    one.description_adf,
                    one.attachment,
                    one.whole_characters,
                    one.rendered_hash,
                )
                lines.write(f"{key}{json.dumps(values, separators=(',', ':'))}\n")
        incoming.replace(path)
    except OSError as error:  # no room, or an account that only reads
        logger.debug("the rendered tickets cannot be kept in %s: %s", path, error)
        with suppress(OSError):
            incoming.unlink(missing_ok=True)
