"""Sheets that a process keeps: read once, never served for others, let go of in time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from typing_extensions import override

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.session_memory import SESSIONS_KEPT
from jira_pipeline.context.settings import load_settings
from jira_pipeline.model.kept_files import folder_content_sha256
from jira_pipeline.model.sessions import (
    ColumnMeanings,
    OwnerBlank,
    SessionManifest,
    SessionStage,
    SessionStatus,
    UploadSession,
)
from jira_pipeline.model.source_tables import FolderReading, SourceTable
from jira_pipeline.model.specification_source import EntityReading, SpecificationSource
from jira_pipeline.sessions.composition import open_pipeline
from jira_pipeline.sheets.kept_uploads import contents_of
from jira_pipeline.sheets.sheet_linting import lint_folder
from jira_pipeline.sheets.sources import UploadedSource
from jira_pipeline_tests.contracts.stored_values import a_session
from jira_pipeline_tests.sheets.made_specifications import Row, bundle, field as field_row, put_into

PAGE = {
    "bundles": [bundle("Page", "page")],
    "fields": [field_row("Page (Content type)", "field_a")],
}


@dataclass
class CountingSource(SpecificationSource):
    """The real source, which tells how often a folder was read."""

    source: SpecificationSource
    folders: list[str] = field(default_factory=list)

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
        self.folders.append(folder.name)
        return self.source.read_folder(
            folder, columns=columns, owner_blank=owner_blank, encoding=encoding, layout=layout
        )

    @override
    def read_entities(self, tables: Sequence[SourceTable]) -> EntityReading:
        return self.source.read_entities(tables)


@pytest.fixture
def source(tmp_path: Path) -> CountingSource:
    """The reader of sheets, counted."""
    return CountingSource(source=UploadedSource(settings=load_settings(tmp_path)))


@pytest.fixture
def pipeline(tmp_path: Path, source: CountingSource) -> Iterator[Pipeline]:
    """A process that has read nothing yet."""
    opened = open_pipeline(load_settings(tmp_path))
    with opened.store:
        yield replace(opened, source=source)


def uploaded(tmp_path: Path, path: str, **sheets: list[Row]) -> UploadSession:
    """Keep sheets below the uploads as a registered session has them."""
    folder = put_into(load_settings(tmp_path).uploads_path / path, sheets)
    return a_session(
        path.partition("/")[0],
        content_sha256=folder_content_sha256(folder),
        upload_path=path,
        stage=SessionStage.UPLOAD,
        status=SessionStatus.IDLE,
    )


def titles_of(pipeline: Pipeline, session: UploadSession) -> list[str]:
    return [group.title for group in contents_of(pipeline, session).groups]


def test_a_session_is_read_once(tmp_path: Path, pipeline: Pipeline, source: CountingSource) -> None:
    session = uploaded(tmp_path, "site/one", **PAGE)

    first, second = contents_of(pipeline, session), contents_of(pipeline, session)

    assert first is second
    assert source.folders == ["one"]


def test_another_upload_of_the_session_is_read_again(tmp_path: Path, pipeline: Pipeline) -> None:
    before = uploaded(tmp_path, "site/one", **PAGE)
    after = uploaded(tmp_path, "site/two", bundles=[bundle("News", "news")], fields=[])

    titles = [titles_of(pipeline, before), titles_of(pipeline, after), titles_of(pipeline, before)]

    assert titles[0] == titles[2] == ["Configure content type: Page"]
    assert titles[1] == ["Create 1 content type"]


@pytest.mark.parametrize(
    ("manifest", "titles"),
    [
        (SessionManifest(), ["Configure content type: Page", "Remove obsolete content structures"]),
        (SessionManifest(removals=False), ["Configure content type: Page"]),
        (
            SessionManifest(include_waiting=True, removals=False),
            ["Configure content type: Page", "Configure content type: Later"],
        ),
    ],
    ids=["defaults", "no removals", "waiting too"],
)
def test_other_flags_of_the_manifest_group_again(
    tmp_path: Path, pipeline: Pipeline, manifest: SessionManifest, titles: list[str]
) -> None:
    session = uploaded(
        tmp_path,
        "site/one",
        bundles=[
            bundle("Page", "page"),
            bundle("Later", "later", x="w"),
            bundle("Gone", "gone", x="d"),
        ],
        fields=[
            field_row("Page (Content type)", "field_a"),
            field_row("Later (Content type)", "field_b"),
        ],
    )
    others = [
        SessionManifest(include_waiting=a, removals=b) for a in (True, False) for b in (True, False)
    ]
    for other in others:
        contents_of(pipeline, replace(session, manifest=other))

    folder = pipeline.settings.uploads_path / session.upload_path
    lint = lint_folder(folder, manifest=manifest, source=pipeline.source)

    assert titles_of(pipeline, replace(session, manifest=manifest)) == titles
    assert lint.ticket_count == len(titles)
    assert [file.name for file in lint.files] == ["bundles.csv", "fields.csv"]


def test_the_oldest_session_is_let_go(
    tmp_path: Path, pipeline: Pipeline, source: CountingSource
) -> None:
    sessions = [uploaded(tmp_path, f"site/n{n}", **PAGE) for n in range(SESSIONS_KEPT + 1)]
    for session in sessions:
        contents_of(pipeline, session)

    contents_of(pipeline, sessions[-1])
    contents_of(pipeline, sessions[1])
    contents_of(pipeline, sessions[0])

    assert source.folders == [*(f"n{n}" for n in range(SESSIONS_KEPT + 1)), "n0"]


def test_a_session_in_use_is_kept_when_others_come_and_go(
    tmp_path: Path, pipeline: Pipeline, source: CountingSource
) -> None:
    """The first one read was let go of first, even while it was the one being worked on."""
    used = uploaded(tmp_path, "site/used", **PAGE)
    for number in range(2 * SESSIONS_KEPT):
        contents_of(pipeline, used)
        contents_of(pipeline, uploaded(tmp_path, f"site/n{number}", **PAGE))

    assert source.folders.count("used") == 1
