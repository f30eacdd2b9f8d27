"""Calls on single issues: create, create in bulk, read, read in bulk, edit, delete.

Belongs here: the calls; writing rows with their journal entries; clones, moves and taken numbers
right after a creation, journalled under names of their own. Does not: reading the fields
(`field_readers`), when others act (`site_rules`), what hangs on an issue (`issue_part_calls`), searching (`search_calls`).
"""

import json
import random
import sqlite3
from dataclasses import replace
from functools import partial

from jira_pipeline.jira.sandbox.access import (
    can_see,
    editable_issue,
    issues_named,
    project_key_of,
    require_permission,
    visible_issue,
)
from jira_pipeline.jira.sandbox.agile_rows import open_sprint_id, put_into_sprint
from jira_pipeline.jira.sandbox.field_readers import (
    IssueValues,
    off_screen,
    read_changed_issue,
    read_labels,
    read_new_issue,
)
from jira_pipeline.jira.sandbox.issue_history import (
    Change,
    changes_between,
    read_history,
    view_history,
    write_history,
)
from jira_pipeline.jira.sandbox.issue_part_calls import write_property
from jira_pipeline.jira.sandbox.issue_views import labels_of, view_issue, view_status
from jira_pipeline.jira.sandbox.project_calls import create_project
from jira_pipeline.jira.sandbox.request_reading import (
    JsonObject,
    error_collection,
    is_array,
    is_object,
    refuse,
    refuse_fields,
    split_names,
    text_list,
)
from jira_pipeline.jira.sandbox.routing import Call, PageBounds, Routes, named_page
from jira_pipeline.jira.sandbox.sandbox_site import STATUSES, TO_DO, status_of
from jira_pipeline.jira.sandbox.screens import edit_screen
from jira_pipeline.jira.sandbox.site_rules import NOBODY
from jira_pipeline.jira.sandbox_http.requests import answer_json, compact_json
from jira_pipeline.model.errors import RefusedError

MOVED_TO = "MOVED"
"""The project issues are moved to."""
CLONERS = "10001"
COLUMNS = (
    *("type_id", "summary", "priority_id", "reporter_id", "description", "description_wiki"),
    *("assignee_id", "parent_id", "due_on", "security_level"),
)
"""What people set on an issue that its own row holds, by one name there and in `IssueValues`."""
FOREIGN_KEPT_MAX = 200
"""Of a longer run the rest was deleted: only the numbers are gone."""
MAX_BULK_CREATED = 50
MAX_BULK_FETCHED = 100
MAX_FETCHED_PROPERTIES = 5
ISSUE_ROUTES = Routes()


def create_issue(call: Call, body: JsonObject) -> dict[str, object]:
    """Create an issue with its properties, in one step; return its reference."""
    fields = body.get("fields")
    if not is_object(fields):
        raise refuse_fields({"summary": "You must specify a summary of the issue."})
    values = read_new_issue(call, fields)
    number, key = _next_key(call, values.project_id)
    at = call.now.isoformat()
    issue_id = call.rows.add(
        "issue",
        project_id=values.project_id,
        number=number,
        key=key,
        summary=values.summary,
        type_id=values.type_id,
        priority_id=values.priority_id,
        status_id=TO_DO.id,
        reporter_id=values.reporter_id,
        creator_id=call.signed_in().account_id,
        created_at=at,
        updated_at=at,
    )["id"]
    write_values(call, issue_id=issue_id, values=values)
    call.record("issue_created", issue_id=issue_id, key=key, summary=values.summary)
    write_properties(call, issue_id=issue_id, properties=body.get("properties"))
    after_creation(call, issue_id)
    return {"id": str(issue_id), "key": key, "self": call.url(f"issue/{issue_id}")}


def values_of(call: Call, issue: sqlite3.Row) -> IssueValues:
    """Return everything people set on an issue."""
    custom = call.rows.every(
        "SELECT field_id, value FROM issue_custom_value WHERE issue_id = ? ORDER BY field_id",
        issue["id"],
    )
    return IssueValues(
        project_id=issue["project_id"],
        project_key=project_key_of(issue),
        labels=tuple(labels_of(call.rows, issue["id"])),
        sprint_id=open_sprint_id(call.rows, issue["id"]),
        **{column: issue[column] for column in COLUMNS},
        custom={row["field_id"]: json.loads(row["value"]) for row in custom},
    )


