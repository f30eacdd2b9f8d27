"""Takes out each defence of the export and shows what notices: `python -m jira_pipeline_tests.mutation`.

Belongs here: a copy of the code, one change at a time, the score. Does not: the defences
(`defences`). What the fast tests and the seeded schedules do not notice the tests of the export must.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from jira_pipeline_tests.mutation.defences import DEFENCES, Defence
from jira_pipeline_tests.projects import CHECKOUT

COPIED = ("jira_pipeline", "jira_pipeline_tests", "pyproject.toml")
SECONDS_MAX = 400
PYTEST = ("-m", "pytest", "-x", "-q", "-p", "no:cacheprovider")
UNITS = (
    *PYTEST,
    "jira_pipeline_tests/domain/test_export_ledger.py",
    "jira_pipeline_tests/stages/test_export_book.py",
)
SCHEDULES = ("-m", "jira_pipeline_tests.faults", "--until-failed", "--seeds")
FOUND = (*PYTEST, "jira_pipeline_tests/faults/test_found_by_schedules.py")
TESTS = (
    *PYTEST,
    "jira_pipeline_tests/crash/test_export_faults.py",
    "jira_pipeline_tests/crash/test_export_batches.py",
    "jira_pipeline_tests/crash/test_undo_crashes.py",
)
"""In this order: what is fast comes first, what notices ends the search."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of one defence."""

    defence: Defence
    noticed_by: str | None
    """None when nothing noticed."""


def main() -> int:
    """Take out every defence in turn; return 1 when one was not missed."""
    chosen = _arguments()
    console = Console(highlight=False)
    defences = [one for one in DEFENCES if chosen.only in one.name]
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        copy = _copied(Path(folder))
        if _fails(copy, (*SCHEDULES, str(chosen.seeds))):
            console.print("The schedules fail with every defence in place; nothing to learn.")
            return 2
        verdicts = [_judge(console, copy, one, seeds=chosen.seeds) for one in defences]
    survived = [verdict.defence for verdict in verdicts if verdict.noticed_by is None]
    noticed = len(verdicts) - len(survived)
    console.print(f"{noticed} of {len(verdicts)} defences are missed when taken out")
    for file in sorted({verdict.defence.file for verdict in verdicts}):
        own = [verdict for verdict in verdicts if verdict.defence.file == file]
        console.print(f"  {file}: {sum(v.noticed_by is not None for v in own)} of {len(own)}")
    for defence in survived:
        console.print(f"  not noticed: {defence.name} ({defence.file})")
    return 1 if survived else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m jira_pipeline_tests.mutation")
    parser.add_argument("--seeds", type=int, default=200, help="schedules to notice with")
    parser.add_argument("--only", default="", help="defences whose name contains this")
    return parser.parse_args()


def _copied(folder: Path) -> Path:
    """Copy what the tests need."""
    for name in COPIED:
        source = CHECKOUT / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, folder / name, ignore=ignored)
        else:
            shutil.copy(source, folder / name)
    return folder


def _judge(console: Console, copy: Path, defence: Defence, *, seeds: int) -> Verdict:
    """Take a defence out, run until something fails, and put it back."""
    path = copy / "jira_pipeline" / defence.file
    whole = path.read_text(encoding="utf-8")
    if whole.count(defence.text) != 1:
        raise SystemExit(f"{defence.file} has {whole.count(defence.text)} times: {defence.text!r}")
    path.write_text(whole.replace(defence.text, defence.without), encoding="utf-8")
    try:
        noticed_by = _noticed_by(copy, seeds)
    finally:
        path.write_text(whole, encoding="utf-8")
    console.print(f"{noticed_by or 'NOTHING':>9} noticed: {defence.name}", markup=False)
    return Verdict(defence=defence, noticed_by=noticed_by)


def _noticed_by(copy: Path, seeds: int) -> str | None:
    stages = {
        "units": UNITS,
        "schedules": (*SCHEDULES, str(seeds)),
        "found": FOUND,
        "tests": TESTS,
    }
    return next((name for name, arguments in stages.items() if _fails(copy, arguments)), None)


def _fails(copy: Path, arguments: Sequence[str]) -> bool:
    """Run Python in the copy; a change that hangs is noticed as well."""
    try:
        ended = subprocess.run(
            [sys.executable, "-B", *arguments],
            cwd=copy,
            capture_output=True,
            check=False,
            timeout=SECONDS_MAX,
        )
    except subprocess.TimeoutExpired:
        return True
    return ended.returncode != 0


if __name__ == "__main__":
    sys.exit(main())
