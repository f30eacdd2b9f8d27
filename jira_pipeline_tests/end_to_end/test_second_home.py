"""A session of one machine is worked on from another: they share the database, and no file."""

import re
import shutil
from io import BytesIO
from pathlib import Path

import pytest

from jira_pipeline.model.people import Role
from jira_pipeline.sessions import incoming
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run, run_json
from jira_pipeline_tests.contracts.open_stores import initialised_url, postgres_url
from jira_pipeline_tests.web.browsers import NAMES, opened_web, signed_in
from jira_pipeline_tests.web.routes_and_roles import ROUTES

__all__ = ["initialised_url", "postgres_url"]
pytestmark = [pytest.mark.postgres, pytest.mark.small_site]
KEY = projects.SESSION
COMMANDS = (
    ("sessions",),
    ("status", KEY),
    ("questions", KEY),
    ("generate", KEY),
    ("validate", KEY),
    ("tickets", "list", KEY),
    ("tickets", "show", KEY, 1),
    ("tickets", "diff", KEY, 1),
    ("quality", KEY),
    ("estimate", KEY),
    ("tickets", "ready", KEY, "--all"),
    ("export", KEY, "--plan"),
    ("export", KEY, "--yes"),
    ("results", KEY),
    ("fixes", KEY),
    ("todo", KEY),
    ("settle", KEY),
    ("errors", KEY),
    ("audit", KEY),
    ("sharedo", "status"),
)
ABSENT = re.compile(
    r"secret|error_id|comparison_id|verification_id|task_id|plan-decision|ticket}/file|:path"
)
"""What the session of this test has none of."""
ROUTES_OF_A_SESSION = [
    template
    for method, template in ROUTES
    if method == "GET" and "{" in template and not ABSENT.search(template)
]
GIVEN = {200, 429}
"""Status is given once in two seconds."""


@pytest.fixture
def homes(
    empty_project: Path, postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Two homes with a Dagster each; the first one is that of this process."""
    monkeypatch.setenv("JIRA_PIPELINE_DATABASE_URL", postgres_url)
    for name in ("second", "first"):
        projects.adopt(empty_project, tmp_path / name, monkeypatch)
    return tmp_path


def test_everything_works_from_a_second_home_that_has_no_file_of_the_first(
    homes: Path, sheets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_json("upload", sheets, "--session", KEY)
    job = run_json("sharedo", "export", "worktype:matter", "--environment", "development")
    with projects.opened(homes / "first") as pipeline:
        names = [(path.name, BytesIO(path.read_bytes())) for path in sorted(sheets.iterdir())]
        upload_id = incoming.receive(pipeline, names, by=NAMES[Role.ADMIN]).upload_id
    shutil.rmtree(homes / "first")
    monkeypatch.setenv("DAGSTER_HOME", str(homes / "second"))

    ended = {command: run(*command) for command in COMMANDS}

    assert {name: answer.words for name, answer in ended.items() if answer.exit_code} == {}
    assert f"/sessions/{KEY}/report.html" in ended["results", KEY].words
    places = {"key": KEY, "number": "1", "ticket": "1", "ticket_id": "1", "after": "1"}
    places |= {"upload_id": upload_id, "job_id": job["jobs"][0]["job_id"]}
    with opened_web(homes / "second") as web, signed_in(web, Role.ADMIN) as client:
        client.follow_redirects = True
        asked = (template.format_map(places) for template in ROUTES_OF_A_SESSION)
        answers = {}
        for address in asked:
            # An address of programs refuses what it does not know.
            named = {} if address.startswith("/api/") else {"session": KEY}
            answers[address] = client.get(address, params=named)
        client.follow_redirects = False
        taken = client.post(f"/upload/{upload_id}/take", data={"session": KEY})

    refused = [address for address, answer in answers.items() if answer.status_code not in GIVEN]
    assert refused == [f"/sessions/{KEY}/logo"]  # it has none
    assert taken.status_code == 303
