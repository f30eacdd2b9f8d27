"""What commands and the definitions cost before they work, beside the commit before.

Both commits in turn, each command a process of its own: CPU seconds of it, median of `ROUNDS`, and
what that is of importing Dagster alone in the same run. `validate` follows a validation, so that
nothing is left to do; `generate` follows another one; the demo finds the session of the one before.

Option: `--at=HEAD^` is the commit before.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

from benchmarks.growth import BEFORE, checked_out
from benchmarks.specifications import ROOT, specification_path

ROUNDS = 5
KEY = "bench"
PROGRAM = "from jira_pipeline.cli.app import main; main()"
IMPORT = "import dagster"
MEASURED: Mapping[str, Sequence[str]] = {
    IMPORT: [IMPORT],
    "import the definitions": ["import jira_pipeline.definitions"],
    "status": [PROGRAM, "status", KEY],
    "validate, nothing to do": [PROGRAM, "validate", KEY],
    "generate": [PROGRAM, "generate", KEY],
    "demo, warm": [PROGRAM, "demo"],
}


def main() -> None:
    """Measure both commits, and print a table."""
    given = dict(word.removeprefix("--").split("=") for word in sys.argv if "=" in word)
    names = ("before", "here")
    with (
        checked_out(given.get("at", BEFORE)) as before,
        tempfile.TemporaryDirectory() as folder,
    ):
        places = {
            name: _prepared(tree, Path(folder) / name)
            for name, tree in zip(names, (before, ROOT), strict=True)
        }
        taken = {(name, what): list[float]() for name in names for what in MEASURED}
        for _ in range(ROUNDS):
            for what, words in MEASURED.items():
                for name in names:
                    taken[name, what].append(_cpu_seconds(words, places[name]))
    found = {key: median(seconds) for key, seconds in taken.items()}
    print(f"median of {ROUNDS}: CPU s before, of `{IMPORT}`; here, of it; here / before")
    for what in MEASURED:
        was, here = (found[name, what] for name in names)
        of_import = [found[name, what] / found[name, IMPORT] for name in names]
        print(
            f"  {what:<26} {was:6.2f} {of_import[0]:6.2f} {here:7.2f} {of_import[1]:6.2f}"
            f" {here / was:7.2f}"
        )


def _prepared(tree: Path, home: Path) -> Mapping[str, str]:
    """Have a home in which everything ran once; return the environment of its commands."""
    home.mkdir()
    shutil.copy(tree / "dagster.yaml", home)
    environment = os.environ | {"DAGSTER_HOME": str(home), "PYTHONPATH": str(tree)}  # noqa: TID251 - for child processes
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    upload = [PROGRAM, "upload", str(specification_path()), "--session", KEY]
    for words in (upload, [PROGRAM, "generate", KEY], *MEASURED.values()):
        _cpu_seconds(words, environment)
    return environment


def _cpu_seconds(words: Sequence[str], environment: Mapping[str, str]) -> float:
    """Run Python with a program and its arguments; return the CPU time, of its children too."""
    with tempfile.TemporaryFile() as output:
        actions = [(os.POSIX_SPAWN_DUP2, output.fileno(), stream) for stream in (1, 2)]
        command = [sys.executable, "-P", "-c", *words]
        process_id = os.posix_spawn(sys.executable, command, environment, file_actions=actions)
        _, status, used = os.wait4(process_id, 0)
        if os.waitstatus_to_exitcode(status):
            output.seek(0)
            log = output.read()[-3000:].decode(errors="replace")
            sys.exit(f"{' '.join(words)} failed:\n{log}")
    return used.ru_utime + used.ru_stime
