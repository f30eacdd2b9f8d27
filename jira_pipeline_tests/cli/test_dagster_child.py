"""The daemon beside `serve` ends its waits when it is woken; what looks, and starts runs, is Dagster."""

import queue
import subprocess
import sys
from collections.abc import Iterator, Mapping
from threading import Event, Thread

import dagster as dg
import pytest
from dagster._daemon import controller  # noqa: TID251 - whose loops are replaced

from jira_pipeline.cli import dagster_child
from jira_pipeline.cli.dagster_child import WOKEN, wait_by_wakes

AT_MOST_SECONDS = 60


class LookedAt:
    """A workspace without code, which notes each look at it."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self.instance = instance
        self.looks: queue.Queue[str] = queue.Queue()

    def create_request_context(self) -> "LookedAt":
        self.looks.put("look")
        return self

    def get_code_location_entries(self) -> Mapping[str, object]:
        return {}


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> Iterator[LookedAt]:
    """Sensors that look once, and then only where they are woken."""
    monkeypatch.setattr(dagster_child, "LOOK_SECONDS", 3_600)
    monkeypatch.setattr(dagster_child, "SOON_SECONDS", 0.05)
    for name in ("SensorDaemon", "QueuedRunCoordinatorDaemon"):
        monkeypatch.setattr(controller, name, getattr(controller, name))
    wait_by_wakes()
    stop = Event()
    with dg.DagsterInstance.ephemeral() as instance:
        workspace, sensors = (
            LookedAt(instance),
            controller.create_daemon_of_type("SENSOR", instance),
        )
        loop = sensors.core_loop(workspace, stop)
        looking = Thread(target=lambda: next(True for _ in loop if stop.is_set()), daemon=True)
        looking.start()
        workspace.looks.get(timeout=AT_MOST_SECONDS)
        yield workspace
        stop.set()
        looking.join()


def test_several_wakes_at_once_are_one_look_and_one_soon_after_it(looked_at: LookedAt) -> None:
    """The second finds what the first asked for, or what it passed over as too early."""
    WOKEN.set()
    WOKEN.set()

    for _ in range(2):
        looked_at.looks.get(timeout=AT_MOST_SECONDS)
    with pytest.raises(queue.Empty):
        looked_at.looks.get(timeout=1)


def test_a_wake_during_a_look_is_not_lost_and_makes_no_second_look_beside_it(
    looked_at: LookedAt,
) -> None:
    order, look = list[str](), looked_at.get_code_location_entries

    def looks_on() -> Mapping[str, object]:
        order.append("begins")
        if len(order) == 1:
            WOKEN.set()
        order.append("ends")
        return look()

    setattr(looked_at, "get_code_location_entries", looks_on)  # noqa: B010 - of one object
    WOKEN.set()

    for _ in range(3):
        looked_at.looks.get(timeout=AT_MOST_SECONDS)
    assert order[:4] == ["begins", "ends"] * 2


def test_the_queue_looks_once_the_sensors_did(
    looked_at: LookedAt, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run that a look asked for is in it."""
    looks, stop = queue.Queue[str](), Event()

    def run_iteration(*_: object) -> Iterator[None]:
        looks.put("look")
        yield None

    coordinator = getattr(controller, "QueuedRunCoordinatorDaemon")(interval_seconds=3_600)  # noqa: B009 - not exported
    monkeypatch.setattr(coordinator, "run_iteration", run_iteration)
    loop = coordinator.core_loop(looked_at, stop)
    looking = Thread(target=lambda: next(True for _ in loop if stop.is_set()), daemon=True)
    looking.start()
    looks.get(timeout=AT_MOST_SECONDS)
    WOKEN.set()

    looks.get(timeout=AT_MOST_SECONDS)
    stop.set()
    looking.join()


_DYING = """
import threading, time
from jira_pipeline.cli import dagster_child

def die(workspaces):
    raise RuntimeError("its thread is gone")

dagster_child._run_daemon = die
threading.Thread(target=dagster_child._work_beside, args=(["workspace.yaml"],)).start()
time.sleep(60)
"""


def test_what_a_daemon_died_of_is_printed_before_its_process_ends() -> None:
    """`serve` says that it stopped, and that its output says why."""
    ended = subprocess.run(
        [sys.executable, "-c", _DYING], capture_output=True, check=False, start_new_session=True
    )

    assert ended.returncode < 0
    assert b"RuntimeError: its thread is gone" in ended.stderr
