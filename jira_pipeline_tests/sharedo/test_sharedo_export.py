"""Export jobs of ShareDo on a virtual clock, against the sandbox: created once, watched, fetched."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from jira_pipeline.model.actions import command_of
from jira_pipeline.model.errors import LeaseBusyError
from jira_pipeline.model.sharedo_jobs import (
    ExportJob,
    ExportParameters,
    ExportRoute,
    ExportType,
    JobState,
    PackageFormat,
)
from jira_pipeline.sharedo.client.environments import Grant, sandbox_environment
from jira_pipeline.sharedo.client.exchange import ProgressBody
from jira_pipeline.sharedo.errors import (
    CreationInDoubtError,
    ExportFailedError,
    ExportJobStateError,
    ExportTimeoutError,
    PackageDownloadError,
    PackageUnreadableError,
    PersonMissingError,
    ShareDoAccessError,
    ShareDoError,
    ShareDoUnreachableError,
)
from jira_pipeline.sharedo.jobs.downloads import swept
from jira_pipeline.sharedo.jobs.jobs import (
    cancel_job,
    carried_out,
    create_job,
    decided,
    export_batch,
    recover_interrupted,
    retried,
)
from jira_pipeline.sharedo.jobs.tools import lock_name, poll_delay_seconds
from jira_pipeline.sharedo.sandbox.sharedo_sandbox import sandbox_environments
from jira_pipeline_tests.sharedo.export_world import MATTER, Crash, ExportWorld, paths_of
from jira_pipeline_tests.sharedo.faulty_sharedo import FaultKind, FaultPlan, FaultRule, JobScript
from jira_pipeline_tests.tables import each

CREATE, PROGRESS, DOWNLOAD = "/export/package", "/progress", "/download"
TOKEN = "/connect/token"


@pytest.fixture
def world(tmp_path: Path) -> ExportWorld:
    return ExportWorld(tmp_path)


def exported(world: ExportWorld, parameters: ExportParameters = MATTER) -> ExportJob:
    with world.process() as tools:
        return carried_out(tools, create_job(tools, parameters))


def failing(world: ExportWorld, error: type[ShareDoError]) -> ExportJob:
    """Export in one process, which fails; return the job as it is kept."""
    with pytest.raises(error):
        exported(world)
    return world.jobs.list_all()[-1]


def a_plan(*rules: FaultRule, **script: Any) -> FaultPlan:
    return FaultPlan(rules=rules, job=JobScript(**script))


def creations(world: ExportWorld) -> int:
    return len(world.sandbox.jobs())


def test_a_job_becomes_a_checked_package(world: ExportWorld) -> None:
    job = exported(world)

    assert job.state is JobState.COMPLETED
    assert job.package is not None
    assert world.files() == [job.package.file_name] == ["export_j1.zip"]
    assert job.package.size_bytes == (world.packages_path / "export_j1.zip").stat().st_size
    assert job.result_url is not None
    assert job.result_url.endswith("/download")
    assert world.jobs.get("j1") == job
    assert world.kinds()[-1] == "complete"


@each(
    ("poll_number", "percentage", "seconds"),
    [
        *((number, 0.0, 0.5) for number in range(1, 6)),
        *((number, 60.0, 0.5) for number in range(1, 6)),
        (6, 0.0, 2.0),
        (6, 49.9, 2.0),
        (6, 50.0, 1.0),
        (6, 90.0, 1.0),
        (6, 90.1, 0.5),
        (120, 100.0, 0.5),
    ],
)
def test_the_wait_before_a_poll_is_as_stated(
    poll_number: int, percentage: float, seconds: float
) -> None:
    """Half a second for the first five and above 90 %, two below 50 %, else one."""
    assert poll_delay_seconds(poll_number, percentage) == seconds


def test_120_polls_are_made_and_twice_as_many_once_more(tmp_path: Path) -> None:
    """5 x 0.5 + 115 x 2 s, then 5 x 0.5 + 235 x 2 s."""
    world = ExportWorld(tmp_path, plan=a_plan(duration_seconds=100_000.0))

    job = failing(world, ExportTimeoutError)

    assert paths_of(world, method="GET", part=PROGRESS) == 120 + 240
    assert sum(world.time.slept) == 232.5 + 472.5
    assert (job.state, job.error and job.error.code) == (JobState.RUNNING, "EXPORT_002")
    assert creations(world) == 1


def test_a_deadline_ends_the_watch_before_the_polls_do(tmp_path: Path) -> None:
    world = ExportWorld(
        tmp_path, plan=a_plan(duration_seconds=100_000.0), changes={"deadline_seconds": 30.0}
    )

    failing(world, ExportTimeoutError)

    assert 30 + 60 <= sum(world.time.slept) <= 30 + 60 + 4


def test_a_job_that_timed_out_is_carried_on_with(tmp_path: Path) -> None:
    """A timeout keeps the job: ShareDo went on meanwhile."""
    world = ExportWorld(tmp_path, plan=a_plan(duration_seconds=2_000.0))
    failing(world, ExportTimeoutError)
    world.time.sleep(2_000)

    with world.process() as tools:
        job = retried(tools, tools.jobs.known("j1"))

    assert job.state is JobState.COMPLETED
    assert creations(world) == 1


def test_a_stall_is_reported_once_at_twice_the_estimate(tmp_path: Path) -> None:
    world = ExportWorld(tmp_path, plan=a_plan(stall_seconds=60.0), changes={"estimated_seconds": 5})

    job = exported(world)

    stalls = [event.job for event in world.events if event.kind == "stalled"]
    assert len(stalls) == 1
    assert stalls[0].stalled_at is not None
    assert stalls[0].started_at is not None
    assert 10 < (stalls[0].stalled_at - stalls[0].started_at).total_seconds() <= 12
    assert job.stalled_at == stalls[0].stalled_at


def test_progress_is_reported_only_when_it_rises(tmp_path: Path) -> None:
    world = ExportWorld(tmp_path, plan=a_plan(duration_seconds=30.0, stall_seconds=20.0))

    exported(world)

    reported = [
        event.job.progress_percentage
        for event in world.events
        if event.kind == "progress" and event.downloaded_bytes is None
    ]
    assert reported == sorted(set(reported))
    assert len(reported) > 5


@each(
    ("state", "complete", "available", "failed"),
    [
        ("RUNNING", False, False, False),
        ("in_progress", False, False, False),
        ("CREATING PACKAGE", True, False, False),
        ("COMPLETED", True, True, False),
        ("running", True, True, False),
        ("failed", False, False, True),
        ("Package creation failed", True, False, True),
        ("Something new", False, False, False),
        ("FAILED", True, True, False),
    ],
)
def test_the_booleans_decide_before_the_state(
    state: str, *, complete: bool, available: bool, failed: bool
) -> None:
    progress = ProgressBody.model_validate(
        {"state": state, "complete": complete, "packageAvailable": available}
    )

    assert progress.has_failed is failed


def test_a_job_just_created_may_be_unknown(tmp_path: Path) -> None:
    world = ExportWorld(tmp_path, plan=a_plan(unknown_seconds=2.0))

    assert exported(world).state is JobState.COMPLETED


def test_a_job_that_stays_unknown_has_failed(tmp_path: Path) -> None:
    world = ExportWorld(
        tmp_path, plan=a_plan(unknown_seconds=1e6), changes={"paths": without_alternative()}
    )

    assert failing(world, ExportFailedError).state is JobState.FAILED
    assert paths_of(world, method="GET", part=PROGRESS) == 6


def without_alternative() -> object:
    return sandbox_environment("development").paths.model_copy(update={"configuration": None})


def test_a_failed_job_is_exported_the_other_way(tmp_path: Path) -> None:
    """EXPORT_003 tries the configuration export."""
    world = ExportWorld(tmp_path, plan=a_plan(fails=True))

    job = exported(world)

    assert (job.state, job.route, job.attempt) == (JobState.COMPLETED, ExportRoute.CONFIGURATION, 2)
    assert creations(world) == 2


def test_without_another_way_a_failed_job_has_failed_until_it_is_retried(tmp_path: Path) -> None:
    world = ExportWorld(tmp_path, plan=a_plan(fails=True), changes={"paths": without_alternative()})
    job = failing(world, ExportFailedError)
    world.set_plan(FaultPlan())

    with world.process() as tools:
        again = retried(tools, job)

    assert (job.state, job.error and job.error.code) == (JobState.FAILED, "EXPORT_003")
    assert "half way" in (job.error.message if job.error else "")
    assert (again.state, again.attempt) == (JobState.COMPLETED, 2)
    assert [one.name for one in world.sandbox.jobs()] == [
        "jira-pipeline j1-1 matter",
        "jira-pipeline j1-2 matter",
    ]


def test_a_failed_fallback_carries_both_failures(tmp_path: Path) -> None:
    """Whoever reads of the second alone looks for the wrong fault."""
    other_way = "/configuration/export"
    refused = FaultRule(kind=FaultKind.SERVER_ERROR, status=404, path=other_way)
    forbidden = FaultRule(kind=FaultKind.FORBIDDEN, path=other_way)
    over = ExportWorld(tmp_path / "a", plan=a_plan(refused, fails=True))
    interrupted = ExportWorld(tmp_path / "b", plan=a_plan(forbidden, fails=True))

    failed = failing(over, ExportFailedError)
    kept = failing(interrupted, ShareDoAccessError)

    assert (failed.state, kept.state) == (JobState.FAILED, JobState.PENDING)
    for job, second in ((failed, "404, An error occurred"), (kept, "403, You may not do this")):
        assert "The export failed half way." in (job.error.message if job.error else "")
        assert second in (job.error.message if job.error else "")


@pytest.mark.parametrize("is_found_later", [False, True], ids=["at the creation", "in the job"])
def test_an_app_only_token_is_named_as_the_reason(tmp_path: Path, *, is_found_later: bool) -> None:
    """The service says `createdBy` under `errorMessage`, with 500: nothing is in doubt then."""
    failing_job = a_plan(fails=True, failure="Value cannot be null. (Parameter 'createdBy')")
    world = ExportWorld(
        tmp_path,
        plan=failing_job if is_found_later else None,
        changes={} if is_found_later else {"grant": Grant.CLIENT_CREDENTIALS},
    )

    with pytest.raises(PersonMissingError) as raised:
        exported(world)

    [job] = world.jobs.list_all()
    assert job.state is JobState.FAILED
    assert "(Parameter 'createdBy')" in (job.error.message if job.error else "")
    assert "impersonate_user" in raised.value.recovery_actions[0].sentence
    assert creations(world) == (1 if is_found_later else 0)


@pytest.mark.parametrize(
    ("rule", "part", "requests"),
    [
        (FaultRule(kind=FaultKind.REFUSED, method="POST", path=CREATE), CREATE, 1),
        (FaultRule(kind=FaultKind.RATE_LIMITED, method="POST", path=CREATE), CREATE, 2),
        (FaultRule(kind=FaultKind.UNAUTHORIZED, method="POST", path=CREATE), CREATE, 2),
        (FaultRule(kind=FaultKind.EXPIRED, method="POST", path=CREATE), CREATE, 2),
        (FaultRule(kind=FaultKind.EXPIRED, path=PROGRESS, skip=2), TOKEN, 2),
        (FaultRule(kind=FaultKind.CUT, path=DOWNLOAD), DOWNLOAD, 2),
        (FaultRule(kind=FaultKind.DAMAGED, path=DOWNLOAD), DOWNLOAD, 2),
        (FaultRule(kind=FaultKind.HTML, path="__importexport", times=9), DOWNLOAD, 2),
    ],
    ids=lambda value: f"{value.kind}-{value.path}" if isinstance(value, FaultRule) else "",
)
def test_what_goes_away_or_certainly_did_nothing_is_asked_again(
    tmp_path: Path, rule: FaultRule, part: str, requests: int
) -> None:
    world = ExportWorld(tmp_path, plan=a_plan(rule))

    assert exported(world).state is JobState.COMPLETED
    assert creations(world) == 1
    assert sum(entry.path.endswith(part) for entry in world.sandbox.journal) == requests


@pytest.mark.parametrize(
    ("kind", "error", "ended", "requests"),
    [
        (FaultKind.CUT, PackageDownloadError, (JobState.RUNNING, "EXPORT_004"), 3),
        (FaultKind.EMPTY, PackageDownloadError, (JobState.RUNNING, "EXPORT_004"), 3),
        (FaultKind.DAMAGED, PackageUnreadableError, (JobState.FAILED, "EXPORT_005"), 3),
        (FaultKind.HTML, ShareDoAccessError, (JobState.RUNNING, "EXPORT_008"), 2),
        (FaultKind.REDIRECT, ShareDoAccessError, (JobState.RUNNING, "EXPORT_008"), 2),
        (FaultKind.FORBIDDEN, ShareDoAccessError, (JobState.RUNNING, "EXPORT_008"), 2),
    ],
)
def test_a_download_that_never_is_a_package_leaves_nothing(
    tmp_path: Path,
    kind: FaultKind,
    error: type[ShareDoError],
    ended: tuple[JobState, str],
    requests: int,
) -> None:
    """A page instead of one is a login, after both paths."""
    world = ExportWorld(tmp_path, plan=a_plan(FaultRule(kind=kind, path=DOWNLOAD, times=9)))

    job = failing(world, error)

    assert (job.state, job.error and job.error.code) == ended
    assert paths_of(world, method="GET", part=DOWNLOAD) == requests
    assert world.files() == []


IN_DOUBT = [
    FaultKind.LOST_ANSWER,
    FaultKind.LATE_ERROR,
    FaultKind.RESET,
    FaultKind.SERVER_ERROR,
    FaultKind.TORN,
    FaultKind.NO_IDS,
    FaultKind.HTML,
    FaultKind.EMPTY,
    FaultKind.CUT,
    FaultKind.TIMEOUT,
]


@pytest.mark.parametrize("kind", IN_DOUBT)
def test_a_creation_in_doubt_is_named_and_left_to_a_person(tmp_path: Path, kind: FaultKind) -> None:
    rule = FaultRule(kind=kind, method="POST", path=CREATE)
    world = ExportWorld(tmp_path, plan=a_plan(rule))

    job = failing(world, CreationInDoubtError)
    again = failing(world, CreationInDoubtError)

    assert job.is_in_doubt
    assert replace(again, error=None) == replace(job, error=None)
    assert job.error is not None
    assert job.error.code == "EXPORT_001"
    assert "jira-pipeline j1-1 matter" in job.error.message
    assert paths_of(world, method="POST", part=CREATE) <= 1


@pytest.mark.parametrize("is_there", [True, False])
def test_a_person_decides_on_a_doubt(tmp_path: Path, *, is_there: bool) -> None:
    kind = FaultKind.LOST_ANSWER if is_there else FaultKind.RESET
    rule = FaultRule(kind=kind, method="POST", path=CREATE)
    world = ExportWorld(tmp_path, plan=a_plan(rule))
    job = failing(world, CreationInDoubtError)

    with world.process() as tools:
        remote_id = world.sandbox.jobs()[0].job_id if is_there else None
        done = carried_out(tools, decided(tools, job, remote_id=remote_id))

    assert done.state is JobState.COMPLETED
    assert creations(world) == 1


def test_wherever_a_process_ends_one_job_is_created_and_one_package_is_left(
    tmp_path: Path,
) -> None:
    """A job whose answer was not read is in doubt: a person looks whether ShareDo has it."""
    crashes = doubts = 0
    for crash_at in range(1, 200):
        world = ExportWorld(tmp_path / str(crash_at))
        try:
            with world.process(crash_at=crash_at) as tools:
                carried_out(tools, create_job(tools, MATTER))
        except Crash:
            crashes += 1
        else:
            break
        with world.process() as tools:
            swept(tools)
            if not world.jobs.list_all():  # it never came to be: the command is typed again
                create_job(tools, MATTER)
            [job] = world.jobs.list_all()
            if job.is_in_doubt:
                doubts += 1
                there = world.sandbox.jobs()
                decided(tools, job, remote_id=there[0].job_id if there else None)
            recover_interrupted(tools)
        [job] = world.jobs.list_all()
        assert (job.state, creations(world)) == (JobState.COMPLETED, 1), crash_at
        assert job.package is not None
        assert world.files() == [job.package.file_name], crash_at

    assert 20 < crashes < 199
    assert 0 < doubts < crashes


def test_dependencies_are_exported_to_a_fixed_point(world: ExportWorld) -> None:
    job = exported(world, replace(MATTER, includes_dependencies=True))

    holds = sandbox_environments()["development"]
    wanted = set(holds.needed_by(["sharedo-type:matter"]))
    assert {f"{item.provider}:{item.system_name}" for item in job.items} == wanted
    assert len(job.items) == len(wanted) > 5


def test_an_export_as_json_is_checked_as_json(world: ExportWorld) -> None:
    job = exported(world, replace(MATTER, package_format=PackageFormat.JSON))

    assert job.state is JobState.COMPLETED
    assert world.files() == ["export_j1.json"]


def test_a_token_is_renewed_before_it_ends(world: ExportWorld) -> None:
    with world.process() as tools:
        assert tools.sharedo.dependencies(MATTER.item)
        world.time.sleep(3600 - 59)

        job = carried_out(tools, create_job(tools, MATTER))

    assert job.state is JobState.COMPLETED
    assert paths_of(world, method="POST", part=TOKEN) == 2
    assert 401 not in [entry.status for entry in world.sandbox.journal]


def test_transient_errors_in_a_row_are_capped_and_leave_the_job(tmp_path: Path) -> None:
    """Five are waited out, the sixth is told; the waits double."""
    down = FaultRule(kind=FaultKind.SERVER_ERROR, path=PROGRESS, times=6, status=503)
    world = ExportWorld(tmp_path, plan=a_plan(down))

    job = failing(world, ShareDoUnreachableError)

    assert (job.state, job.error and job.error.code) == (JobState.RUNNING, "EXPORT_007")
    assert [s for s in world.time.slept if s not in {0.5, 2.0}] == [1.0, 4.0, 8.0, 16.0]
    assert exported(world).state is JobState.COMPLETED
    assert creations(world) == 1


def test_what_the_server_asks_to_wait_is_waited(tmp_path: Path) -> None:
    limited = FaultRule(kind=FaultKind.RATE_LIMITED, path=PROGRESS, seconds=40.0)
    world = ExportWorld(tmp_path, plan=a_plan(limited))

    exported(world)

    assert 40.0 in world.time.slept


def test_two_processes_do_not_work_on_one_job(world: ExportWorld) -> None:
    with world.process() as tools:
        job = create_job(tools, MATTER)
        with tools.locks.hold(lock_name(job)), pytest.raises(LeaseBusyError):
            carried_out(tools, job)

    assert creations(world) == 0


def test_a_job_is_cancelled_here_and_there(tmp_path: Path) -> None:
    world = ExportWorld(tmp_path, plan=a_plan(duration_seconds=2_000.0))
    failing(world, ExportTimeoutError)

    with world.process() as tools:
        job = cancel_job(tools, tools.jobs.known("j1"))

    assert (job.state, job.step) == (JobState.CANCELLED, "Cancelled")
    assert world.sandbox.jobs()[0].cancelled_at is not None
    with world.process() as tools, pytest.raises(ExportJobStateError):
        retried(tools, job)


def test_a_wish_to_cancel_stops_the_process_that_watches(tmp_path: Path) -> None:
    world = ExportWorld(tmp_path, plan=a_plan(duration_seconds=2_000.0))

    with world.process() as tools:

        def impatient(_event: object) -> None:
            world.jobs.request_cancel("j1", at=world.time.now())

        watching = replace(tools, listener=impatient)
        job = carried_out(watching, create_job(tools, MATTER))

    assert job.state is JobState.CANCELLED
    assert world.sandbox.jobs()[0].cancelled_at is not None


def a_batch(count: int) -> list[ExportParameters]:
    """Different things to export."""
    holds = sorted(
        key
        for key in sandbox_environments()["development"].by_key
        if not key.startswith("sharedo-type:")
    )
    return [
        replace(
            MATTER,
            export_type=ExportType.CONFIGURATION,
            provider=key.partition(":")[0],
            system_name=key.partition(":")[2],
        )
        for key in holds[:count]
    ]


def test_a_batch_of_twenty_with_three_failing(tmp_path: Path) -> None:
    """17 results, three errors, never more than five at once, never above the limiter."""
    wanted = a_batch(20)
    failing_names = [wanted[index].system_name for index in (3, 8, 14)]
    plan = FaultPlan(jobs={name: JobScript(fails=True) for name in failing_names})
    world = ExportWorld(
        tmp_path, plan=plan, changes={"paths": without_alternative(), "requests_per_minute": 60}
    )

    with world.process() as tools:
        result = export_batch(tools, wanted)

    times = [entry.at for entry in world.sandbox.journal]
    assert (result.total, len(result.jobs), len(result.errors)) == (20, 17, 3)
    assert [one.index for one in result.errors] == [3, 8, 14]
    assert [one.wanted.system_name for one in result.errors] == failing_names
    assert {type(one.error) for one in result.errors} == {ExportFailedError}
    steps = [command_of(action) for action in result.errors[0].error.recovery_actions]
    assert "JOB" not in " ".join(steps)
    assert any("sharedo resume" in step for step in steps)
    assert max(sum(0 <= (b - a).total_seconds() < 60 for b in times) for a in times) <= 60
    assert most_at_once(world) <= 5
    assert creations(world) == 20
    assert world.kinds().count("item_error") == 3
    assert world.kinds().count("item_complete") == 17
    assert len(world.files()) == 17


def test_who_resumes_a_batch_that_was_killed_misses_none_of_it(world: ExportWorld) -> None:
    """What had not begun was in no store, and only whoever gave the batch knew of it."""
    wanted = a_batch(8)

    with world.process(crash_at="before commit_intent") as tools, pytest.raises(Crash):
        export_batch(tools, wanted)
    with world.process() as tools:
        result = recover_interrupted(tools)

    assert len(result.jobs) == 8
    assert creations(world) == 8


def test_a_job_that_ended_while_it_waited_for_its_turn_keeps_its_error(tmp_path: Path) -> None:
    """All of a batch is kept before it is sent, so that another process may carry it on."""
    plan = FaultPlan(jobs={MATTER.system_name: JobScript(fails=True)})
    world = ExportWorld(tmp_path, plan=plan, changes={"paths": without_alternative()})

    with world.process() as tools:
        waiting = create_job(tools, MATTER)
        with pytest.raises(ExportFailedError):
            carried_out(tools, waiting)
        failed = tools.jobs.known(waiting.job_id)
        result = carried_out(tools, waiting)

    assert failed.error is not None
    assert result == failed
    assert creations(world) == 1


def most_at_once(world: ExportWorld) -> int:
    """How many jobs were between their first and their last event at the same time."""
    spans: dict[str, list[int]] = {}
    for place, event in enumerate(world.events):
        spans.setdefault(event.job.job_id, []).append(place)
    return max(
        sum(places[0] <= now <= places[-1] for places in spans.values())
        for now in range(len(world.events))
    )


def test_what_a_killed_download_left_is_swept_at_the_next_start(world: ExportWorld) -> None:
    (world.packages_path / "sharedo-export-j9").mkdir(parents=True)
    (world.packages_path / "sharedo-export-j9" / "export_j9.zip").write_bytes(b"half")

    with world.process() as tools:
        swept(tools)

    assert list(world.packages_path.iterdir()) == []
