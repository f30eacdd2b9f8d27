"""The real specification with two damaged sheets in place of the good ones: fifty errors."""

import shutil
from pathlib import Path

import dagster as dg
import pytest

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


def test_an_upload_lists_all_fifty_and_leaves_nothing_half_made(
    uwec: Path, project: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(uwec, tmp_path / "broken")
    for name in REPLACED:
        (folder / f"{name}.csv").unlink()
        shutil.copy(uwec.parent / "uwec_broken" / f"{name}_BROKEN.csv", folder)

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
