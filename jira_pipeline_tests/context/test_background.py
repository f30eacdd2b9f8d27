"""Work behind the answers of a process that serves."""

import threading

from jira_pipeline.context.background import RESTS, Background


def test_what_was_done_rests_before_it_is_done_again_and_holds_nothing_else_up() -> None:
    """Twenty people decide all day; what it sets off for a thousand tickets takes seconds."""
    now, taking = [0.0], {"large": 8.0, "small": 0.0}
    done: list[tuple[str, float]] = []
    is_done = threading.Semaphore(0)
    background = Background(lambda: now[0])

    def asked_for(name: str) -> None:
        def do() -> None:
            now[0] += taking[name]
            done.append((name, now[0]))
            is_done.release()

        background.soon(name, do)

    asked_for("large")
    assert is_done.acquire(timeout=60)
    for name in ("large", "large", "small"):
        asked_for(name)
    assert is_done.acquire(timeout=60)
    assert done == [("large", 8.0), ("small", 8.0)]

    now[0] += 8.0 * RESTS
    assert is_done.acquire(timeout=60)
    assert done[2:] == [("large", 16.0 + 8.0 * RESTS)]


def test_work_that_fails_is_logged_and_the_next_is_done() -> None:
    is_done = threading.Event()

    def fail() -> None:
        raise OSError("no room")

    def end() -> None:
        is_done.set()

    background = Background(lambda: 0.0)
    background.soon("one", fail)
    background.soon("another", end)

    assert is_done.wait(timeout=60)
