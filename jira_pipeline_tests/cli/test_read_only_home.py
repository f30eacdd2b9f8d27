"""A home that may only be read: what reads works, what writes says why it cannot."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from jira_pipeline_tests import projects
from jira_pipeline_tests.tables import each

pytestmark = [pytest.mark.xdist_group("read_only_home"), pytest.mark.small_site]

AS_READ_ONLY = (
    'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'  # in its own namespace
)
ONE_BY_ONE = """
import json, sys
from jira_pipeline_tests.cli.terminal import run
answers = [(command, run(*command.split())) for command in sys.argv[1:]]
print(json.dumps({command: (answer.exit_code, answer.words) for command, answer in answers}))
"""
LAST = "written last"
KILLED_WRITER = """
import os, sqlite3, sys
c = sqlite3.connect(sys.argv[1])
c.execute('PRAGMA wal_autocheckpoint=0')
c.execute("UPDATE sessions SET progress_text = 'written last'")
c.commit()
os._exit(1)
"""
READING = {
    "status museum": "in the browser (`jira-pipeline serve`), or approve",
    "sessions": "museum",
    "tickets list museum": "6 tickets, 0 ready.",
    "tickets show museum 1": "Verification",
    "questions museum": "questions to answer ",
    "audit museum": "session_registered",
}
WRITING = {
    "tickets skip museum 1 --reason x": "read-only, and this command has to write",
    "generate museum": "No run can be started",
    "export museum --plan": "so even a plan needs it",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOnlyHome:
    """A project no process started here may write to."""

    path: Path
    before_command: Sequence[str]

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        with without_write_permission(self.path):
            return subprocess.run(
                [*self.before_command, *words],
                cwd=projects.CHECKOUT,
                env={**os.environ, "DAGSTER_HOME": str(self.path)},  # noqa: TID251 - its own, and ours
                capture_output=True,
                text=True,
                check=False,
            )


@contextmanager
def without_write_permission(folder: Path) -> Iterator[None]:
    """Take the right to write from everything in a folder, for a while."""
    modes = {path: path.stat().st_mode for path in (folder, *folder.rglob("*"))}
    for path, mode in modes.items():
        path.chmod(mode & ~0o222)
    try:
        yield
    finally:
        for path, mode in modes.items():
            path.chmod(mode)


def read_only(path: Path) -> ReadOnlyHome:
    """Let commands only read a project; root needs a mount of its own for that."""
    if os.geteuid() != 0:
        return ReadOnlyHome(path=path, before_command=())
    before = ("unshare", "-m", "sh", "-c", AS_READ_ONLY, str(path))
    if shutil.which("unshare") is None or subprocess.run([*before, "true"], check=False).returncode:
        pytest.skip("root can write everywhere, and may not mount here")
    return ReadOnlyHome(path=path, before_command=before)


@pytest.fixture(scope="module")
def answers(
    small_reviewed_project: Path, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, tuple[int, str]]:
    """Exit code and words of each command, all from one process, those that read first."""
    path = tmp_path_factory.mktemp("read_only") / "project"
    shutil.copytree(small_reviewed_project, path)
    store = path / ".jira_pipeline" / "store.sqlite"
    subprocess.run([sys.executable, "-c", KILLED_WRITER, str(store)], check=False)
    ended = read_only(path).run(sys.executable, "-c", ONE_BY_ONE, *READING, *WRITING)
    assert ended.returncode == 0, ended.stderr[-2000:]
    assert Path(f"{store}-wal").stat().st_size > 0
    found: dict[str, tuple[int, str]] = json.loads(ended.stdout)
    return found


@each(
    ("command", "expected", "exit_code"),
    [
        *((command, words, 0) for command, words in READING.items()),
        *((command, words, 1) for command, words in WRITING.items()),
    ],
)
def test_what_only_reads_works_and_what_writes_says_that_it_cannot(
    answers: Mapping[str, tuple[int, str]], command: str, expected: str, exit_code: int
) -> None:
    """The lock of the store could not be made, and nothing could be looked at."""
    ended, words = answers[command]

    assert ended == exit_code, words
    assert expected in words
    assert "Traceback" not in words


def test_what_was_written_last_is_read_where_its_writer_was_killed(
    answers: Mapping[str, tuple[int, str]],
) -> None:
    """The newest rows are in the file beside the store then, which must not be passed over."""
    assert LAST in answers["status museum"][1]
