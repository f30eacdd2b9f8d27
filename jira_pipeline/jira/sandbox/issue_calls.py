"""Calls on issues: creating, reading, editing, deleting; their comments, histories and properties.

Belongs here: one by one or in bulk. Does not: files (`attachment_calls`), links (`link_calls`), fields
(`issue_fields`), showing (`issue_views`), searching (`search_calls`).
"""

from functools import partial

from jira_pipeline.jira.sandbox.call import (
    BROWSE,
    Call,
    JsonObject,
    Routes,
    error_collection,
    find_project,
    is_array,
    is_object,
    issues_named,
    read_choice,
    refuse,
    refuse_fields,
    text_list,
)
from jira_pipeline.jira.sandbox.issue_fields import (
    changes_between,
    create_screen,
    edit_screen,
    mark_updated,
    off_screen,
    read_document,
    read_fields,
    read_labels,
    values_of,
    view_issue,
    write_history,
    write_values,
)
from jira_pipeline.jira.sandbox.issue_views import parts_of, view_part, view_parts
from jira_pipeline.jira.sandbox.sandbox_projects import next_key
from jira_pipeline.jira.sandbox.sandbox_site import DEFAULT_PRIORITY_ID, TO_DO
from jira_pipeline.jira.sandbox_http import answer_json, compact_json
from jira_pipeline.model.errors import RefusedError

MAX_BULK_CREATED = 50
MAX_BULK_FETCHED = 100
CHANGES_FETCHED_MAX = 40
MAX_FETCHED_PROPERTIES = 5
ISSUE_ROUTES = Routes()
LISTED = {
    "comment": ("comment", "comments", 50, 5_000),
    "worklog": ("worklog", "worklogs", 5_000, 5_000),
    "changelog": ("change_history", "values", 100, 100),
}
"""What is listed: its table, what its page calls it, the usual and the largest page.

Source: Atlassian, "Get changelogs": the default and largest page.
"""
MAX_KEY_LETTERS = 255
MAX_VALUE_LETTERS = 32_768
"""Source: Atlassian, "Set issue property": a valid, non-empty JSON blob of at most 32768."""
ISSUE_PART_ROUTES = Routes()


def create_issue(call: Call, body: JsonObject) -> dict[str, object]:
    """Create an issue with its properties, in one step; return its reference."""
    given = body.get("fields")
    if not is_object(given):
        raise refuse_fields({"summary": "You must specify a summary of the issue."})
    errors: dict[str, str] = {}
    me = call.signed_in().account_id
    project = find_project(call.rows, read_choice(given.get("project"), "id", "key") or "")
    if project is None or not call.may(BROWSE, project["key"]):
        project = None
        errors["project"] = "Specify a valid project ID or key"
    elif not call.may("CREATE_ISSUES", project["key"]):
        errors["project"] = "You do not have permission to create issues in this project."
    key = "" if project is None else project["key"]
    screen = [field for field in create_screen(call, key) if field.id != "project"]
    blank = {
        "project_key": key,
        "project_id": project and project["id"],
        "priority": DEFAULT_PRIORITY_ID,
        "reporter": me,
    }
    wanted = {"issuetype": None, "summary": None, **given}
    wanted.pop("project", None)
    values = read_fields(call, blank, wanted, screen=screen, errors=errors)
    number, own_key = next_key(call.rows, values["project_id"])
    at = call.now.isoformat()
    issue_id = call.rows.add(
        "issue",
        project_id=values["project_id"],
        number=number,
        key=own_key,
        summary=values["summary"],
        type_id=values["issuetype"],
        priority_id=values["priority"],
        status_id=TO_DO.id,
        reporter_id=values["reporter"],
        creator_id=me,
        created_at=at,
        updated_at=at,
    )["id"]
    write_values(call, issue_id, values)
    call.record("issue_created", issue_id=issue_id, key=own_key, summary=values["summary"])
    write_properties(call, issue_id=issue_id, properties=body.get("properties"))
    call.after_creation(issue_id)
    return {"id": str(issue_id), "key": own_key, "self": call.url(f"issue/{issue_id}")}


