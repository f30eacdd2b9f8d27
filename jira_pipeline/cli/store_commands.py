"""The commands `store copy`, `store backup` and `store restore`: the store and the files of a data folder.

Does not belong here: how a store is copied (`store/store_copies`).
"""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jira_pipeline.cli.console import ExitCode, Screen
from jira_pipeline.cli.context import JsonOption, run_command, run_pipeline_command
from jira_pipeline.context.pipeline import Pipeline, make_data_home
from jira_pipeline.context.settings import Settings, adopt_dagster_home, load_settings
from jira_pipeline.model.actions import command_of
from jira_pipeline.model.errors import ConfigurationError, StoreError, WrongUseError, system_message
from jira_pipeline.model.line_numbers import format_count
from jira_pipeline.store.store_copies import copy_sqlite, copy_store, opened_to_copy

if TYPE_CHECKING:
    pass

KEPT_FOLDERS = ("uploads", "sharedo")
"""The folders of the data folder that nothing else could make again."""


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
    # The store before the sandbox: a store that is older than its Jira asks it what was created since,
    # while a newer one would miss issues that it recorded.
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
    from jira_pipeline.sessions.restored_sessions import check_restored_sessions

    if folder is not None:
        with run_command(is_json=is_json):
            _put_back(load_settings(adopt_dagster_home()), folder)
    with run_pipeline_command(is_json=is_json) as (screen, pipeline):
        restored = check_restored_sessions(pipeline)
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
    """Copy a backup into the data folder, its store last, so that a copy that broke off has no store.

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
    """Return the file of the store.

    Raises:
        ConfigurationError: The store is on a server.
    """
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
