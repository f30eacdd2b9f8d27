"""The demo: the example of the checkout goes the whole way into the sandbox."""

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.text import Text

from jira_pipeline.cli.console import ExitCode, Screen, literal, shown_progress
from jira_pipeline.cli.context import opened
from jira_pipeline.cli.export import show_results
from jira_pipeline.errors import ConfigurationError
from jira_pipeline.stages.upload_reading import UploadOutcome

if TYPE_CHECKING:
    from jira_pipeline.defs.composition import Pipeline

DEMO_SESSION = "demo"
LOG_LINES_TOLD = 15
NEXT_STEPS = """
What next:
  make sandbox   browse the issues on http://127.0.0.1:8765
  make dev       the Dagster UI on http://127.0.0.1:3000
  make demo      again: creates nothing twice
  .venv/bin/jira-pipeline lint FOLDER   check the sheets of your own site"""


def demo() -> None:
    """Upload the example and run csv_to_jira into the sandbox, as `make demo` does."""
    from jira_pipeline.defs import session_pages, session_results  # noqa: PLC0415 - starts fast
    from jira_pipeline.defs.launching import tell_of_upload  # noqa: PLC0415 - slow
    from jira_pipeline.settings import find_project_path  # noqa: PLC0415 - as above

    with opened(is_json=False) as (screen, pipeline):
        if not pipeline.settings.is_sandbox:
            raise ConfigurationError(
                "The demo goes to the sandbox only, and JIRA_BASE_URL is set.",
                recovery_actions=("Run it without JIRA_BASE_URL: `JIRA_BASE_URL= make demo`.",),
            )
        outcome = _upload(pipeline, _example(find_project_path()))
        key = outcome.session.session_key
        tell_of_upload(pipeline, outcome)
        screen.say(Text.assemble("Uploaded the example as session ", (key, "bold"), "."))

        def look() -> tuple[float, str]:
            session = pipeline.store.sessions.get(key)
            return session.progress_percentage, session.progress_text

        log_path = pipeline.settings.home_path / "demo.log"
        with shown_progress(screen, look, title="csv_to_jira"):
            _execute(screen, key, log_path=log_path)
        found = session_results.required_results(pipeline, outcome.session)
        report = session_pages.page_path(pipeline, outcome.session, session_pages.REPORT_PAGE)
        review = session_pages.page_path(pipeline, outcome.session, session_pages.REVIEW_PAGE)
        show_results(screen, found, report=report)
        screen.say(f"Tickets as Jira shows them: {review}")
        screen.say(f"Log of the run: {log_path}")
        screen.say(NEXT_STEPS)


def _upload(pipeline: "Pipeline", folder: Path) -> UploadOutcome:
    """Upload the example; one that changed since the last demo replaces it."""
    from jira_pipeline.defs import session_steps  # noqa: PLC0415 - starts fast

    return session_steps.upload(
        pipeline, folder, session_key=DEMO_SESSION, auto_approve=True, actor="demo"
    )


def _example(project_path: Path) -> Path:
    path = project_path / "examples"
    folders = sorted(p for p in path.iterdir() if p.is_dir()) if path.is_dir() else []
    if not folders:
        raise ConfigurationError(
            f"There is no example in {path}.",
            recovery_actions=(
                "Run the demo in a whole checkout, or restore the folder `examples`.",
                "Your own sheets need no example: `jira-pipeline upload FOLDER`.",
            ),
        )
    return folders[0]


def _execute(screen: Screen, session_key: str, *, log_path: Path) -> None:
    """Run the job as anybody would from a shell, its log kept in a file."""
    command = [
        str(Path(sys.executable).with_name("dagster")),
        *("job", "execute", "-m", "jira_pipeline.definitions", "-j", "csv_to_jira"),
        *("--tags", f'{{"dagster/partition": "{session_key}"}}'),
    ]
    with log_path.open("w", encoding="utf-8") as log:
        code = subprocess.run(command, stdout=log, stderr=log, check=False).returncode  # noqa: S603 - our own words
    if code:
        last = log_path.read_text(encoding="utf-8").splitlines()[-LOG_LINES_TOLD:]
        screen.err.print(literal("\n".join(last)))
        screen.err.print(literal(f"The run failed; the whole log: {log_path}"))
        raise typer.Exit(ExitCode.FAILED)
