"""What a session's sheets say now: read and grouped again from the immutable copy.

Deterministic and fast, so that nothing downstream keeps a second copy of a row. The assets pass
the same values along as readable JSON; both come from the functions called here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.model.entities import Specification
from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline.model.findings import Finding
from jira_pipeline.model.sessions import UploadSession
from jira_pipeline.ports.files import upload_place
from jira_pipeline.sources.sheets.kept_uploads import read_kept_copy
from jira_pipeline.sources.sheets.manifest import read_manifest
from jira_pipeline.sources.sheets.upload_reading import (
    SpecificationReading,
    read_specification,
    upload_path_of,
)


@dataclass(frozen=True, kw_only=True)
class SessionContents:
    """One session's sheets, read and grouped."""

    specification: Specification
    groups: tuple[EntityGroup, ...]
    """In build order."""
    findings: tuple[Finding, ...]

    @cached_property
    def groups_by_key(self) -> Mapping[str, EntityGroup]:
        """Groups by key."""
        return {group.key: group for group in self.groups}


def contents_of(pipeline: Pipeline, session: UploadSession) -> SessionContents:
    """Return the sheets of a session, read and grouped; a process does that once.

    Raises:
        StoreError: The kept copy is not what was registered; looked at when it is read.
    """

    def read() -> SessionContents:
        return _contents(read_kept_copy(pipeline, session))

    return pipeline.memory.once("contents", _name_of(session, session.upload_path), read)


def earlier_groups(
    pipeline: Pipeline, session: UploadSession, content_sha256: str
) -> Mapping[str, EntityGroup] | None:
    """Return the groups of an earlier upload of a session; None where its copy is gone.

    Its headers mean what its own `session.yaml` said; which groups there are is said by the
    session as it is now.

    Raises:
        ManifestError: The manifest it was uploaded with cannot be read any more.
    """
    path = upload_path_of(session.session_key, content_sha256)

    def read() -> Mapping[str, EntityGroup] | None:
        folder = pipeline.store.files.folder(upload_place(path))
        if not folder.is_dir():
            return None
        manifest = replace(session.manifest, columns=read_manifest(folder).columns)
        reading = read_specification(folder, manifest=manifest, source=pipeline.source)
        return _contents(reading).groups_by_key

    return pipeline.memory.once("earlier groups", _name_of(session, path), read)


def _name_of(session: UploadSession, path: str) -> tuple[str, bool, bool]:
    """Name what sheets are grouped to by all that decides it."""
    return path, session.manifest.include_waiting, session.manifest.removals


def _contents(reading: SpecificationReading) -> SessionContents:
    return SessionContents(
        specification=reading.specification, groups=reading.groups, findings=reading.findings
    )
