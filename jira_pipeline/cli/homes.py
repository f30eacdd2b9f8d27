"""Commands for a start: `init` makes a home, `demo` sends an example the whole way to the sandbox."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from rich.text import Text

from jira_pipeline.cli.console import Screen
from jira_pipeline.cli.context import (
    commanded,
    opened,
    opened_runs,
    run_for_session,
    show_next_step,
)
from jira_pipeline.context.settings import find_home, user_home_path
from jira_pipeline.model.errors import ConfigurationError, WrongUseError
from jira_pipeline.model.other_source import has_other_source, other_source
from jira_pipeline.model.sessions import RunJob, WantedRun

if TYPE_CHECKING:
    from jira_pipeline.context.pipeline import Pipeline
    from jira_pipeline.sheets.upload_reading import UploadOutcome

FolderArgument = Annotated[
    Path | None, "[FOLDER]", "Where to create it; by default, `~/jira_pipeline`."
]


def init(screen: Screen, folder: FolderArgument = None) -> None:
    """Create the data folder, which holds the settings, inbox, store, pages and Dagster's runs.

    A checkout is already one. Keep the folder: it records what has been sent to Jira.

    For example:

    jira-pipeline init
    jira-pipeline init /srv/jira_pipeline
    """
    from jira_pipeline.sessions.homes import make_home

    try:
        other = find_home()
    except ConfigurationError:
        if folder is None:
            raise
        other = None  # DAGSTER_HOME may name the home that is to be made
    if folder is None and other is not None:
        screen.answer({"home": str(other), "written": [], "kept": []})
        screen.say(f"The data folder is {other}; nothing was written.")
        return
    made = make_home(folder or user_home_path())
    screen.answer({"home": str(made.path), "written": list(made.written), "kept": list(made.kept)})
    is_elsewhere = made.path != user_home_path()
    screen.say(
        f"Data folder: {made.path}",
        f"Written: {', '.join(made.written)}" if made.written else "",
        f"Kept unchanged: {', '.join(made.kept)}" if made.kept else "",
        f"The current data folder is {other}: the new one has no record of the issues created from "
        "there."
        if other not in {None, made.path}
        else "",
        f"Commands find it from inside that folder or with DAGSTER_HOME={made.path}."
        if is_elsewhere
        else "",
        "Settings are in its .env. Next: jira-pipeline upload FOLDER",
    )


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

    with commanded(is_json=False) as screen:
        if find_home() is None:
            screen.say(f"Data folder: {homes.make_home(user_home_path()).path}")
    with opened(is_json=False) as (screen, pipeline):
        homes.refuse_beside_real_jira(pipeline.settings)
        match source:
            case DemoSource.SHEETS:
                from jira_pipeline.sessions.upload import upload

                outcome = upload(
                    pipeline,
                    homes.example_in(homes.brought_path()),
                    session_key=DEMO_SESSION,
                    auto_approve=True,
                    actor="demo",
                )
                _show(screen, pipeline, outcome)
            case DemoSource.SHAREDO:
                _sharedo_demo(screen, pipeline)
        screen.say(next_steps(pipeline.settings.env_path.parent, source))


def _show(screen: Screen, pipeline: "Pipeline", outcome: "UploadOutcome") -> None:
    from jira_pipeline.cli.export import show_results
    from jira_pipeline.dagster_port.reports import announce_upload
    from jira_pipeline.export.left_in_jira import required_results
    from jira_pipeline.review.open_session import open_session

    key = outcome.session.session_key
    session = open_session(pipeline, key)
    with opened_runs(pipeline) as runs:
        announce_upload(runs.instance, outcome)
        screen.say(Text.assemble("Uploaded the example as session ", (key, "bold"), "."))
        run_for_session(
            screen, session, runs, WantedRun(session_key=key, job=RunJob.WHOLE, by="demo")
        )
    found = session.again()
    show_results(screen, required_results(found), report=found.report_link)
    show_next_step(screen, found, are_results_shown=True)


def _sharedo_demo(screen: Screen, pipeline: "Pipeline") -> None:
    """Export two sandbox environments; make tickets of the first, and of what differs."""
    if not has_other_source():
        raise WrongUseError("ShareDo is not part of this installation.")
    export_jobs = other_source("export_jobs")
    with other_source("commands").shown_exports(screen) as listener:
        exported = export_jobs.compare_sandbox(pipeline, listener=listener)
    wanted, against = exported.first, exported.second
    for exported_side in (wanted, against):
        screen.say(f"Exported from {exported_side.side.name}: {', '.join(exported_side.paths)}.")
    alone = f"{DEMO_SESSION}-{wanted.side.name}"
    for session, other in ((alone, None), (MIGRATION_SESSION, against)):
        outcome = export_jobs.upload_packages(
            pipeline, wanted, against=other, session_key=session, auto_approve=True, actor="demo"
        )
        _show(screen, pipeline, outcome)


def next_steps(home: Path, source: DemoSource) -> str:
    """Say what to type next: the targets of `make` in a checkout, else the commands."""
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
