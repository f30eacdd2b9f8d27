"""What people do to issues and no export does: their status, their comments, the time they log.

Belongs here: answering those calls. Does not: the calls of an export, which the product's own
sandbox answers, who makes them (`people` of the lives).
"""

from jira_pipeline.jira.sandbox.call import Call, Routes, read_choice, read_id, refuse
from jira_pipeline.jira.sandbox.issue_calls import write_property
from jira_pipeline.jira.sandbox.issue_fields import (
    change_item,
    mark_updated,
    read_document,
    write_history,
)
from jira_pipeline.jira.sandbox.issue_views import view_part
from jira_pipeline.jira.sandbox.sandbox_site import STATUSES, kind_of

MAX_SPENT_SECONDS = 10**9
PEOPLE_ROUTES = Routes()


@PEOPLE_ROUTES.answer("POST", "issue/{issue}/transitions")
def answer_transition(call: Call) -> None:
    """Move an issue to another status."""
    issue = call.editable_issue("TRANSITION_ISSUES", "transition this issue", status=400)
    name = read_choice(call.body().get("transition"), "id")
    new = next((s for s in STATUSES if s.id == name), None)
    if new is None:
        raise refuse("It seems that you have tried to perform an illegal workflow operation.")
    old = kind_of(STATUSES, issue["status_id"])
    call.rows.change("issue", issue["id"], {"status_id": new.id})
    item = change_item("status", (old.id, old.name), (new.id, new.name))
    write_history(call, issue["id"], [item] if old != new else [])
    call.record("issue_updated", issue_id=issue["id"], fields=["status"])


@PEOPLE_ROUTES.answer("PUT", "issue/{issue}/properties/{key}")
def answer_set_property(call: Call) -> object:
    """Set a property, as other tools do."""
    issue = call.editable_issue()
    write_property(call, issue_id=issue["id"], key=call.path["key"], value=call.body())
    return {}


@PEOPLE_ROUTES.answer("PUT", "issue/{issue}/comment/{comment}")
def answer_edit_comment(call: Call) -> object:
    """Change a comment; the history of an issue does not list it."""
    issue = call.editable_issue()
    chosen = "SELECT * FROM comment WHERE issue_id = ? AND id = ?"
    row = call.rows.first(chosen, issue["id"], read_id(call.path["comment"]))
    if row is None:
        raise refuse("Can not find a comment for the given id.", status=404)
    me = call.signed_in().account_id
    permission = f"EDIT_{'OWN' if row['author_id'] == me else 'ALL'}_COMMENTS"
    call.require(permission, issue, "edit this comment", status=400)
    document = read_document(call, call.body().get("body"), field="comment")
    values = {"body": document, "update_author_id": me, "updated_at": call.now.isoformat()}
    call.rows.change("comment", row["id"], values)
    mark_updated(call, issue["id"])
    call.record("comment_edited", issue_id=issue["id"], comment_id=str(row["id"]))
    return view_part(call, "comment", call.rows.one(chosen, issue["id"], row["id"]))


@PEOPLE_ROUTES.answer("POST", "issue/{issue}/worklog", status=201)
def answer_add_worklog(call: Call) -> object:
    """Log time on an issue."""
    issue = call.editable_issue("WORK_ON_ISSUES", "log work on this issue", status=400)
    seconds = call.body().get("timeSpentSeconds")
    if type(seconds) is not int or not 0 < seconds <= MAX_SPENT_SECONDS:
        raise refuse("Worklog must not be null.")
    at = call.now.isoformat()
    row = call.rows.add(
        "worklog",
        issue_id=issue["id"],
        author_id=call.signed_in().account_id,
        started_at=at,
        spent_seconds=seconds,
        created_at=at,
    )
    write_history(call, issue["id"], [change_item("timespent", after=(str(seconds), None))])
    call.record("worklog_added", issue_id=issue["id"], worklog_id=str(row["id"]))
    return view_part(call, "worklog", row)
