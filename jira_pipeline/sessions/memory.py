"""What one process has read and rendered already, so that the steps of a run do it once.

Everything here can be computed again: contents are named by the upload's content, renderings by
the ticket as it is. Renderings are also kept between processes (`kept_renderings`).
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from importlib import metadata, resources
from pathlib import Path
from typing import TYPE_CHECKING

from jira_pipeline.domain.entities import SourceFile
from jira_pipeline.domain.entity_groups import EntityGroup
from jira_pipeline.domain.rendered_tickets import RenderedTicket
from jira_pipeline.domain.sessions import UploadSession
from jira_pipeline.domain.tickets import Ticket
from jira_pipeline.ports.specification import SpecificationSource
from jira_pipeline.sessions.kept_renderings import (
    content_key_of,
    read_renderings,
    write_renderings,
)
from jira_pipeline.stages.adf_validation import refuse_without_rows, render_tickets
from jira_pipeline.stages.session_contents import (
    SessionContents,
    read_earlier_contents,
    read_session_contents,
)
from jira_pipeline.stages.upload_reading import upload_path_of

if TYPE_CHECKING:
    pass

ROOT = "jira_pipeline"
ROOMS = ("adf", "domain", "sources", "stages")
LIBRARIES = ("markdown-it-py", "selectolax")
SESSIONS_KEPT = 4
# A daemon works on a few sessions at a time; one of 100 times a large site holds 200 MB.

ContentsKey = tuple[str, bool, bool]


class SessionMemory:
    """Reads and renders what it has not seen yet."""

    def __init__(
        self,
        *,
        source: SpecificationSource,
        registered_files: Callable[[str], tuple[SourceFile, ...]],
        uploads_path: Path,
        renderings_path: Path,
        body_max_bytes: int,
    ) -> None:
        """Start with nothing; `registered_files` tells the files of a session by its key."""
        self._source = source
        self._registered_files = registered_files
        self._uploads_path = uploads_path
        self._renderings_path = renderings_path
        self._body_max_bytes = body_max_bytes
        self._contents: dict[ContentsKey, SessionContents] = {}
        self._rendered: dict[ContentsKey, dict[str, RenderedTicket]] = {}
        self._earlier: dict[ContentsKey, Mapping[str, EntityGroup] | None] = {}

    def contents(self, session: UploadSession) -> SessionContents:
        """Return the sheets of a session, read and grouped.

        Raises:
            StoreError: The kept copy is not what was registered; looked at when it is read.
        """
        key = _key_of(session)
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
