"""The demo: the example that is brought along goes the whole way into the sandbox."""

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.text import Text

from jira_pipeline.cli.console import ExitCode, Screen, literal, shown_progress
from jira_pipeline.cli.context import commanded, opened
from jira_pipeline.cli.export import show_results
from jira_pipeline.errors import ConfigurationError
from jira_pipeline.stages.upload_reading import UploadOutcome

if TYPE_CHECKING:
    from jira_pipeline.sessions.composition import Pipeline

DEMO_SESSION = "demo"
EXAMPLE = "uhrenmuseum"
"""The example with every kind of sheet, and whose manifest approves its tickets."""
LOG_LINES_TOLD = 15
NEXT_STEPS = """
What next:
  {sandbox}   browse the issues on http://127.0.0.1:8765
  {dev}   the Dagster UI on http://127.0.0.1:3000
  {demo}   again: creates nothing twice
  {program} lint FOLDER   check the sheets of your own site"""


def demo() -> None:
    """Upload the example and run csv_to_jira into the sandbox; without a home it makes one."""
    from jira_pipeline.defs.reports import tell_of_upload  # noqa: PLC0415 - slow
    from jira_pipeline.sessions import homes  # noqa: PLC0415 - as below
    from jira_pipeline.sessions.open_session import REPORT_PAGE, REVIEW_PAGE, open_session  # noqa: PLC0415 - as below
    from jira_pipeline.sessions.results import required_results  # noqa: PLC0415 - as below
    from jira_pipeline.settings import find_home, user_home_path  # noqa: PLC0415 - starts fast

    with commanded(is_json=False) as screen:
        if find_home() is None:
            screen.say(f"Home: {homes.make_home(user_home_path()).path}")
    with opened(is_json=False) as (screen, pipeline):
        if not pipeline.settings.is_sandbox:
            raise ConfigurationError(
                "The demo goes to the sandbox only, and JIRA_BASE_URL is set.",
                recovery_actions=(
                    "Run it without JIRA_BASE_URL: `JIRA_BASE_URL= jira-pipeline demo`.",
                ),
            )
        outcome = _upload(pipeline, example_in(homes.brought_path()))
        key = outcome.session.session_key
        tell_of_upload(pipeline, outcome)
        screen.say(Text.assemble("Uploaded the example as session ", (key, "bold"), "."))

        def look() -> tuple[float, str]:
            session = pipeline.store.sessions.get(key)
            return session.progress_percentage, session.progress_text

        log_path = pipeline.settings.home_path / "demo.log"
        with shown_progress(screen, look, title="csv_to_jira"):
            _execute(screen, key, log_path=log_path)
        session = open_session(pipeline, key)
        show_results(screen, required_results(session), report=session.page_path(REPORT_PAGE))
        screen.say(f"Tickets as Jira shows them: {session.page_path(REVIEW_PAGE)}")
        screen.say(f"Log of the run: {log_path}")
        screen.say(_next_steps(pipeline.settings.env_path.parent))


def _upload(pipeline: "Pipeline", folder: Path) -> UploadOutcome:
    """Upload the example; one that changed since the last demo replaces it."""
    from jira_pipeline.sessions.upload import upload  # noqa: PLC0415 - starts fast

    return upload(pipeline, folder, session_key=DEMO_SESSION, auto_approve=True, actor="demo")


def _next_steps(home: Path) -> str:
    """Say what to type next: the targets of `make` in a checkout, else the commands."""
    if (home / "Makefile").is_file():
        words = ("make sandbox", "make dev", "make demo")
        program = ".venv/bin/jira-pipeline"
    else:
        program = "jira-pipeline"
        words = (f"{program} sandbox serve", f"{program} dev", f"{program} demo")
    width = max(map(len, words))
    sandbox, dev, again = (word.ljust(width) for word in words)
    return NEXT_STEPS.format(sandbox=sandbox, dev=dev, demo=again, program=program)


def example_in(folder: Path) -> Path:
    """Return the example of the demo among what is brought along.

    Raises:
        ConfigurationError: There is none.
    """
    path = folder / "examples" / EXAMPLE
    if not path.is_dir():
        raise ConfigurationError(
            f"There is no example in {path}.",
            recovery_actions=(
                "Install the program again, or restore the folder `examples` of the checkout.",
                "Your own sheets need no example: `jira-pipeline upload FOLDER`.",
            ),
        )
    return path


def _execute(screen: Screen, session_key: str, *, log_path: Path) -> None:
    """Run the job as anybody would from a shell, its log kept in a file."""
    command = [
        *(sys.executable, "-m", "dagster"),
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
