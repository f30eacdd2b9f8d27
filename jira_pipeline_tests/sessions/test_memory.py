"""What a process keeps: read once, never served for something else, let go of in time."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event

import pytest
from typing_extensions import override

from jira_pipeline.kernel.entities import FolderReading, SourceTable
from jira_pipeline.kernel.sessions import (
    ColumnMeanings,
    SessionManifest,
    SessionStage,
    SessionStatus,
    UploadSession,
)
from jira_pipeline.ports.specification import EntityReading, SpecificationSource
from jira_pipeline.sessions.composition import DrupalCsvSource
from jira_pipeline.sessions.memory import SESSIONS_KEPT, SessionMemory
from jira_pipeline.settings import load_settings
from jira_pipeline.sheets.kept_copies import folder_content_sha256
from jira_pipeline_tests.contracts.stored_values import START
from jira_pipeline_tests.sheets.made_specifications import Row, bundle, files_of
from jira_pipeline_tests.sheets.made_specifications import field as field_row

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
    def read_folder(self, folder: Path, *, columns: ColumnMeanings) -> FolderReading:
        """Read a folder and remember its name."""
        self.folders.append(folder.name)
        return self.source.read_folder(folder, columns=columns)

    @override
    def read_entities(self, tables: Sequence[SourceTable]) -> EntityReading:
        """Turn rows into entities."""
        return self.source.read_entities(tables)


@pytest.fixture
def source(tmp_path: Path) -> CountingSource:
    """The reader of sheets, counted."""
    return CountingSource(source=DrupalCsvSource(settings=load_settings(tmp_path)))


@pytest.fixture
def memory(tmp_path: Path, source: CountingSource) -> SessionMemory:
    """A memory of a new process."""
    return a_memory(tmp_path, source)


def a_memory(tmp_path: Path, source: SpecificationSource) -> SessionMemory:
    """Start a process that knows nothing."""
    return SessionMemory(
        source=source,
        registered_files=lambda _: (),
        uploads_path=tmp_path,
    )


def uploaded(tmp_path: Path, path: str, **sheets: list[Row]) -> UploadSession:
    """Keep sheets below the uploads as a registered session has them."""
    folder = tmp_path / path
    folder.mkdir(parents=True)
    files = files_of(sheets)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return UploadSession(
        session_key=path.partition("/")[0],
        content_sha256=folder_content_sha256(folder, list(files)),
        upload_path=path,
        manifest=SessionManifest(),
        stage=SessionStage.UPLOAD,
        status=SessionStatus.IDLE,
        created_at=START,
        updated_at=START,
    )


def titles_of(memory: SessionMemory, session: UploadSession) -> list[str]:
    """The titles of a session's groups."""
    return [group.title for group in memory.contents(session).groups]


def test_a_session_is_read_once(
    tmp_path: Path, memory: SessionMemory, source: CountingSource
) -> None:
    session = uploaded(tmp_path, "site/one", **PAGE)

    first, second = memory.contents(session), memory.contents(session)

    assert first is second
    assert source.folders == ["one"]


def test_progress_of_a_session_does_not_make_it_another(
    tmp_path: Path, memory: SessionMemory, source: CountingSource
) -> None:
    session = uploaded(tmp_path, "site/one", **PAGE)

    memory.contents(session)
    memory.contents(replace(session, stage=SessionStage.REVIEW, progress_percentage=40.0))

    assert source.folders == ["one"]


def test_another_upload_of_the_session_is_read_again(tmp_path: Path, memory: SessionMemory) -> None:
    before = uploaded(tmp_path, "site/one", **PAGE)
    after = uploaded(tmp_path, "site/two", bundles=[bundle("News", "news")], fields=[])

    titles = [titles_of(memory, before), titles_of(memory, after), titles_of(memory, before)]

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
    tmp_path: Path, memory: SessionMemory, manifest: SessionManifest, titles: list[str]
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
        memory.contents(replace(session, manifest=other))

    assert titles_of(memory, replace(session, manifest=manifest)) == titles


def test_the_oldest_session_is_let_go(
    tmp_path: Path, memory: SessionMemory, source: CountingSource
) -> None:
    sessions = [uploaded(tmp_path, f"site/n{n}", **PAGE) for n in range(SESSIONS_KEPT + 1)]
    for session in sessions:
        memory.contents(session)

    memory.contents(sessions[-1])
    memory.contents(sessions[1])
    memory.contents(sessions[0])

    assert source.folders == [*(f"n{n}" for n in range(SESSIONS_KEPT + 1)), "n0"]


def test_a_session_in_use_is_kept_when_others_come_and_go(
    tmp_path: Path, memory: SessionMemory, source: CountingSource
) -> None:
    """The first one read was let go of first, even while it was the one being worked on."""
    used = uploaded(tmp_path, "site/used", **PAGE)
    for number in range(2 * SESSIONS_KEPT):
        memory.contents(used)
        memory.contents(uploaded(tmp_path, f"site/n{number}", **PAGE))

    assert source.folders.count("used") == 1


def test_who_asks_for_the_same_at_once_waits_for_it(memory: SessionMemory) -> None:
    """Twenty people who look after a change had the list of questions made twenty times."""
    is_begun, is_asked = Event(), Event()
    made: list[object] = []

    def make() -> str:
        made.append(object())
        is_begun.set()
        is_asked.wait()
        return "made"

    with ThreadPoolExecutor() as threads:
        first = threads.submit(memory.as_of, 1, "list", "site", make)
        is_begun.wait()
        second = threads.submit(memory.as_of, 1, "list", "site", make)
        is_asked.set()

        assert [first.result(), second.result()] == ["made", "made"]
    assert len(made) == 1


def test_what_is_made_asks_for_nothing_more(memory: SessionMemory) -> None:
    """One process in 64 waited for itself for ever: two names shared a lock."""

    def asks_again() -> str:
        return memory.as_of(1, "rows", "site", lambda: "rows")

    with pytest.raises(RuntimeError, match="rows"):
        memory.as_of(1, "list", "site", asks_again)
    assert memory.as_of(1, "list", "site", lambda: "made") == "made"


def test_what_is_made_after_a_change_is_made_of_what_there_was(memory: SessionMemory) -> None:
    def make(before: tuple[int, ...] | None) -> tuple[int, ...]:
        return (*(before or ()), len(before or ()))

    found = [memory.carried(mark, "list", "site", make) for mark in (1, 1, 2)]

    assert found == [(0,), (0,), (0, 1)]
