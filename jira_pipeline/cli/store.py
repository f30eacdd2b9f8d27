"""Commands about the store itself: backing it up, moving it to another database."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jira_pipeline.cli.console import counted, plain_table, shown_progress
from jira_pipeline.cli.context import JsonOption, opened
from jira_pipeline.cli.wrong_use import Commands
from jira_pipeline.errors import ConfigurationError, WrongUseError, system_words

if TYPE_CHECKING:
    from jira_pipeline.settings import Settings

app = Commands(
    no_args_is_help=True, help="The store: sessions, tickets, what was sent to Jira, audit trail."
)


@app.command()
def copy(
    *,
    to: Annotated[
        str,
        typer.Option(
            metavar="URL",
            help="Empty database: postgresql://role@host/database; the password may be in ~/.pgpass.",
        ),
    ],
    is_json: JsonOption = False,
) -> None:
    """Copy the store on SQLite into an empty database on PostgreSQL: all of it, or nothing.

    For example:

    jira-pipeline store copy --to postgresql://jira@localhost/jira
    """
    from jira_pipeline.store.copying import copy_store, open_target

    reached = [(0.0, "")]

    def on_rows(table: str, done: int, total: int) -> None:
        reached[0] = (100 * done / total, table)

    with opened(is_json=is_json) as (screen, pipeline):
        lock_path = pipeline.settings.home_path / "store-copy.lock"
        with (
            open_target(to, lock_path=lock_path) as target,
            shown_progress(screen, lambda: reached[0], title="copy"),
        ):
            copied = copy_store(pipeline.store, target, on_rows=on_rows)
        lock_path.unlink(missing_ok=True)
        screen.answer(
            {
                "tables": [
                    {"table": t.table, "rows": t.row_count, "next_number": t.next_number}
                    for t in copied.tables
                ],
                "audit": {"entries": copied.audit.entry_count, "faults": copied.audit.faults},
            }
        )
        rows = [(t.table, t.row_count, t.next_number or "") for t in copied.tables]
        screen.show(plain_table("", ("table", "rows", "counts on at"), rows))
        screen.say(
            f"{counted(sum(t.row_count for t in copied.tables), 'row')} copied and compared; "
            f"audit trail of {counted(copied.audit.entry_count, 'entry', 'entries')}: "
            + ("whole." if copied.audit.is_whole else "; ".join(copied.audit.faults))
        )
        screen.say(
            "Next: set JIRA_PIPELINE_DATABASE_URL to that database in .env, before anything else "
            "runs. From now on the SQLite store is a backup and nothing more."
        )


@app.command()
def backup(
    folder: Annotated[
        Path,
        typer.Argument(metavar="FOLDER", help="New folder for the backup; it must not exist."),
    ],
    *,
    is_json: JsonOption = False,
) -> None:
    """Back up store, sandbox and uploads, even while something is running."""
    from jira_pipeline.flow.records import verified_trail

    with opened(is_json=is_json) as (screen, pipeline):
        settings = pipeline.settings
        path = _store_file(settings)
        sizes = _back_up(settings, path, folder)
        audit = verified_trail(pipeline)
        screen.answer(
            {
                "folder": str(folder),
                "bytes": sizes,
                "audit": {"entries": audit.entry_count, "head": audit.head_hash},
            }
        )
        screen.show(plain_table("", ("file", "bytes"), list(sizes.items())))
        screen.say(
            f"The audit trail ends at entry {audit.entry_count}, {audit.head_hash[:16]}…; "
            "kept elsewhere, that shows a store that was cut off."
        )
        screen.say("Keep .env in a place for secrets. docs/operations.md says how to restore.")


def _store_file(settings: "Settings") -> Path:
    """Return the file of the store.

    Raises:
        ConfigurationError: It is on a server.
    """
    prefix = "sqlite:///"
    if not settings.database_url.startswith(prefix):
        raise ConfigurationError(
            "The store is on a server, which has means of its own to back it up.",
            recovery_actions=(
                'Run `pg_dump --format=custom --file=store.dump "$JIRA_PIPELINE_DATABASE_URL"`.',
                "Then copy the folder uploads/ of the data folder.",
            ),
        )
    return Path(settings.database_url.removeprefix(prefix))


def _back_up(settings: "Settings", path: Path, folder: Path) -> dict[str, int]:
    """Copy the ledger before what it records: an older ledger looks, a newer one misses issues."""
    from jira_pipeline.store.copying import copy_sqlite

    try:
        folder.mkdir(mode=0o700, parents=True)
    except OSError as error:
        raise WrongUseError(
            f"{folder} cannot be made: {system_words(error)}.",
            recovery_actions=("Name a folder that does not exist yet.",),
        ) from error
    sizes = {"store.sqlite": copy_sqlite(path, folder / "store.sqlite")}
    if settings.sandbox_path.is_file():
        sizes["sandbox.sqlite"] = copy_sqlite(settings.sandbox_path, folder / "sandbox.sqlite")
    if settings.uploads_path.is_dir():
        uploads = folder / "uploads"
        shutil.copytree(
            settings.uploads_path, uploads, ignore=shutil.ignore_patterns(".incoming-*")
        )
        sizes["uploads"] = sum(p.stat().st_size for p in uploads.rglob("*") if p.is_file())
    return sizes
