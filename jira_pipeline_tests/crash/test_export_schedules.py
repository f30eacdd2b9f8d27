"""Seeded schedules: several processes one after the other, each with faults and a crash.

A seed gives {request number: fault}, a point at which each process ends, and what the search index
shows. Afterwards the export is started on a healthy site until it ends by itself, and the site is
judged. A doubt that only a person can settle may remain, if it is named; a duplicate may not.
"""

import random
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from jira_pipeline.errors import OrphanIssueError, PipelineError
from jira_pipeline.kernel.manual_fixes import FixType
from jira_pipeline_tests.contracts.open_stores import open_in
from jira_pipeline_tests.crash.export_faults import (
    DOUBTS,
    REFUSALS,
    Fault,
    index_that_lags,
    is_search,
)
from jira_pipeline_tests.crash.export_world import SESSION_KEY, Crash, ExportWorld, Tripwire
from jira_pipeline_tests.crash.worlds import open_world
from jira_pipeline_tests.long_form import IS_LONG

SEED_COUNT = 40 if IS_LONG else 4
SEEDS_PER_TEST = 10 if IS_LONG else SEED_COUNT
RESTARTS_MAX = 4
POINTS_MAX = 130
"""A run without a fault passes about as many."""

BATCH_SIZES = (1, 50, 2)
LISTED = {
    FixType.DEPENDENCY_LINK: r"link .+ is missing",
    FixType.ATTACHMENT_UPLOAD: r"file .+ is there 0 times",
}
"""What may be missing when a person was told."""


@dataclass
class Schedule:
    """The faults of one process, by number of the request."""

    faults: dict[int, Fault]
    is_index_lagging: bool
    seen: int = 0

    def __call__(self, request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        """Answer as the site does, save where the schedule says otherwise."""
        self.seen += 1
        fault = self.faults.get(self.seen)
        if fault is not None:
            return fault(request, site)
        if self.is_index_lagging and is_search(request):
            return index_that_lags(request, site)
        return site.handle_request(request)


def wrong_after(seed: int, world: ExportWorld) -> list[str]:
    """Run the schedule of a seed and return what is wrong with the site."""
    dice = random.Random(seed)  # noqa: S311 - a schedule, not a secret
    world.batch_size = BATCH_SIZES[seed % len(BATCH_SIZES)]
    kinds = [*DOUBTS.values(), *REFUSALS.values()]
    for _process in range(dice.randint(1, RESTARTS_MAX)):
        numbers = dice.sample(range(1, 60), k=dice.randint(0, 3))
        world.answering = Schedule(
            faults={number: dice.choice(kinds) for number in numbers},
            is_index_lagging=dice.random() < 0.5,
        )
        run_to_its_end(world, crash_at=dice.choice([None, dice.randint(1, POINTS_MAX)]))
    world.answering = None
    error = run_to_its_end(world, crash_at=None)
    wrong = unlisted(world)
    if isinstance(error, OrphanIssueError):
        return [f"seed {seed}: {text}" for text in wrong if "0 issues" not in text]
    return [f"seed {seed}: {text}" for text in (*wrong, *([repr(error)] if error else ()))]


def unlisted(world: ExportWorld) -> list[str]:
    """Return what is wrong with the site and not listed as a manual fix."""
    with open_in(world.folder) as store:
        kinds = Counter(fix.fix_type for fix in store.manual_fixes.list_all(SESSION_KEY))
    wrong = world.violations()
    for kind, words in LISTED.items():
        listed = [text for text in wrong if re.fullmatch(words, text)][: kinds[kind]]
        wrong = [text for text in wrong if text not in listed]
    return wrong


def run_to_its_end(world: ExportWorld, *, crash_at: int | None) -> PipelineError | None:
    """Run one process until it is done, crashes or says why it stops."""
    try:
        world.export(Tripwire(crash_at=crash_at))
    except Crash:
        return None
    except PipelineError as error:
        return error
    return None


@pytest.mark.parametrize("first", range(0, SEED_COUNT, SEEDS_PER_TEST))
def test_no_schedule_doubles_or_loses_an_issue(
    ready_folder: Path, tmp_path: Path, first: int
) -> None:
    wrong: list[str] = []

    for seed in range(first, first + SEEDS_PER_TEST):
        with open_world(ready_folder, tmp_path / str(seed)) as world:
            wrong += wrong_after(seed, world)

    assert wrong == []
