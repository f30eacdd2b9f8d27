"""Out of each error leads a step that the API has, or somebody to ask, or a wait.

A caller of the API was told to press buttons of pages, and two errors led to themselves for ever.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from jira_pipeline.model.actions import Action, ActionKind, Contact
from jira_pipeline.model.errors import WrongUseError, meanings
from jira_pipeline.model.people import Role
from jira_pipeline.review.approvals import mark_ready
from jira_pipeline.review.open_session import open_session
from jira_pipeline.sessions.upload import upload
from jira_pipeline.web.context import Web
from jira_pipeline.web.problems import problem_of
from jira_pipeline.web.program_steps import ADDRESSES, steps_of
from jira_pipeline_tests import projects
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.web.browsers import ClientOf, declared_by, signed_in, with_runs
from jira_pipeline_tests.web.recorded_runs import RecordedRuns

pytestmark = pytest.mark.small_site

HERE = f"/api/sessions/{SESSION}"
EXPORT = f"/api/jira/export-session/{SESSION}"


DONE_HERE = {
    *("session_locked", "unknown_session", "unknown_task", "unknown_ticket", "unknown_revision"),
    *("not_vanished", "edit_conflict", "unknown_fix", "no_tickets", "stale", "not_ready"),
    *("same_specification", "not_exported", "nothing_to_retry", "nothing_to_cancel"),
    *("export_running", "export_cancelled", "writing_cancelled"),
}
"""Codes whose step a test below does, in the state that has the error."""
_IN_A_RUN = "stored by a run; its step is the address of those that broke off"
_FOR_A_PERSON = "somebody has to look at issues in Jira first; the address and its fields are held"
DONE_ELSEWHERE = {
    "decision_changed": "test_verb_routes: the answer has the new plan",
    "new_target": "test_api_exports",
    "retries_exhausted": "test_api_exports: an admin resumes",
    "generation_running": "it goes on by itself; an admin resumes where its machine is gone",
    "layout_needed": "test_waiting_sessions",
    "layout_unsettled": "test_api_layouts",
    "not_validated": "as stale",
    "validation_failed": "as stale; somebody corrects the tickets that are named",
    "request_interrupted": "crash/test_killed_requests",
    "unknown_error": "no address of the API takes the number of an error",
    "unknown_question": "no address of the API raises it",
    "session_key_refused": "no address of the API takes a new key",
    "dependency_cycle": "the dependency to remove is in the message",
    "undo_open": _IN_A_RUN,
    "issues_missing": _IN_A_RUN,
    "run_died": _IN_A_RUN,
    "check_failed": _IN_A_RUN,
    "writer_access": _IN_A_RUN,
    "description_refused": _IN_A_RUN,
    "copied_issues": _FOR_A_PERSON,
    "issues_gone": _FOR_A_PERSON,
    "issues_unclaimed": _FOR_A_PERSON,
    "orphan_issue": _FOR_A_PERSON,
}
"""Codes whose step is a request that no test of this module does, and why or where."""


def operation_of(document: Mapping[str, Any], method: str, address: str) -> Mapping[str, Any]:
    """Return the operation of a request; an error where the document has none."""
    path = address.partition("?")[0]
    for template, operations in document["paths"].items():
        pattern = re.sub(r"\{\w+\}", "[^/]+", template)
        if re.fullmatch(pattern, path) and method.lower() in operations:
            operation: Mapping[str, Any] = operations[method.lower()]
            return operation
    raise AssertionError(f"The API has no {method} {address}.")


def fields_of(document: Mapping[str, Any], operation: Mapping[str, Any]) -> set[str]:
    """Return the names of what an operation takes, in the address or in its body."""
    names = {parameter["name"] for parameter in operation.get("parameters", ())}
    body = operation.get("requestBody")
    if body is not None:
        schema = body["content"]["application/json"]["schema"]
        references = [schema, *schema.get("anyOf", ()), *schema.get("allOf", ())]
        for reference in references:
            name = reference.get("$ref", "").rpartition("/")[2]
            if name:
                names |= document["components"]["schemas"][name]["properties"].keys()
    return names


@each("code", sorted(meanings()))
def test_out_of_every_error_leads_something_and_the_api_has_all_that_it_names(
    web: Web, code: str
) -> None:
    document = declared_by(web).document
    steps = steps_of(meanings()[code].actions_on(session_key=SESSION, number=1))

    assert any(step.leads_out for step in steps)
    for step in steps:
        for method, address in ((step.method, step.href), ("GET", step.plan)):
            if method is None or address is None:
                continue
            operation = operation_of(document, method, address)
            taken = fields_of(document, operation)
            in_query = re.findall(r"[?&](\w+)=", address)
            assert taken >= {*in_query}
            if address == step.href:
                assert taken >= (step.body or {}).keys()


def test_each_step_that_is_a_request_is_done_here_or_named_with_its_reason() -> None:
    of_requests = set()
    for code, meaning in meanings().items():
        steps = steps_of(meaning.actions_on(session_key=SESSION, number=1))
        leading = [step for step in steps if step.leads_out]
        if leading[0].href is not None:
            of_requests.add(code)

    assert of_requests == DONE_HERE | DONE_ELSEWHERE.keys()


@each("kind", sorted(ADDRESSES))
def test_every_address_of_a_step_is_in_the_document(web: Web, kind: ActionKind) -> None:
    (step,) = steps_of([Action.of(kind, "{}", session_key=SESSION)])

    assert step.method is not None
    assert step.href is not None
    assert operation_of(declared_by(web).document, step.method, step.href)


@each(
    ("action", "request_of_it"),
    [
        (
            Action.of(ActionKind.EXPORT, "{}", session_key="s", as_new=True),
            (
                "POST",
                "/api/jira/export-session/s",
                {"as_new": True},
                "/api/sessions/s/plan?as_new=true",
            ),
        ),
        (
            Action.of(ActionKind.SETTLE, "{}", session_key="s", forget="all"),
            (
                "POST",
                "/api/sessions/s/decide-differences",
                {"decision": "forget", "every": True},
                "/api/sessions/s/plan-decision?decision=forget&every=true",
            ),
        ),
        (
            Action.of(ActionKind.SETTLE, "{}", session_key="s", adopt="SBX-2"),
            (
                "POST",
                "/api/sessions/s/decide-differences",
                {"decision": "adopt", "names": ["SBX-2"]},
                "/api/sessions/s/plan-decision?decision=adopt&names=SBX-2",
            ),
        ),
        (
            Action.of(ActionKind.RESUME, "{}", session_key="s", work="processing"),
            ("POST", "/api/sessions/s/processing/retry", None, None),
        ),
        (
            Action.of(ActionKind.SHOW_TICKET, "{}", session_key="s", number=3),
            ("GET", "/api/sessions/s/tickets?numbers=3", None, None),
        ),
        (
            Action.of(ActionKind.DEPEND, "{}", session_key="s", number=3, on="4 5"),
            ("POST", "/api/sessions/s/depend", {"number": 3, "on": [4, 5]}, None),
        ),
    ],
)
def test_a_step_says_what_its_request_takes(action: Action, request_of_it: tuple[Any, ...]) -> None:
    (step,) = steps_of([action])

    assert (step.method, step.href, step.body, step.plan) == request_of_it


@each(
    ("action", "whom"),
    [
        (Action.of(ActionKind.RESUME, "{}", session_key="s", force=True), Contact.SERVER_ADMIN),
        (Action.of(ActionKind.CHANGE_SETTING, "Set it."), Contact.SERVER_ADMIN),
        (Action.of(ActionKind.ASK, "Ask.", whom="jira_admin"), Contact.JIRA_ADMIN),
        (Action.of(ActionKind.VALIDATE, "{}", session_key="s"), None),
    ],
)
def test_what_the_api_cannot_do_names_who_can(action: Action, whom: Contact | None) -> None:
    (step,) = steps_of([action])

    assert step.whom == whom
    assert (step.href is None) == (whom is not None)


@each(
    ("steps", "sentences", "kinds"),
    [
        ((), 1, ["correct"]),
        (["Send them one by one."], 1, ["advice", "correct"]),
        ([Action.of(ActionKind.WAIT, "Wait.")], 1, ["wait"]),
    ],
)
def test_where_no_step_of_an_error_leads_out_those_of_its_code_do(
    steps: Sequence[Action | str], sentences: int, kinds: list[str]
) -> None:
    error = WrongUseError("The pairs cannot be read.", recovery_actions=steps)

    problem = problem_of(error)

    assert len(problem["recovery_actions"]) == sentences
    assert [step["kind"] for step in problem["actions"]] == kinds


class Caller:
    """A program that does what the first request of a problem says, until there is none."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        self.codes: list[str] = []
        """Of the problems that it met, in order."""

    def does(self, step: Mapping[str, Any], **fields: Any) -> Response:
        """Send the request of a step, with the plan where it needs one."""
        body = dict(step["body"] or {}) | fields
        if step["plan"] is not None:
            body["plan_hash"] = self.client.get(step["plan"]).json()["plan_hash"]
        if step["method"] == "GET":
            return self.client.get(step["href"])
        return self.client.request(step["method"], step["href"], json=body)

    def leaves(self, problem: Response, *, kind: str = "", **fields: Any) -> Response:
        """Do the first step of a problem that is a request, or that of a kind."""
        self.codes.append(problem.json()["code"])
        steps = [step for step in problem.json()["actions"] if step["method"] is not None]
        chosen = [step for step in steps if kind in {"", step["kind"]}]
        answer = self.does(chosen[0], **fields)
        assert answer.status_code in {200, 202}, answer.text
        return answer

    def gets_through(self, address: str) -> Response:
        """Send a request, and each time what its refusal says, until it is not refused."""
        answer = self.client.post(address)
        while answer.status_code >= 400:
            assert len(self.codes) < 6, self.codes
            self.leaves(answer)
            answer = self.client.post(address)
        return answer