def write_values(call: Call, *, issue_id: int, values: IssueValues) -> None:
    """Write everything people set on an issue."""
    own = {column: getattr(values, column) for column in COLUMNS}
    call.rows.change("issue", issue_id, {**own, "updated_at": call.now.isoformat()})
    call.rows.execute("DELETE FROM issue_label WHERE issue_id = ?", (issue_id,))
    call.rows.executemany(
        "INSERT INTO issue_label (issue_id, label) VALUES (?, ?)",
        [(issue_id, label) for label in values.labels],
    )
    put_into_sprint(call.rows, issue_id=issue_id, sprint_id=values.sprint_id)
    call.rows.execute("DELETE FROM issue_custom_value WHERE issue_id = ?", (issue_id,))
    call.rows.executemany(
        "INSERT INTO issue_custom_value (issue_id, field_id, value) VALUES (?, ?, ?)",
        [(issue_id, k, compact_json(v)) for k, v in values.custom.items() if v is not None],
    )


def write_properties(call: Call, *, issue_id: int, properties: object) -> None:
    if properties is None:
        return
    if not is_array(properties):
        raise refuse("'properties' has to be an array.")
    for one in properties:
        if not is_object(one) or "value" not in one:
            raise refuse("Every element of 'properties' has a 'key' and a 'value'.")
        write_property(call, issue_id=issue_id, key=one.get("key"), value=one["value"])


def delete_issue(call: Call, issue: sqlite3.Row) -> None:
    """Delete an issue, with sub-tasks where asked; its key is never given again."""
    children = call.rows.every(
        "SELECT id FROM issue WHERE parent_id = ? AND type_id = '10003'", issue["id"]
    )
    if children and call.query("deleteSubtasks") != "true":
        raise refuse(
            f"The issue '{issue['key']}' has subtasks.  You must specify the 'deleteSubtasks' "
            "parameter to delete this issue and all its subtasks."
        )
    for child in children:
        _delete_row(call, child["id"])
    call.rows.execute("UPDATE issue SET parent_id = NULL WHERE parent_id = ?", (issue["id"],))
    _delete_row(call, issue["id"])


def _delete_row(call: Call, issue_id: int) -> None:
    call.record("issue_deleted", issue_id=issue_id)
    call.rows.execute("DELETE FROM issue WHERE id = ?", (issue_id,))


def after_creation(call: Call, issue_id: int) -> None:
    """Let happen what is due after this creation, counted over the life of the site."""
    rules = call.rules
    if not (rules.clones_every or rules.moves_every or rules.hidden_run_every):
        return
    count = "SELECT count(*) FROM journal_change WHERE change = 'issue_created'"
    created = call.rows.one(count)[0]
    if rules.clones_every and created % rules.clones_every == 0:
        clone_issue(call, issue_id)
    if rules.moves_every and created % rules.moves_every == 0:
        move_issue(call, issue_id)
    if rules.hidden_run_every and created % rules.hidden_run_every == 0:
        length = rules.hidden_run_length
        if rules.hidden_run_varies:
            length = random.Random(issue_id).randint(1, length)  # noqa: S311 - a length, no secret
        add_foreign_run(call, issue_id, length=length)


def clone_issue(call: Call, issue_id: int) -> int:
    """Clone an issue as people do in Jira: labels go along, properties do not; return its id."""
    issue = call.rows.one("SELECT project_id FROM issue WHERE id = ?", issue_id)
    number, key = _next_key(call, issue["project_id"])
    clone = call.rows.one(
        "INSERT INTO issue (project_id, number, key, summary, type_id, priority_id, status_id,"
        " description, description_wiki, assignee_id, reporter_id, creator_id, parent_id, due_on,"
        " created_at, updated_at, security_level)"
        " SELECT project_id, ?, ?, 'CLONE - ' || summary, type_id, priority_id, status_id,"
        " description, description_wiki, assignee_id, reporter_id, creator_id, parent_id, due_on,"
        " created_at, updated_at, security_level FROM issue WHERE id = ? RETURNING id",
        number,
        key,
        issue_id,
    )["id"]
    call.rows.execute(
        "INSERT INTO issue_label SELECT ?, label FROM issue_label WHERE issue_id = ?",
        (clone, issue_id),
    )
    ends = {"inward_issue_id": clone, "outward_issue_id": issue_id}
    call.rows.add("issue_link", type_id=CLONERS, **ends)
    call.record("issue_cloned", issue_id=clone, key=key, source=str(issue_id))
    return int(clone)