def write_properties(call: Call, *, issue_id: int, properties: object) -> None:
    if properties is None:
        return
    if not is_array(properties):
        raise refuse("'properties' has to be an array.")
    for entry in properties:
        if not is_object(entry) or "value" not in entry:
            raise refuse("Every element of 'properties' has a 'key' and a 'value'.")
        write_property(call, issue_id=issue_id, key=entry.get("key"), value=entry["value"])


@ISSUE_ROUTES.answer("POST", "issue", status=201)
def answer_create(call: Call) -> object:
    """Create one issue with its properties, in one step."""
    return create_issue(call, call.body())


@ISSUE_ROUTES.answer("POST", "issue/bulk")
def answer_create_bulk(call: Call) -> object:
    """Create up to 50 issues; those that fail do not hinder the others."""
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
            elements = error_collection(refusal)
            error = {"status": refusal.status_code or 400, "elementErrors": elements}
            errors.append({**error, "failedElementNumber": number})
        finally:
            call.rows.execute("RELEASE element")
    return answer_json({"issues": issues, "errors": errors}, status=201 if issues else 400)


@ISSUE_ROUTES.answer("GET", "issue/{issue}", is_open=True)
def answer_read(call: Call) -> object:
    """Show one issue."""
    issue = call.issue()
    names = call.names("fields") or ["*all"]
    view = view_issue(call, issue, names=names, properties=call.names("properties"))
    if "changelog" in call.names("expand"):
        changes, frame = view_parts(call, issue["id"], "change_history")
        view["changelog"] = {**frame, "histories": changes[::-1]}
    return view


@ISSUE_ROUTES.answer("POST", "issue/bulkfetch", is_open=True)
def answer_bulk_fetch(call: Call) -> object:
    """Show up to 100 issues; unknown and invisible ones are left out without a word."""
    body = call.body()
    ids, names, properties = (
        text_list(body.get(name), name=name) for name in ("issueIdsOrKeys", "fields", "properties")
    )
    if not ids:
        raise refuse("'issueIdsOrKeys' must hold at least one id or key.")
    if len(ids) > MAX_BULK_FETCHED:
        raise refuse(f"The maximum number of issues in a bulk fetch is {MAX_BULK_FETCHED}.")
    if len(properties) > MAX_FETCHED_PROPERTIES:
        raise refuse(f"The maximum number of properties is {MAX_FETCHED_PROPERTIES}.")
    issues = {row["id"]: row for row in issues_named(call.rows, ids) if call.can_see(row)}
    has_history = "changelog" in text_list(body.get("expand"), name="expand")
    views = []
    for issue_id in sorted(issues):
        view = view_issue(
            call, issues[issue_id], names=names or ["*navigable"], properties=properties
        )
        if has_history:
            view["changelog"] = _view_newest_changes(call, issue_id)
        views.append(view)
    return {"issues": views, "issueErrors": []}


def _view_newest_changes(call: Call, issue_id: int) -> dict[str, object]:
    """Show the newest changes of an issue; `total` counts the shown ones.

    Source: Atlassian, "Bulk fetch issues" and `PageOfChangelogs`, platform v3, December 2025.
    """
    changes, _frame = view_parts(call, issue_id, "change_history")
    newest = changes[::-1][:CHANGES_FETCHED_MAX]
    frame = {"startAt": 0, "maxResults": CHANGES_FETCHED_MAX, "total": len(newest)}
    return {**frame, "histories": newest}


