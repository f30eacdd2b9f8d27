"""Kills exports, and the writing of tickets: `python -m jira_pipeline_tests.crash --random 200`.

Belongs here: the command and what it prints. Does not: killing (`killing`); a short form of the
same is among the ordinary tests.
"""

import argparse
import importlib.util
import logging
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from jira_pipeline.model.errors import PipelineError
from jira_pipeline_tests.contracts.open_stores import POSTGRES_URL
from jira_pipeline_tests.crash.grounds import GROUNDS
from jira_pipeline_tests.crash.killing import (
    Kill,
    KillingGround,
    cut_offs,
    point_kills,
    random_kills,
    rolled_back_kills,
)
from jira_pipeline_tests.crash.write_points import DeadlyWrite

ROLLBACK_STEP = 4
"""A restored backup at every so-manieth point."""

SURELY_REACHED = 0.97
"""Share of the writes of one run of Dagster that every other one has too."""


def main() -> int:
    """Kill on every dialect there is; return 1 when anything was wrong."""
    chosen = _arguments()
    logging.disable(logging.WARNING)  # such as what a test server does without, once per kill
    console = Console(highlight=False)
    dialects = {"SQLite": None, "PostgreSQL": POSTGRES_URL}
    wrong = 0
    for name, url in dialects.items():
        if name == "PostgreSQL" and url is None:
            console.print("PostgreSQL: skipped, JIRA_PIPELINE_TEST_POSTGRES_URL names no server")
            continue
        for suffix in GROUNDS:
            if chosen.only not in f"{name}{suffix}":
                continue
            with (
                tempfile.TemporaryDirectory(prefix="killing-") as folder,
                KillingGround(Path(folder) / "ground", ground=suffix, postgres_url=url) as ground,
            ):
                wrong += _kill_on(console, f"{name}{suffix}", ground, chosen)
    if not chosen.only:
        wrong += _kill_generations(console, step=chosen.step)
    return 1 if wrong else 0


def _kill_generations(console: Console, *, step: int) -> int:
    """Kill the writing of tickets by a model before each of its writes, of Dagster's too."""
    if importlib.util.find_spec("pydantic_ai") is None:
        console.print("Writing tickets: skipped, the extra llm is not installed")
        return 0
    from jira_pipeline_tests.crash import killed_generation  # noqa: PLC0415 - imports Dagster

    began = time.monotonic()
    wrong: list[str] = []
    with (
        tempfile.TemporaryDirectory(prefix="killing-") as folder,
        killed_generation.GenerationGround(Path(folder) / "ground") as ground,
    ):
        undisturbed = ground.undisturbed()
        known = len(ground.points())
        points = range(1, known + 1, step)
        with Progress(console=console, transient=True) as progress:
            for number in progress.track(points, description="Writing tickets"):
                killed = ground.killed(
                    DeadlyWrite(occurrence=number), carry_on=killed_generation.by_command
                )
                may_end = number > known * SURELY_REACHED
                wrong += killed_generation.wrong_with(killed, undisturbed, may_end=may_end)
    console.print(f"Writing tickets, {len(points)} writes: {len(wrong)} violations")
    for sentence in wrong:
        console.print(f"  {sentence}", markup=False)
    console.print(f"Writing tickets: {time.monotonic() - began:.0f} s")
    return len(wrong)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m jira_pipeline_tests.crash")
    parser.add_argument("--only", default="", help="grounds whose names have this in them")
    parser.add_argument("--random", type=int, default=200, help="kills at random times")
    parser.add_argument("--step", type=int, default=1, help="kill at every so-manieth point")
    return parser.parse_args()


def _kill_on(console: Console, name: str, ground: KillingGround, chosen: argparse.Namespace) -> int:
    began = time.monotonic()
    points = len(ground.points())
    lasting = ground.seconds_of_an_export()
    groups: dict[str, tuple[Iterable[Kill], int | None]] = {
        f"{points} points": (point_kills(points, step=chosen.step), None),
        f"{chosen.random} random times": (random_kills(lasting_seconds=lasting), chosen.random),
    }
    rolled_back = rolled_back_kills(points, step=ROLLBACK_STEP * chosen.step)
    groups["ledgers that lost 1 to 5 writes"] = (rolled_back, None)
    if ground.is_on_postgres:
        groups["cut off the database"] = (cut_offs(points, step=ROLLBACK_STEP * chosen.step), None)
    wrong = 0
    for title, (kills, count) in groups.items():
        killed_before = ground.killed_count
        found = _kill_all(console, f"{name}, {title}", ground, kills, count=count)
        wrong += len(found)
        killed = ground.killed_count - killed_before
        console.print(f"{name}, {title}: {killed} killed, {len(found)} violations")
        for sentence in found:
            console.print(f"  {sentence}", markup=False)
    console.print(f"{name}: {time.monotonic() - began:.0f} s")
    return wrong


def _kill_all(
    console: Console, title: str, ground: KillingGround, kills: Iterable[Kill], *, count: int | None
) -> list[str]:
    """Kill until so many were killed before they ended by themselves, or all."""
    wrong: list[str] = []
    target = None if count is None else ground.killed_count + count
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task(title, total=count)
        for kill in kills:
            if ground.killed_count == target:
                break
            try:
                wrong += ground.wrong_after(kill)
            except PipelineError as error:  # the others are still to be killed
                wrong.append(f"{kill.name}: {error}")
            progress.update(task, advance=1)
    return wrong


if __name__ == "__main__":
    sys.exit(main())
