"""What schedules found wrong in the exporter, each as the smallest schedule that showed it.

The seeds that found them are not kept: a new site world gives every seed another schedule.
"""

from collections.abc import Iterator

import pytest

from jira_pipeline.jira_sandbox.faults import FaultKind, FaultRule, Moment
from jira_pipeline_tests.faults.running import Outcome, ScheduleRunner, open_runner
from jira_pipeline_tests.faults.schedules import (
    CREATION,
    FETCH,
    FILE,
    LINK,
    REQUESTS_MAX,
    SEARCH,
    Event,
    InWorld,
    ProcessEnd,
    RequestFault,
    RolledBack,
    Schedule,
    SecondExport,
    Standstill,
    StoreFault,
    StoreTrouble,
)
from jira_pipeline_tests.long_form import IS_LONG, POINT_STEP

WRITES_OF_A_RUN = range(1, 37)
"""The longest of these runs writes so often."""


@pytest.fixture(scope="module")
def runner() -> Iterator[ScheduleRunner]:
    """Runs schedules with the product's exporter."""
    with open_runner() as opened:
        yield opened


def test_a_double_is_listed_though_the_process_ended_before_it_looked(
    runner: ScheduleRunner,
) -> None:
    """The sweep at the end was left out by executions that created nothing themselves."""
    outcome = run(runner, InWorld(name="gateway_replay"), crash(Moment.AFTER, 12))

    assert outcome.violations == ()


def test_a_double_without_marker_is_listed_by_its_title(runner: ScheduleRunner) -> None:
    outcome = run(runner, InWorld(name="gateway_replay"), InWorld(name="dropped_properties"))

    assert outcome.violations == ()


def test_what_a_lost_ledger_forgot_is_not_sent_where_markers_are_dropped(
    runner: ScheduleRunner,
) -> None:
    """The ledger lost its end, the site shows issues with our label and title: a person decides."""
    outcome = run(
        runner,
        InWorld(name="dropped_properties"),
        crash(Moment.BEFORE, 12),
        RolledBack(restart=1, writes=5),
    )

    assert outcome.violations == ()
    assert not outcome.is_done


@pytest.mark.parametrize("world", ["dropped_properties", "label_off_screen"])
def test_a_double_that_comes_after_the_last_look_is_named_by_the_next_comparison(
    runner: ScheduleRunner, world: str
) -> None:
    """Seed 7364: replayed while a file was in doubt; it was looked for by marker and label alone."""
    replayed = FaultRule(
        kind=FaultKind.LATE_REPLAY,
        moment=Moment.AFTER,
        method="POST",
        path=CREATION,
        nth=6,
        seconds=60.0,
    )

    outcome = run(runner, InWorld(name=world), fault(FILE, 2), RequestFault(rule=replayed))

    assert outcome.violations == ()
    assert outcome.is_done


@pytest.mark.parametrize(("creation", "is_done"), [(4, False), (2, True)])
def test_what_a_lost_ledger_forgot_is_named_where_neither_marker_nor_label_is_kept(
    runner: ScheduleRunner, creation: int, *, is_done: bool
) -> None:
    """Seed 7660: by its title alone; where the ledger forgot all of it, once one was created again."""
    outcome = run(
        runner,
        InWorld(name="label_off_screen"),
        InWorld(name="dropped_properties"),
        ProcessEnd(point="creation", number=creation, moment=Moment.BEFORE),
        RolledBack(restart=1, writes=4),
    )

    assert outcome.violations == ()
    assert outcome.is_done is is_done


@pytest.mark.parametrize("writes", range(2, 6))
def test_a_restored_ledger_waits_for_what_jira_is_still_working_on(
    runner: ScheduleRunner, writes: int
) -> None:
    outcome = run(
        runner,
        InWorld(name="late_commits"),
        crash(Moment.BEFORE, 7),
        RolledBack(restart=1, writes=writes),
    )

    assert outcome.violations == ()


