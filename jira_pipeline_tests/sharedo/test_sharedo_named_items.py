"""One of two environments that are compared: it is asked by name for what the other one reaches."""

from dataclasses import replace
from pathlib import Path

import pytest

from jira_pipeline.model.sharedo_jobs import ExportJob, ExportParameters, ExportType, JobState
from jira_pipeline.sharedo.client.environments import sandbox_environment
from jira_pipeline.sharedo.errors import (
    ComponentMissingError,
    PackageInvalidError,
    ShareDoError,
)
from jira_pipeline.sharedo.jobs.jobs import (
    carried_out,
    create_job,
    decided,
    recover_interrupted,
    retried,
)
from jira_pipeline.sharedo.reading.packages import read_package_file
from jira_pipeline.sharedo.sandbox.made_packages import environment_from
from jira_pipeline_tests.sharedo.export_world import MATTER, Crash, ExportWorld, paths_of
from jira_pipeline_tests.sharedo.faulty_sharedo import (
    FaultKind,
    FaultPlan,
    FaultRule,
    FaultyShareDo,
)

INTAKE = ExportParameters(
    environment="test",
    export_type=ExportType.FORM,
    provider="form-builder",
    system_name="intake",
    includes_dependencies=True,
    compared_with="development",
)
FORM, SEVERITY, TRACK = "form-builder:intake", "option-set:severity", "option-set:track"
ADDED, CREATE, PROGRESS = "/export/added", "/export/package", "/progress"


def two_environments(folder: Path, *rules: FaultRule) -> ExportWorld:
    """In `development` the form has two lists, in `test` none; `test` has one of them all the same."""
    world = ExportWorld(folder)
    world.environment = sandbox_environment("test")
    fields = ["Client name", "Severity", "Track"]
    lists = {"Severity": ["Minor", "Serious"], "Track": ["Fast"]}
    holds = {
        "development": environment_from({"option_sets": lists, "forms": {"Intake": fields}}),
        "test": environment_from(
            {
                "option_sets": {"Severity": lists["Severity"]},
                "forms": {"Intake": fields[:1]},
                "templates": ["Letter"],
            }
        ),
    }
    world.sandbox = FaultyShareDo(None, holds, clock=world.time.now, plan=FaultPlan(rules=rules))
    return world


def exported(world: ExportWorld, parameters: ExportParameters = INTAKE) -> ExportJob:
    with world.process() as tools:
        return carried_out(tools, create_job(tools, parameters))


def keys_of(job: ExportJob) -> list[str]:
    return [item.key for item in job.exported_items]


def warnings_in(world: ExportWorld) -> str:
    return " ".join(event.text for event in world.events if event.kind == "warning")


def test_what_the_other_environment_reaches_is_asked_for_by_name(tmp_path: Path) -> None:
    """One side's dependencies are not the other's: what it does not use it may have all the same."""
    world = two_environments(tmp_path)

    job = exported(world)

    assert keys_of(job) == [FORM, SEVERITY]
    assert job.lacking_keys == {TRACK}
    assert job.package is not None
    package = read_package_file(world.packages_path / job.package.file_name, secret_key=b"any")
    assert sorted(package.by_key) == [FORM, SEVERITY]
    assert len(world.sandbox.jobs()) == 1


def test_an_environment_that_has_nothing_of_it_makes_no_job_and_has_said_so(tmp_path: Path) -> None:
    world = two_environments(tmp_path)
    world.environment = sandbox_environment("development")
    letter = replace(
        INTAKE, environment="development", provider="document-template", system_name="letter"
    )

    with pytest.raises(ComponentMissingError, match="document-template:letter"):
        exported(world, replace(letter, compared_with="test"))

    [job] = world.jobs.list_all()
    assert job.state is JobState.FAILED
    assert job.lacking_keys == {"document-template:letter"}
    assert world.sandbox.jobs() == ()


def test_a_dependency_that_is_not_there_stays_out(tmp_path: Path) -> None:
    """One stale reference must not cost the export of everything else."""
    world = two_environments(tmp_path)
    world.environment = sandbox_environment("development")
    alone = replace(INTAKE, environment="development", compared_with=None)

    with world.process() as tools:
        tools.needs["development", TRACK] = "There is no such component."
        job = carried_out(tools, create_job(tools, alone))

    assert keys_of(job) == [FORM, SEVERITY]
    assert job.lacking_keys == {TRACK}


def test_each_environment_is_asked_once_for_each_thing(tmp_path: Path) -> None:
    """Two exports of a batch reach much the same, and 100 requests a minute are few."""
    world = two_environments(tmp_path)

    with world.process() as tools:
        for parameters in (INTAKE, replace(INTAKE, provider="option-set", system_name="severity")):
            carried_out(tools, create_job(tools, parameters))

    asked = [e.path for e in world.sandbox.journal if ADDED in e.path]
    assert len([path for path in asked if path.startswith("/development")]) == 3
    assert len([path for path in asked if path.startswith("/test")]) == 3


