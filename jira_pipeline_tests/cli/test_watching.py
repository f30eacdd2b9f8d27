"""status, and status --watch: what is shown while something is at work, and when it ends."""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from jira_pipeline.cli.status import IDLE_SHARE, LOOK_SECONDS, watch_status
from jira_pipeline.context.states import RunState
from jira_pipeline.model.errors import SessionKeyError, StoreBusyError
from jira_pipeline.model.sessions import SessionStage, SessionStatus
from jira_pipeline.sessions.status import SessionReport
from jira_pipeline_tests.cli.terminal import run, run_json
from jira_pipeline_tests.cli.test_console import screen_of
from jira_pipeline_tests.sessions.test_session_status import report
from jira_pipeline_tests.tables import each

pytestmark = pytest.mark.small_site

RUNNING: dict[str, Any] = {"stage": SessionStage.JIRA_EXPORT, "status": SessionStatus.RUNNING}
FIRST = report(**RUNNING, progress_percentage=10, progress_text="Creating ticket 1 of 3: One")
SECOND = report(**RUNNING, progress_percentage=40, progress_text="Creating ticket 2 of 3: Two")
DONE = report(
    stage=SessionStage.COMPLETED,
    status=SessionStatus.COMPLETED,
    exported_count=3,
    progress_percentage=100,
    progress_text="Export completed",
)


def looking(states: Sequence[SessionReport | Exception]) -> Callable[[], SessionReport]:
    """Look at one state after the other; one more look than there are is an error of the test."""
    left: Iterator[SessionReport | Exception] = iter(states)

    def look() -> SessionReport:
        state = next(left)
        if isinstance(state, Exception):
            raise state
        return state

    return look


def watched(
    states: Sequence[SessionReport | Exception], *, is_terminal: bool = False
) -> tuple[SessionReport | None, str]:
    screen, written = screen_of(is_terminal=is_terminal)
    last = watch_status(screen, looking(states), pause=lambda _: None)
    return last, written.getvalue()


def test_a_terminal_shows_the_whole_status_in_place_and_leaves_the_last() -> None:
    _, shown = watched([FIRST, SECOND, DONE], is_terminal=True)

    assert "Creating ticket 1 of 3: One" in shown
    assert "\x1b[1A" in shown, "it goes up again and writes over the last status"
    assert shown.rindex("Export completed") > shown.rindex("Creating ticket 2 of 3: Two")
    assert shown.rindex("\x1b[?25h") > shown.rindex("\x1b[?25l"), "the cursor is back"


def test_a_queued_run_and_a_busy_store_are_waited_for() -> None:
    queued = report(run=RunState(word="queued", is_in_flight=True))
    busy = StoreBusyError("The store is busy.")

    last, _ = watched([queued, busy, FIRST, busy, DONE])

    assert last == DONE


def test_a_session_that_is_removed_meanwhile_is_reported() -> None:
    with pytest.raises(SessionKeyError, match="gone"):
        watched([FIRST, SessionKeyError("It is gone.")])


@each("is_terminal", [True, False])
def test_ctrl_c_ends_the_watching_and_nothing_else(is_terminal: bool) -> None:
    screen, written = screen_of(is_terminal=is_terminal)

    def stop(_: float) -> None:
        raise KeyboardInterrupt

    last = watch_status(screen, looking([FIRST]), pause=stop)

    assert last is None
    assert "Stopped watching; running work continues." in written.getvalue()
    assert written.getvalue().count("\x1b[?25l") == written.getvalue().count("\x1b[?25h")


def test_a_look_that_takes_long_is_made_seldom() -> None:
    """Watching a session of thousands of tickets must not slow its export down."""
    screen, _ = screen_of()
    seconds = iter([0.0, 0.1, 5.0, 8.0, 20.0, 20.1])
    waits: list[float] = []

    watch_status(
        screen, looking([FIRST, SECOND, DONE]), pause=waits.append, monotonic=lambda: next(seconds)
    )

    assert waits == [LOOK_SECONDS, 3.0 * IDLE_SHARE]


@pytest.mark.usefixtures("reviewed")
def test_watching_asks_dagster_for_the_run() -> None:
    run("generate", "museum")

    answer = run("status", "museum", "--watch", "--json")

    assert json.loads(answer.out)["run_status"] == "success"
    assert run_json("status", "museum")["run_status"] is None


def test_watching_works_where_dagster_cannot_be_asked(
    reviewed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (reviewed / ".jira_pipeline" / "dagster.lock").unlink(missing_ok=True)
    (reviewed / ".jira_pipeline" / "dagster.lock").mkdir()
    monkeypatch.chdir(reviewed)

    answer = run("status", "museum", "--watch")

    assert answer.exit_code == 0
    assert "Dagster was not asked: No run can be started" in answer.words
    assert "review, waiting" in answer.words
