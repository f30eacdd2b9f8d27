"""Commands about all sessions: `sessions` lists them, `tables` and `kept-reviews` say more of one.

Does not belong here: what is known of a session, and gathering it (`sessions/status`,
`sessions/listing`).
"""

from pathlib import Path
from typing import Annotated

from jira_pipeline.cli.console import Screen
from jira_pipeline.cli.context import (
    SessionArgument,
    confirm,
    current_person,
    nobody_to_ask,
    write_file,
)
from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.model.line_numbers import format_count
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.sessions.listing import list_sessions
from jira_pipeline.sessions.retention import forget_reviews, kept_reviews_of


def sessions(screen: Screen, pipeline: Pipeline) -> None:
    """List all sessions, newest first, and show what each one needs."""
    listed = list_sessions(pipeline)
    screen.answer(listed)
    columns = ("session", "site", "stage", "status", "changed (UTC)", "needs", "stale", "removal")
    rows = []
    for line in listed:
        session = line.session
        rows.append(
            (
                session.session_key,
                session.site_name,
                session.stage.value,
                session.status.value,
                f"{session.updated_at:%F %H:%M}",
                line.needs.what,
                "; ".join(line.needs.stale),
                line.removal_text or "never",
            )
        )
    screen.table(columns, rows)


def tables(
    screen: Screen,
    session: OpenSession,
    *,
    out: Annotated[Path, "--out FOLDER", "Folder to write the CSV files to; it is created."],
) -> None:
    """Write a session's tables as CSV files: cells, entities, groups, tickets, issues, questions.

    They have the rows and columns that Dagster loads as DataFrames (docs/tables.md). Files of the
    same names in the folder are replaced.

    For example:

    jira-pipeline tables my_site --out tables
    """
    from jira_pipeline.sessions.session_tables import TABLES, csv_of

    written = []
    for table in TABLES.values():
        rows = list(table.rows(session))
        path = out / f"{table.name}.csv"
        write_file(path, csv_of(table, rows).encode())
        written.append({"table": table.name, "rows": len(rows), "path": str(path)})
    screen.answer({"session_key": session.key, "tables": written})
    screen.table(("table", "rows", "file"), [tuple(table.values()) for table in written])


def kept_reviews(
    screen: Screen,
    pipeline: Pipeline,
    session_key: SessionArgument,
    *,
    is_forgotten: Annotated[
        bool, "--forget", "Forget it for good: it does not return with the key."
    ] = False,
    is_sure: Annotated[bool, "--yes", "With --forget: do not ask."] = False,
) -> None:
    """Show what people decided about the tickets of a session that was removed.

    It returns to the tickets whose rows are there when the key is uploaded and generated again.
    """
    reviews = kept_reviews_of(pipeline, session_key)
    rows = [
        (review.name, f"{review.kept_at:%F}", review.source_word, "\n".join(review.words))
        for review in reviews
    ]
    screen.table(("ticket", "kept since", "of", "what people said"), rows, wide="what people said")
    if is_forgotten:
        confirm(
            screen,
            is_asked=bool(reviews) and not is_sure,
            question="Forget all of this for good?",
            refusal=nobody_to_ask(
                f"jira-pipeline kept-reviews {session_key} --forget --yes",
                "What people decided is forgotten for good",
            ),
        )
        count = forget_reviews(pipeline, session_key, by=current_person())
        screen.answer({"session_key": session_key, "forgotten": count})
        screen.say(f"Forgot what was decided in {format_count(count, 'group')} of {session_key}.")
        return
    screen.answer(reviews)
    screen.say(*dict.fromkeys(review.way_back for review in reviews))
