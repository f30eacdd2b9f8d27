"""Headers that `session.yaml` maps to columns; `web/test_uploads_everywhere` has all ways in."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from typing_extensions import override

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.model.errors import InputError
from jira_pipeline.model.sessions import ColumnMeanings, OwnerBlank, UploadSession
from jira_pipeline.model.source_tables import FolderReading, SourceTable
from jira_pipeline.model.specification_source import EntityReading, SpecificationSource
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.sessions import upload as uploading
from jira_pipeline.sheets.kept_uploads import earlier_groups
from jira_pipeline_tests import projects

FIELDS, VIEWS = "Uhrenmuseum_Fields.csv", "Uhrenmuseum_CustomViews.csv"
MAPPED = "columns: {Lists what: Base table}\n"


def rename_a_header(folder: Path, *, is_mapped: bool) -> Path:
    projects.replace_in(folder / VIEWS, ",Base table,", ",Lists what,")
    if is_mapped:
        manifest = folder / "session.yaml"
        manifest.write_text(manifest.read_text(encoding="utf-8") + MAPPED, encoding="utf-8")
    return folder


def upload(pipeline: Pipeline, folder: Path) -> UploadSession:
    return uploading.upload(
        pipeline, folder, session_key=None, auto_approve=False, actor="ada"
    ).session


@dataclass(frozen=True)
class ChangingSource(SpecificationSource):
    """The real source, during whose reading somebody maps a header."""

    source: SpecificationSource

    @override
    def read_folder(
        self,
        folder: Path,
        *,
        columns: ColumnMeanings,
        owner_blank: OwnerBlank | None = None,
        encoding: str | None = None,
        layout: bytes | None = None,
    ) -> FolderReading:
        rename_a_header(folder, is_mapped=True)
        return self.source.read_folder(
            folder, columns=columns, owner_blank=owner_blank, encoding=encoding, layout=layout
        )

    @override
    def read_entities(self, tables: Sequence[SourceTable]) -> EntityReading:
        return self.source.read_entities(tables)


def dependency_count(pipeline: Pipeline, session: UploadSession) -> int:
    groups = OpenSession(pipeline=pipeline, stored=session).contents.groups
    return sum(len(group.dependencies) for group in groups)


def test_a_mapping_holds_for_the_next_upload_and_each_upload_keeps_its_own(
    pipeline: Pipeline, sheets: Path
) -> None:
    first = upload(pipeline, rename_a_header(sheets, is_mapped=False))
    few = dependency_count(pipeline, first)
    manifest = sheets / "session.yaml"
    manifest.write_text(manifest.read_text(encoding="utf-8") + MAPPED, encoding="utf-8")

    second = upload(pipeline, sheets)
    projects.replace_in(sheets / FIELDS, "Portrait", "Likeness")
    third = upload(pipeline, sheets)

    earlier = earlier_groups(pipeline, third, first.content_sha256)
    assert earlier is not None
    assert sum(len(group.dependencies) for group in earlier.values()) == few
    assert dependency_count(pipeline, second) == dependency_count(pipeline, third) > few
    reading = uploading.read_files(OpenSession(pipeline=pipeline, stored=third))
    assert not [f for f in reading.findings if f.code == "usual_column_missing"]


def test_a_manifest_that_changes_while_the_sheets_are_read_is_refused(
    pipeline: Pipeline, sheets: Path
) -> None:
    """Else a session would be registered with a mapping its sheets were not read by."""
    changing = replace(pipeline, source=ChangingSource(pipeline.source))

    with pytest.raises(InputError, match=r"session\.yaml changed while being read"):
        upload(changing, sheets)
    assert pipeline.store.sessions.list_all() == ()
