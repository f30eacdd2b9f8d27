"""Commands about a home: `init` makes one, `demo` sends an example the whole way to the sandbox.

Belongs here: also the store in it, copied to PostgreSQL, backed up and restored. Does not: what a
home holds (`sessions/homes`), how a store is copied (`store/store`).
"""

import shutil
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from jira_pipeline.cli.console import ExitCode, Screen
from jira_pipeline.cli.context import (
    JsonOption,
    opened_runs,
    run_command,
    run_for_session,
    run_pipeline_command,
    show_next_step,
)
from jira_pipeline.context.pipeline import Pipeline, make_data_home
from jira_pipeline.context.settings import (
    Settings,
    adopt_dagster_home,
    checkout_path,
    find_home,
    load_settings,
    user_home_path,
)
from jira_pipeline.model.actions import command_of
from jira_pipeline.model.errors import (
    ConfigurationError,
    StoreError,
    WrongUseError,
    system_message,
)
from jira_pipeline.model.line_numbers import format_count
from jira_pipeline.model.other_source import has_other_source, other_source
from jira_pipeline.model.sessions import RunJob, WantedRun
from jira_pipeline.store.store import copy_sqlite, copy_store, opened_to_copy

if TYPE_CHECKING:
    from jira_pipeline.sheets.upload_reading import UploadOutcome

FolderArgument = Annotated[
    Path | None, "[FOLDER]", "Where to create it; by default, `~/jira_pipeline`."
]