def move_issue(call: Call, issue_id: int) -> str:
    """Move an issue to another project: a new key, the same id; return the key."""
    issue = call.rows.one("SELECT * FROM issue WHERE id = ?", issue_id)
    place = int(create_project(call.rows, key=MOVED_TO, name="Moved here"))
    number, key = _next_key(call, place)
    call.rows.change("issue", issue_id, {"project_id": place, "number": number, "key": key})
    call.rows.add("former_key", key=issue["key"], issue_id=issue_id)
    call.record("issue_moved", issue_id=issue_id, key=key, former_key=issue["key"])
    return key


def add_foreign_run(call: Call, issue_id: int, *, length: int) -> None:
    """Take the next numbers: in turns a hidden issue, a deleted one, one that was moved away."""
    issue = call.rows.one("SELECT * FROM issue WHERE id = ?", issue_id)
    for position in range(min(length, FOREIGN_KEPT_MAX)):
        number, key = _next_key(call, issue["project_id"])
        if position % 3 == 1:  # deleted: only the number is gone
            continue
        foreign = call.rows.one(
            "INSERT INTO issue (project_id, number, key, summary, type_id, priority_id, status_id,"
            " reporter_id, creator_id, created_at, updated_at, security_level)"
            " SELECT project_id, ?, ?, 'Foreign ' || ?, type_id, priority_id, status_id,"
            " reporter_id, creator_id, created_at, updated_at, ? FROM issue WHERE id = ?"
            " RETURNING id",
            number,
            key,
            key,
            NOBODY,
            issue_id,
        )["id"]
        call.record("foreign_issue_created", issue_id=foreign, key=key)
        if position % 3 == 2:  # noqa: PLR2004 - the third of three kinds
            move_issue(call, foreign)
    call.rows.execute(
        "UPDATE project SET last_number = last_number + ? WHERE id = ?",
        (max(0, length - FOREIGN_KEPT_MAX), issue["project_id"]),
    )


def _next_key(call: Call, project_id: int) -> tuple[int, str]:
    found = call.rows.one(
        "UPDATE project SET last_number = last_number + 1 WHERE id = ? RETURNING last_number, key",
        project_id,
    )
    return found["last_number"], f"{found['key']}-{found['last_number']}"


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


@ISSUE_ROUTES.answer("GET", "issue/{issue}/transitions")
def answer_transitions(call: Call) -> object:
    """List where an issue may go."""
    visible_issue(call, call.path_values["issue"])
    views = [{"id": s.id, "name": s.name, "to": view_status(call, s)} for s in STATUSES]
    return {"expand": "transitions", "transitions": views}


@ISSUE_ROUTES.answer("POST", "issue/{issue}/transitions")
def answer_transition(call: Call) -> None:
    """Move an issue to another status."""
    issue = editable_issue(call)
    require_permission(
        call, issue, permission="TRANSITION_ISSUES", to="transition this issue", status=400
    )
    wanted = call.body().get("transition")
    name = wanted.get("id") if is_object(wanted) else None
    new = next((s for s in STATUSES if s.id == name), None)
    if new is None:
        raise refuse("It seems that you have tried to perform an illegal workflow operation.")
    old = status_of(issue["status_id"])
    call.rows.change("issue", issue["id"], {"status_id": new.id})
    change = Change(
        field="status", before=old.id, before_text=old.name, after=new.id, after_text=new.name
    )
    write_history(call, issue_id=issue["id"], changes=[change] if old != new else [])
    call.record("issue_updated", issue_id=issue["id"], fields=["status"])


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
