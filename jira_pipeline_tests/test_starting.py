"""What is imported before anybody asks for it: nothing that talks to models, no Dagster to edit."""

import json
import random
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from jira_pipeline_tests import projects

ASKS_MODELS = {"anthropic", "genai_prices", "httpx2", "openai", "pydantic_ai"}
"""Of the extra `llm`; two seconds together."""


STARTS = {
    "jira_pipeline.cli.app": ASKS_MODELS | {"dagster", "pandas", "sqlalchemy"},
    "jira_pipeline.web.switch, jira_pipeline.flow.composition, jira_pipeline.writing.model": (
        ASKS_MODELS | {"dagster", "pandas"}
    ),
    "jira_pipeline.definitions": ASKS_MODELS | {"pandas"},
}
"""What is not imported by the command line, the web, the pipeline with its writer, and Dagster.

One process imports them in this order: each may bring what those after it may bring, too.
"""
_IMPORTED = """
import importlib, sys
for modules, absent in {starts!r}.items():
    for module in modules.split(", "):
        importlib.import_module(module)
    print(modules, *sorted(absent & set(sys.modules)), sep=": ")
"""


def test_starting_imports_only_what_everybody_needs() -> None:
    started = subprocess.run(
        [sys.executable, "-c", _IMPORTED.format(starts=STARTS)],
        capture_output=True,
        text=True,
        check=True,
    )

    absences = list(STARTS.values())
    assert all(more > fewer for more, fewer in pairwise(absences))
    assert started.stdout.splitlines() == list(STARTS)


CODE_SERVER = """
import json, sys
from multiprocessing import get_context
import {module}

def main():
    sys.argv = ["dagster", "api", "grpc"]
    import jira_pipeline.definitions

    dagsters = get_context("spawn")
    told = dagsters.SimpleQueue()
    for _ in range(2):
        run = dagsters.Process(target={module}.tell_how_it_began, args=[told])
        run.start()
        run.join()
    print(json.dumps([told.get(), told.get()]))

main()
"""


def tell_how_it_began(told: Any) -> None:
    """Tell what a run finds in its process."""
    opened = [str(link.readlink()) for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    told.put(
        {
            "is_imported": "jira_pipeline.definitions" in sys.modules,
            "threads": len([*Path("/proc/self/task").iterdir()]),
            "opened": [one for one in opened if not one.startswith(("pipe:", "/dev/", "/proc/"))],
            "drawn": random.random(),  # noqa: S311 - whether two draw the same
        }
    )


def test_runs_of_a_code_server_begin_with_all_imported_and_nothing_open() -> None:
    """Each began a Python of its own: most of what the run of a small session cost."""
    command = [sys.executable, "-c", CODE_SERVER.format(module=__name__)]

    told = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)

    first, second = json.loads(told.stdout)
    assert first["is_imported"]
    assert (first["threads"], first["opened"]) == (1, [])
    assert first["drawn"] != second["drawn"]


REVIEW = """
tickets list museum
status museum
tickets ready museum --all
tickets unready museum 1
tickets edit museum 1 --title Other
tickets assign museum 2 --labels one
tickets order museum {order}
tickets depend museum 7 6
tickets depend museum 7 6 --not
tickets rollback museum 1 --to 1
tickets skip museum 3 --reason built
tickets unskip museum 3
questions museum --answer {question} Yes
status museum
"""
_TYPED = """
import sys
from jira_pipeline_tests.cli.terminal import run
for line in sys.argv[1].strip().splitlines():
    answer = run(*line.split())
    loaded = sorted({"dagster", "pandas"} & set(sys.modules))
    if answer.exit_code or loaded:
        print(line, answer.exit_code, answer.words, loaded)
"""


def test_no_command_of_a_review_imports_dagster_or_pandas(
    reviewed_project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half the time of an edit went there."""
    project = projects.adopt(reviewed_project, tmp_path / "project", monkeypatch)
    with projects.opened(project) as pipeline:
        tickets = pipeline.store.tickets.list_all("museum")
        asking = next(ticket for ticket in tickets if ticket.unanswered)
    last = tickets[-1].display_group
    first, second = [ticket.number for ticket in tickets if ticket.display_group is last][-2:]
    typed = REVIEW.format(question=f"{asking.number}.1", order=f"{second} {first}")

    started = subprocess.run(
        [sys.executable, "-c", _TYPED, typed], capture_output=True, text=True, check=True
    )

    assert started.stdout == ""
    with projects.opened(project) as pipeline:
        reported = {event.action for event in pipeline.store.outbox.pending("museum")}
    assert reported >= {"ready", "unready", "edit", "assign", "order", "rollback", "skip", "answer"}
