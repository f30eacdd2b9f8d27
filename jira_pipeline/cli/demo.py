"""The command `demo`: an example all the way from its sheets, or packages, to issues in the sandbox.

Does not belong here: the data folder that it makes (`sessions/homes`).
"""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from rich.text import Text

from jira_pipeline.cli.console import Screen
from jira_pipeline.cli.context import (
    opened_runs,
    run_command,
    run_for_session,
    run_pipeline_command,
    show_next_step,
)
from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.settings import find_home, user_home_path
from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.model.other_source import has_other_source, other_source
from jira_pipeline.model.runs import RunJob, WantedRun

if TYPE_CHECKING:
    from jira_pipeline.sheets.upload_reading import UploadOutcome

DEMO_SESSION = "demo"
MIGRATION_SESSION = "demo-migration"
NEXT_STEPS = """
To continue:
  {serve}   {web}
  {sandbox}   browse the issues on http://127.0.0.1:8765
  {demo}   again: creates nothing twice
  {program} {own}"""


class DemoSource(StrEnum):
    """What the demo begins with."""

    SHEETS = "sheets"
    SHAREDO = "sharedo"


def demo(
    *,
    source: Annotated[
        DemoSource, "--source", "A site's sheets, or two ShareDo sandbox environments to compare."
    ] = DemoSource.SHEETS,
) -> None:
    """Run an example all the way from its sheets to issues in the sandbox.

    If there is no data folder yet, the command creates one. The example is a site's sheets, or
    packages exported from the embedded ShareDo.
    """
    from jira_pipeline.sessions import homes

    with run_command(is_json=False) as screen:
        if find_home() is None:
            screen.say(f"Data folder: {homes.make_home(user_home_path()).path}")
    with run_pipeline_command(is_json=False) as (screen, pipeline):
        homes.refuse_beside_real_jira(pipeline.settings)
        match source:
            case DemoSource.SHEETS:
                from jira_pipeline.sessions.upload import upload

                outcome = upload(
                    pipeline,
                    homes.example_path(homes.bundled_path()),
                    session_key=DEMO_SESSION,
                    auto_approve=True,
                    actor="demo",
                )
                _run_demo(screen, pipeline, outcome)
            case DemoSource.SHAREDO:
                _sharedo_demo(screen, pipeline)
        screen.say(next_steps(pipeline.settings.env_path.parent, source))


def _run_demo(screen: Screen, pipeline: Pipeline, outcome: "UploadOutcome") -> None:
    """Write the tickets of an upload, create their issues in the sandbox, and show these."""
    from jira_pipeline.cli.export import show_results
    from jira_pipeline.dagster_port.reports import announce_upload
    from jira_pipeline.export.session_results import required_results
    from jira_pipeline.review.open_session import open_session

    key = outcome.session.session_key
    session = open_session(pipeline, key)
    with opened_runs(pipeline) as runs:
        announce_upload(runs.instance, outcome)
        screen.say(Text.assemble("Uploaded the example as session ", (key, "bold"), "."))
        run_for_session(
            screen, session, runs, WantedRun(session_key=key, job=RunJob.WHOLE, by="demo")
        )
    reloaded = session.reload()
    show_results(screen, required_results(reloaded), report=reloaded.report_link)
    show_next_step(screen, reloaded, are_results_shown=True)


def _sharedo_demo(screen: Screen, pipeline: Pipeline) -> None:
    """Export packages of two sandbox environments, and run the demo for two sessions.

    One has all of the first environment, the other what differs from the second.
    """
    if not has_other_source():
        raise WrongUseError("ShareDo is not part of this installation.")
    export_jobs = other_source("export_jobs")
    with other_source("commands").shown_exports(screen) as listener:
        exported = export_jobs.compare_sandbox(pipeline, listener=listener)
    wanted = exported.first
    against = exported.second
    for exported_side in (wanted, against):
        screen.say(f"Exported from {exported_side.side.name}: {', '.join(exported_side.paths)}.")
    alone = f"{DEMO_SESSION}-{wanted.side.name}"
    for session, other in ((alone, None), (MIGRATION_SESSION, against)):
        outcome = export_jobs.upload_packages(
            pipeline, wanted, against=other, session_key=session, auto_approve=True, actor="demo"
        )
        _run_demo(screen, pipeline, outcome)


def next_steps(home: Path, source: DemoSource) -> str:
    """Return what to type next: the targets of `make` in a checkout, or else the commands."""
    is_sharedo = source is DemoSource.SHAREDO
    if (home / "Makefile").is_file():
        words = ("make dev", "make sandbox", "make demo-sharedo" if is_sharedo else "make demo")
        program = ".venv/bin/jira-pipeline"
    else:
        program = "jira-pipeline"
        demo_again = f"{program} demo --source sharedo" if is_sharedo else f"{program} demo"
        words = (f"{program} serve", f"{program} sandbox serve", demo_again)
    width = max(map(len, words))
    serve, sandbox, again = (word.ljust(width) for word in words)
    return NEXT_STEPS.format(
        serve=serve,
        web="read, edit and export in the browser, on http://127.0.0.1:3000",
        sandbox=sandbox,
        demo=again,
        program=program,
        own="upload FILE.zip   create tickets from a package of your own"
        if is_sharedo
        else "lint FOLDER   check the sheets of your own site",
    )
