"""Runs schedules by command: `python -m jira_pipeline_tests.faults --seeds 10000`, or `--single`.

Belongs here: the command and what it prints. Does not: schedules themselves (`schedules`,
`running`, `single_faults`), a part of which the ordinary tests run.
"""

import argparse
import logging
import sys
import time
from itertools import count

from rich.console import Console
from rich.progress import Progress

from jira_pipeline_tests.faults.rare_branches import TIMES_MIN, seldom_taken
from jira_pipeline_tests.faults.running import Outcome, ScheduleRunner, open_runner
from jira_pipeline_tests.faults.schedules import ALL_WORLDS, VERBS_ALONE, words_of
from jira_pipeline_tests.faults.shrinking import schedule_of, shrink
from jira_pipeline_tests.faults.single_faults import (
    Plan,
    Tally,
    act_plan,
    pair_plans,
    single_plans,
    ways,
)

SHRUNK_MAX = 10
"""How many failing seeds are made small; all are counted."""


def main() -> int:
    """Run schedules; return 1 when an invariant was broken."""
    logging.disable(logging.ERROR)  # the exporter reports every stop; here they are the point
    chosen = _arguments()
    console = Console(highlight=False)
    if chosen.single or chosen.pairs or chosen.acts:
        return _run_plans(console, chosen)
    with open_runner() as runner:
        if chosen.seed is not None:
            return _run_one(console, runner, chosen)
        return _run_many(console, runner, chosen)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m jira_pipeline_tests.faults")
    parser.add_argument("--seeds", type=int, default=500, help="how many schedules")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--seed", type=int, help="run this one alone")
    parser.add_argument("--world", choices=ALL_WORLDS, help="a site world for every schedule")
    parser.add_argument("--until-failed", action="store_true", help="stop at the first failure")
    parser.add_argument(
        "--single", action="store_true", help="every single fault of export, update and undo"
    )
    parser.add_argument("--only", default="", help="with --single: faults or requests named so")
    parser.add_argument("--pairs", type=int, default=0, help="so many drawn pairs of each verb")
    parser.add_argument("--acts", type=float, default=0.0, help="acts of people, for some seconds")
    parser.add_argument("--keep", help="with --seed: the events to keep, as 0,2 or none")
    return parser.parse_args()


def _run_one(console: Console, runner: ScheduleRunner, chosen: argparse.Namespace) -> int:
    schedule = schedule_of(chosen.seed, world=chosen.world, keep=chosen.keep)
    outcome = runner.run(schedule)
    for event in schedule.events:
        console.print(f"  {words_of(event)}", markup=False)
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


def _run_plans(console: Console, chosen: argparse.Namespace) -> int:
    """Run what is enumerated, then what is drawn; name the branches that are taken too seldom."""
    began = time.monotonic()
    tally = Tally()
    with open_runner() as runner, Progress(console=console, transient=True) as progress:
        found = ways(runner)
        drawn = [plan for way in found for plan in pair_plans(way, count=chosen.pairs)]
        every = (plan for way in found for plan in single_plans(way)) if chosen.single else ()
        plans = [plan for plan in every if chosen.only in plan.name]
        for plan in progress.track([*plans, *drawn], description="Faults"):
            _run_plan(console, runner, plan, tally)
            if tally.wrong and chosen.until_failed:
                return 1
        until = time.monotonic() + chosen.acts
        seeds = count(chosen.first)
        while time.monotonic() < until:
            seed = next(seeds)
            for way in found:
                _run_plan(console, runner, act_plan(way, seed), tally)
    for verb in VERBS_ALONE:
        console.print(
            f"{verb}: {tally.runs[verb]} runs, {tally.stopped[verb]} stopped for a person"
        )
    console.print(
        f"{tally.acts} acts of people; met a write of ours and told: {dict(tally.told)}; "
        f"met one, which nobody can know: {dict(tally.met)}"
    )
    for name, times in sorted(tally.branches.items()):
        console.print(f"  {name}: {times}")
    is_whole = chosen.single and not chosen.only
    seldom = list(seldom_taken(tally.branches)) if is_whole else []
    for text in seldom:
        console.print(f"taken less than {TIMES_MIN} times: {text}", markup=False)
    seconds = time.monotonic() - began
    console.print(f"{tally.runs.total()} runs in {seconds:.0f} s; {len(tally.wrong)} violations.")
    return 1 if tally.wrong or seldom else 0


def _run_plan(console: Console, runner: ScheduleRunner, plan: Plan, tally: Tally) -> None:
    if not tally.add(plan, runner.run(plan.schedule)):
        console.print(tally.wrong[-1], markup=False)


if __name__ == "__main__":
    sys.exit(main())
