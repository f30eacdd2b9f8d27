"""What a session's sheets say now, and what they said: read and grouped once in a process.

Deterministic, so that nothing downstream keeps a second copy of a row. The assets show the same
values as readable JSON.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline.model.kept_files import upload_place
from jira_pipeline.model.sessions import UploadSession
from jira_pipeline.sources.sheets.kept_uploads import CONTENTS, grouped_name, read_kept_copy
from jira_pipeline.sources.sheets.manifest import read_manifest
from jira_pipeline.sources.sheets.upload_reading import (
    SpecificationReading,
    read_specification,
    upload_path_of,
)


def contents_of(pipeline: Pipeline, session: UploadSession) -> SpecificationReading:
    """Return the sheets of a session, read and grouped; a process does that once.

    Raises:
        StoreError: The kept copy is not what was registered; looked at when it is read.
    """
    return pipeline.memory.once(
        CONTENTS,
        grouped_name(session.upload_path, session.manifest),
        partial(read_kept_copy, pipeline, session),
    )


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
        return reading.groups_by_key

    return pipeline.memory.once("earlier groups", grouped_name(path, session.manifest), read)
