"""What a job exports: the item, what that depends on, and nothing else in its package."""

from dataclasses import replace
from pathlib import Path

import pytest

from jira_pipeline.model.sharedo_jobs import (
    ExportItem,
    ExportJob,
    ExportParameters,
    ExportType,
    JobState,
)
from jira_pipeline.sharedo.errors import ComponentMissingError, PackageInvalidError, ShareDoError
from jira_pipeline.sharedo.jobs.jobs import (
    carried_out,
    create_job,
    decided,
    export_batch,
    retried,
)
from jira_pipeline_tests.sharedo.export_world import MATTER, ExportWorld, paths_of
from jira_pipeline_tests.sharedo.faulty_sharedo import (
    FaultKind,
    FaultPlan,
    FaultRule,
    FaultyShareDo,
)
from jira_pipeline_tests.sharedo.made_packages import ONE_OF_EACH

OUTCOME = ExportParameters(
    environment="development",
    export_type=ExportType.CONFIGURATION,
    provider="option-set",
    system_name="outcome",
)
INTAKE = replace(OUTCOME, provider="form-builder", system_name="intake", includes_dependencies=True)
FORM, SEVERITY = "form-builder:intake", "option-set:severity"
ADDED, CREATE, PROGRESS = "/export/added", "/export/package", "/progress"


def a_form(folder: Path, *rules: FaultRule) -> ExportWorld:
    """A form with a list."""
    world = ExportWorld(folder)
    made = replace(
        ONE_OF_EACH, components=tuple(map(ONE_OF_EACH.by_key.__getitem__, (FORM, SEVERITY)))
    )
    world.sandbox = FaultyShareDo(
        {"development": made}, clock=world.time.now, plan=FaultPlan(rules=rules)
    )
    return world


def exported(world: ExportWorld, parameters: ExportParameters = INTAKE) -> ExportJob:
    with world.process() as tools:
        return carried_out(tools, create_job(tools, parameters))


def test_an_environment_that_does_not_have_it_makes_no_job_and_has_said_so(tmp_path: Path) -> None:
    world = a_form(tmp_path)

    with pytest.raises(ComponentMissingError, match="form-builder:letter") as raised:
        exported(world, replace(INTAKE, system_name="letter"))

    [job] = world.jobs.list_all()
    assert job.state is JobState.FAILED
    assert raised.value.details["item"] == "form-builder:letter"
    assert world.sandbox.jobs() == ()


def test_a_dependency_that_is_not_there_stays_out(tmp_path: Path) -> None:
    """One stale reference must not cost the export of everything else."""
    world = a_form(tmp_path)
    stale = replace(INTAKE.item, system_name="gone")
    severity = ExportItem(provider="option-set", system_name="severity")

    with world.process() as tools:
        tools.needs[INTAKE.item] = (stale, severity)
        job = carried_out(tools, create_job(tools, INTAKE))

    assert job.item_keys == (FORM, SEVERITY)
    [warning] = [event.text for event in world.events if event.kind == "warning"]
    assert stale.key in warning
    assert "left out" in warning


def test_a_batch_asks_once_for_each_thing(tmp_path: Path) -> None:
    """Two exports of a batch reach much the same, and 100 requests a minute are few."""
    world = a_form(tmp_path)
    wanted = [INTAKE, replace(INTAKE, provider="option-set", system_name="severity")]

    with world.process() as tools:
        for parameters in wanted:
            export_batch(tools, [parameters])

    assert paths_of(world, method="POST", part=ADDED) == 2


def test_a_failed_job_that_is_created_again_asks_again_what_is_there(tmp_path: Path) -> None:
    world = a_form(tmp_path, FaultRule(kind=FaultKind.EMPTY, path=PROGRESS, times=6))
    with pytest.raises(ShareDoError):
        exported(world)
    form = replace(ONE_OF_EACH.by_key[FORM], mandatory=())
    world.sandbox._environments = {"development": replace(ONE_OF_EACH, components=(form,))}

    with world.process() as tools:
        job = retried(tools, tools.jobs.known("j1"))

    assert job.item_keys == (FORM,)


def test_a_job_of_an_earlier_version_is_still_known_by_what_it_asks_for() -> None:
    """Its hash is stored: with another one an open job would be created a second time."""
    assert MATTER.parameters_hash.startswith("2cbc6392843c")


def test_a_package_of_another_job_is_refused_with_its_contents_named(tmp_path: Path) -> None:
    """Somebody took the id of another job for the one in doubt."""
    lost = FaultRule(kind=FaultKind.LOST_ANSWER, path=CREATE, method="POST", skip=1)
    world = ExportWorld(tmp_path, plan=FaultPlan(rules=(lost,)))
    other = exported(world, OUTCOME)
    with pytest.raises(ShareDoError):
        exported(world, replace(OUTCOME, system_name="claim-track"))
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

    assert exported(world, replace(MATTER, system_name="Matter")).state is JobState.COMPLETED
