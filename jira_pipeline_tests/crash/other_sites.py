"""More than one site: another one, and one that is a copy, as Jira's sandbox copies and migrations.

Belongs here: making them. Does not: what a session does there (`export/test_other_targets`,
`faults/fault_world`).
"""

import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from jira_pipeline.jira.sandbox.sandbox import JiraSandbox

IDS_LATER = 50_000
"""A copy gives its issues ids of its own."""


def copy_site(site: JiraSandbox, path: Path, *, site_id: str = "a-copied-site") -> None:
    """Copy a site as Jira does: labels, properties and texts stay, ids and the site's own change.

    What was asked of the site before is no part of the copy.
    """
    with closing(sqlite3.connect(path)) as there:
        with site.state.reading() as here:
            here.backup(there)
        there.execute("PRAGMA foreign_keys = OFF")
        with there:
            for table, column in _columns_of_issues(there):
                there.execute(f"UPDATE {table} SET {column} = {column} + {IDS_LATER}")  # noqa: S608 - ours
            there.execute(
                "UPDATE sqlite_sequence SET seq = seq + ? WHERE name = 'issue'", (IDS_LATER,)
            )
            there.execute("UPDATE site SET site_id = ?", (site_id,))
            there.execute("DELETE FROM journal_change")
            there.execute("DELETE FROM journal_request")


@dataclass(frozen=True, slots=True, kw_only=True)
class CopiedThings:
    """What is on a site before anything is sent to it: nothing of it may change."""

    issue_ids: frozenset[int] = frozenset()
    files: Counter[tuple[int, str]] = field(default_factory=Counter)
    sprint_ids: frozenset[int] = frozenset()


def copied_things(site: JiraSandbox) -> CopiedThings:
    with site.state.reading() as rows:
        files = rows.execute("SELECT issue_id, filename FROM attachment")
        return CopiedThings(
            issue_ids=frozenset(row["id"] for row in rows.execute("SELECT id FROM issue")),
            files=Counter((row["issue_id"], row["filename"]) for row in files),
            sprint_ids=frozenset(
                row["issue_id"] for row in rows.execute("SELECT issue_id FROM issue_sprint")
            ),
        )


def _columns_of_issues(rows: sqlite3.Connection) -> list[tuple[str, str]]:
    tables = [
        name for (name,) in rows.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    ]
    return [("issue", "id")] + [
        (table, key[3])
        for table in tables
        for key in rows.execute(f"PRAGMA foreign_key_list({table})")
        if key[2] == "issue"
    ]