def test_whoever_does_the_first_step_of_each_refusal_gets_to_the_export(fresh_web: Web) -> None:
    caller = Caller(signed_in(fresh_web, Role.EXPORTER))

    not_exported = caller.client.get(f"/api/jira/export-results/{SESSION}")
    status = caller.leaves(not_exported).json()
    caller.does(status["actions"][0])
    started = caller.client.post(EXPORT)
    caller.leaves(caller.client.post(f"/api/jira/retry-failed/{SESSION}"))
    caller.leaves(caller.client.post(f"{HERE}/cancel"))
    caller.leaves(caller.client.post(f"{HERE}/finish-fixes", json={"ids": [999]}))

    assert started.status_code == 202
    assert caller.codes == ["not_exported", "nothing_to_retry", "nothing_to_cancel", "unknown_fix"]


def test_an_upload_gets_to_its_export_beside_a_session_of_the_same_sheets(
    fresh_web: Web, tmp_path: Path
) -> None:
    mark_ready(open_session(fresh_web.pipeline, SESSION), None, by="test")
    caller = Caller(signed_in(fresh_web, Role.EXPORTER))
    caller.gets_through(EXPORT)
    sheets = projects.copy_small_sheets(tmp_path / "again")
    upload(fresh_web.pipeline, sheets, session_key="again", auto_approve=False, actor="test")

    problem = caller.client.post("/api/jira/export-session/again")
    while problem.json()["code"] != "same_specification":
        assert len(caller.codes) < 4, caller.codes
        caller.leaves(problem)
        problem = caller.client.post("/api/jira/export-session/again")
    started = caller.leaves(problem)

    assert caller.codes == ["no_tickets", "not_ready", "same_specification"]
    assert started.status_code == 202


