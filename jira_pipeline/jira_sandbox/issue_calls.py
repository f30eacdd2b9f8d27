"""Calls on single issues: create, create in bulk, read, read in bulk, edit, delete.

Not here: what hangs on an issue (`property_calls`, `link_calls`, `attachment_calls`,
`comment_calls`), searching (`search_calls`).
"""

import sqlite3
from dataclasses import replace

from jira_pipeline.errors import RefusedError
from jira_pipeline.jira_sandbox.exchange import (
    JsonObject,
    SandboxResponse,
    answer_empty,
    answer_json,
    error_collection,
    is_array,
    is_object,
    refuse,
    refuse_fields,
    split_names,
    text_list,
)
from jira_pipeline.jira_sandbox.field_readers import IssueValues, read_labels
from jira_pipeline.jira_sandbox.issue_fields import read_changed_issue, read_new_issue
from jira_pipeline.jira_sandbox.issue_rows import editable_issue, find_issue, visible_issue
from jira_pipeline.jira_sandbox.issue_views import view_issue
from jira_pipeline.jira_sandbox.property_calls import write_property
from jira_pipeline.jira_sandbox.routing import Call, route
from jira_pipeline.jira_sandbox.site import TO_DO

MAX_BULK_CREATED = 50
MAX_BULK_FETCHED = 100
MAX_FETCHED_PROPERTIES = 5


def answer_create(call: Call) -> SandboxResponse:
    """Create one issue with its properties, in one step."""
    call.signed_in()
    return answer_json(_create_issue(call, call.body()), status=201)


def answer_create_bulk(call: Call) -> SandboxResponse:
    """Create up to 50 issues; those that fail do not hinder the others."""
    call.signed_in()
    updates = call.body().get("issueUpdates")
    if not is_array(updates) or not 0 < len(updates) <= MAX_BULK_CREATED:
        refusal = refuse(f"'issueUpdates' has to hold 1 to {MAX_BULK_CREATED} issues.")
        error = {"status": 400, "elementErrors": error_collection(refusal)}
        return answer_json({"issues": [], "errors": [error]}, status=400)
    issues: list[dict[str, object]] = []
    errors: list[dict[str, object]] = []
    for number, update in enumerate(updates):
        try:
            issues.append(_create_element(call, update))
        except RefusedError as refusal:
            errors.append(
                {
                    "status": refusal.status_code or 400,
                    "elementErrors": error_collection(refusal),
                    "failedElementNumber": number,
                }
            )
    return answer_json({"issues": issues, "errors": errors}, status=201 if issues else 400)


def answer_read(call: Call) -> SandboxResponse:
    """Show one issue."""
    issue = visible_issue(call, call.path_values["issue"])
    query = call.request.query_values()
    fields = split_names(query.get("fields", [])) or ["*all"]
    properties = split_names(query.get("properties", []))
    return answer_json(view_issue(call, issue, fields=fields, properties=properties))


def answer_bulk_fetch(call: Call) -> SandboxResponse:
    """Show up to 100 issues; unknown and invisible ones are left out without a word."""
    body = call.body()
    names = text_list(body.get("issueIdsOrKeys"), name="issueIdsOrKeys")
    fields = text_list(body.get("fields"), name="fields") or ["*navigable"]
    properties = text_list(body.get("properties"), name="properties")
    if not names:
        raise refuse("'issueIdsOrKeys' must hold at least one id or key.")
    if len(names) > MAX_BULK_FETCHED:
        raise refuse(f"The maximum number of issues in a bulk fetch is {MAX_BULK_FETCHED}.")
    if len(properties) > MAX_FETCHED_PROPERTIES:
        raise refuse(f"The maximum number of properties is {MAX_FETCHED_PROPERTIES}.")
    found = [find_issue(call.rows, name) for name in names] if call.user else []
    issues = {row["id"]: row for row in found if row is not None}
    views = [
        view_issue(call, issues[issue_id], fields=fields, properties=properties)
        for issue_id in sorted(issues)
    ]
    return answer_json({"issues": views, "issueErrors": []})


def answer_edit(call: Call) -> SandboxResponse:
    """Change fields, labels and properties of an issue."""
    issue = editable_issue(call)
    body = call.body()
    fields, update = body.get("fields", {}), body.get("update", {})
    if not is_object(fields) or not is_object(update):
        raise refuse("'fields' and 'update' have to be objects.")
    twice = sorted(set(fields) & set(update))
    if twice:
        text = "Field '{0}' cannot appear in both 'fields' and 'update'"
        raise refuse_fields({name: text.format(name) for name in twice})
    values = read_changed_issue(call, _values_of(call, issue), fields)
    _write_issue(call, issue_id=issue["id"], values=_update_labels(values, update))
    _write_properties(call, issue_id=issue["id"], properties=body.get("properties"))
    call.record("issue_updated", issue_id=issue["id"], fields=sorted({*fields, *update}))
    if call.query("returnIssue") == "true":
        changed = visible_issue(call, str(issue["id"]))
        return answer_json(view_issue(call, changed, fields=["*all"]))
    return answer_empty()


def answer_delete(call: Call) -> SandboxResponse:
    """Delete an issue and what hangs on it; its key is never given again."""
    issue = editable_issue(call)
    children = call.rows.execute(
        "SELECT id FROM issue WHERE parent_id = ? AND type_id = '10003'", (issue["id"],)
    ).fetchall()
    if children and call.query("deleteSubtasks") != "true":
        raise refuse(
            f"The issue '{issue['key']}' has subtasks.  You must specify the 'deleteSubtasks' "
            "parameter to delete this issue and all its subtasks."
        )
    for child in children:
        _delete_issue(call, child["id"])
    call.rows.execute("UPDATE issue SET parent_id = NULL WHERE parent_id = ?", (issue["id"],))
    _delete_issue(call, issue["id"])
    return answer_empty()


