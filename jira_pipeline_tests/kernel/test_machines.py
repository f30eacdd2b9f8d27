"""Which machine a run is given to."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from jira_pipeline.kernel.machines import Machine, address_on, by_room

AT = datetime(2026, 11, 1, tzinfo=UTC)


def machine(
    address: str, *, capacity: int = 2, version: str = "1", drains: bool = False
) -> Machine:
    """Make a machine that is there."""
    return Machine(
        address=address,
        name=address,
        version=version,
        capacity=capacity,
        since=AT,
        seen_at=AT,
        is_draining=drains,
        refusal="",
        run_count=0,
    )


def test_the_machine_with_the_most_room_comes_first() -> None:
    small, large, other = machine("a"), machine("b", capacity=4), machine("c")
    cases: list[tuple[dict[str, int], list[str]]] = [
        ({}, ["b", "a", "c"]),
        ({"b": 3}, ["a", "c", "b"]),
        ({"a": 1, "b": 3}, ["c", "a", "b"]),
        ({"a": 2, "b": 5, "c": 3}, ["a", "b", "c"]),  # all are full: none is left out
        ({"gone": 9}, ["b", "a", "c"]),
    ]
    for at_work, expected in cases:
        counts = {machine(address).name_on_runs: count for address, count in at_work.items()}
        found = by_room([other, large, small], counts, version="1")

        assert [one.address for one in found] == expected, at_work


def test_a_machine_that_started_again_has_none_of_the_runs_from_before() -> None:
    before, now = machine("a"), replace(machine("a"), since=AT + timedelta(seconds=1))

    found = by_room([now, machine("b")], {before.name_on_runs: 2}, version="1")

    assert [one.address for one in found] == ["a", "b"]
    assert address_on(before.name_on_runs) == address_on(now.name_on_runs) == "a"


def test_a_machine_that_drains_or_has_another_version_gets_nothing() -> None:
    machines = [machine("a", version="2"), machine("b", drains=True), machine("c")]

    assert [one.address for one in by_room(machines, {}, version="1")] == ["c"]
