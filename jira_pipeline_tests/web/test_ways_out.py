"""Out of each error leads a step that the API has, or somebody to ask, or a wait.

A caller of the API was told to press buttons of pages, and two errors led to themselves for ever.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from jira_pipeline.model.actions import Action, ActionKind, Contact
from jira_pipeline.model.errors import (
    DescriptionRefusedError,
    GateError,
    GateRule,
    PipelineError,
    RunDiedError,
    WrongUseError,
    meanings,
)
from jira_pipeline.model.exports import LedgerEvent, LedgerSubject
from jira_pipeline.model.people import Role
from jira_pipeline.model.sessions import SessionStatus
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


class Way(StrEnum):
    """How the first step that leads out of an error is shown to do so."""

    DONE = "a test below does it, in the state that has the error"
    DONE_ELSEWHERE = "a test of another module does it"
    LEFT = "a request that no test does, for a reason"
    SENT_AGAIN = "what was sent, or the sheets, have to change: the message says how"
    WAITED = "nobody has to act: the same works later"
    ASKED = "somebody else has to act, whom it names"
    ON_A_PAGE = "a page or a command does it, and the API has nothing of it"


_IN_ITS_RUN = "its run stores it, and what it needs is a fault of a model or of ShareDo"
_LOOK_FIRST = "somebody has to look at issues in Jira first; the address and its fields are held"
WAYS_OUT: Mapping[str, tuple[Way, str]] = {
    "check_failed": (Way.LEFT, "a check of rows that no sheets are known to fail"),
    "configuration_refused": (Way.ASKED, "server_admin"),
    "copied_issues": (Way.LEFT, _LOOK_FIRST),
    "dagster_starting": (Way.WAITED, ""),
    "decision_changed": (Way.DONE_ELSEWHERE, "test_verb_routes: the answer has the new plan"),
    "dependency_cycle": (Way.DONE, ""),
    "description_refused": (Way.DONE, ""),
    "earlier_sheets": (Way.ON_A_PAGE, "of the inbox, a folder of the server"),
    "edit_conflict": (Way.DONE, ""),
    "EXPORT_001": (Way.ASKED, "sharedo_admin"),
    "EXPORT_002": (Way.ASKED, "server_admin"),
    "EXPORT_003": (Way.ASKED, "sharedo_admin"),
    "EXPORT_004": (Way.ASKED, "server_admin"),
    "EXPORT_005": (Way.SENT_AGAIN, ""),
    "EXPORT_006": (Way.SENT_AGAIN, ""),
    "EXPORT_007": (Way.ASKED, "server_admin"),
    "EXPORT_008": (Way.ASKED, "sharedo_admin"),
    "export_cancelled": (Way.DONE, ""),
    "export_running": (Way.DONE, ""),
    "generation_running": (Way.LEFT, "it goes on by itself; an admin resumes on another machine"),
    "idempotency_key_reused": (Way.SENT_AGAIN, ""),
    "input_refused": (Way.SENT_AGAIN, ""),
    "issues_gone": (Way.LEFT, _LOOK_FIRST),
    "issues_missing": (Way.DONE, ""),
    "issues_unclaimed": (Way.LEFT, _LOOK_FIRST),
    "jira_access": (Way.ASKED, "server_admin"),
    "jira_in_doubt": (Way.WAITED, ""),
    "jira_outage": (Way.WAITED, ""),
    "jira_refused": (Way.ASKED, "jira_admin"),
    "jira_unavailable": (Way.WAITED, ""),
    "layout_needed": (Way.DONE, ""),
    "layout_refused": (Way.SENT_AGAIN, ""),
    "layout_unsettled": (Way.DONE_ELSEWHERE, "test_api_layouts: cells are confirmed as not read"),
    "lease_busy": (Way.WAITED, ""),
    "lease_lost": (Way.WAITED, ""),
    "manifest_refused": (Way.SENT_AGAIN, ""),
    "new_target": (Way.DONE_ELSEWHERE, "test_api_exports: by the plan, with `as_new`"),
    "no_tickets": (Way.DONE, ""),
    "not_exported": (Way.DONE, ""),
    "not_ready": (Way.DONE, ""),
    "not_signed_in": (Way.ASKED, "server_admin"),
    "not_validated": (Way.DONE, ""),
    "not_vanished": (Way.DONE, ""),
    "nothing_to_cancel": (Way.DONE, ""),
    "nothing_to_export": (Way.SENT_AGAIN, ""),
    "nothing_to_retry": (Way.DONE, ""),
    "orphan_issue": (Way.LEFT, _LOOK_FIRST),
    "other_specification": (Way.SENT_AGAIN, ""),
    "package_refused": (Way.SENT_AGAIN, ""),
    "questions_of_withdrawal": (Way.SENT_AGAIN, ""),
    "rate_limited": (Way.WAITED, ""),
    "reading_limit": (Way.SENT_AGAIN, ""),
    "request_interrupted": (Way.DONE_ELSEWHERE, "crash/test_killed_requests"),
    "request_under_way": (Way.WAITED, ""),
    "retries_exhausted": (Way.DONE_ELSEWHERE, "test_api_exports: an admin resumes"),
    "role_too_low": (Way.ASKED, "server_admin"),
    "run_died": (Way.DONE, ""),
    "same_specification": (Way.DONE, ""),
    "session_key_refused": (Way.LEFT, "no address of the API takes a new key"),
    "session_locked": (Way.DONE, ""),
    "sheets_refused": (Way.SENT_AGAIN, ""),
    "site_configuration_refused": (Way.SENT_AGAIN, ""),
    "site_in_question": (Way.SENT_AGAIN, ""),
    "stale": (Way.DONE, ""),
    "store_busy": (Way.WAITED, ""),
    "store_unusable": (Way.ASKED, "server_admin"),
    "too_many_requests": (Way.WAITED, ""),
    "undo_open": (Way.DONE, ""),
    "unexpected": (Way.ASKED, "developers"),
    "unknown_error": (Way.LEFT, "no address of the API takes the number of an error"),
    "unknown_export_job": (Way.ASKED, "server_admin"),
    "unknown_fix": (Way.DONE, ""),
    "unknown_link": (Way.ASKED, "sender"),
    "unknown_person": (Way.ASKED, "server_admin"),
    "unknown_question": (Way.LEFT, "no address of the API raises it"),
    "unknown_revision": (Way.DONE, ""),
    "unknown_session": (Way.DONE, ""),
    "unknown_task": (Way.DONE, ""),
    "unknown_ticket": (Way.DONE, ""),
    "unknown_upload": (Way.SENT_AGAIN, ""),
    "unknown_verification": (Way.SENT_AGAIN, ""),
    "validation_failed": (Way.LEFT, "as stale; somebody corrects the tickets that are named"),
    "writer_access": (Way.LEFT, _IN_ITS_RUN),
    "writer_budget": (Way.ASKED, "server_admin"),
    "writer_context": (Way.ASKED, "model_admin"),
    "writer_missing": (Way.ASKED, "server_admin"),
    "writer_quota": (Way.ASKED, "model_admin"),
    "writer_unavailable": (Way.WAITED, ""),
    "writer_unusable": (Way.ON_A_PAGE, "an admin of the server names another model"),
    "writing_cancelled": (Way.DONE, ""),
    "wrong_use": (Way.SENT_AGAIN, ""),
}
"""How each error is left, and whom it names, where a test is, or why there is none."""
_REQUESTS = {Way.DONE, Way.DONE_ELSEWHERE, Way.LEFT}
_KINDS = {"wait": Way.WAITED, "correct": Way.SENT_AGAIN, "mend_sheet": Way.SENT_AGAIN}


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


def test_of_every_error_it_is_said_how_its_first_step_is_shown_to_lead_out() -> None:
    """A code that is added has no place in the table, and a step that changes has another one."""
    shown: dict[str, object] = {}
    for code, meaning in meanings().items():
        steps = steps_of(meaning.actions_on(session_key=SESSION, number=1))
        first = next(step for step in steps if step.leads_out)
        way, about = WAYS_OUT.get(code, ("in no table", ""))
        if first.href is not None:
            is_so = way in _REQUESTS
        elif first.whom is not None:
            is_so = (way, about) == (Way.ASKED, first.whom)
        else:
            is_so = way is _KINDS.get(first.kind, Way.ON_A_PAGE)
        if not is_so:
            shown[code] = (way, first)

    assert shown == {}
    assert WAYS_OUT.keys() == meanings().keys()


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


def test_sheets_that_nobody_described_are_described_and_read_by_the_steps_of_their_refusal(
    fresh_web: Web, tmp_path: Path
) -> None:
    """The refusal named no request by which somebody says what the worksheets list."""
    folder = tmp_path / "sheets" / "shop"
    folder.mkdir(parents=True)
    (folder / "Kinds.csv").write_text("What,Code\nWatch,watch\n", encoding="utf-8")
    (folder / "layout.yaml").write_text("version: 1\nsheets: []\n", encoding="utf-8")
    upload(fresh_web.pipeline, folder, session_key="shop", auto_approve=False, actor="test")
    client = signed_in(fresh_web, Role.REVIEWER)
    caller = Caller(client)
    columns = {"Name": "What", "Machine name": "Code", "Type": {"text": "Content type"}}
    record = {"into": "bundle", "columns": columns}
    region = {"name": "kinds", "records": [record]}
    layout = {"version": 1, "sheets": [{"worksheets": "Kinds", "regions": [region]}]}

    refused = client.post("/api/sessions/shop/generate")
    look, save, confirm = refused.json()["actions"]
    revision = caller.does(look).json()["revision"]
    saved = caller.does(save, layout=layout, revision=revision)
    confirmed = caller.does(confirm, revision=saved.json()["revision"])
    started = client.post("/api/sessions/shop/generate")

    assert refused.json()["code"] == "layout_needed"
    assert (saved.status_code, confirmed.status_code, started.status_code) == (200, 200, 202)


def test_a_circle_of_tickets_is_opened_by_the_step_of_its_refusal(fresh_web: Web) -> None:
    caller = Caller(signed_in(fresh_web, Role.REVIEWER))
    caller.client.post(f"{HERE}/depend", json={"number": 1, "on": [2]})

    refused = caller.client.post(f"{HERE}/depend", json={"number": 2, "on": [1]})
    caller.leaves(refused)
    again = caller.client.post(f"{HERE}/depend", json={"number": 2, "on": [1]})

    assert (caller.codes, again.status_code) == (["dependency_cycle"], 200)


def test_tickets_that_nobody_validated_are_by_the_step_of_their_refusal(
    fresh_web: Web, sheets: Path
) -> None:
    projects.written(fresh_web.pipeline, sheets, session_key="newer")
    caller = Caller(signed_in(fresh_web, Role.EXPORTER))

    caller.gets_through("/api/jira/export-session/newer")

    assert caller.codes[0] == "not_validated"


def test_an_undo_that_broke_off_is_finished_by_the_step_of_its_refusal(fresh_web: Web) -> None:
    mark_ready(open_session(fresh_web.pipeline, SESSION), None, by="test")
    caller = Caller(signed_in(fresh_web, Role.EXPORTER))
    caller.gets_through(EXPORT)
    session = open_session(fresh_web.pipeline, SESSION)
    begun = replace(session.entries[0], event=LedgerEvent.UNDO_BEGUN, subject=LedgerSubject.UNDO)
    fresh_web.pipeline.store.ledger.append(replace(begun, identity="undo", ticket_id=""))

    caller.leaves(caller.client.post(EXPORT))

    assert caller.codes == ["undo_open"]
    assert caller.client.post(EXPORT).status_code == 202


@each(
    "error",
    [
        RunDiedError("It was killed."),
        GateError("Some do not exist.", rule=GateRule.ISSUES_MISSING),
        DescriptionRefusedError("Jira refuses a text.", failed_at_ticket_number=1),
    ],
    ids=lambda error: error.code,
)
def test_an_export_that_broke_off_is_carried_on_by_the_step_of_its_status(
    fresh_web: Web, error: PipelineError
) -> None:
    pipeline = fresh_web.pipeline
    mark_ready(open_session(pipeline, SESSION), None, by="test")
    projects.show_run(pipeline, SessionStatus.FAILED, run_id="r1")
    pipeline.store.errors.record(
        error, session_key=SESSION, stage="jira_export", at=pipeline.clock.now(), run_id="r1"
    )
    caller = Caller(signed_in(with_runs(fresh_web, RecordedRuns()), Role.EXPORTER))

    failed = caller.client.get(f"/api/jira/export-status/{SESSION}").json()
    step = next(step for step in failed["actions"] if step["method"] is not None)
    carried_on = caller.does(step)

    assert (failed["code"], carried_on.status_code) == (error.code, 202)
