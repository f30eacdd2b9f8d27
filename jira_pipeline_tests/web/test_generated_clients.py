"""Clients that others' programs make of the OpenAPI document go from sheets to issues.

Each client is made and run as its users do; what it expects is in `generated_clients/`, beside the
versions of what makes it. `make test` installs those where their package index can be reached.
"""

import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from jira_pipeline.flow import people
from jira_pipeline.kernel.people import Role
from jira_pipeline.web.application import create_app
from jira_pipeline.web.context import Web
from jira_pipeline.web.limits import StatusPace
from jira_pipeline.web.switch import guarded_web
from jira_pipeline_tests import projects
from jira_pipeline_tests.jira_sandbox.served_sandboxes import serving
from jira_pipeline_tests.web.browsers import NAMES

HERE = Path(__file__).parent / "generated_clients"
PYTHON = projects.CHECKOUT / ".venv" / "clients" / "bin" / "python"
pytestmark = pytest.mark.small_site


@pytest.fixture
def sheets(tmp_path: Path) -> Path:
    """Return the folder of the sheets of six tickets."""
    return projects.copy_small_sheets(tmp_path / "sheets")


@pytest.fixture
def address(fresh_web: Web) -> Iterator[str]:
    """Return the address of a web whose status may be asked for at any time."""
    seconds = count(step=3)
    pace = StatusPace(monotonic=lambda: float(next(seconds)))
    with serving(guarded_web(replace(fresh_web, status_pace=pace))) as one:
        yield one


@pytest.fixture
def token(fresh_web: Web) -> str:
    """Return a token of an exporter."""
    pipeline, name = fresh_web.pipeline, NAMES[Role.EXPORTER]
    return people.issue_token(pipeline, name, role=None, days=1, label="test", by="test").secret


@pytest.fixture
def document(fresh_web: Web, tmp_path: Path) -> Path:
    """Return the path of the OpenAPI document."""
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(create_app(fresh_web).openapi()), encoding="utf-8")
    return path


def test_a_python_client_goes_from_sheets_to_issues(
    address: str, token: str, document: Path, sheets: Path, tmp_path: Path
) -> None:
    """Parts of an upload were declared as text, and two shapes had one name."""
    if not PYTHON.exists():
        pytest.skip("needs openapi-python-client, which `make test` installs")
    made = tmp_path / "made_client"

    run(
        PYTHON, "-m", "openapi_python_client", "generate", "--meta", "none", "--fail-on-warning",
        "--config", HERE / "config.json", "--path", document, "--output-path", made,
    )  # fmt: skip
    run(PYTHON, HERE / "with_python.py", address, token, sheets, tmp_path)


def test_a_typescript_client_goes_from_sheets_to_issues(
    address: str, token: str, document: Path, sheets: Path, tmp_path: Path
) -> None:
    node, packages = shutil.which("node"), HERE / "node_modules"
    if node is None or not packages.is_dir():
        pytest.skip("needs Node 20, and npm when `make test` installs openapi-typescript")
    (tmp_path / "node_modules").symlink_to(packages)
    for name in ("package.json", "make_types.mjs", "with_typescript.ts", "tsconfig.json"):
        shutil.copy(HERE / name, tmp_path)

    run(node, tmp_path / "make_types.mjs", document, tmp_path / "made_types.d.ts")
    run(node, packages / "typescript" / "bin" / "tsc", "--project", tmp_path)
    run(node, tmp_path / "with_typescript.js", address, token, sheets)


def run(program: str | Path, *words: str | Path) -> None:
    """Run a program to its end."""
    done = subprocess.run(
        [program, *words],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
