"""What is imported before anybody asks for it: nothing that talks to models, no Dagster to edit."""

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from jira_pipeline_tests import projects

ASKS_MODELS = {"anthropic", "genai_prices", "httpx2", "openai", "pydantic_ai"}
"""Of the extra `llm`; two seconds together."""
OF_RUNS = {
    "jira_pipeline.definitions",
    "jira_pipeline.dagster_port.home",
    "jira_pipeline.export.exporting",
    "jira_pipeline.sheets.reading.entities",
    "jira_pipeline.tickets.grouping.grouping",
    "jira_pipeline.writing.generation",
}
"""What a run would import by itself, for a second, were it not forked with it."""
STARTED = """
import importlib, json, os, signal, sys

absent = {asks_models!r} | {{"dagster", "pandas", "sqlalchemy"}}

def imported(*modules):
    for module in modules:
        importlib.import_module(module)
    print(*modules, *sorted(absent & set(sys.modules)), flush=True)

def main():
    imported("jira_pipeline.cli.app")
    absent.remove("sqlalchemy")
    imported("jira_pipeline.web.application", "jira_pipeline.sessions.composition", "jira_pipeline.writing.writers")
    from jira_pipeline_tests.cli.terminal import run

    for line in {typed!r}.strip().splitlines():
        answer = run(*line.split())
        print(*line.split()[:2], answer.exit_code, *sorted(absent & set(sys.modules)))
        if answer.exit_code:
            print(answer.words)

    absent.remove("dagster")
    sys.argv = ["dagster", "api", "grpc"]
    imported("jira_pipeline.cli.warm_definitions")
    from multiprocessing import forkserver, get_context
    from {module} import tell_how_it_began

    dagsters = get_context("spawn")
    told = dagsters.SimpleQueue()
    for is_forking_anew in (False, False, True):
        if is_forking_anew:
            forking = forkserver._forkserver._forkserver_pid
            os.kill(forking, signal.SIGKILL)
            os.waitid(os.P_PID, forking, os.WEXITED | os.WNOWAIT)
        run = dagsters.Process(target=tell_how_it_began, args=[told])
        run.start()
        run.join()
        print(json.dumps(told.get()))

main()
"""
"""One process imports more and more: the command line, the web and the pipeline with its writer,
what the commands of a review need, and at last Dagster, as the code server of `serve` does."""
REVIEW = """
tickets list museum
status museum
tickets ready museum --all
tickets unready museum 1
tickets edit museum 1 --title Other
tickets assign museum 2 --labels one
tickets order museum {order}
tickets depend museum 6 1
tickets depend museum 6 1 --not
tickets rollback museum 1 --to 1
tickets skip museum 3 --reason built
tickets unskip museum 3
questions museum --answer {question} Yes
status museum
"""

pytestmark = pytest.mark.small_site


def tell_how_it_began(told: Any) -> None:
    """Tell what a run finds in its process."""
    files = [
        one for one in Path("/proc/self/fd").iterdir() if one.is_symlink() and int(one.name) > 2
    ]
    opened = [str(link.readlink()) for link in files]
    told.put(
        {
            "absent": sorted(OF_RUNS - sys.modules.keys()),
            "threads": len([*Path("/proc/self/task").iterdir()]),
            "opened": [one for one in opened if not one.startswith(("pipe:", "/dev/", "/proc/"))],
            "drawn": random.random(),  # noqa: S311 - whether two draw the same
        }
    )


def test_each_start_imports_only_what_it_needs_and_runs_begin_with_all_and_nothing_open(
    reviewed: Path,
) -> None:
    """Half the time of an edit went into imports of Dagster and pandas.

    Each run of a code server began a Python of its own: most of what that of a small session cost.
    """
    with projects.opened(reviewed) as pipeline:
        tickets = pipeline.store.tickets.list_all("museum")
        asking = next(ticket for ticket in tickets if ticket.unanswered)
    by_group = [[t.number for t in tickets if t.display_group is g.display_group] for g in tickets]
    first, second, *_ = next(numbers for numbers in by_group if len(numbers) > 1)
    typed = REVIEW.format(question=f"{asking.number}.1", order=f"{second} {first}")
    script = STARTED.format(asks_models=ASKS_MODELS, typed=typed, module=__name__)

    started = subprocess.run(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, check=True
    )

    *lines, one, other, after_a_kill = started.stdout.splitlines()
    assert lines == [
        "jira_pipeline.cli.app",
        "jira_pipeline.web.application jira_pipeline.sessions.composition jira_pipeline.writing.writers",
        *(" ".join([*line.split()[:2], "0"]) for line in typed.strip().splitlines()),
        "jira_pipeline.cli.warm_definitions",
    ]
    runs = [json.loads(run) for run in (one, other, after_a_kill)]
    for run in runs:
        assert run["absent"] == []
        assert (run["threads"], run["opened"]) == (1, [])
    assert runs[0]["drawn"] != runs[1]["drawn"]
    with projects.opened(reviewed) as pipeline:
        reported = {event.action for event in pipeline.store.outbox.pending("museum")}
    assert reported >= {"ready", "unready", "edit", "assign", "order", "rollback", "skip", "answer"}


def test_a_command_that_reads_imports_no_rule_and_does_not_look_for_garbage(reviewed: Path) -> None:
    """The looks took a fifth of the processor time of a command, the rules another fifth."""
    script = """
import gc, sys
from jira_pipeline.cli.app import main

looks = []
gc.callbacks.append(lambda phase, _: looks.append(phase))
sys.argv = ["jira-pipeline", "status", "museum"]
try:
    main()
finally:
    rules = [name for name in sys.modules if name in {"jira_pipeline.drupal.columns", "jira_pipeline.drupal.rules"}]
    print(len(looks), rules, file=sys.stderr)
"""

    run = subprocess.run(
        [sys.executable, "-c", script], cwd=reviewed, capture_output=True, text=True, check=True
    )

    assert run.stderr == "0 []\n"
