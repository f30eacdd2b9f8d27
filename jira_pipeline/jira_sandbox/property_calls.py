"""Calls on the properties of issues.

Not here: properties that are written together with an issue; `issue_calls` calls `write_property`.
"""

import json

from jira_pipeline.jira_sandbox.exchange import (
    SandboxResponse,
    answer_json,
    compact_json,
    refuse,
)
from jira_pipeline.jira_sandbox.issue_rows import editable_issue, visible_issue
from jira_pipeline.jira_sandbox.routing import Call, route

MAX_KEY_LETTERS = 255
MAX_VALUE_LETTERS = 32_768
"""Source: Atlassian, "Set issue property": a valid, non-empty JSON blob of at most 32768."""


def write_property(call: Call, *, issue_id: int, key: object, value: object) -> bool:
    """Set a property; return whether it is new.

    Raises:
        RefusedError: The key or the value is not one Jira takes.
    """
    if not isinstance(key, str) or not 0 < len(key) <= MAX_KEY_LETTERS:
        raise refuse(f"The property key has to be 1 to {MAX_KEY_LETTERS} characters long.")
    text = compact_json(value)
    if len(text) > MAX_VALUE_LETTERS:
        raise refuse(f"The property value may not exceed {MAX_VALUE_LETTERS} characters.")
    if call.rules.drops_properties:
        return True
    known = call.rows.execute(
        "SELECT 1 FROM issue_property WHERE issue_id = ? AND key = ?", (issue_id, key)
    ).fetchone()
    call.rows.execute(
        "INSERT INTO issue_property (issue_id, key, value) VALUES (?, ?, ?)"
        " ON CONFLICT (issue_id, key) DO UPDATE SET value = excluded.value",
        (issue_id, key, text),
    )
    call.record("property_set", issue_id=issue_id, key=key, value=value)
    return known is None


def answer_read(call: Call) -> SandboxResponse:
    """Show one property."""
    issue = visible_issue(call, call.path_values["issue"])
    key = call.path_values["key"]
    found = call.rows.execute(
        "SELECT value FROM issue_property WHERE issue_id = ? AND key = ?", (issue["id"], key)
    ).fetchone()
    if found is None:
        raise refuse(f"The property {key} does not exist.", status=404)
    return answer_json({"key": key, "value": json.loads(found["value"])})


def answer_set(call: Call) -> SandboxResponse:
    """Set one property: 201 when it is new, else 200."""
    issue = editable_issue(call)
    value = call.json_value()
    is_new = write_property(call, issue_id=issue["id"], key=call.path_values["key"], value=value)
    return answer_json({}, status=201 if is_new else 200)


PROPERTY_ROUTES = (
    route("GET", "issue/{issue}/properties/{key}", answer_read),
    route("PUT", "issue/{issue}/properties/{key}", answer_set),
)
