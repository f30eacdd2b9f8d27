"""Calls on single issues: create, create in bulk, read, read in bulk, edit, delete.

Not here: what hangs on an issue (`issue_part_calls`), searching (`search_calls`).
"""

from dataclasses import replace
from functools import partial

from jira_pipeline.jira.sandbox.access import (
    can_see,
    editable_issue,
    issues_named,
    require_permission,
    visible_issue,
)
from jira_pipeline.jira.sandbox.field_readers import off_screen, read_changed_issue, read_labels
from jira_pipeline.jira.sandbox.issue_history import (
    changes_between,
    read_history,
    view_history,
    write_history,
)
from jira_pipeline.jira.sandbox.issue_views import view_issue
from jira_pipeline.jira.sandbox.issue_writing import (
    create_issue,
    delete_issue,
    values_of,
    write_properties,
    write_values,
)
from jira_pipeline.jira.sandbox.request_reading import (
    error_collection,
    is_array,
    is_object,
    refuse,
    refuse_fields,
    split_names,
    text_list,
)
from jira_pipeline.jira.sandbox.routing import Call, PageBounds, Routes, named_page
from jira_pipeline.jira.sandbox.screens import edit_screen
from jira_pipeline.jira.sandbox_http.requests import answer_json
from jira_pipeline.model.errors import RefusedError

MAX_BULK_CREATED = 50
MAX_BULK_FETCHED = 100
MAX_FETCHED_PROPERTIES = 5

ISSUE_ROUTES = Routes()


@ISSUE_ROUTES.answer("POST", "issue", status=201)
def answer_create(call: Call) -> object:
    """Create one issue with its properties, in one step."""
    call.signed_in()
    return create_issue(call, call.body())


@ISSUE_ROUTES.answer("POST", "issue/bulk")
def answer_create_bulk(call: Call) -> object:
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
        call.rows.execute("SAVEPOINT element")
        try:
            if not is_object(update):
                raise refuse("Every element of 'issueUpdates' has to be an object.")
            issues.append(create_issue(call, update))
        except RefusedError as refusal:
            call.rows.execute("ROLLBACK TO element")  # a refused one leaves nothing
            errors.append(
                {
                    "status": refusal.status_code or 400,
                    "elementErrors": error_collection(refusal),
                    "failedElementNumber": number,
                }
            )
        finally:
            call.rows.execute("RELEASE element")
    answer = {"issues": issues, "errors": errors}
    return answer_json(answer, status=201 if issues else 400)


@ISSUE_ROUTES.answer("GET", "issue/{issue}")
def answer_read(call: Call) -> object:
    """Show one issue."""
    issue = visible_issue(call, call.path_values["issue"])
    query = call.request.query_values()
    fields = split_names(query.get("fields", [])) or ["*all"]
    properties = split_names(query.get("properties", []))
    view = view_issue(call, issue, fields=fields, properties=properties)
    if "changelog" in split_names(query.get("expand", [])):
        found, show = read_history(call.rows, issue["id"])[::-1], partial(view_history, call)
        view["changelog"] = named_page(
            PageBounds(start=0, limit=len(found)), found, show, name="histories"
        )
    return view


@ISSUE_ROUTES.answer("POST", "issue/bulkfetch")
def answer_bulk_fetch(call: Call) -> object:
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
    issues = {row["id"]: row for row in issues_named(call.rows, names) if can_see(call, row)}
    views = [
        view_issue(call, issues[issue_id], fields=fields, properties=properties)
        for issue_id in sorted(issues)
    ]
    return {"issues": views, "issueErrors": []}


@ISSUE_ROUTES.answer("PUT", "issue/{issue}")
def answer_edit(call: Call) -> object:
    """Change fields, labels and properties of an issue."""
    issue = editable_issue(call)
    require_permission(call, issue, permission="EDIT_ISSUES", to="edit this issue")
    body = call.body()
    fields, update = body.get("fields", {}), body.get("update", {})
    if not is_object(fields) or not is_object(update):
        raise refuse("'fields' and 'update' have to be objects.")
    twice = sorted(set(fields) & set(update))
    if twice:
        text = "Field '{0}' cannot appear in both 'fields' and 'update'"
        raise refuse_fields({name: text.format(name) for name in twice})
    before = values_of(call, issue)
    after = read_changed_issue(call, before, fields)
    known = {"labels"} & edit_screen(call.rules, after.project_key)  # others know `fields` only
    if unknown := sorted(set(update) - known):
        raise refuse_fields({name: off_screen(name) for name in unknown})
    operations = update.get("labels", [])
    labels = set(after.labels)
    for operation in operations if is_array(operations) else []:
        labels = _labels_after(labels, operation)
    after = replace(after, labels=tuple(sorted(labels)))

    write_values(call, issue_id=issue["id"], values=after)
    write_history(call, issue_id=issue["id"], changes=changes_between(call, before, after))
    write_properties(call, issue_id=issue["id"], properties=body.get("properties"))
    call.record("issue_updated", issue_id=issue["id"], fields=sorted({*fields, *update}))
    if call.query("returnIssue") == "true":
        changed = visible_issue(call, str(issue["id"]))
        return view_issue(call, changed, fields=["*all"])
    return None


@ISSUE_ROUTES.answer("DELETE", "issue/{issue}")
def answer_delete(call: Call) -> None:
    """Delete an issue and what hangs on it; its key is never given again."""
    issue = editable_issue(call)
    require_permission(call, issue, permission="DELETE_ISSUES", to="delete issues in this project")
    delete_issue(call, issue)


def _labels_after(labels: set[str], operation: object) -> set[str]:
    if is_object(operation) and len(operation) == 1:
        [(verb, value)] = operation.items()
        if verb == "set":
            return set(read_labels(value))
        if verb == "add":
            return labels | set(read_labels([value]))
        if verb == "remove":
            return labels - {str(value)}
    raise refuse_fields({"labels": "Unsupported operation."})
