"""Uploads are read once; after an upgrade those of older programs are, and nothing stops that."""

import logging
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from sqlalchemy import text
from typing_extensions import override

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.session_memory import SessionMemory
from jira_pipeline.context.settings import load_settings
from jira_pipeline.model.errors import LayoutNeededError, StoreError
from jira_pipeline.model.kept_files import upload_place
from jira_pipeline.model.sessions import ColumnMeanings, OwnerBlank, UploadSession
from jira_pipeline.model.source_tables import FolderReading, SourceTable
from jira_pipeline.model.specification_source import EntityReading, SpecificationSource
from jira_pipeline.model.upload_readings import ReadingState
from jira_pipeline.sessions.composition import open_pipeline
from jira_pipeline.sessions.upload import upload
from jira_pipeline.sheets.kept_readings import read_uploads_of_older_programs
from jira_pipeline.sheets.kept_uploads import contents_of, earlier_groups
from jira_pipeline.sheets.sources import UploadedSource
from jira_pipeline.store.upload_readings import keep_upload_readings
from jira_pipeline_tests.sheets.made_specifications import bundle, put_into


@dataclass
class WatchedSource(SpecificationSource):
    """The real source, which tells what it read, and may know nothing of older uploads."""

    source: SpecificationSource
    read: list[str] = field(default_factory=list)
    knows_no_older_ones: bool = False
    fails_at: str = ""

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
        self.read.append(folder.parent.name)
        if folder.parent.name == self.fails_at:
            raise ZeroDivisionError
        reading = self.source.read_folder(
            folder, columns=columns, owner_blank=owner_blank, encoding=encoding
        )
        is_older = "uploads" in folder.parts
        return replace(reading, needs_layout=self.knows_no_older_ones and is_older)

    @override
    def read_entities(self, tables: Sequence[SourceTable]) -> EntityReading:
        return self.source.read_entities(tables)


@pytest.fixture
def pipeline(tmp_path: Path) -> Iterator[Pipeline]:
    settings = load_settings(tmp_path)
    opened = open_pipeline(settings)
    with opened.store:
        yield replace(opened, source=WatchedSource(UploadedSource(settings=settings)))


def watched(pipeline: Pipeline) -> WatchedSource:
    assert isinstance(pipeline.source, WatchedSource)
    return pipeline.source


def next_process(pipeline: Pipeline, **changes: object) -> Pipeline:
    """Return the same program as if it had just started, with a source that read nothing."""
    source = replace(watched(pipeline), read=[], **changes)  # type: ignore[arg-type] # fields
    return replace(pipeline, memory=SessionMemory(), source=source)


def uploaded(pipeline: Pipeline, folder: Path, key: str, *names: str) -> UploadSession:
    sheets = put_into(folder / key, {"bundles": [bundle(n.title(), n) for n in names]})
    return upload(pipeline, sheets, session_key=key, auto_approve=False, actor="ab").session


def make_older(pipeline: Pipeline) -> None:
    """Leave the store as an older program left it, with the tables of this one."""
    with pipeline.store.database.writing() as connection:
        connection.execute(text("DROP TABLE upload_readings"))
        keep_upload_readings(connection)


def states(pipeline: Pipeline, *sessions: UploadSession) -> list[ReadingState | None]:
    readings = [
        pipeline.store.upload_readings.find(session.session_key, session.content_sha256)
        for session in sessions
    ]
    return [None if reading is None else reading.state for reading in readings]


def copy_of(pipeline: Pipeline, session: UploadSession) -> Path:
    return pipeline.store.files.folder(upload_place(session.upload_path))


def test_no_process_reads_the_files_of_an_upload_again(pipeline: Pipeline, tmp_path: Path) -> None:
    first = uploaded(pipeline, tmp_path, "a", "one")
    second = uploaded(pipeline, tmp_path, "a", "one", "two")
    here = contents_of(pipeline, second)
    later = next_process(pipeline)

    there = contents_of(later, second)
    before = earlier_groups(later, second, first.content_sha256)

    assert there == here
    assert before is not None
    assert len(before) == 1
    assert watched(later).read == []


