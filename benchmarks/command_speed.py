"""CPU seconds of the commands people type in a review, as a ratio to `jira-pipeline --help`.

Every command is a process of its own on one home; user and system time of the process and of what
it starts, fastest of `ROUNDS`. The real specification is measured where it is at hand, and the
example. `validate` follows one edit; `tickets ready` follows a validation.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.specifications import REAL, ROOT, specification_path

ROUNDS = 5
KEY = "bench"
PROGRAM = str(Path(sys.executable).parent / "jira-pipeline")
HELP = "--help"

GOALS = {
    HELP: None,
    "tickets list": 2.0,
    "status": 2.0,
    "status, after an edit": None,
    "tickets edit": 2.5,
    "tickets assign": 2.5,
    "tickets order": 2.5,
    "questions --answer": 2.5,
    "validate, after these changes": 7.0,
    "validate, after one edit": 7.0,
    "tickets ready --all": 2.5,
    "tickets unready": 2.5,
}
"""Highest ratio to the help; None where none is set."""


def main() -> None:
    """Measure each specification and print a table."""
    if not REAL.is_dir():
        print(f"{REAL} is not here; only the example is measured.")
    example = next(path for path in sorted((ROOT / "examples").iterdir()) if path.is_dir())
    for source in dict.fromkeys((specification_path(), example)):
        fastest = measured(source)
        print(f"{source.name}: CPU seconds, fastest of {ROUNDS}, ratio to {HELP}, goal")
        for name, seconds in fastest.items():
            goal = GOALS[name]
            print(
                f"  {name:<32} {seconds:6.2f} {seconds / fastest[HELP]:6.2f}"
                f"{'' if goal is None else f'  <= {goal}'}"
            )


def measured(source: Path) -> Mapping[str, float]:
    """Return the least CPU seconds of each command on a new home with this specification."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(ROOT / "dagster.yaml", folder)
        environment = os.environ | {"DAGSTER_HOME": folder}  # noqa: TID251 - for child processes
        cpu_seconds(["upload", str(source), "--session", KEY], environment)
        cpu_seconds(["generate", KEY], environment)
        question = answered(["questions", KEY], environment)[0]
        tickets = answered(["tickets", "list", KEY], environment)
        group = tickets[-1]["entity_group"]
        same_group = [str(t["number"]) for t in tickets if t["entity_group"] == group][:2]
        rounds = [
            one_round(
                number,
                question=f"{question['ticket_number']}.{question['number']}",
                same_group=same_group,
                environment=environment,
            )
            for number in range(ROUNDS)
        ]
    return {name: min(one[name] for one in rounds) for name in GOALS}


def one_round(
    number: int, *, question: str, same_group: list[str], environment: Mapping[str, str]
) -> Mapping[str, float]:
    """Type every command once; what they change differs from round to round."""
    edit = ["tickets", "edit", KEY, "1", "--title"]
    order = same_group if number % 2 else same_group[::-1]
    commands = {
        HELP: [HELP],
        "tickets list": ["tickets", "list", KEY],
        "status": ["status", KEY],
        "tickets edit": [*edit, f"Edited {number}"],
        "status, after an edit": ["status", KEY],
        "tickets assign": ["tickets", "assign", KEY, "3", "--labels", f"label{number}"],
        "tickets order": ["tickets", "order", KEY, *order],
        "questions --answer": ["questions", KEY, "--answer", question, f"Answer {number}"],
        "validate, after these changes": ["validate", KEY],
        "edit again": [*edit, f"Edited again {number}"],
        "validate, after one edit": ["validate", KEY],
        "tickets ready --all": ["tickets", "ready", KEY, "--all"],
        "tickets unready": ["tickets", "unready", KEY, "--all"],
    }
    return {name: cpu_seconds(words, environment) for name, words in commands.items()}


def answered(words: list[str], environment: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return what a command answers to programs."""
    command = [PROGRAM, *words, "--json"]
    finished = subprocess.run(command, env=environment, capture_output=True, check=True)
    listed: list[dict[str, Any]] = json.loads(finished.stdout)
    return listed


def cpu_seconds(words: list[str], environment: Mapping[str, str]) -> float:
    """Run a command and return the CPU time it took, that of its children included."""
    with tempfile.TemporaryFile() as output:
        actions = [(os.POSIX_SPAWN_DUP2, output.fileno(), stream) for stream in (1, 2)]
        process_id = os.posix_spawn(PROGRAM, [PROGRAM, *words], environment, file_actions=actions)
        _, status, used = os.wait4(process_id, 0)
        if os.waitstatus_to_exitcode(status):
            output.seek(0)
            log = output.read()[-3000:].decode(errors="replace")
            sys.exit(f"jira-pipeline {' '.join(words)} failed:\n{log}")
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
