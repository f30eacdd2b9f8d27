"""A client that a generator makes of the API's document takes sheets to issues.

The generator has an environment of its own, which `make test-all` makes: it wants another version of a
package of ours.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from jira_pipeline.model.people import Role
from jira_pipeline.sessions import accounts
from jira_pipeline.web.application import guarded_web
from jira_pipeline.web.context import Web
from jira_pipeline_tests.jira.sandbox.served_sandboxes import serving
from jira_pipeline_tests.web.browsers import NAMES, declared_by

FLOW = Path(__file__).parent / "client_generator" / "main_flow.py"
PROGRAMS = Path(sys.prefix) / "client_generator" / "bin"
ROLES = "Name,Machine name,X\nKeeper,keeper,a\nCook,cook,a\n"


def run_program(*command: object, folder: Path) -> None:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env={"PATH": str(PROGRAMS), "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.small_site
def test_a_generated_client_takes_sheets_to_issues_and_gets_typed_errors(
    fresh_web: Web, tmp_path: Path
) -> None:
    """It raised a ValueError on every 422, and returned None for 401, 404 and 429."""
    generator = PROGRAMS / "openapi-python-client"
    if not generator.exists():
        pytest.skip("needs `make test-all`, which installs openapi-python-client")
    folder = tmp_path / "client"
    folder.mkdir()
    document = folder / "openapi.json"
    document.write_text(json.dumps(declared_by(fresh_web).document), encoding="utf-8")
    sheets = folder / "Roles.csv"
    sheets.write_text(ROLES, encoding="utf-8")
    issued = accounts.issue_token(
        fresh_web.pipeline, NAMES[Role.EXPORTER], role=None, days=1, label="generated", by="test"
    )

    run_program(
        *(generator, "generate", "--path", document, "--meta", "none"),
        *("--output-path", folder / "generated_client"),
        folder=folder,
    )
    with serving(guarded_web(fresh_web)) as address:
        run_program(PROGRAMS / "python", FLOW, address, issued.secret, sheets, folder=folder)
