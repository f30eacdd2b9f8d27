"""Clients that others wrote drive the sandbox, as they drive Jira.

They are no dependencies of ours: `JIRA_PIPELINE_TEST_CLIENTS` names a folder with a virtual
environment `venv` (`pip install jira atlassian-python-api`) and `node_modules` (`npm install
jira.js@5.4`). Each runs in a process of its own; what it expects is in `real_clients/`.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from jira_pipeline.jira_sandbox.agile_rows import add_board
from jira_pipeline.jira_sandbox.sandbox import JiraSandbox
from jira_pipeline_tests.jira_sandbox.served_sandboxes import served

CLIENTS_PATH = os.environ.get("JIRA_PIPELINE_TEST_CLIENTS")  # noqa: TID251 - of tests only
SCRIPTS_PATH = Path(__file__).parent / "real_clients"

pytestmark = pytest.mark.skipif(
    CLIENTS_PATH is None, reason="JIRA_PIPELINE_TEST_CLIENTS names no folder with clients"
)


@pytest.fixture
def address(sandbox: JiraSandbox) -> Iterator[str]:
    """Return the address of a sandbox with a scrum and a kanban board."""
    with sandbox.state.writing() as rows:
        add_board(rows, project_id=10_000, name="Flow", kind="kanban")
    with served(sandbox) as one:
        yield one


@pytest.mark.parametrize("script", ["with_jira.py", "with_atlassian.py"])
def test_a_client_from_pypi_finds_what_it_expects(address: str, script: str) -> None:
    python = Path(str(CLIENTS_PATH)) / "venv" / "bin" / "python"

    done = run(str(python), str(SCRIPTS_PATH / script), address)

    assert done.returncode == 0, done.stderr


def test_the_client_from_npm_finds_what_it_expects(address: str) -> None:
    node = shutil.which("node")
    assert node is not None
    modules = Path(str(CLIENTS_PATH)) / "node_modules"

    done = run(node, str(SCRIPTS_PATH / "with_jira_js.mjs"), address, str(modules))

    assert done.returncode == 0, done.stderr


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """Run a client to its end."""
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