def test_uploads_of_an_older_program_are_read_once_with_the_earlier_ones(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    first = uploaded(pipeline, tmp_path, "a", "one")
    second = uploaded(pipeline, tmp_path, "a", "one", "two")
    gone = uploaded(pipeline, tmp_path, "b", "one")
    there = uploaded(pipeline, tmp_path, "b", "one", "two")
    for path in copy_of(pipeline, gone).iterdir():
        path.unlink()
    copy_of(pipeline, gone).rmdir()
    make_older(pipeline)
    upgrading = next_process(pipeline)

    read_uploads_of_older_programs(upgrading, show_progress=pytest.fail)
    read_uploads_of_older_programs(upgrading, show_progress=pytest.fail)

    read = ReadingState.READ
    assert states(pipeline, first, second, gone, there) == [read, read, None, read]
    assert sorted(watched(upgrading).read) == ["a", "a", "b"]
    assert contents_of(upgrading, second).groups
    assert len(watched(upgrading).read) == 3


def test_a_damaged_copy_does_not_stop_the_upgrade_and_is_read_once_it_was_sent_again(
    pipeline: Pipeline, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    damaged = uploaded(pipeline, tmp_path, "a", "one")
    missing = uploaded(pipeline, tmp_path, "b", "one")
    odd = uploaded(pipeline, tmp_path, "c", "one")
    whole = uploaded(pipeline, tmp_path, "d", "one")
    for session in (damaged, missing):
        for path in copy_of(pipeline, session).iterdir():
            path.unlink()
    copy_of(pipeline, missing).rmdir()
    make_older(pipeline)
    upgrading = next_process(pipeline, fails_at="c")

    with caplog.at_level(logging.CRITICAL):
        read_uploads_of_older_programs(upgrading, show_progress=pytest.fail)
    noted = states(pipeline, damaged, missing, odd, whole)
    with pytest.raises(StoreError, match="is not what was uploaded"):
        contents_of(upgrading, damaged)
    upload(pipeline, tmp_path / "a", session_key="a", auto_approve=False, actor="ab")
    contents = contents_of(next_process(pipeline), damaged)

    unreadable = ReadingState.UNREADABLE
    assert noted == [unreadable, unreadable, unreadable, ReadingState.READ]
    assert contents.groups
    assert states(pipeline, damaged) == [ReadingState.READ]


def test_an_upgrade_that_ended_half_way_goes_on_and_tells_those_who_wait(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    sessions = [uploaded(pipeline, tmp_path, key, "one") for key in ("a", "b", "c", "d")]
    make_older(pipeline)
    shown: list[str] = []
    seconds = iter([0.0, 1.0, 3.0, 4.0, 61.0])

    read_uploads_of_older_programs(
        next_process(pipeline), show_progress=shown.append, monotonic=lambda: next(seconds)
    )
    half_way = states(pipeline, *sessions)
    needed = contents_of(next_process(pipeline), sessions[3])
    read_uploads_of_older_programs(next_process(pipeline), show_progress=pytest.fail)

    read = ReadingState.READ
    assert half_way == [read, read, read, ReadingState.PENDING]
    assert shown == [
        "Reading uploads of the older version once: 1 of 4 …",
        "Uploads left to be read later, when they are needed: 1.",
    ]
    assert needed.groups
    assert states(pipeline, *sessions) == [read, read, read, read]


def test_of_two_programs_that_open_an_upgraded_store_at_once_one_reads(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    session = uploaded(pipeline, tmp_path, "a", "one")
    make_older(pipeline)
    programs = [next_process(pipeline) for _ in range(2)]
    with pipeline.store.leases.hold("upload readings", holder="another program"):
        read_uploads_of_older_programs(programs[0], show_progress=pytest.fail)
        waiting = states(pipeline, session)
    threads = [
        threading.Thread(
            target=read_uploads_of_older_programs, args=(program,), kwargs={"show_progress": str}
        )
        for program in programs
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert waiting == [ReadingState.PENDING]
    assert states(pipeline, session) == [ReadingState.READ]


def test_a_reading_of_an_unknown_format_is_not_used(pipeline: Pipeline, tmp_path: Path) -> None:
    session = uploaded(pipeline, tmp_path, "a", "one")
    kept = pipeline.store.upload_readings.find("a", session.content_sha256)
    assert kept is not None
    pipeline.store.upload_readings.keep(replace(kept, format_version=99))
    later = next_process(pipeline)

    contents = contents_of(later, session)
    stored = pipeline.store.upload_readings.find("a", session.content_sha256)

    assert contents.groups
    assert watched(later).read == ["a"]
    assert stored is not None
    assert stored.format_version == kept.format_version


def test_an_upload_that_no_reader_knows_any_more_needs_a_layout(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    first = uploaded(pipeline, tmp_path, "a", "one")
    second = uploaded(pipeline, tmp_path, "a", "one", "two")
    make_older(pipeline)
    upgrading = next_process(pipeline, knows_no_older_ones=True)
    read_uploads_of_older_programs(upgrading, show_progress=pytest.fail)
    later = next_process(upgrading)

    with pytest.raises(LayoutNeededError, match="Session a needs a layout"):
        contents_of(later, second)
    before = earlier_groups(later, second, first.content_sha256)

    assert before is None
    assert states(pipeline, first, second) == [ReadingState.NEEDS_LAYOUT] * 2
    assert watched(later).read == []
