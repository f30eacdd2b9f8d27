"""The export ended at any point and started again: one issue per ticket, none lost.

Judged from the sandbox's own tables alone. Every point is before or after a ledger write or a
request; a crash drops everything the process held in memory, and the export is started again
until it ends by itself.
"""

from pathlib import Path

import pytest

from jira_pipeline_tests.crash.export_world import Crash, ExportWorld, Tripwire
from jira_pipeline_tests.crash.worlds import open_world
from jira_pipeline_tests.long_form import POINT_STEP, SHARES


def test_an_export_leaves_the_site_as_the_session_says(world: ExportWorld) -> None:
    world.export()

    assert world.violations() == []


def test_a_second_execution_creates_nothing(world: ExportWorld) -> None:
    world.export()
    before = [e for entry in world.sandbox.journal() for e in entry.changes]

    world.export()

    assert before == [e for entry in world.sandbox.journal() for e in entry.changes]


@pytest.mark.parametrize("share", SHARES)
def test_a_crash_at_any_point_neither_doubles_nor_loses_an_issue(
    ready_folder: Path, tmp_path: Path, share: int
) -> None:
    points = points_of_a_run(ready_folder, tmp_path / "counting")

    outcomes = {
        f"{number} {name}": crash_once(ready_folder, tmp_path / str(number), number)
        for number, name in list(enumerate(points, start=1))[share::POINT_STEP]
    }

    assert len(points) > 100
    assert {name: wrong for name, wrong in outcomes.items() if wrong} == {}


def points_of_a_run(ready_folder: Path, folder: Path) -> list[str]:
    """Return the names of all points a run without a fault passes."""
    wire = Tripwire()
    with open_world(ready_folder, folder) as world:
        world.export(wire)
    return wire.passed


def crash_once(ready_folder: Path, folder: Path, number: int) -> list[str]:
    """End a run at a point, start it again, and return what is wrong with the site."""
    with open_world(ready_folder, folder) as world:
        try:
            world.export(Tripwire(crash_at=number))
        except Crash:
            world.export()
        else:
            return [f"point {number} was never passed"]
        return world.violations()
