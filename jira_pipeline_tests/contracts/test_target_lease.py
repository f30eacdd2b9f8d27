"""What every WatchedLease does."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

import pytest

from jira_pipeline.model.errors import LeaseBusyError
from jira_pipeline.store.store import Store

TARGET = "https://example.org/10000"


def test_a_lease_is_refused_to_another_thread(store: Store) -> None:
    def take() -> None:
        with store.leases.hold(TARGET, holder="thread"):
            pass

    with (
        store.leases.hold(TARGET, holder="run 1"),
        ThreadPoolExecutor(1) as threads,
        pytest.raises(LeaseBusyError, match="run 1"),
    ):
        threads.submit(take).result()


def test_a_lease_is_left_when_the_work_fails(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.leases.hold(TARGET, holder="run 1"):
        raise ZeroDivisionError

    with store.leases.hold(TARGET, holder="run 2"):
        pass


def test_a_lease_is_held_and_its_holder_known_until_it_is_left(store: Store) -> None:
    """Whoever holds another target's."""
    seen = []
    with store.leases.hold(f"{TARGET}0", holder="run 2"):
        for hold in (nullcontext(), store.leases.hold(TARGET, holder="run 1"), nullcontext()):
            with hold:
                seen.append((store.leases.is_held(TARGET), store.leases.holder_of(TARGET)))

    assert seen == [(False, None), (True, "run 1"), (False, None)]
