"""The history of an issue: what was changed from what to what, by whom and when.

Belongs here: writing it down, showing it, and the call that lists it. Does not: changing issues
(`issue_calls` and the other calls, which report each change here).
"""

import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from jira_pipeline.jira.sandbox.access import visible_issue
from jira_pipeline.jira.sandbox.agile_rows import find_sprint
from jira_pipeline.jira.sandbox.document_text import text_of_document
from jira_pipeline.jira.sandbox.field_readers import IssueValues
from jira_pipeline.jira.sandbox.issue_views import stored_time, view_account
from jira_pipeline.jira.sandbox.routing import Call, Routes, page_bounds, value_page
from jira_pipeline.jira.sandbox.sandbox_site import find_users, issue_type_of, priority_of
from jira_pipeline.jira.sandbox.site_rules import SPRINT_FIELD
from jira_pipeline.jira.sandbox_http.requests import compact_json
from jira_pipeline.jira.sandbox_http.sqlite_rows import Rows

FIELD_NAMES: Mapping[str, tuple[str, bool]] = {
    "summary": ("summary", False),
    "description": ("description", False),
    "labels": ("labels", False),
    "type_id": ("issuetype", True),
    "priority_id": ("priority", True),
    "assignee_id": ("assignee", True),
    "reporter_id": ("reporter", True),
    "parent_id": ("parent", True),
    "due_on": ("duedate", True),
    "security_level": ("security", True),
    "sprint_id": ("Sprint", True),
}
"""Jira's name of each, and whether its value is an id."""
MAX_CHANGELOG_PAGE = 100
"""Source: Atlassian, "Get changelogs": the default and largest page."""

CHANGELOG_ROUTES = Routes()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One field before and after, as ids and as people read them."""

    field: str
    field_id: str | None = None
    before: str | None = None
    before_text: str | None = None
    after: str | None = None
    after_text: str | None = None
    is_custom: bool = False


def changes_between(call: Call, before: IssueValues, after: IssueValues) -> list[Change]:
    """Return which fields differ, as Jira's history shows it."""
    found: list[Change] = []
    for name, text_of in TEXTS.items():
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            field, is_id = FIELD_NAMES[name]
            found.append(
                Change(
                    field=call.rules.name_of(field) if name == "sprint_id" else field,
                    field_id=SPRINT_FIELD if name == "sprint_id" else field.lower(),
                    before=None if old is None or not is_id else str(old),
                    before_text=text_of(call, old),
                    after=None if new is None or not is_id else str(new),
                    after_text=text_of(call, new),
                    is_custom=name == "sprint_id",
                )
            )
    for one in call.rules.custom_fields:
        old, new = before.custom.get(one.id), after.custom.get(one.id)
        if old != new:
            texts = [None if value is None else compact_json(value) for value in (old, new)]
            found.append(
                Change(
                    field=one.name,
                    field_id=one.id,
                    before_text=texts[0],
                    after_text=texts[1],
                    is_custom=True,
                )
            )
    return found


def write_history(call: Call, *, issue_id: int, changes: list[Change]) -> None:
    """Note changes of an issue and that it was updated; no changes leave no trace."""
    if not changes:
        return
    items = []
    for change in changes:
        item = {
            "field": change.field,
            "fieldtype": "custom" if change.is_custom else "jira",
            "fieldId": change.field_id or change.field,
            "from": change.before,
            "fromString": change.before_text,
            "to": change.after,
            "toString": change.after_text,
        }
        # Blanks are left out, as the document's own example does.
        items.append({name: value for name, value in item.items() if value is not None})
    at = call.now.isoformat()
    noted = {"author_id": call.signed_in().account_id, "items": compact_json(items)}
    call.rows.add("change_history", issue_id=issue_id, created_at=at, **noted)
    mark_updated(call, issue_id)


def mark_updated(call: Call, issue_id: int) -> None:
    call.rows.execute(
        "UPDATE issue SET updated_at = ? WHERE id = ?", (call.now.isoformat(), issue_id)
    )


def read_history(rows: Rows, issue_id: int) -> list[sqlite3.Row]:
    """Return what was changed, oldest first."""
    return rows.every("SELECT * FROM change_history WHERE issue_id = ? ORDER BY id", issue_id)


def view_history(call: Call, row: sqlite3.Row) -> dict[str, object]:
    """Show one change of an issue."""
    return {
        "id": str(row["id"]),
        "author": view_account(call, row["author_id"]),
        "created": stored_time(row["created_at"]),
        "items": json.loads(row["items"]),
    }


def _person(call: Call, value: object) -> str | None:
    return next((u.display_name for u in find_users(call.rows) if u.account_id == value), None)


def _issue_key(call: Call, value: object) -> str | None:
    found = call.rows.first("SELECT key FROM issue WHERE id = ?", value)
    return None if found is None else str(found["key"])


def _sprint(call: Call, value: object) -> str | None:
    found = None if value is None else find_sprint(call.rows, str(value))
    return None if found is None else str(found["name"])


TEXTS: Mapping[str, Callable[[Call, Any], str | None]] = {
    "summary": lambda _call, value: value,
    "description": lambda _call, value: None if value is None else text_of_document(value),
    "labels": lambda _call, value: " ".join(value),
    "type_id": lambda _call, value: issue_type_of(value).name,
    "priority_id": lambda _call, value: priority_of(value).name,
    "assignee_id": _person,
    "reporter_id": _person,
    "parent_id": _issue_key,
    "due_on": lambda _call, value: value,
    "security_level": lambda _call, value: value,
    "sprint_id": _sprint,
}
"""What people read of each value that may change."""


@CHANGELOG_ROUTES.answer("GET", "issue/{issue}/changelog")
def answer_changelog(call: Call) -> object:
    """List what was changed on an issue, oldest first."""
    issue = visible_issue(call, call.path_values["issue"])
    found = read_history(call.rows, issue["id"])
    bounds = page_bounds(call, usual=MAX_CHANGELOG_PAGE, largest=MAX_CHANGELOG_PAGE)
    page = value_page(bounds, found, partial(view_history, call))
    return {"self": call.url(f"issue/{issue['id']}/changelog"), **page}