def test_a_process_that_ends_at_any_write_leaves_one_job_that_asks_for_the_same(
    tmp_path: Path,
) -> None:
    crashes = 0
    for crash_at in range(1, 200):
        world = two_environments(tmp_path / str(crash_at))
        try:
            with world.process(crash_at=crash_at) as tools:
                carried_out(tools, create_job(tools, INTAKE))
        except Crash:
            crashes += 1
        else:
            break
        with world.process() as tools:
            if not world.jobs.list_all():  # it never came to be: the command is typed again
                create_job(tools, INTAKE)
            recover_interrupted(tools)

        [job] = world.jobs.list_all()
        assert (job.state, len(world.sandbox.jobs())) == (JobState.COMPLETED, 1), crash_at
        assert keys_of(job) == [FORM, SEVERITY], crash_at
        assert job.lacking_keys == {TRACK}, crash_at

    assert 30 < crashes < 199


@pytest.mark.parametrize(
    "rule",
    [
        FaultRule(kind=FaultKind.SERVER_ERROR, status=400, path=f"/test/api/modeller/importexport{CREATE}"),
        FaultRule(kind=FaultKind.EMPTY, path=PROGRESS, times=6),
    ],
    ids=["refused", "failed"],
)  # fmt: skip
def test_what_cannot_be_exported_with_what_was_named_is_exported_without_it(
    tmp_path: Path, rule: FaultRule
) -> None:
    """A server that lets a missing thing through when it is asked must not cost the whole export."""
    world = two_environments(tmp_path, rule)

    job = exported(world)

    assert keys_of(job) == [FORM]
    assert job.lacking_keys == {TRACK}
    assert "without what only development uses, which is then not compared" in warnings_in(world)


@pytest.mark.parametrize("environment", ["development", "test"])
def test_an_environment_that_does_not_answer_by_name_is_exported_all_the_same(
    tmp_path: Path, environment: str
) -> None:
    answered = 1 if environment == "test" else 0  # what its own form depends on
    down = FaultRule(
        kind=FaultKind.SERVER_ERROR, path=f"/{environment}/api", skip=answered, times=6
    )
    world = two_environments(tmp_path, down)

    job = exported(world)

    assert (keys_of(job), job.lacking_keys) == ([FORM], frozenset())
    assert "What only development uses is not compared" in warnings_in(world)


def test_a_failed_job_that_is_created_again_asks_again_what_is_there(tmp_path: Path) -> None:
    world = two_environments(tmp_path, FaultRule(kind=FaultKind.EMPTY, path=PROGRESS, times=12))
    with pytest.raises(ShareDoError):
        exported(world)
    there = world.sandbox._environments["development"]
    world.sandbox._environments = {"development": there, "test": there}

    with world.process() as tools:
        job = retried(tools, tools.known("j1"))

    assert keys_of(job) == [FORM, SEVERITY, TRACK]
    assert job.lacking_keys == frozenset()


def test_a_job_of_an_earlier_version_is_still_known_by_what_it_asks_for() -> None:
    """Its hash is stored: with another one an open job would be created a second time."""
    assert MATTER.parameters_hash.startswith("2cbc6392843c")


def test_a_package_of_another_job_is_refused_with_its_contents_named(tmp_path: Path) -> None:
    """Somebody took the id of another job for the one in doubt."""
    lost = FaultRule(kind=FaultKind.LOST_ANSWER, path=CREATE, method="POST", skip=1)
    world = ExportWorld(tmp_path, plan=FaultPlan(rules=(lost,)), can_find=False)
    outcome = replace(
        INTAKE,
        environment="development",
        provider="option-set",
        system_name="outcome",
        includes_dependencies=False,
        compared_with=None,
    )
    other = exported(world, outcome)
    with pytest.raises(ShareDoError):
        exported(world, replace(outcome, system_name="claim-track"))
    [doubtful] = [job for job in world.jobs.list_all() if job.is_in_doubt]

    with (
        world.process() as tools,
        pytest.raises(
            PackageInvalidError,
            match=r"does not hold option-set:claim-track\. It holds option-set:outcome\.",
        ),
    ):
        retried(tools, decided(tools, doubtful, remote_id=other.remote_id))

    assert world.jobs.list_all()[-1].state is JobState.FAILED
    assert world.files() == ["export_j1.zip"]
    assert paths_of(world, method="POST", part=CREATE) == 2


def test_what_was_requested_in_another_case_is_what_the_package_holds(tmp_path: Path) -> None:
    world = ExportWorld(tmp_path)
    wanted = replace(INTAKE, environment="development", system_name="Intake", compared_with=None)

    assert exported(world, wanted).state is JobState.COMPLETED
