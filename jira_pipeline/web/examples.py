"""Examples of answers for the OpenAPI document, made of what their fields are called.

Belongs here: a value for each name, one spelling for all answers. Does not: examples of requests,
which say what people may send (`api`).
"""

from collections.abc import Mapping
from typing import Any, Final

_AT: Final = "2026-11-21T05:30:00+00:00"
_VALUES: Final[Mapping[str, object]] = {
    "action": "create",
    "actor": "kim@example.org",
    "address": "/api/sessions/my_site",
    "advice": "Correct the cell, then upload again.",
    "answer": "Editors only",
    "answered_by": "kim@example.org",
    "asked_by": "kim@example.org",
    "author": "kim@example.org",
    "becomes": "changed",
    "category": "temporary",
    "code": "jira_unavailable",
    "column": "Vals.",
    "comparison_id": "7c1e09b4d2",
    "current_stage": "24 tickets written",
    "current_ticket": "Configure content type: Clock",
    "current_ticket_title": "Configure content type: Clock",
    "display": "page_1",
    "entity_group": "Content",
    "environment": "development",
    "error_category": "temporary",
    "estimated_tickets": 24,
    "file": "Fields.csv",
    "first": "development",
    "fix_type": "assignee_invalid",
    "from": 1,
    "header": "Mandatory?",
    "hours_high": 120,
    "hours_low": 40,
    "html": "<p>Ask the <strong>museum</strong> first.</p>",
    "id": 7,
    "issue_type": "assignee_invalid",
    "jira_key": "SBX-1",
    "jira_project_key": "SBX",
    "jira_url": "https://sandbox.invalid/browse/SBX-1",
    "job": "generate_tickets",
    "job_id": "49bf75f785",
    "key": "SBX-1",
    "kind": "blocks",
    "labels": ["drupal"],
    "line": 12,
    "llm_provider": "template",
    "message": "Jira does not answer.",
    "method": "POST",
    "needs": "review",
    "next_address": "/sessions/my_site/tickets",
    "next_step": "Read the tickets and mark them ready: Mark ready.",
    "number": 12,
    "offset": 0,
    "origin": "edited",
    "original_value": "kim@example.org",
    "part": "notes",
    "parts": {"notes": "<p>Ask the museum.</p>"},
    "place": "12.1",
    "priority_levels": ["High", "Medium", "Low"],
    "progress_percentage": 100.0,
    "project_key": "SBX",
    "project_name": "Sandbox",
    "question": "How many values may it have?",
    "quote": "1-?",
    "reasons": ["waits for answers: its form is empty"],
    "recommended_action": "Assign the issue by hand.",
    "record": 12,
    "recovery_actions": ["Start again when the site is back."],
    "revision": 1,
    "run_id": "7ab2…",
    "run_status": "started",
    "second": "test",
    "session_id": "my_site",
    "session_key": "my_site",
    "severity": "warning",
    "sheet": "fields",
    "site_name": "My site",
    "stage": "review",
    "state": "pending",
    "status": "waiting",
    "suggested_answer": "Unlimited",
    "suggested_because": "the same field of Person has no limit",
    "system_name": "matter",
    "target": {"site": "sandbox (https://…)", "project": "SBX", "account": "You"},
    "task_id": "0f1c…",
    "team_members": ["Ada Sandbox"],
    "text": "Ask the **museum** first.",
    "ticket_id": "t0a1b2c3d4e5f607",
    "ticket_number": 12,
    "ticket_title": "Configure content type: Clock",
    "tickets": 24,
    "title": "Configure content type: Clock",
    "to": 4,
    "total": 1,
    "upload_id": "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
    "url": "https://sandbox.invalid/browse/SBX-1",
    "user_message": "Jira does not answer.",
    "writer": "template/6",
    # where an answer calls something else so
    "CancelledRunShown.became": "asked",
    "CancelledRunShown.user_message": "Run 7ab2… stops before its next ticket.",
    "ExportAtWork.current_stage": "Creating ticket 9 of 24: Configure content type: Clock",
    "ExportSummary.status": "completed",
    "FileShown.name": "Fields.csv",
    "FindingShown.code": "reference_dangling",
    "FindingShown.message": "Clock is named here and described nowhere.",
    "HoursOfSome.name": "Content",
    "PartDifference.lines": ["+Ask the museum."],
    "RunShown.status": "success",
    "SprintOfProject.name": "SBX Sprint 1",
    "SprintOfProject.state": "active",
}
_PLAIN: Final[Mapping[str, object]] = {
    "string": "…",
    "integer": 2,
    "number": 0.5,
    "boolean": False,
    "array": [],
    "object": {},
    "null": None,
}
_KINDS: Final[Mapping[type, frozenset[str]]] = {
    str: frozenset({"string"}),
    int: frozenset({"integer", "number"}),
    float: frozenset({"number"}),
    list: frozenset({"array"}),
    dict: frozenset({"object"}),
}


def example_of(schema: Mapping[str, Any], schemas: Mapping[str, Any], name: str = "") -> Any:
    """Return a value that a JSON schema takes; `schemas` are those it refers to.

    `name` is that of the schema it is in and its own, as in `Graph.nodes`.
    """
    if "$ref" in schema:
        referred = schemas[schema["$ref"].rpartition("/")[2]]
        given = referred.get("examples") or [example_of(referred, schemas)]
        return given[0]
    if "default" in schema:
        return schema["default"]
    if "enum" in schema or "const" in schema:
        return schema.get("enum", [schema.get("const")])[0]
    kinds = schema.get("anyOf", (schema,))
    field = name.partition(".")[2]
    at = _AT if field.endswith("_at") or field == "at" else None
    known = _VALUES.get(name, _VALUES.get(field, at))
    if known is not None and _KINDS[type(known)] & {one.get("type") for one in kinds}:
        return known
    if "anyOf" in schema:
        is_optional = any(one.get("type") == "null" for one in kinds)
        return None if is_optional else example_of(kinds[0], schemas, name)
    if "properties" in schema:
        within = schema.get("title", "")
        fields = schema["properties"].items()
        return {field: example_of(one, schemas, f"{within}.{field}") for field, one in fields}
    if "$ref" in schema.get("items", ()):
        return [example_of(schema["items"], schemas)]
    return _PLAIN[schema["type"]]
