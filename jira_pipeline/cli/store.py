"""Commands about the store itself: moving it to another database."""

from typing import Annotated

import typer

from jira_pipeline.cli.console import counted, plain_table, shown_progress
from jira_pipeline.cli.context import JsonOption, opened

app = typer.Typer(no_args_is_help=True, help="The store: sessions, tickets, ledger, audit trail.")


@app.callback()
def store() -> None:
    """Keep `copy` a word of its own: with one command Typer would take it away."""


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
    """Copy the store on SQLite into an empty database on PostgreSQL: all of it, or nothing."""
    from jira_pipeline.store.copying import copy_store, open_target  # noqa: PLC0415 - starts fast

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