def test_a_change_after_validation_is_validated_and_approved_step_by_step(fresh_web: Web) -> None:
    mark_ready(open_session(fresh_web.pipeline, SESSION), None, by="test")
    caller = Caller(signed_in(fresh_web, Role.EXPORTER))
    caller.client.post(f"{HERE}/edit", json={"number": 1, "part": "notes", "text": "See the wiki."})

    caller.gets_through(EXPORT)

    assert caller.codes == ["stale"]


def test_what_is_at_work_can_be_cancelled_by_whom_it_hinders(fresh_web: Web) -> None:
    mark_ready(open_session(fresh_web.pipeline, SESSION), None, by="test")
    web = with_runs(fresh_web, RecordedRuns())
    caller = Caller(signed_in(web, Role.EXPORTER))

    caller.client.post(EXPORT)
    caller.leaves(caller.client.post(f"{HERE}/generate"), kind="cancel")
    caller.client.post(EXPORT)
    caller.leaves(caller.client.post(f"/api/jira/retry-failed/{SESSION}"), kind="cancel")

    assert caller.codes == ["session_locked", "export_running"]
    assert caller.client.post(f"{HERE}/generate").status_code == 202


def test_what_was_cancelled_is_carried_on_by_the_step_of_its_status(fresh_web: Web) -> None:
    mark_ready(open_session(fresh_web.pipeline, SESSION), None, by="test")
    caller = Caller(signed_in(with_runs(fresh_web, RecordedRuns()), Role.EXPORTER))
    of_export = f"/api/jira/export-status/{SESSION}"
    of_writing = f"{HERE}/processing/status"

    codes = []
    for start, status in ((EXPORT, of_export), (f"{HERE}/generate", of_writing)):
        caller.client.post(start)
        caller.client.post(f"{HERE}/cancel")
        cancelled = caller.client.get(status).json()
        codes.append(cancelled["code"])
        step = next(step for step in cancelled["actions"] if step["method"] is not None)
        assert caller.does(step).status_code in {200, 202}
        caller.client.post(f"{HERE}/cancel")

    assert codes == ["export_cancelled", "writing_cancelled"]


@each(
    ("method", "address", "body", "code"),
    [
        ("GET", "/api/sessions/none", None, "unknown_session"),
        ("GET", "/api/tasks/none", None, "unknown_task"),
        ("GET", f"{HERE}/tickets?numbers=999", None, "unknown_ticket"),
        ("POST", f"{HERE}/rollback", {"number": 1, "to": 99}, "unknown_revision"),
        ("POST", f"{HERE}/withdraw", {"numbers": [1]}, "not_vanished"),
        (
            "POST",
            f"{HERE}/edit",
            {"number": 1, "part": "notes", "text": "x", "revision": 99},
            "edit_conflict",
        ),
    ],
)
def test_what_does_not_exist_leads_to_the_list_of_what_does(
    client_of: ClientOf, method: str, address: str, body: Any, code: str
) -> None:
    client = client_of(Role.REVIEWER)
    problem = client.request(method, address, json=body)

    assert problem.json()["code"] == code
    steps = [step for step in problem.json()["actions"] if step["method"] == "GET"]
    assert client.get(steps[0]["href"]).status_code == 200
