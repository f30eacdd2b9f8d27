"""Packages go the way of sheets: uploaded, written, validated, exported into the sandbox."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from jira_pipeline.sharedo.sandbox.sharedo_sandbox import (
    build_package,
    sandbox_environments,
)
from jira_pipeline_tests.cli.terminal import run, run_json

KEYS = ("option-set:claim-track", "option-set:outcome", "form-builder:intake")


def package(path: Path, *, test: bool = False, export_id: str = "one") -> Path:
    made = sandbox_environments()["test" if test else "development"]
    at = datetime(2026, 5, len(export_id), tzinfo=UTC)
    path.write_bytes(build_package(made, KEYS, export_id=export_id, created_on=at))
    return path


@pytest.mark.usefixtures("project")
def test_a_package_becomes_issues_and_another_export_of_it_changes_nothing(tmp_path: Path) -> None:
    file = package(tmp_path / "intake.zip")
    uploaded = run_json("upload", str(file), "--auto-approve")
    run("generate", "intake", "--json")
    exported = run_json("export", "intake", "--yes")
    package(file, export_id="another")
    again = run_json("upload", str(file), "--auto-approve")
    waiting = run_json("status", "intake")
    run("generate", "intake", "--json")
    status = run_json("status", "intake")
    quality = run_json("quality", "intake")

    assert uploaded["session_key"] == "intake"
    assert {f["sheet"] for f in uploaded["files"]} == {"components"}
    assert [i["title"] for i in exported["jira_tickets"]] == [
        "Configure option set: Claim track",
        "Configure option set: Outcome",
        "Configure form: Intake",
    ]
    assert exported["dependencies_created"] == 1
    assert again["session_key"] == "intake"
    assert again["withdrawals"] == []
    assert waiting["next_step"].startswith("Write the tickets from the changed packages: ")
    assert (status["tickets_total"], status["tickets_exported"]) == (3, 3)
    assert [t["waiting_for_answers"] for t in quality["tickets"]] == [False] * 3


def test_what_differs_is_a_session_of_its_own(project: Path) -> None:
    uploaded = run_json("sharedo", "compare", "development", "test", "matter", "--session", "moved")
    (copy,) = (project / ".jira_pipeline" / "uploads" / "moved").iterdir()
    linted = run_json("lint", str(copy))

    assert uploaded["session_key"] == "moved"
    assert sorted(path.name for path in copy.iterdir()) == [
        "comparison.json",
        "development-matter.zip",
        "test-matter.zip",
    ]
    assert {f["code"] for f in linted["findings"]} <= {"dependency_outside", "not_compared"}
