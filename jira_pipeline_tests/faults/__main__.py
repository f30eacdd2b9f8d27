"""Runs seeded schedules by command: `python -m jira_pipeline_tests.faults --seeds 10000`.

Belongs here: the command and what it prints. Does not: schedules themselves (`schedules`,
`running`), which the ordinary tests run 100 of.
"""

import argparse
import logging
import sys
import time

from rich.console import Console
from rich.progress import Progress

from jira_pipeline_tests.faults.running import Outcome, ScheduleRunner, open_runner
from jira_pipeline_tests.faults.schedules import WORLDS
from jira_pipeline_tests.faults.shrinking import schedule_of, shrink
from jira_pipeline_tests.faults.update_running import open_update_runner
from jira_pipeline_tests.faults.update_schedules import draw_update_schedule

SHRUNK_MAX = 10
"""How many failing seeds are made small; all are counted."""


def main() -> int:
    """Run schedules; return 1 when an invariant was broken."""
    logging.disable(logging.ERROR)  # the exporter reports every stop; here they are the point
    chosen = _arguments()
    console = Console(highlight=False)
    if chosen.updates:
        return _run_updates(console, chosen)
    with open_runner() as runner:
        if chosen.seed is not None:
            return _run_one(console, runner, chosen)
        return _run_many(console, runner, chosen)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m jira_pipeline_tests.faults")
    parser.add_argument("--seeds", type=int, default=500, help="how many schedules")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--seed", type=int, help="run this one alone")
    parser.add_argument("--world", choices=WORLDS, help="a site world for every schedule")
    parser.add_argument("--until-failed", action="store_true", help="stop at the first failure")
    parser.add_argument("--updates", action="store_true", help="schedules of updates instead")
    parser.add_argument("--keep", help="with --seed: the events to keep, as 0,2 or none")
    return parser.parse_args()


def _run_one(console: Console, runner: ScheduleRunner, chosen: argparse.Namespace) -> int:
    schedule = schedule_of(chosen.seed, world=chosen.world, keep=chosen.keep)
    outcome = runner.run(schedule)
    for event in schedule.events:
        console.print(f"  {event}", markup=False)
    if not outcome.violations:
        end = "done" if outcome.is_done else "stopped for a person"
        console.print(f"seed {chosen.seed}: {outcome.process_count} processes, {end}, all well")
        return 0
    if chosen.keep is None:
        console.print(str(shrink(runner, chosen.seed, world=chosen.world)), markup=False)
    for text in outcome.violations if chosen.keep is not None else ():
        console.print(f"  -> {text}", markup=False)
    return 1


def _run_many(console: Console, runner: ScheduleRunner, chosen: argparse.Namespace) -> int:
    began = time.monotonic()
    failed: list[Outcome] = []
    stopped = 0
    with Progress(console=console) as progress:
        task = progress.add_task("schedules", total=chosen.seeds)
        for seed in range(chosen.first, chosen.first + chosen.seeds):
            outcome = runner.run_seed(seed, world=chosen.world)
            stopped += not outcome.is_done
            if outcome.violations:
                failed.append(outcome)
                progress.console.print(f"seed {seed}: {outcome.violations[0]}", markup=False)
                if chosen.until_failed:
                    return 1
            progress.update(task, advance=1, description=f"schedules, {len(failed)} failed")
    seconds = time.monotonic() - began
    for outcome in failed[:SHRUNK_MAX]:
        smallest = shrink(runner, outcome.schedule.seed, world=chosen.world)
        console.print(str(smallest), markup=False)
    console.print(
        f"{chosen.seeds} schedules in {seconds:.0f} s, {chosen.seeds / seconds:.1f} a second; "
        f"{stopped} stopped for a person; {len(failed)} with violations."
    )
    return 1 if failed else 0


def _run_updates(console: Console, chosen: argparse.Namespace) -> int:
    began = time.monotonic()
    seeds = range(chosen.first, chosen.first + chosen.seeds)
    if chosen.seed is not None:
        seeds = range(chosen.seed, chosen.seed + 1)
    failed = 0
    with open_update_runner() as runner:
        for seed in seeds:
            violations = runner.run_seed(seed)
            failed += bool(violations)
            if violations:
                console.print(str(draw_update_schedule(seed)), markup=False)
                console.print(*(f"  -> {text}" for text in violations), sep="\n", markup=False)
    seconds = time.monotonic() - began
    console.print(
        f"{len(seeds)} schedules of updates in {seconds:.0f} s; {failed} with violations."
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
