"""What befalls a site that no request of ours asked for, and that Jira's API cannot do.

Belongs here: a restored backup, issues that are hidden and shown, moved, cloned by an app, a project
that is called otherwise, comments for some people only. Does not: what people do by requests
(`faults/people`), what goes wrong with requests of ours (`faulty_sandbox`).

Each act leaves an entry in the site's journal, from which a judge knows of it.
"""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from jira_pipeline.jira.sandbox.sandbox import JiraSandbox
from jira_pipeline.jira.sandbox.sandbox_projects import create_project, next_key
from jira_pipeline.jira.sandbox.sandbox_site import NOBODY
from jira_pipeline.jira.sandbox_http import Rows, compact_json

SITE_RESTORED = "site_restored"
ELSEWHERE = "ELSE"
"""The project that issues are moved to."""
JOURNAL = "journal_"
"""The tables of the journal begin so: it is the test's own, and no part of the site."""


def back_up(site: JiraSandbox, path: Path) -> None:
    """Keep a site as it is now."""
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as kept, site.state.reading() as rows:
        rows.backup(kept)


def restore(site: JiraSandbox, path: Path) -> None:
    """Set a site back to what a backup kept, as Atlassian does: numbers are given once more.

    The entry in the journal names the last change that the backup has: the issues that were created
    or deleted after it were not.
    """
    with closing(sqlite3.connect(path)) as kept:
        kept.row_factory = sqlite3.Row
        with site.state.writing() as rows:
            rows.execute("PRAGMA defer_foreign_keys = ON")
            for (table,) in kept.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            ).fetchall():
                if not table.startswith(JOURNAL):
                    _refill(rows, table, kept.execute(f"SELECT * FROM {table}").fetchall())  # noqa: S608 - ours
            for name, last in kept.execute("SELECT name, seq FROM sqlite_sequence").fetchall():
                if not name.startswith(JOURNAL):
                    rows.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = ?", (last, name))
            last_change = "SELECT coalesce(max(sequence), 0) FROM journal_change"
            until = kept.execute(last_change).fetchone()[0]
            _note(site, rows, SITE_RESTORED, issue_id=None, until=until)


def _refill(rows: Rows, table: str, kept: list[sqlite3.Row]) -> None:
    rows.execute(f"DELETE FROM {table}")  # noqa: S608 - ours
    if kept:
        marks = ", ".join("?" for _ in kept[0])
        rows.executemany(f"INSERT INTO {table} VALUES ({marks})", map(tuple, kept))  # noqa: S608 - ours


def changes_that_count(rows: sqlite3.Connection) -> str:
    """Return what holds for the entries of `journal_change` that no restored backup took back."""
    taken_back = [
        f"NOT (sequence > {json.loads(row['detail'])['until']} AND sequence < {row['sequence']})"
        for row in rows.execute(
            "SELECT sequence, detail FROM journal_change WHERE change = ?", (SITE_RESTORED,)
        ).fetchall()
    ]
    return " AND ".join(taken_back) or "1 = 1"


def hide(site: JiraSandbox, issue_id: int) -> None:
    """Let nobody see an issue: the members of its level changed, of which it shows nothing."""
    with site.state.writing() as rows:
        rows.execute("UPDATE issue SET security_level = ? WHERE id = ?", (NOBODY, issue_id))
        _note(site, rows, "issue_hidden", issue_id=issue_id)


def show(site: JiraSandbox, issue_id: int) -> None:
    """Let everybody see an issue again."""
    with site.state.writing() as rows:
        rows.execute("UPDATE issue SET security_level = NULL WHERE id = ?", (issue_id,))
        _note(site, rows, "issue_shown", issue_id=issue_id)


def move(site: JiraSandbox, issue_id: int, *, account: str) -> str:
    """Move an issue to another project; its history says so, its old key leads on. Return its key."""
    with site.state.writing() as rows:
        issue = rows.one("SELECT * FROM issue WHERE id = ?", issue_id)
        before = rows.one("SELECT * FROM project WHERE id = ?", issue["project_id"])
        place = create_project(rows, key=ELSEWHERE, name="Elsewhere")
        after = rows.one("SELECT * FROM project WHERE id = ?", place)
        number, key = next_key(rows, place)
        values = {"project_id": place, "number": number, "key": key}
        rows.change("issue", issue_id, {**values, "updated_at": site.now().isoformat()})
        rows.add("former_key", key=issue["key"], issue_id=issue_id)
        items = [
            {
                "field": "project",
                "fieldtype": "jira",
                "fieldId": "project",
                "from": str(before["id"]),
                "fromString": before["name"],
                "to": str(place),
                "toString": after["name"],
            },
            {
                "field": "Key",
                "fieldtype": "jira",
                "fromString": issue["key"],
                "toString": key,
            },
        ]
        rows.add(
            "change_history",
            issue_id=issue_id,
            author_id=account_id_of(rows, account),
            created_at=site.now().isoformat(),
            items=compact_json(items),
        )
        _note(site, rows, "issue_moved", issue_id=issue_id, key=key, former_key=issue["key"])
    return key


def clone_with_properties(site: JiraSandbox, issue_id: int, *, account: str, **changed: str) -> int:
    """Clone an issue as an app does that takes properties along; a person is its creator.

    `changed` are columns that the person filled in otherwise, such as `summary`.
    """
    with site.state.writing() as rows:
        issue = rows.one("SELECT * FROM issue WHERE id = ?", issue_id)
        number, key = next_key(rows, issue["project_id"])
        at, person = site.now().isoformat(), account_id_of(rows, account)
        of_its_own = {
            "number": number,
            "key": key,
            "creator_id": person,
            "reporter_id": person,
            "created_at": at,
            "updated_at": at,
        }
        values = {name: issue[name] for name in issue.keys() if name != "id"}  # noqa: SIM118 - a row
        clone = int(rows.add("issue", **{**values, **of_its_own, **changed})["id"])
        for table, column in (("issue_label", "label"), ("issue_property", "key, value")):
            rows.execute(
                f"INSERT INTO {table} SELECT ?, {column} FROM {table} WHERE issue_id = ?",  # noqa: S608 - ours
                (clone, issue_id),
            )
        _note(site, rows, "issue_cloned", issue_id=clone, source=str(issue_id))
    return clone


def account_id_of(rows: sqlite3.Connection, account: str) -> str:
    chosen = "SELECT account_id FROM user WHERE email = ?"
    return str(rows.execute(chosen, (account,)).fetchone()["account_id"])


def _note(
    site: JiraSandbox, rows: Rows, change: str, *, issue_id: int | None, **detail: object
) -> None:
    """Write into the journal what no request of ours did."""
    at = site.now().isoformat()
    request = {"method": "ACT", "path": change, "query": "", "account_id": None, "status": 0}
    sequence = rows.add("journal_request", at=at, **request)["sequence"]
    told = {"request_sequence": sequence, "at": at, "change": change, "issue_id": issue_id}
    rows.add("journal_change", **told, detail=compact_json(detail))