def init(screen: Screen, folder: FolderArgument = None) -> None:
    """Create the data folder, which holds the settings, inbox, store, pages and Dagster's runs.

    A checkout is already one. Keep the folder: it records what has been sent to Jira. In a data
    folder of an earlier version, only the files that are missing are written.

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
    if folder is None and other == checkout_path():
        screen.answer({"home": str(other), "written": [], "kept": []})
        screen.say(f"The data folder is {other}; nothing was written.")
        return
    made = make_home(folder or other or user_home_path())
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
                    homes.example_in(homes.brought_path()),
                    session_key=DEMO_SESSION,
                    auto_approve=True,
                    actor="demo",
                )
                _run_demo(screen, pipeline, outcome)
            case DemoSource.SHAREDO:
                _sharedo_demo(screen, pipeline)
        screen.say(next_steps(pipeline.settings.env_path.parent, source))


def _run_demo(screen: Screen, pipeline: Pipeline, outcome: "UploadOutcome") -> None:
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
    reloaded = session.reload()
    show_results(screen, required_results(reloaded), report=reloaded.report_link)
    show_next_step(screen, reloaded, are_results_shown=True)


def _sharedo_demo(screen: Screen, pipeline: Pipeline) -> None:
    """Export two sandbox environments; make tickets of the first, and of what differs."""
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


KEPT_FOLDERS = ("uploads", "sharedo")
"""Of the data folder: what follows from nothing else."""


def copy(
    screen: Screen,
    *,
    to: Annotated[
        str,
        "--to URL",
        "Empty database, postgresql://role@host/database (the password may be in ~/.pgpass).",
    ],
) -> None:
    """Copy the SQLite store and its files to PostgreSQL; the copy then replaces the original.

    From then on, the old store rejects every operation and reports where the copy is.

    For example:

    jira-pipeline store copy --to postgresql://jira@localhost/jira
    """
    settings = load_settings(adopt_dagster_home())
    with opened_to_copy(settings.database_url, to, home_path=settings.home_path) as stores:
        counts, file_count = copy_store(*stores, to=to)
    screen.answer({"rows": counts, "files": file_count})
    screen.say(
        f"{format_count(sum(counts.values()), 'row')} and {format_count(file_count, 'file')} copied and "
        "compared.",
        "Next: set JIRA_PIPELINE_DATABASE_URL to that database in .env, and put store.sqlite, "
        "uploads/, incoming/ and sharedo/ away: they are no longer needed.",
    )


def backup(
    screen: Screen,
    pipeline: Pipeline,
    folder: Annotated[Path, "FOLDER", "Folder for the backup; it must not exist yet."],
) -> None:
    """Back up the store, sandbox, uploads and packages, even while something is running."""
    settings = pipeline.settings
    path = _store_file(settings)
    try:
        folder.mkdir(mode=0o700, parents=True)
    except OSError as error:
        raise WrongUseError(
            f"{folder} cannot be created: {system_message(error)}.",
            recovery_actions=("Name a folder that does not exist yet.",),
        ) from error
    # The ledger before what it records: an older ledger looks, a newer one misses issues.
    sizes = {"store.sqlite": copy_sqlite(path, folder / "store.sqlite")}
    if settings.sandbox_path.is_file():
        sizes["sandbox.sqlite"] = copy_sqlite(settings.sandbox_path, folder / "sandbox.sqlite")
    for name in KEPT_FOLDERS:
        if (settings.home_path / name).is_dir():
            copy = shutil.copytree(
                settings.home_path / name,
                folder / name,
                ignore=shutil.ignore_patterns(".incoming-*", "sharedo-export-*"),
            )
            sizes[name] = sum(path.stat().st_size for path in copy.rglob("*") if path.is_file())
    screen.answer({"folder": str(folder), "bytes": sizes})
    screen.table(("file", "bytes"), list(sizes.items()))
    screen.say("Keep .env where you store secrets. docs/operations.md explains how to restore.")


def restore(
    folder: Annotated[
        Path | None,
        "[FOLDER]",
        "Backup of a SQLite store; if omitted, the existing store is only checked.",
    ] = None,
    *,
    is_json: JsonOption = False,
) -> None:
    """Restore a backup where there is no store yet, check it, and report what to do first.

    With PostgreSQL, restore the dump first, then run this command without a folder.
    """
    from jira_pipeline.sessions.listing import look_at_restored

    if folder is not None:
        with run_command(is_json=is_json):
            _put_back(load_settings(adopt_dagster_home()), folder)
    with run_pipeline_command(is_json=is_json) as (screen, pipeline):
        restored = look_at_restored(pipeline)
        answers = []
        rows = []
        for look in restored:
            key = look.session.session_key
            first = "" if look.first is None else command_of(look.first)
            answers.append(
                {"session_key": key, "is_copy_whole": look.is_copy_whole, "first": first}
            )
            files = "whole" if look.is_copy_whole else "damaged: upload the same files again"
            rows.append((key, files, first or "nothing was sent"))
        is_whole = all(look.is_copy_whole for look in restored)
        screen.answer({"is_whole": is_whole, "sessions": answers})
        screen.table(("session", "its files", "first"), rows, wide="first")
        if any(look.first is not None for look in restored):
            screen.say(
                "Jira may have more than this store. Next: run these commands before you upload "
                "or export anything else; each checks what exists before creating anything."
            )
        if not is_whole:
            raise typer.Exit(ExitCode.FAILED)


def _put_back(settings: Settings, folder: Path) -> None:
    """Copy a backup into the data folder, the store last: until then there is none.

    Raises:
        ConfigurationError: The store is on a server.
        WrongUseError: There is a store, or no backup.
        StoreError: A file cannot be copied.
    """
    path = _store_file(settings)
    if path.exists():
        raise WrongUseError(
            f"There is already a store, {path}, which is not replaced.",
            recovery_actions=("Stop everything, and put it away with its -wal and -shm files.",),
        )
    if not (folder / "store.sqlite").is_file():
        raise WrongUseError(
            f"{folder} is not a backup: it has no store.sqlite.",
            recovery_actions=("Name a folder created by `jira-pipeline store backup`.",),
        )
    make_data_home(settings)
    try:
        for name in KEPT_FOLDERS:
            if (folder / name).is_dir():
                shutil.copytree(folder / name, settings.home_path / name, dirs_exist_ok=True)
    except OSError as error:
        raise StoreError.because(
            error,
            f"{folder} cannot be copied: {system_message(error)}.",
            recovery_actions=("Check that there is enough disk space, then restore again.",),
        ) from error
    for name, target in (("sandbox.sqlite", settings.sandbox_path), ("store.sqlite", path)):
        if (folder / name).is_file() and not target.exists():  # a sandbox here is newer
            copy_sqlite(folder / name, target)


def _store_file(settings: Settings) -> Path:
    prefix = "sqlite:///"
    if not settings.database_url.startswith(prefix):
        raise ConfigurationError(
            "The store is on a server: use its own backup tools.",
            recovery_actions=(
                "`pg_dump --format=custom` of that database is a complete backup, including files.",
                "After `pg_restore`, run `jira-pipeline store restore` to check it.",
            ),
        )
    return Path(settings.database_url.removeprefix(prefix))
