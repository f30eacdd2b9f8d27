"""The real specification with two damaged sheets in place of the good ones: fifty errors."""

import shutil
from pathlib import Path

import dagster as dg
import pytest

from jira_pipeline.defs.resources import PipelineResource
from jira_pipeline.defs.sensors import upload_sensor
from jira_pipeline.kernel.sessions import SessionStatus
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run

pytestmark = pytest.mark.xdist_group("uwec")

REPLACED = ("UWEC_CustomViewsDisplays", "UWEC_ResponsiveImageStyles")
ERRORS = [
    *[("UWEC_CustomViewsDisplays_BROKEN.csv", line, "View ID") for line in range(2, 44)],
    *[
        ("UWEC_ResponsiveImageStyles_BROKEN.csv", line, "Fallback machine name")
        for line in (5, 6, 7, 8, 9, 10, 20, 21)
    ],
]


def copy_broken(uwec: Path, folder: Path) -> Path:
    """Copy the specification with the damaged sheets in place of the good ones."""
    shutil.copytree(uwec, folder)
    for name in REPLACED:
        (folder / f"{name}.csv").unlink()
        shutil.copy(uwec.parent / "uwec_broken" / f"{name}_BROKEN.csv", folder)
    return folder


def test_an_upload_lists_all_fifty_and_leaves_nothing_half_made(
    uwec: Path, project: Path, tmp_path: Path
) -> None:
    folder = copy_broken(uwec, tmp_path / "broken")

    answer = run("upload", folder, "--session", "uwec", "--json")

    found = [
        (f["file"], f["line"], f["column"])
        for f in answer.json["findings"]
        if f["severity"] == "error"
    ]
    assert answer.exit_code == 1
    assert found == ERRORS
    with projects.opened(project) as pipeline, dg.DagsterInstance.get() as instance:
        uploads = pipeline.settings.uploads_path
        assert pipeline.store.sessions.list_all() == ()
        assert instance.get_dynamic_partitions("upload_sessions") == []
        assert not uploads.exists() or list(uploads.iterdir()) == []
        assert not pipeline.settings.sandbox_path.exists()


def test_through_the_inbox_the_run_fails_with_the_findings_stored(
    uwec: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UPLOAD_SETTLE_SECONDS", "0")
    folder = copy_broken(uwec, project / ".jira_pipeline" / "inbox" / "uwec")
    (folder / "session.yaml").write_text("auto_approve: true\n", encoding="utf-8")

    with dg.DagsterInstance.ephemeral() as instance:
        resources = {"pipeline": PipelineResource(project_path=str(project))}
        with dg.build_sensor_context(instance=instance, resources=resources) as context:
            evaluated = upload_sensor(context)
        assert isinstance(evaluated, dg.SensorResult)
        (request,) = evaluated.run_requests or ()
        result = projects.execute(
            instance, project, str(request.job_name), session_key="uwec", raise_on_error=False
        )

    assert request.job_name == "csv_to_jira"
    assert not result.success
    with projects.opened(project) as pipeline:
        stored = pipeline.store.sessions.findings("uwec")
        (error,) = pipeline.store.errors.list_all("uwec")
        assert [(f.file, f.line, f.column) for f in stored if f.severity == "error"] == ERRORS
        assert pipeline.store.sessions.get("uwec").status is SessionStatus.FAILED
        assert pipeline.store.tickets.list_all("uwec") == ()
        assert error.code == "sheets_refused"
        assert not pipeline.settings.sandbox_path.exists()
