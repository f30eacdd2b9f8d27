"""A site from a YAML file."""

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from jira_pipeline.cli.app import app
from jira_pipeline.jira.sandbox.sandbox import JiraSandbox
from jira_pipeline.jira.sandbox.site_file import SiteFile, apply_site_file, read_site_file
from jira_pipeline.jira.sandbox.site_rules import SiteRules
from jira_pipeline.jira.sandbox_http.requests import SandboxRequest
from jira_pipeline.model.errors import ConfigurationError, WrongUseError

GUIDE = Path(__file__).parents[3] / "docs" / "operations.md"
SITE = """
index_lag_seconds: 30
users:
  - {email: zoe@sandbox.example, name: Zoë Example}
custom_fields:
  - {id: customfield_10050, name: Team, kind: option, options: [Red, Blue]}
security_levels: {staff: [zoe@sandbox.example]}
attachments: {size_limit_bytes: 1000}
is_time_tracking_on: false
projects:
  WEB:
    name: Website
    issue_types: [Epic, Task]
    priorities: [High, Low]
    required_fields: [customfield_10050]
    off_create_screen: [labels]
    withheld_permissions: {zoe@sandbox.example: [CREATE_ISSUES]}
    boards:
      - {name: Flow, type: kanban}
      - name: Build
        sprints:
          - {name: Sprint 11, state: closed}
          - {name: Sprint 12, state: active, goal: Menus}
"""


def ask(sandbox: JiraSandbox, path: str) -> Any:
    credentials = base64.b64encode(b"zoe@sandbox.example:token").decode()
    headers = {"authorization": f"Basic {credentials}"}
    return json.loads(sandbox.handle(SandboxRequest(method="GET", path=path, headers=headers)).body)


@pytest.fixture
def site_path(tmp_path: Path) -> Path:
    path = tmp_path / "site.yaml"
    path.write_text(SITE, "utf-8")
    return path


def test_a_site_is_as_its_file_says_however_often_it_is_loaded(
    sandbox: JiraSandbox, site_path: Path
) -> None:
    for _ in range(2):
        apply_site_file(sandbox, read_site_file(site_path))

    project = ask(sandbox, "/rest/api/3/project/WEB")
    boards = ask(sandbox, "/rest/agile/1.0/board")["values"]
    [build] = [one for one in boards if one["name"] == "Build"]
    sprints = ask(sandbox, f"/rest/agile/1.0/board/{build['id']}/sprint")["values"]
    assert (project["name"], [one["name"] for one in project["issueTypes"]]) == (
        "Website",
        ["Epic", "Task"],
    )
    assert [one["name"] for one in boards] == ["SBX board", "WEB board", "Flow", "Build"]
    assert [(one["name"], one["state"]) for one in sprints] == [
        ("Sprint 11", "closed"),
        ("Sprint 12", "active"),
    ]
    assert ask(sandbox, "/rest/api/3/myself")["displayName"] == "Zoë Example"
    assert ask(sandbox, "/rest/api/3/issue/createmeta/WEB/issuetypes")["issueTypes"] == []
    assert sandbox.rules().projects["WEB"].required_fields == ("customfield_10050",)
    assert not sandbox.rules().is_time_tracking_on


def test_an_empty_file_is_the_plain_site(sandbox: JiraSandbox, tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    path.write_text("", "utf-8")

    apply_site_file(sandbox, read_site_file(path))

    assert sandbox.rules() == SiteRules()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("project: {}", "project: Extra inputs", id="unknown-word"),
        pytest.param("[1", "is no YAML", id="no-yaml"),
        pytest.param("site: 2026-13-45", "is no YAML", id="no-date"),
        pytest.param("[" * 5_000, "is no YAML", id="too-deep"),
        pytest.param("- 1", "describes no site: the file", id="no-mapping"),
        pytest.param("projects: {web: {}}", "'web' is no project key", id="key"),
        pytest.param(
            "projects: {WEB: {required_fields: [customfield_1]}}",
            "'customfield_1' is not one of",
            id="unknown-field",
        ),
        pytest.param(
            "projects: {WEB: {priorities: [Urgent]}}",
            r"projects\.WEB\.priorities: .*'Urgent'",
            id="unknown-priority",
        ),
        pytest.param(
            "projects: {WEB: {withheld_permissions: {'*': [CREATE]}}}",
            r"withheld_permissions: .*'CREATE'",
            id="unknown-permission",
        ),
        pytest.param(
            "projects: {WEB: {default_security_level: staff}}", "'staff'", id="unknown-level"
        ),
        pytest.param(
            "projects: {WEB: {boards: [{name: B, type: kanban, sprints: [{name: S}]}]}}",
            r"projects\.WEB\.boards\.0: .*has no sprints",
            id="kanban-sprint",
        ),
        pytest.param("index_lag_seconds: -1", "index_lag_seconds", id="negative-lag"),
        pytest.param("users: [{email: me, name: Me}]", r"users\.0\.email", id="no-address"),
    ],
)
def test_a_file_that_describes_no_site_is_refused_with_the_place(
    tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "site.yaml"
    path.write_text(text, "utf-8")

    with pytest.raises(ConfigurationError, match=message):
        read_site_file(path)


def test_a_file_that_is_not_there_or_too_large_is_refused(tmp_path: Path) -> None:
    large = tmp_path / "large.yaml"
    large.write_text("#" * 1_000_001, "utf-8")

    with pytest.raises(WrongUseError, match="cannot be read"):
        read_site_file(tmp_path / "missing.yaml")
    with pytest.raises(ConfigurationError, match="larger than"):
        read_site_file(Path("/dev/zero"))  # it took all memory: a device has no size
    with pytest.raises(ConfigurationError, match="larger than"):
        read_site_file(large)


def test_the_command_says_what_is_wrong_with_a_site(tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    path.write_text("projects: {web: {}}", "utf-8")
    arguments = [
        "sandbox",
        "serve",
        "--site",
        str(path),
        "--file",
        str(tmp_path / "sandbox.sqlite"),
    ]

    result = CliRunner().invoke(app, arguments)

    assert result.exit_code == 1
    shown = " ".join(result.output.split())
    assert "'web' is no project key" in shown
    assert "1. Correct the file; “Use the sandbox as a Jira” in" in shown
    assert not (tmp_path / "sandbox.sqlite").exists()


def test_the_site_in_the_guide_can_be_loaded() -> None:
    texts = re.findall(r"```yaml\n(.+?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    [text] = [text for text in texts if "projects:" in text]

    site = SiteFile.model_validate(yaml.safe_load(text))

    assert list(site.projects) == ["WEB"]
