"""What was read and rendered already, so that the steps of a run do it once.

Everything here can be computed again: contents are named by the upload's content, renderings by
what the ticket says. Contents are kept by a process, renderings also in a file of the session. One
that is damaged, or of other sheets or other code, counts as absent; a document that is not what its
hash says is rendered again.
"""

import hashlib
import json
import logging
import os
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from functools import cache
from importlib import metadata, resources
from pathlib import Path
from typing import TypeVar, cast

from jira_pipeline.domain.entities import SourceFile
from jira_pipeline.domain.entity_groups import EntityGroup
from jira_pipeline.domain.rendered_tickets import RenderedTicket, rendered_hash_of
from jira_pipeline.domain.sessions import UploadSession
from jira_pipeline.domain.tickets import Ticket
from jira_pipeline.ports.specification import SpecificationSource
from jira_pipeline.stages.adf_validation import refuse_without_rows, render_tickets
from jira_pipeline.stages.session_contents import (
    SessionContents,
    read_earlier_contents,
    read_session_contents,
)
from jira_pipeline.stages.upload_reading import upload_path_of

RENDERINGS_FOLDER = "rendered_tickets"
"""Beside the artefacts of the assets, and removed with them."""
KEY_CHARACTERS = 64
logger = logging.getLogger(__name__)
ROOT = "jira_pipeline"
ROOMS = ("adf", "domain", "sources", "stages")
LIBRARIES = ("markdown-it-py", "selectolax")
SESSIONS_KEPT = 4
LISTS_KEPT = 12
# Tickets, ledger and places of some sessions; each takes up to 15 MB where there are 10,000.
# A daemon works on a few sessions at a time; one of 100 times a large site holds 200 MB.

ContentsKey = tuple[str, bool, bool]
Read = TypeVar("Read")


class SessionMemory:
    """Reads and renders what it has not seen yet; threads that ask at once wait for each other.

    So two requests for one site read its sheets once.
    """

    def __init__(
        self,
        *,
        source: SpecificationSource,
        registered_files: Callable[[str], tuple[SourceFile, ...]],
        uploads_path: Path,
        renderings_path: Path,
        body_max_bytes: int,
    ) -> None:
        """Start with nothing; `registered_files` returns the files of a session by its key."""
        self._source = source
        self._registered_files = registered_files
        self._uploads_path = uploads_path
        self._renderings_path = renderings_path
        self._body_max_bytes = body_max_bytes
        self._contents: dict[ContentsKey, SessionContents] = {}
        self._rendered: dict[ContentsKey, dict[str, RenderedTicket]] = {}
        self._earlier: dict[ContentsKey, Mapping[str, EntityGroup] | None] = {}
        self._as_of: dict[tuple[str, str], tuple[object, object]] = {}
        self._lock = threading.RLock()

    def as_of(self, mark: object, what: str, session_key: str, read: Callable[[], Read]) -> Read:
        """Return what was read of a session at an equal mark before, else read it now.

        The mark is looked up before the reading: what changes in between is read once more.
        """
        key = (what, session_key)
        known = self._as_of.get(key)
        if known is not None and known[0] == mark:
            return cast("Read", known[1])
        found = read()
        with self._lock:
            self._as_of.pop(key, None)
            while len(self._as_of) >= LISTS_KEPT:
                del self._as_of[next(iter(self._as_of))]
            self._as_of[key] = mark, found
        return found

    def contents(self, session: UploadSession) -> SessionContents:
        """Return the sheets of a session, read and grouped.

        Raises:
            StoreError: The kept copy is not what was registered; looked at when it is read.
        """
        key = _key_of(session)
        with self._lock:
            contents = self._contents.pop(key, None) or read_session_contents(
                session,
                registered=self._registered_files(session.session_key),
                source=self._source,
                uploads_path=self._uploads_path,
            )
            while len(self._contents) >= SESSIONS_KEPT:
                longest_unused = next(iter(self._contents))
                del self._contents[longest_unused]
                self._rendered.pop(longest_unused, None)
            self._contents[key] = contents
            return contents

    def earlier_groups(
        self, session: UploadSession, content_sha256: str
    ) -> Mapping[str, EntityGroup] | None:
        """Return the groups of an earlier upload of a session; None where its copy is gone."""
        manifest = session.manifest
        path = upload_path_of(session.session_key, content_sha256)
        key = (path, manifest.include_waiting, manifest.removals)
        with self._lock:
            if key not in self._earlier:
                contents = read_earlier_contents(
                    session,
                    content_sha256=content_sha256,
                    source=self._source,
                    uploads_path=self._uploads_path,
                )
                self._earlier = {key: None if contents is None else contents.groups_by_key}
            return self._earlier[key]

    def rendered(
        self, session: UploadSession, tickets: tuple[Ticket, ...]
    ) -> tuple[RenderedTicket, ...]:
        """Return tickets of a session as Jira would get them now.

        Raises:
            GateError: A ticket's group is not in the sheets any more.
        """
        with self._lock:
            return self._rendered_now(session, tickets)

    def _rendered_now(
        self, session: UploadSession, tickets: tuple[Ticket, ...]
    ) -> tuple[RenderedTicket, ...]:
        groups = self.contents(session).groups_by_key
        refuse_without_rows(tickets, groups)
        contents_key = _key_of(session)
        by_key = {content_key_of(ticket): ticket for ticket in tickets}
        known = self._rendered.get(contents_key, {})
        unseen = {key: ticket for key, ticket in by_key.items() if key not in known}
        path = self._renderings_path / f"{session.session_key}.json"
        made_by = f"{rendering_of(body_max_bytes=self._body_max_bytes)} {contents_key}"
        found = known | read_renderings(path, unseen, made_by=made_by)
        missing = [key for key in by_key if key not in found]
        made = render_tickets(
            [by_key[key] for key in missing], groups=groups, body_max_bytes=self._body_max_bytes
        )
        found |= zip(missing, made, strict=True)
        self._rendered[contents_key] = {key: found[key] for key in by_key}
        if missing:
            write_renderings(path, self._rendered[contents_key], made_by=made_by)
        return tuple(
            replace(rendered, ticket=ticket)
            for rendered, ticket in zip(self._rendered[contents_key].values(), tickets, strict=True)
        )


def _key_of(session: UploadSession) -> ContentsKey:
    manifest = session.manifest
    return session.upload_path, manifest.include_waiting, manifest.removals


@cache
def rendering_of(*, body_max_bytes: int) -> str:
    """Name the code that reads sheets and renders tickets: equal only where both do the same.

    It is a hash over every module that has a part in what Jira gets, and the versions of the
    libraries below them, so nobody has to remember to raise a number.
    """
    digest = hashlib.sha256(f"body_max_bytes={body_max_bytes}\n".encode())
    for name in LIBRARIES:
        digest.update(f"{name}=={metadata.version(name)}\n".encode())
    root = resources.files(ROOT)
    for room in ROOMS:
        with resources.as_file(root / room) as folder:
            for path in sorted(folder.rglob("*.py")):
                digest.update(f"{path.relative_to(folder)}\n".encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


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
