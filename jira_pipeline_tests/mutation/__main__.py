"""Takes each defence of the export out and shows what notices: `python -m jira_pipeline_tests.mutation`.

Belongs here: a copy of the code, the tests that are run in it, the score. Does not: the defences
(`defences`).

Quick tests of ledger and settling run first, then seeded schedules, then whole exports. What fails
first notices that a defence is missing; so does a test that does not end.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Final

from rich.console import Console

from jira_pipeline_tests.mutation.defences import DEFENCES, Defence
from jira_pipeline_tests.projects import CHECKOUT

PACKAGE: Final = "jira_pipeline"
COPIED: Final = (PACKAGE, "jira_pipeline_tests", "examples", "pyproject.toml")
PYTEST: Final = ("pytest", "-q", "-x", "-n", "0", "-p", "no:cacheprovider", "--tb=no")
QUICK: Final = (
    "jira_pipeline_tests/contracts/test_export_ledger.py",
    "jira_pipeline_tests/model/test_export_ledger.py",
    "jira_pipeline_tests/model/test_removals.py",
    "jira_pipeline_tests/export/test_export_ledger_page.py",
    "jira_pipeline_tests/export/test_ledger_comparison.py",
    "jira_pipeline_tests/export/test_export_lookups.py",
    "jira_pipeline_tests/export/test_reading_issues.py",
    "jira_pipeline_tests/export/test_sending.py",
    "jira_pipeline_tests/export/test_write_once.py",
    "jira_pipeline_tests/export/test_detaching.py",
    "jira_pipeline_tests/jira/adf/test_merging.py",
    "jira_pipeline_tests/export/test_adoption.py",
    "jira_pipeline_tests/export/test_merged_texts.py",
    "jira_pipeline_tests/export/test_text_and_comment_writes.py",
    "jira_pipeline_tests/export/test_export_undo_reasons.py",
    "jira_pipeline_tests/export/test_refused_descriptions.py",
    "jira_pipeline_tests/export/test_export_doubts.py",
    "jira_pipeline_tests/export/test_settling_a_session.py",
    "jira_pipeline_tests/export/test_other_targets.py",
    "jira_pipeline_tests/store/test_ledger_intents.py",
)
SCHEDULES: Final = ("jira_pipeline_tests.faults", "--seeds", "100", "--until-failed")
WHOLE: Final = (
    "jira_pipeline_tests/crash/test_horizon.py",
    "jira_pipeline_tests/export/test_export_gate.py",
    "jira_pipeline_tests/faults/test_found_by_schedules.py",
    "jira_pipeline_tests/crash/test_uncalibrated_target.py",
    "jira_pipeline_tests/crash/test_settle.py",
    "jira_pipeline_tests/crash/test_export_batches.py",
    "jira_pipeline_tests/crash/test_export_faults.py",
    "jira_pipeline_tests/crash/test_undo_crashes.py",
    "jira_pipeline_tests/export/test_export_fallbacks.py",
    "jira_pipeline_tests/export/test_export_places.py",
    "jira_pipeline_tests/export/test_export_attachments.py",
    "jira_pipeline_tests/export/test_export_undo.py",
    "jira_pipeline_tests/crash/test_suspended.py",
    "jira_pipeline_tests/crash/test_update_crashes.py",
    "jira_pipeline_tests/crash/test_shown_again.py",
    "jira_pipeline_tests/crash/test_whose_it_is.py",
    "jira_pipeline_tests/faults/test_single_faults.py",
)
SINGLE: Final = ("jira_pipeline_tests.faults", "--single", "--until-failed")
STAGES: Final = ((*PYTEST, *QUICK), SCHEDULES, (*PYTEST, *WHOLE), SINGLE)
"""What is run, one after the other: a module of Python with its arguments."""
SECONDS_MAX: Final = 1800.0
"""What one stage may take; the longest takes some minutes on a busy machine."""
NOT_RUN: Final = frozenset({4, 5})
"""Exit codes of pytest: wrong use, and no test collected."""


def main() -> int:
    """Print what is missed; return 1 where something is not, 2 where nothing can be learnt."""
    parser = argparse.ArgumentParser(prog="python -m jira_pipeline_tests.mutation")
    parser.add_argument("--workers", type=int, default=2, help="defences judged at a time")
    parser.add_argument("--only", default="", help="defences whose name contains this")
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))  # so that what runs ends as well
    console = Console(highlight=False)
    defences = [one for one in DEFENCES if chosen.only in one.name]
    copies: SimpleQueue[Path] = SimpleQueue()
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        for number in range(chosen.workers):
            copies.put(copied(Path(folder, str(number))))
        copy = copies.get()
        if (fault := first_failure(copy, STAGES)) is not None:
            console.print(f"Nothing to learn, this fails with every defence in place: {fault}")
            return 2
        copies.put(copy)

        def judged(defence: Defence) -> bool:
            copy = copies.get()
            with taken_out(copy, defence):
                noticed = first_failure(copy, STAGES)
            copies.put(copy)
            line = f"{noticed or 'NOTHING'} notices: {defence.file}, {defence.name}"
            console.print(line, markup=False)
            return noticed is not None

        with ThreadPoolExecutor(chosen.workers) as threads:
            count = sum(threads.map(judged, defences))
    console.print(f"defences: {count} of {len(defences)} are missed when taken out")
    return 0 if count == len(defences) else 1


def copied(folder: Path) -> Path:
    """Copy what the tests need into a new folder, and return it."""
    folder.mkdir()
    for name in COPIED:
        if (CHECKOUT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "node_modules")
            shutil.copytree(CHECKOUT / name, folder / name, ignore=ignored)
        else:
            shutil.copy(CHECKOUT / name, folder / name)
    return folder


@contextmanager
def taken_out(copy: Path, defence: Defence) -> Iterator[None]:
    """Have a copy lack a defence until the block ends."""
    path = copy / PACKAGE / defence.file
    whole = path.read_text(encoding="utf-8")
    if whole.count(defence.text) != 1:
        raise SystemExit(f"{defence.file} has {whole.count(defence.text)} times: {defence.text!r}")
    _write(path, whole.replace(defence.text, defence.without))
    try:
        yield
    finally:
        _write(path, whole)


def _write(path: Path, source: str) -> None:
    """Write a module; what was compiled of it before may have the same size and second."""
    path.write_text(source, encoding="utf-8")
    for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.*"):
        compiled.unlink()


def first_failure(copy: Path, stages: Sequence[Sequence[str]]) -> str | None:
    """Run stages in a copy up to the first that fails, and return what failed there."""
    environment = {**os.environ, "JIRA_PIPELINE_TEST_LONG": "1"}  # noqa: TID251 - handed on
    for stage in stages:
        try:
            ended = subprocess.run(
                [sys.executable, "-m", *stage],
                cwd=copy,
                env=environment,
                capture_output=True,
                text=True,
                timeout=SECONDS_MAX,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"{stage[0]}, which did not end,"
        if ended.returncode in NOT_RUN:
            raise SystemExit(f"No test ran: {ended.stdout[-1000:]}{ended.stderr[-1000:]}")
        if ended.returncode:
            failed = [line for line in ended.stdout.splitlines() if line.startswith("FAILED ")]
            return failed[0].removeprefix("FAILED ") if failed else stage[0]
    return None


if __name__ == "__main__":
    sys.exit(main())
