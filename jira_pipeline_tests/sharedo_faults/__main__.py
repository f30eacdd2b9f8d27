"""Runs seeded schedules by command: `python -m jira_pipeline_tests.sharedo_faults --seeds 2000`."""

import argparse
import logging
import sys
import time
from collections import Counter

from rich.console import Console

from jira_pipeline_tests.sharedo_faults.running import Outcome, run_seed


def main() -> int:
    """Run schedules and print the figures; return 1 when an invariant was broken."""
    logging.disable(logging.ERROR)
    parser = argparse.ArgumentParser(prog="python -m jira_pipeline_tests.sharedo_faults")
    parser.add_argument("--seeds", type=int, default=2_000, help="how many schedules")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    chosen = parser.parse_args()
    console = Console(highlight=False)
    began = time.monotonic()
    outcomes: list[Outcome] = []
    for seed in range(chosen.first, chosen.first + chosen.seeds):
        outcome = run_seed(seed)
        outcomes.append(outcome)
        for text in outcome.violations:
            console.print(f"seed {seed}: {text}", markup=False)
    failed = sum(bool(one.violations) for one in outcomes)
    codes = Counter(error.code for one in outcomes for error in one.errors)
    console.print(
        f"{len(outcomes)} schedules, {sum(one.process_count for one in outcomes)} processes, "
        f"{sum(one.crash_count for one in outcomes)} crashes, "
        f"{sum(one.job_count for one in outcomes)} jobs in ShareDo, "
        f"{sum(one.resend_count for one in outcomes)} sent again after a look, "
        f"{sum(one.doubt_count for one in outcomes)} doubts left to a person; "
        f"{failed} broke an invariant; {time.monotonic() - began:.0f} s"
    )
    console.print(", ".join(f"{code} {count}" for code, count in sorted(codes.items())))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