@ISSUE_ROUTES.answer("PUT", "issue/{issue}")
def answer_edit(call: Call) -> None:
    """Change fields, labels and properties of an issue."""
    issue = call.editable_issue("EDIT_ISSUES", "edit this issue")
    body = call.body()
    given = body.get("fields", {})
    update = body.get("update", {})
    if not is_object(given) or not is_object(update):
        raise refuse("'fields' and 'update' have to be objects.")
    twice = sorted(set(given) & set(update))
    if twice:
        text = "Field '{0}' cannot appear in both 'fields' and 'update'"
        raise refuse_fields({name: text.format(name) for name in twice})
    before = values_of(call, issue)
    screen = edit_screen(call, before["project_key"], given)
    after = read_fields(call, before, given, screen=screen, errors={})
    updatable = {"labels"} & {field.id for field in screen}  # others know `fields` only
    if unknown := sorted(set(update) - updatable):
        raise refuse_fields({name: off_screen(name) for name in unknown})
    operations = update.get("labels", [])
    labels = set(after["labels"])
    for operation in operations if is_array(operations) else []:
        labels = _labels_after(labels, operation)
    after = after | {"labels": tuple(sorted(labels))}

    write_values(call, issue["id"], after)
    write_history(call, issue["id"], changes_between(call, before, after))
    write_properties(call, issue_id=issue["id"], properties=body.get("properties"))
    call.record("issue_updated", issue_id=issue["id"], fields=sorted({*given, *update}))


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


@ISSUE_ROUTES.answer("DELETE", "issue/{issue}")
def answer_delete(call: Call) -> None:
    """Delete an issue without sub-tasks, and what hangs on it; no key is given again."""
    issue = call.editable_issue("DELETE_ISSUES", "delete issues in this project")
    if call.rows.having("issue", parent_id=issue["id"], type_id="10003"):
        raise refuse(
            f"The issue '{issue['key']}' has subtasks.  You must specify the 'deleteSubtasks' "
            "parameter to delete this issue and all its subtasks."
        )
    call.rows.execute("UPDATE issue SET parent_id = NULL WHERE parent_id = ?", (issue["id"],))
    call.record("issue_deleted", issue_id=issue["id"])
    call.rows.execute("DELETE FROM issue WHERE id = ?", (issue["id"],))


@ISSUE_PART_ROUTES.answer("GET", "issue/{issue}/comment", is_open=True)
@ISSUE_PART_ROUTES.answer("GET", "issue/{issue}/worklog", is_open=True)
@ISSUE_PART_ROUTES.answer("GET", "issue/{issue}/changelog", is_open=True)
def answer_parts(call: Call) -> object:
    """List the comments, the worklogs or the changes of an issue, oldest first."""
    name = call.request.path.rstrip("/").rpartition("/")[2]
    table, title, usual, largest = LISTED[name]
    issue_id = call.issue()["id"]
    show = partial(view_part, call, table)
    parts = parts_of(call.rows, issue_id, table)
    page = call.page(parts, show, name=title, usual=usual, largest=largest)
    return {"self": call.url(f"issue/{issue_id}/{name}"), **page}


@ISSUE_PART_ROUTES.answer("POST", "issue/{issue}/comment", status=201)
def answer_add_comment(call: Call) -> object:
    """Write a comment; sent twice it is there twice."""
    issue = call.editable_issue("ADD_COMMENTS", "comment on this issue", status=400)
    value = call.body().get("body")
    if value is None:
        raise refuse_fields({"comment": "Comment body can not be empty!"})
    at = call.now.isoformat()
    document = read_document(call, value, field="comment")
    written = {"body": document, "author_id": call.signed_in().account_id}
    row = call.rows.add("comment", issue_id=issue["id"], **written, created_at=at, updated_at=at)
    mark_updated(call, issue["id"])
    call.record("comment_added", issue_id=issue["id"], comment_id=str(row["id"]))
    return view_part(call, "comment", row)


def write_property(call: Call, *, issue_id: int, key: object, value: object) -> None:
    """Set a property, anew where there is one of its name."""
    if not isinstance(key, str) or not 0 < len(key) <= MAX_KEY_LETTERS:
        raise refuse(f"The property key has to be 1 to {MAX_KEY_LETTERS} characters long.")
    text = compact_json(value)
    if len(text) > MAX_VALUE_LETTERS:
        raise refuse(f"The property value may not exceed {MAX_VALUE_LETTERS} characters.")
    call.rows.execute(
        "INSERT INTO issue_property (issue_id, key, value) VALUES (?, ?, ?)"
        " ON CONFLICT (issue_id, key) DO UPDATE SET value = excluded.value",
        (issue_id, key, text),
    )
    call.record("property_set", issue_id=issue_id, key=key, value=value)
