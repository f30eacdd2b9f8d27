"""A machine that takes runs: what keeps it from starting, and how it ends."""

import pytest

from jira_pipeline.cli.working import host_and_port
from jira_pipeline.errors import WrongUseError
from jira_pipeline_tests.cli.terminal import run


def test_an_address_names_this_machine_to_others() -> None:
    assert host_and_port("10.0.0.2:4266") == ("10.0.0.2", 4266)
    assert host_and_port("[fd00::2]:4266") == ("[fd00::2]", 4266)
    for address in (
        "0.0.0.0:4266",
        "[::]:4266",
        "10.0.0.2",
        "10.0.0.2:0",
        "10.0.0.2:70000",
        "here:1",
    ):
        with pytest.raises(WrongUseError, match="is no address by which the daemon could reach"):
            host_and_port(address)


@pytest.mark.usefixtures("project")
def test_a_home_on_sqlite_takes_its_own_runs_alone() -> None:
    answer = run("work")

    assert answer.exit_code == 1
    assert "this store is on SQLite" in answer.words
