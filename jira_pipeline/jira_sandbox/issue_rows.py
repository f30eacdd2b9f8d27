"""Finding issues in the tables, by id or key.

Not here: showing them (`issue_views`), searching (`jql`).
"""

import sqlite3

from jira_pipeline.jira_sandbox.access import can_see
from jira_pipeline.jira_sandbox.exchange import read_id, refuse_unknown_issue
from jira_pipeline.jira_sandbox.routing import Call


def find_issue(rows: sqlite3.Connection, id_or_key: str) -> sqlite3.Row | None:
    """Return the issue with an id, a key or a key it had before (in any case)."""
    number = read_id(id_or_key)
    column, value = ("key", id_or_key.upper()) if number is None else ("id", number)
    found: sqlite3.Row | None = rows.execute(
        f"SELECT * FROM issue WHERE {column} = ?",  # noqa: S608 - the column is one of two words
        (value,),
    ).fetchone()
    if found is None and number is None:
        moved = "SELECT issue.* FROM former_key JOIN issue ON issue.id = issue_id"
        found = rows.execute(f"{moved} WHERE former_key.key = ?", (value,)).fetchone()
    return found


def visible_issue(call: Call, id_or_key: str) -> sqlite3.Row:
    """Return the issue the caller may see.

    Raises:
        RefusedError: There is none for them.
    """
    found = find_issue(call.rows, id_or_key)
    if found is None or not can_see(call, found):
        raise refuse_unknown_issue()
    return found


def editable_issue(call: Call) -> sqlite3.Row:
    """Return the issue of the path for a write: 401 when nobody is signed in, else 404."""
    call.signed_in()
    return visible_issue(call, call.path_values["issue"])
