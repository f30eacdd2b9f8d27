"""The fields of an issue on their way in: which are needed, and how they go together.

Belongs here: the rules on create and on edit. Does not: single fields (`field_readers`), writing
rows (`issue_calls`), showing fields (`issue_views`).
"""

from dataclasses import replace

from jira_pipeline.errors import RefusedError
from jira_pipeline.jira_sandbox.exchange import JsonObject, refuse_fields
from jira_pipeline.jira_sandbox.field_readers import FIELD_READERS, IssueValues, find_by
from jira_pipeline.jira_sandbox.project_calls import look_up_project
from jira_pipeline.jira_sandbox.routing import Call
from jira_pipeline.jira_sandbox.site import DEFAULT_PRIORITY_ID, ISSUE_TYPES, issue_type_of


def read_new_issue(call: Call, fields: JsonObject) -> IssueValues:
    """Read the fields of a creation.

    Raises:
        RefusedError: Jira would refuse them; every field's fault is named.
    """
    errors: dict[str, str] = {}
    project = find_by(fields.get("project"), ("id", "key"), lambda v: look_up_project(call.rows, v))
    if project is None:
        errors["project"] = "Specify a valid project ID or key"
    kind = find_by(fields.get("issuetype"), ("id", "name"), _issue_type_named)
    if kind is None:
        errors["issuetype"] = "Specify a valid issue type"
    blank = IssueValues(
        project_id=0 if project is None else project["id"],
        project_key="" if project is None else project["key"],
        type_id="" if kind is None else kind,
        summary="",
        priority_id=DEFAULT_PRIORITY_ID,
        reporter_id=call.signed_in().account_id,
    )
    others = {"summary": None, **_without(fields, "project", "issuetype")}
    values = _read_fields(call, values=blank, fields=others, errors=errors)
    if errors:
        raise refuse_fields(errors)
    _check_hierarchy(call, values)
    return values


def read_changed_issue(call: Call, values: IssueValues, fields: JsonObject) -> IssueValues:
    """Read the fields of an edit over the values so far.

    Raises:
        RefusedError: Jira would refuse them; every field's fault is named.
    """
    errors: dict[str, str] = {}
    kind = values.type_id
    if "issuetype" in fields:
        named = find_by(fields["issuetype"], ("id", "name"), _issue_type_named)
        if named is None:
            errors["issuetype"] = "Specify a valid issue type"
        kind = named or kind
    others = _without(fields, "issuetype")
    changed = _read_fields(call, values=replace(values, type_id=kind), fields=others, errors=errors)
    if errors:
        raise refuse_fields(errors)
    _check_hierarchy(call, changed)
    return changed


def _without(fields: JsonObject, *names: str) -> dict[str, object]:
    return {name: value for name, value in fields.items() if name not in names}


def _issue_type_named(id_or_name: str) -> str | None:
    for kind in ISSUE_TYPES:
        if id_or_name == kind.id or id_or_name.casefold() == kind.name.casefold():
            return kind.id
    return None


def _read_fields(
    call: Call, *, values: IssueValues, fields: JsonObject, errors: dict[str, str]
) -> IssueValues:
    """Apply every field; faults of single fields are added to `errors`."""
    for name, value in fields.items():
        reader = FIELD_READERS.get(name)
        if reader is None:
            errors[name] = (
                f"Field '{name}' cannot be set. It is not on the appropriate screen, or unknown."
            )
            continue
        try:
            values = reader(call, values, value)
        except RefusedError as refusal:
            if not refusal.field_errors:
                raise
            errors.update(refusal.field_errors)
    return values


def _check_hierarchy(call: Call, values: IssueValues) -> None:
    """A parent stands exactly one level above its child; a sub-task needs one."""
    kind = issue_type_of(values.type_id)
    if values.parent_id is None:
        if kind.is_subtask:
            text = "Issue type is a sub-task but parent issue key or id not specified."
            raise refuse_fields({"issuetype": text})
        return
    parent = call.rows.execute(
        "SELECT type_id, project_id FROM issue WHERE id = ?", (values.parent_id,)
    ).fetchone()
    is_above = issue_type_of(parent["type_id"]).hierarchy_level == kind.hierarchy_level + 1
    if not is_above or (kind.is_subtask and parent["project_id"] != values.project_id):
        text = "Given parent work item does not belong to appropriate hierarchy."
        raise refuse_fields({"parentId": text})