def test_what_jira_still_worked_on_when_a_backup_was_restored_is_named_by_the_next_look(
    runner: ScheduleRunner,
) -> None:
    """Nothing told of it before it was there: no entry, and no issue with a higher sequence."""
    late = FaultRule(
        kind=FaultKind.DELAYED_COMMIT, method="POST", path=CREATION, nth=2, seconds=5.0
    )

    outcome = run(
        runner,
        RequestFault(rule=late),
        ProcessEnd(point="creation", number=2, moment=Moment.AFTER),
        RolledBack(restart=1, writes=1),
        tickets=10,
    )

    assert outcome.violations == ()


def test_a_double_without_marker_is_named_though_a_person_has_to_decide_about_another_ticket(
    runner: ScheduleRunner,
) -> None:
    """Only the end of an export, which such a doubt keeps away, compared titles."""
    late = FaultRule(
        kind=FaultKind.DELAYED_COMMIT, method="POST", path=CREATION, nth=3, seconds=60.0
    )

    outcome = run(
        runner,
        InWorld(name="dropped_properties"),
        RequestFault(rule=late),
        crash(Moment.AFTER, 9),
        RolledBack(restart=1, writes=5),
        tickets=10,
    )

    assert outcome.violations == ()
    assert not outcome.is_done


def test_a_crash_at_any_write_hides_no_doubt_about_an_issue(runner: ScheduleRunner) -> None:
    """The ledger gave up before the person was told; a crash in between hid the doubt."""
    lost = (fault(CREATION, 2), fault(CREATION, 3))

    wrong = wrong_at_every_write(runner, lost, about=range(1, 10))

    assert wrong == {}


def test_a_crash_at_any_write_hides_no_file_that_is_given_up(runner: ScheduleRunner) -> None:
    lost = (fault(FILE, 1), fault(FILE, 3))

    wrong = wrong_at_every_write(runner, lost, about=range(14, 24))

    assert wrong == {}


@pytest.mark.parametrize("number", range(1, 4))
def test_a_site_that_once_does_not_give_its_id_stays_the_same_site(
    runner: ScheduleRunner, number: int
) -> None:
    """Under another name everything was created once more, and nobody was told."""
    missing = FaultRule(kind=FaultKind.NOT_FOUND, method="GET", path="/tenant_info$", nth=number)

    outcome = run(runner, RequestFault(rule=missing), crash(Moment.AFTER, 20))

    assert outcome.violations == ()
    assert outcome.is_done


def test_what_jira_could_not_read_just_now_is_read_once_more(runner: ScheduleRunner) -> None:
    torn = FaultRule(kind=FaultKind.ISSUE_ERRORS, method="POST", path=FETCH, nth=1)

    outcome = run(runner, RequestFault(rule=torn), tickets=8)

    assert outcome.violations == ()
    assert outcome.process_count == 1


def test_files_are_read_once_more_where_jira_could_not_read_them_just_now(
    runner: ScheduleRunner,
) -> None:
    """Every restart met the fault at the same read, and spent 18 requests to get there."""
    torn = FaultRule(kind=FaultKind.ISSUE_ERRORS, method="POST", path=SEARCH, nth=3)

    outcome = run(runner, InWorld(name="issue_errors"), RequestFault(rule=torn), batch_size=3)

    assert outcome.violations == ()
    assert outcome.process_count == 1


def test_a_parent_that_cannot_be_read_back_is_left_to_a_person(runner: ScheduleRunner) -> None:
    worlds = (InWorld(name="ignored_parent"), InWorld(name="security_level"))

    outcome = run(runner, *worlds, tickets=8)

    assert outcome.violations == ()


def test_a_process_that_was_silent_after_any_write_sends_nothing_twice(
    runner: ScheduleRunner,
) -> None:
    """A file was sent though its intent had grown old: another export had sent it meanwhile."""
    files = range(15, 19)

    outcomes = {number: run(runner, Standstill(write=number)) for number in writes(files)}

    assert {n: one.violations for n, one in outcomes.items() if one.violations} == {}


def test_a_second_export_at_any_request_waits_or_finds_nothing_to_do(
    runner: ScheduleRunner,
) -> None:
    outcomes = {
        number: run(runner, SecondExport(request_number=number))
        for number in range(1, REQUESTS_MAX, 3)
    }

    assert {n: one.violations for n, one in outcomes.items() if one.violations} == {}


