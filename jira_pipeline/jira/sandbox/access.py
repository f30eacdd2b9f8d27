"""Who may see and do what, and finding the issues one may see.

Belongs here: permissions of a project, issue security levels, asked for one issue or as SQL; issues
by id or key. Does not: the rules themselves (`site_rules`), what each call demands (`*_calls`),
searching (`search_calls`).
"""

import sqlite3
from collections.abc import Sequence

from jira_pipeline.jira.sandbox.request_reading import read_id, refuse, refuse_unknown_issue
from jira_pipeline.jira.sandbox.routing import Call
from jira_pipeline.jira.sandbox.sandbox_site import User
from jira_pipeline.jira.sandbox.site_rules import EVERYBODY, SiteRules
from jira_pipeline.jira.sandbox_http.sqlite_rows import Rows

BROWSE = "BROWSE_PROJECTS"


def has_permission(call: Call, *, project_key: str, permission: str) -> bool:
    """Tell whether the caller has a permission in a project; anonymous callers have none."""
    return call.user is not None and is_granted(
        call.rules, user=call.user, project_key=project_key, permission=permission
    )


def is_granted(rules: SiteRules, *, user: User, project_key: str, permission: str) -> bool:
    withheld = rules.project(project_key).withheld_permissions
    names = (*withheld.get(EVERYBODY, ()), *withheld.get(user.email, ()))
    return permission not in names and BROWSE not in names


def require_permission(
    call: Call, issue: sqlite3.Row, *, permission: str, to: str, status: int = 403
) -> None:
    """Go on only with a permission."""
    if not has_permission(call, project_key=project_key_of(issue), permission=permission):
        raise refuse(f"You do not have permission to {to}.", status=status)


def project_key_of(issue: sqlite3.Row) -> str:
    return str(issue["key"].rpartition("-")[0])


def can_see(call: Call, issue: sqlite3.Row) -> bool:
    if not has_permission(call, project_key=project_key_of(issue), permission=BROWSE):
        return False
    level = issue["security_level"]
    return level is None or (call.user is not None and level in _levels_of(call.rules, call.user))


def visible_issues_sql(call: Call) -> tuple[str, tuple[object, ...]]:
    """Return the condition on `issue` joined with `project` that holds for what one may see."""
    if call.user is None:
        return "0 = 1", ()
    closed = [
        key
        for key in call.rules.projects
        if not has_permission(call, project_key=key, permission=BROWSE)
    ]
    levels = sorted(_levels_of(call.rules, call.user))
    sql = (
        f"project.key NOT IN ({_marks(closed)})"
        f" AND (issue.security_level IS NULL OR issue.security_level IN ({_marks(levels)}))"
    )
    return sql, (*closed, *levels)


def _levels_of(rules: SiteRules, user: User) -> set[str]:
    return {
        level
        for level, members in rules.security_levels.items()
        if user.email in members or EVERYBODY in members
    }


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" for _ in values)


def find_issue(rows: Rows, id_or_key: str) -> sqlite3.Row | None:
    """Return the issue with an id, a key or a key it had before (in any case)."""
    return next(iter(issues_named(rows, [id_or_key])), None)


def issues_named(rows: Rows, ids_or_keys: Sequence[str]) -> list[sqlite3.Row]:
    """Return the issues with these ids, keys or keys they had before (in any case).

    Asked for all at once: of the numbers that an export looks up, most have no issue.
    """
    numbers = [number for one in ids_or_keys if (number := read_id(one)) is not None]
    keys = sorted({one.upper() for one in ids_or_keys if read_id(one) is None})
    found: list[sqlite3.Row] = []
    if numbers:
        by_id = f"SELECT * FROM issue WHERE id IN ({_marks(numbers)})"  # noqa: S608 - marks
        found += rows.execute(by_id, numbers)
    if keys:
        by_key = f"SELECT * FROM issue WHERE key IN ({_marks(keys)})"  # noqa: S608 - marks
        found += rows.execute(by_key, keys)
    present = {row["key"] for row in found}
    if absent := [key for key in keys if key not in present]:
        moved = "SELECT issue.* FROM former_key JOIN issue ON issue.id = issue_id"
        found += rows.execute(f"{moved} WHERE former_key.key IN ({_marks(absent)})", absent)
    return found


def visible_issue(call: Call, id_or_key: str) -> sqlite3.Row:
    found = find_issue(call.rows, id_or_key)
    if found is None or not can_see(call, found):
        raise refuse_unknown_issue()
    return found


def editable_issue(call: Call) -> sqlite3.Row:
    """Return the issue of the path for a write: 401 when nobody is signed in, else 404."""
    call.signed_in()
    return visible_issue(call, call.path_values["issue"])
