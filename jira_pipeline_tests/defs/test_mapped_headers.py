"""Headers that `session.yaml` maps to columns: alike in lint, upload, the sensor and the job."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import dagster as dg
import pytest
from typing_extensions import override

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.defs.build import build_definitions
from jira_pipeline.defs.resources import PipelineResource
from jira_pipeline.defs.sensors import upload_sensor
from jira_pipeline.model.entities import FolderReading, SourceTable
from jira_pipeline.model.errors import InputError
from jira_pipeline.model.findings import Finding
from jira_pipeline.model.sessions import ColumnMeanings, OwnerBlank, UploadSession
from jira_pipeline.model.specification_source import EntityReading, SpecificationSource
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.sessions import upload as uploading
from jira_pipeline.sources.sheets.kept_uploads import earlier_groups
from jira_pipeline.sources.sheets.manifest import read_manifest
from jira_pipeline.sources.sheets.sheet_linting import lint_folder
from jira_pipeline_tests import projects

FIELDS = "Uhrenmuseum_Fields.csv"
MAPPED = "columns: {References: Ref. bundle}\n"
Arrival = Callable[[Pipeline, Path, dg.DagsterInstance], UploadSession]


def rename_a_header(folder: Path, *, is_mapped: bool) -> Path:
    projects.replace_in(folder / FIELDS, ",Ref. bundle,", ",References,")
    if is_mapped:
        manifest = folder / "session.yaml"
        manifest.write_text(manifest.read_text(encoding="utf-8") + MAPPED, encoding="utf-8")
    return folder


def by_command(pipeline: Pipeline, folder: Path, _: dg.DagsterInstance) -> UploadSession:
    return uploading.upload(
        pipeline, folder, session_key=None, auto_approve=False, actor="ada"
    ).session


def by_job(pipeline: Pipeline, folder: Path, instance: dg.DagsterInstance) -> UploadSession:
    project = pipeline.settings.home_path.parent
    job = build_definitions(project_path=project).resolve_job_def("upload_session")
    config = {"ops": {"register_session": {"config": {"folder": str(folder)}}}}
    assert job.execute_in_process(instance=instance, run_config=config).success
    return pipeline.store.sessions.get("museum")


def by_sensor(pipeline: Pipeline, folder: Path, instance: dg.DagsterInstance) -> UploadSession:
    folder.rename(pipeline.settings.inbox_path / folder.name)
    project = pipeline.settings.home_path.parent
    resources = {"pipeline": PipelineResource(project_path=str(project))}
    with dg.build_sensor_context(instance=instance, resources=resources) as context:
        result = upload_sensor(context)
    assert isinstance(result, dg.SensorResult)
    assert [request.partition_key for request in result.run_requests or ()] == ["museum"]
    return pipeline.store.sessions.get("museum")


@dataclass(frozen=True)
class ChangingSource(SpecificationSource):
    """The real source, during whose reading somebody maps a header."""

    source: SpecificationSource

    @override
    def read_folder(
        self, folder: Path, *, columns: ColumnMeanings, owner_blank: OwnerBlank | None = None
    ) -> FolderReading:
        rename_a_header(folder, is_mapped=True)
        return self.source.read_folder(folder, columns=columns, owner_blank=owner_blank)

    @override
    def read_entities(self, tables: Sequence[SourceTable]) -> EntityReading:
        return self.source.read_entities(tables)


def without_places(findings: tuple[Finding, ...]) -> list[tuple[str, int | None, str]]:
    return [(finding.code, finding.line, finding.message) for finding in findings]


def dependency_count(pipeline: Pipeline, session: UploadSession) -> int:
    groups = OpenSession(pipeline=pipeline, stored=session).contents.groups
    return sum(len(group.dependencies) for group in groups)


@pytest.mark.parametrize("arrive", [by_command, by_job, by_sensor])
def test_a_mapped_header_is_read_as_its_column_however_sheets_arrive(
    pipeline: Pipeline,
    sheets: Path,
    instance: dg.DagsterInstance,
    monkeypatch: pytest.MonkeyPatch,
    arrive: Arrival,
) -> None:
    """Thirteen dependencies became four without a word."""
    monkeypatch.setenv("UPLOAD_SETTLE_SECONDS", "0")
    before = lint_folder(sheets, manifest=read_manifest(sheets), source=pipeline.source)
    rename_a_header(sheets, is_mapped=True)
    lint = lint_folder(sheets, manifest=read_manifest(sheets), source=pipeline.source)

    session = arrive(pipeline, sheets, instance)

    stored = pipeline.store.sessions.findings(session.session_key)
    assert session.manifest.columns == {"References": "Ref. bundle"}
    assert stored == lint.findings
    assert without_places(stored) == without_places(before.findings)
    assert (
        len(OpenSession(pipeline=pipeline, stored=session).contents.groups) == before.ticket_count
    )
    assert dependency_count(pipeline, session) > 10


def test_a_mapping_holds_for_the_next_upload_and_each_upload_keeps_its_own(
    pipeline: Pipeline, sheets: Path, instance: dg.DagsterInstance
) -> None:
    first = by_command(pipeline, rename_a_header(sheets, is_mapped=False), instance)
    few = dependency_count(pipeline, first)
    manifest = sheets / "session.yaml"
    manifest.write_text(manifest.read_text(encoding="utf-8") + MAPPED, encoding="utf-8")

    second = by_command(pipeline, sheets, instance)
    projects.replace_in(sheets / FIELDS, "Portrait", "Likeness")
    third = by_command(pipeline, sheets, instance)

    earlier = earlier_groups(pipeline, third, first.content_sha256)
    assert earlier is not None
    assert sum(len(group.dependencies) for group in earlier.values()) == few
    assert dependency_count(pipeline, second) == dependency_count(pipeline, third) > few
    reading = uploading.read_files(OpenSession(pipeline=pipeline, stored=third))
    assert not [f for f in reading.findings if f.code == "usual_column_missing"]


def test_a_manifest_that_changes_while_the_sheets_are_read_is_refused(
    pipeline: Pipeline, sheets: Path, instance: dg.DagsterInstance
) -> None:
    """Else a session would be registered with a mapping its sheets were not read by."""
    changing = replace(pipeline, source=ChangingSource(pipeline.source))

    with pytest.raises(InputError, match=r"session\.yaml changed while being read"):
        by_command(changing, sheets, instance)
    assert pipeline.store.sessions.list_all() == ()
