"""The program without the room of ShareDo."""

import subprocess
import sys
from pathlib import Path

import jira_pipeline

EVERYTHING = """
import pkgutil
from importlib import import_module
import jira_pipeline
from jira_pipeline.cli.app import app
from jira_pipeline.defs.build import build_definitions
from jira_pipeline.tickets.documents.kept_documents import rendering_code
for module in pkgutil.walk_packages(jira_pipeline.__path__, "jira_pipeline."):
    import_module(module.name)
definitions = build_definitions()
assert "sharedo_to_tickets" not in {job.name for job in definitions.jobs or ()}
assert definitions.resolve_job_def("csv_to_jira")
rendering_code(body_max_bytes=1)
app(["lint", "sheets", "--json"])
"""


def test_everything_imports_and_sheets_are_read_without_the_room(tmp_path: Path) -> None:
    package = Path(str(jira_pipeline.__file__)).parent
    (tmp_path / "jira_pipeline").mkdir()
    for part in package.iterdir():
        if part.name not in {"sharedo", "__pycache__"}:
            (tmp_path / "jira_pipeline" / part.name).symlink_to(part)
    sheets = tmp_path / "sheets"
    sheets.mkdir()
    text = "Name,Machine name,Type,X\nPage,page,Content type,a\n"
    (sheets / "Bundles.csv").write_text(text, encoding="utf-8")
    (sheets / "export.zip").write_bytes(b"PK")

    done = subprocess.run(
        [sys.executable, "-c", EVERYTHING],
        cwd=tmp_path,  # whose package is found first
        capture_output=True,
        text=True,
        check=False,
    )

    assert '"rows": 1' in done.stdout, done.stderr
    assert "export.zip" in done.stdout
