"""Clients that others wrote drive the sandbox over a socket, as they drive Jira.

Each runs in a process of its own; what it expects is in `real_clients/`, which also names the
version of the client from npm. The others are among the development packages.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jira_pipeline.jira.sandbox.agile_rows import add_board
from jira_pipeline.jira.sandbox.sandbox import JiraSandbox
from jira_pipeline_tests.jira.sandbox.served_sandboxes import served

CLIENTS_PATH = Path(__file__).parent / "real_clients"


@pytest.fixture
def address(sandbox: JiraSandbox) -> Iterator[str]:
    """Return the address of a sandbox with a scrum and a kanban board."""
    with sandbox.state.writing() as rows:
        add_board(rows, project_id=10_000, name="Flow", kind="kanban")
    with served(sandbox) as one:
        yield one


@pytest.mark.parametrize("script", ["with_jira.py", "with_atlassian.py"])
def test_a_client_from_pypi_finds_what_it_expects(address: str, script: str) -> None:
    done = run(sys.executable, script, address)

    assert done.returncode == 0, done.stderr


def test_the_client_from_npm_finds_what_it_expects(address: str) -> None:
    node = shutil.which("node")
    if node is None or not (CLIENTS_PATH / "node_modules").is_dir():
        pytest.skip("needs Node 20, and npm when `make test` installs jira.js")

    done = run(node, "with_jira_js.mjs", address)

    assert done.returncode == 0, done.stderr


def run(program: str, script: str, address: str) -> subprocess.CompletedProcess[str]:
    command = [program, str(CLIENTS_PATH / script), address]
    return subprocess.run(command, capture_output=True, text=True, check=False)
