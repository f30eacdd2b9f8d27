"""How the simulation of `python -m benchmarks capacity` queues, where the result is known."""

import pytest

from benchmarks.queueing import (
    DEQUEUE_SECONDS,
    LOOK_SECONDS,
    Arrival,
    Day,
    Installation,
    Place,
    Session,
    Simulation,
    Stage,
)

NO_TIME = Stage(cpu_seconds=0.0)


def day_of(
    sessions: int,
    *,
    writing: Stage = NO_TIME,
    exporting: Stage = NO_TIME,
    requests: int = 0,
    capacity: int = 1,
    projects: int = 100,
) -> Day:
    session = Session(
        registering=NO_TIME,
        starting=NO_TIME,
        writing=writing,
        exporting=exporting,
        requests={"POST /rest/api/3/issue": requests},
    )
    installation = Installation(machines=1, capacity=capacity, cores=1)
    arrivals = [Arrival(at=0.0, project=at % projects) for at in range(sessions)]
    return Simulation(installation, session).run(arrivals)


def test_runs_of_one_length_wait_for_room_one_after_the_other():
    """D/D/1: all arrive at once, and each waits as long as those before it run."""
    run_seconds = 5 * DEQUEUE_SECONDS

    day = day_of(4, writing=Stage(cpu_seconds=run_seconds))

    first = -LOOK_SECONDS % DEQUEUE_SECONDS
    expected = [first + before * run_seconds for before in range(4)]
    assert day.waits[Place.ROOM] == pytest.approx(expected)
    assert day.waits[Place.INBOX] == pytest.approx([LOOK_SECONDS] * 4)
    assert day.bottleneck is Place.ROOM


def test_runs_on_one_processor_share_it_and_what_waits_for_others_leaves_it():
    busy = day_of(2, capacity=2, writing=Stage(cpu_seconds=10.0))
    idle = day_of(2, capacity=2, writing=Stage(cpu_seconds=0.01, wait_seconds=10.0))

    began_at = LOOK_SECONDS + -LOOK_SECONDS % DEQUEUE_SECONDS
    assert max(busy.ended_at) == pytest.approx(began_at + 20.0)
    assert max(busy.waits[Place.PROCESSOR]) == pytest.approx(10.0)
    assert max(idle.ended_at) == pytest.approx(began_at + 10.0, abs=0.1)


def test_an_export_looks_again_and_again_whether_its_project_is_free():
    """After 5 s, after 10 more, then every 15, as a step of Dagster does."""
    long = Stage(cpu_seconds=0.0, wait_seconds=598.0)

    two = day_of(2, capacity=2, projects=1, exporting=Stage(cpu_seconds=0.0, wait_seconds=8.0))
    patient = day_of(2, capacity=2, projects=1, exporting=long)

    assert max(two.waits[Place.TURN]) == pytest.approx(15.0)
    assert max(patient.waits[Place.TURN]) == pytest.approx(600.0)


@pytest.mark.parametrize("exports", [1, 4])
def test_exports_to_one_site_are_a_tenth_slower_than_its_limit(exports: int):
    """Ninety requests a second, shared; a tenth is kept back for whoever comes next."""
    day = day_of(exports, capacity=exports, requests=8_100)

    seconds = max(day.ended_at) - LOOK_SECONDS - (-LOOK_SECONDS % DEQUEUE_SECONDS)
    assert seconds == pytest.approx(100.0 * exports)
    assert day.bottleneck is Place.BUDGET
