"""A client that others wrote drives the sandbox over a socket, as it drives Jira.

It runs in a process of its own; what it expects is in `real_clients/`, which also names its version.
"""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from jira_pipeline.jira.sandbox.sandbox import JiraSandbox
from jira_pipeline.jira.sandbox.sandbox_projects import add_board
from jira_pipeline_tests.jira.sandbox.served_sandboxes import served

CLIENTS_PATH = Path(__file__).parent / "real_clients"


@pytest.fixture
def address(sandbox: JiraSandbox) -> Iterator[str]:
    """Return the address of a sandbox with a scrum and a kanban board."""
    with sandbox.state.writing() as rows:
        add_board(rows, project_id=10_000, name="Flow", kind="kanban")
    with served(sandbox) as one:
        yield one


def test_the_client_from_npm_finds_what_it_expects(address: str) -> None:
    node = shutil.which("node")
    if node is None or not (CLIENTS_PATH / "node_modules").is_dir():
        pytest.skip("needs Node 20, and npm when `make test` installs jira.js")

    command = [node, str(CLIENTS_PATH / "with_jira_js.mjs"), address]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