@pytest.mark.parametrize("path", [CREATION, FILE, LINK])
def test_a_single_request_that_is_replayed_doubles_nothing_unnamed(
    runner: ScheduleRunner, path: str
) -> None:
    """A file that was there twice was not looked for."""
    replayed = FaultRule(kind=FaultKind.REPLAYED, method="POST", path=path, nth=1)

    outcome = run(runner, RequestFault(rule=replayed))

    assert outcome.violations == ()
    assert outcome.is_done


def test_a_link_to_a_double_that_was_reported_goes_with_it(runner: ScheduleRunner) -> None:
    """A replayed creation was linked by its answer, and after a restart by the lower id.

    Both issues are named to a person: no second link is left when one of them is deleted.
    """
    replayed = FaultRule(
        kind=FaultKind.REPLAYED, moment=Moment.AFTER, method="POST", path=CREATION, nth=7
    )

    outcome = run(
        runner,
        InWorld(name="late_commits"),
        RequestFault(rule=replayed),
        ProcessEnd(point="write", number=3, moment=Moment.BEFORE),
        StoreFault(write=63, trouble=StoreTrouble.LOCKED),
        Standstill(write=11),
        tickets=8,
    )

    assert outcome.violations == ()
    assert outcome.is_done


def test_an_issue_without_marker_that_only_the_last_look_reaches_stops_the_resend(
    runner: ScheduleRunner,
) -> None:
    """Seed 3307: the look that settled t07 ended before its issue, the one before the resend not."""
    dropped = FaultRule(kind=FaultKind.DROPPED_PROPERTIES, method="POST", path=CREATION, nth=4)

    outcome = run(
        runner,
        InWorld(name="hidden_random"),
        RequestFault(rule=dropped),
        ProcessEnd(point="creation", number=2, moment=Moment.BEFORE),
        tickets=8,
        batch_size=3,
    )

    assert outcome.violations == ()
    assert not outcome.is_done


def wrong_at_every_write(
    runner: ScheduleRunner, faults: tuple[Event, ...], *, about: range
) -> dict[int, tuple[str, ...]]:
    """Return what is wrong after a crash at each write in turn."""
    outcomes = {
        number: run(runner, *faults, crash(Moment.AFTER, number)) for number in writes(about)
    }
    return {number: one.violations for number, one in outcomes.items() if one.violations}


def writes(about: range) -> list[int]:
    """Return the writes that a test is about and every fifteenth one; in the long form all."""
    return [n for n in WRITES_OF_A_RUN if IS_LONG or n in about or n % POINT_STEP == 0]


def run(runner: ScheduleRunner, *events: Event, tickets: int = 6, batch_size: int = 1) -> Outcome:
    """Run a schedule of these events."""
    schedule = Schedule(
        seed=0,
        ticket_count=tickets,
        batch_size=batch_size,
        downtime_seconds=1.0,
        events=events,
    )
    return runner.run(schedule)


def crash(moment: Moment, write: int) -> ProcessEnd:
    """End the process at a write into the ledger."""
    return ProcessEnd(point="write", number=write, moment=moment)


def fault(path: str, number: int) -> RequestFault:
    """Lose one request before anything is done."""
    rule = FaultRule(kind=FaultKind.RESET, method="POST", path=path, nth=number)
    return RequestFault(rule=rule)


def test_a_wait_before_a_creation_is_obeyed_also_where_jira_is_asked_for_nothing_first(
    runner: ScheduleRunner,
) -> None:
    """Each process stopped at the same request, which asked to wait 20 s, for ever."""
    dated_waits, end = (
        InWorld(name="dated_waits"),
        ProcessEnd(point="creation", number=6, moment=Moment.AFTER),
    )
    outcome = runner.run(
        Schedule(
            seed=0, ticket_count=10, batch_size=1, downtime_seconds=250.0, events=(dated_waits, end)
        )
    )

    assert outcome.violations == ()