def _create_element(call: Call, update: object) -> dict[str, object]:
    """Create one issue of a bulk; a refused one leaves nothing behind."""
    if not is_object(update):
        raise refuse("Every element of 'issueUpdates' has to be an object.")
    call.rows.execute("SAVEPOINT element")
    try:
        return _create_issue(call, update)
    except RefusedError:
        call.rows.execute("ROLLBACK TO element")
        raise
    finally:
        call.rows.execute("RELEASE element")


def _create_issue(call: Call, body: JsonObject) -> dict[str, object]:
    fields = body.get("fields")
    if not is_object(fields):
        raise refuse_fields({"summary": "You must specify a summary of the issue."})
    values = read_new_issue(call, fields)
    number = call.rows.execute(
        "UPDATE project SET last_number = last_number + 1 WHERE id = ? RETURNING last_number",
        (values.project_id,),
    ).fetchone()["last_number"]
    key = f"{values.project_key}-{number}"
    at = call.now.isoformat()
    found = call.rows.execute(
        "INSERT INTO issue (project_id, number, key, summary, type_id, priority_id, status_id,"
        " reporter_id, creator_id, created_at, updated_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (
            values.project_id,
            number,
            key,
            values.summary,
            values.type_id,
            values.priority_id,
            TO_DO.id,
            values.reporter_id,
            call.signed_in().account_id,
            at,
            at,
        ),
    ).fetchone()
    issue_id = int(found["id"])
    _write_issue(call, issue_id=issue_id, values=values)
    call.record("issue_created", issue_id=issue_id, key=key, summary=values.summary)
    _write_properties(call, issue_id=issue_id, properties=body.get("properties"))
    return {"id": str(issue_id), "key": key, "self": call.url(f"issue/{issue_id}")}


def _values_of(call: Call, issue: sqlite3.Row) -> IssueValues:
    labels = call.rows.execute(
        "SELECT label FROM issue_label WHERE issue_id = ? ORDER BY label", (issue["id"],)
    ).fetchall()
    return IssueValues(
        project_id=issue["project_id"],
        project_key=issue["key"].rpartition("-")[0],
        type_id=issue["type_id"],
        summary=issue["summary"],
        priority_id=issue["priority_id"],
        reporter_id=issue["reporter_id"],
        labels=tuple(row["label"] for row in labels),
        description=issue["description"],
        description_wiki=issue["description_wiki"],
        assignee_id=issue["assignee_id"],
        parent_id=issue["parent_id"],
        due_on=issue["due_on"],
    )


def _write_issue(call: Call, *, issue_id: int, values: IssueValues) -> None:
    call.rows.execute(
        "UPDATE issue SET type_id = ?, summary = ?, priority_id = ?, reporter_id = ?,"
        " description = ?, description_wiki = ?, assignee_id = ?, parent_id = ?, due_on = ?,"
        " updated_at = ? WHERE id = ?",
        (
            values.type_id,
            values.summary,
            values.priority_id,
            values.reporter_id,
            values.description,
            values.description_wiki,
            values.assignee_id,
            values.parent_id,
            values.due_on,
            call.now.isoformat(),
            issue_id,
        ),
    )
    call.rows.execute("DELETE FROM issue_label WHERE issue_id = ?", (issue_id,))
    call.rows.executemany(
        "INSERT INTO issue_label (issue_id, label) VALUES (?, ?)",
        [(issue_id, label) for label in values.labels],
    )


def _update_labels(values: IssueValues, update: JsonObject) -> IssueValues:
    """Apply `update`; only labels know more than `set`."""
    unknown = sorted(set(update) - {"labels"})
    if unknown:
        text = "Field '{0}' cannot be set. It is not on the appropriate screen, or unknown."
        raise refuse_fields({name: text.format(name) for name in unknown})
    labels = set(values.labels)
    operations = update.get("labels", [])
    for operation in operations if is_array(operations) else []:
        labels = _apply_label_operation(labels, operation)
    return replace(values, labels=tuple(sorted(labels)))


def _apply_label_operation(labels: set[str], operation: object) -> set[str]:
    if is_object(operation) and len(operation) == 1:
        [(verb, value)] = operation.items()
        if verb == "set":
            return set(read_labels(value))
        if verb == "add":
            return labels | set(read_labels([value]))
        if verb == "remove":
            return labels - {str(value)}
    raise refuse_fields({"labels": "Unsupported operation."})


def _write_properties(call: Call, *, issue_id: int, properties: object) -> None:
    """Write the properties that came with an issue: all of them or, with it, none."""
    if properties is None:
        return
    if not is_array(properties):
        raise refuse("'properties' has to be an array.")
    for one in properties:
        if not is_object(one) or "value" not in one:
            raise refuse("Every element of 'properties' has a 'key' and a 'value'.")
        write_property(call, issue_id=issue_id, key=one.get("key"), value=one["value"])


def _delete_issue(call: Call, issue_id: int) -> None:
    call.record("issue_deleted", issue_id=issue_id)
    call.rows.execute("DELETE FROM issue WHERE id = ?", (issue_id,))


ISSUE_ROUTES = (
    route("POST", "issue", answer_create),
    route("POST", "issue/bulk", answer_create_bulk),
    route("POST", "issue/bulkfetch", answer_bulk_fetch),
    route("GET", "issue/{issue}", answer_read),
    route("PUT", "issue/{issue}", answer_edit),
    route("DELETE", "issue/{issue}", answer_delete),
)
