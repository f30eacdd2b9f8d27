"""Freezes what the program says, and lists what differs: `python -m jira_pipeline_tests.golden`.

    write                 write frozen/ anew
    check                 compare with frozen/
    check --base main     compare with what another commit says, in whole texts

Belongs here: the commands. What is frozen is in `subjects`. Of specifications that are not the
project's `frozen/` holds one hash for each item; with `--base` their texts are compared, too: both
are made on this machine, and kept below `.golden/`, which git ignores.
"""

import argparse
import io
import logging
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from jira_pipeline_tests.golden.comparing import difference
from jira_pipeline_tests.golden.frozen_text import sealed, written
from jira_pipeline_tests.golden.subjects import DATA, ROOT, Subject, all_subjects

FROZEN = Path(__file__).parent / "frozen"
OF_COMMITS = ROOT / ".golden"
OUT = Console(markup=False, emoji=False, highlight=False, soft_wrap=True)
PROGRESS = Console(stderr=True, markup=False, highlight=False, soft_wrap=True)


def frozen_file(subject: Subject, folder: Path = FROZEN) -> Path:
    return folder / f"{subject.name}.txt"


def frozen_now(subject: Subject, *, is_whole: bool = False) -> str:
    is_sealed = (subject.folder or subject.is_sealed) and not is_whole
    return (sealed if is_sealed else written)(subject.items())


def main() -> int:
    """Write or check; return 1 where something differs."""
    logging.disable(logging.ERROR)  # what is refused is frozen as an answer
    parser = argparse.ArgumentParser(prog="python -m jira_pipeline_tests.golden")
    parser.add_argument("do", choices=("write", "check"))
    parser.add_argument("--base", help="check: compare with this commit")
    parser.add_argument("--only", default="", help="subjects whose name begins so")
    parser.add_argument("--all", action="store_true", help="check: show every line that differs")
    parser.add_argument("--data", type=Path, default=DATA, help="specifications of others")
    parser.add_argument("--into", type=Path, help="write: whole texts, into this folder")
    chosen = parser.parse_args()
    return _write(chosen) if chosen.do == "write" else _check(chosen)


def _write(chosen: argparse.Namespace) -> int:
    folder = chosen.into or FROZEN
    for subject in _present(chosen):
        path = frozen_file(subject, folder)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_timed(subject, is_whole=bool(chosen.into)), encoding="utf-8")
    for path in _left_over(folder):
        path.unlink()
    return 0


def _check(chosen: argparse.Namespace) -> int:
    subjects = _present(chosen)
    folder = _of_commit(subjects, chosen) if chosen.base else FROZEN
    differing = 0
    for subject in subjects:
        path = frozen_file(subject, folder)
        frozen = path.read_text(encoding="utf-8") if path.is_file() else ""
        now = _timed(subject, is_whole=bool(chosen.base))
        if found := difference(frozen, now, name=f"{subject.name}.txt", is_all=chosen.all):
            differing += 1
            OUT.print(found)
    for path in _left_over(folder):
        differing += 1
        OUT.print(f"{path.relative_to(folder)}\n  nothing writes it any more")
    OUT.print(f"Files that differ: {differing}." if differing else "Nothing differs.")
    return bool(differing)


def _present(chosen: argparse.Namespace) -> list[Subject]:
    is_whole = bool(chosen.base or chosen.into)
    asked = [
        subject
        for subject in all_subjects(chosen.data)
        if subject.name.startswith(chosen.only) and (is_whole or subject.is_frozen)
    ]
    for subject in asked:
        if subject.is_absent:
            PROGRESS.print(f"{subject.name}: skipped, there is no {subject.folder}")
    return [subject for subject in asked if not subject.is_absent]


def _timed(subject: Subject, *, is_whole: bool) -> str:
    began = time.process_time()
    text = frozen_now(subject, is_whole=is_whole)
    PROGRESS.print(f"{subject.name}: {time.process_time() - began:.1f} s")
    return text


def _left_over(folder: Path) -> list[Path]:
    known = {
        frozen_file(subject, folder)
        for subject in all_subjects()
        if subject.is_frozen or folder != FROZEN
    }
    return sorted(path for path in folder.rglob("*.txt") if path not in known)


def _of_commit(subjects: Sequence[Subject], chosen: argparse.Namespace) -> Path:
    """Return what a commit says, made once by its own program in a copy of its files."""
    git = ("git", "-C", str(ROOT))
    rev_parse = (*git, "rev-parse", f"{chosen.base}^{{commit}}")
    commit = subprocess.check_output(rev_parse, text=True).strip()
    made = OF_COMMITS / commit
    if not all(frozen_file(subject, made).is_file() for subject in subjects):
        with tempfile.TemporaryDirectory(prefix="golden-") as folder:
            files = subprocess.check_output([*git, "archive", commit])
            with tarfile.open(fileobj=io.BytesIO(files)) as archive:
                archive.extractall(folder, filter="data")
            command = [sys.executable, "-m", "jira_pipeline_tests.golden", "write"]
            command += [f"--data={chosen.data}", f"--into={made}", f"--only={chosen.only}"]
            subprocess.run(command, cwd=folder, check=True)
    return made


if __name__ == "__main__":
    sys.exit(main())
