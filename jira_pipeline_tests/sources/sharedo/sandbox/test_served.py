"""The ShareDo sandbox on a socket: the same client, the same answers, a cut in the middle."""

from dataclasses import replace
from pathlib import Path

import pytest

from jira_pipeline.model.sharedo_jobs import JobState
from jira_pipeline.sources.sharedo.client.client import ShareDoClient
from jira_pipeline.sources.sharedo.client.environments import sandbox_environment
from jira_pipeline.sources.sharedo.jobs.jobs import carried_out, create_job
from jira_pipeline_tests.jira.sandbox.served_sandboxes import serving, sharedo_app
from jira_pipeline_tests.sources.sharedo.export_world import MATTER, ExportWorld
from jira_pipeline_tests.sources.sharedo.faulty_sharedo import FaultKind, FaultPlan, FaultRule


@pytest.mark.parametrize("kind", [None, FaultKind.CUT])
def test_a_package_comes_over_a_socket_as_it_does_without_one(
    tmp_path: Path, kind: FaultKind | None
) -> None:
    rules = () if kind is None else (FaultRule(kind=kind, path="/download"),)
    world = ExportWorld(tmp_path, plan=FaultPlan(rules=rules))

    with serving(sharedo_app(world.sandbox)) as address, world.process() as tools:
        world.environment = sandbox_environment("development", url=address)
        client = ShareDoClient(world.environment, secret="any", clock=world.time, timer=world.time)
        over_socket = replace(tools, sharedo=client)
        job = carried_out(over_socket, create_job(over_socket, MATTER))
        client.close()

    statuses = [one.status for one in world.sandbox.journal if "/download" in one.path]
    assert job.state is JobState.COMPLETED
    assert statuses == ([200] if kind is None else [200, 206])
