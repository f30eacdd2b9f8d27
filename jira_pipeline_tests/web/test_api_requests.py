"""What holds for every request: problems of one shape, limits, who may ask."""

import asyncio
import errno
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import count
from threading import Barrier, BrokenBarrierError

import pytest
from starlette.testclient import WebSocketDenialResponse
from typing_extensions import override

from jira_pipeline.model.errors import (
    EditConflictError,
    GateError,
    GateRule,
    NotSignedInError,
    StoreError,
    meanings,
)
from jira_pipeline.model.people import Role
from jira_pipeline.model.runs import KnownRun
from jira_pipeline.review import decisions
from jira_pipeline.review.open_session import open_session
from jira_pipeline.sessions.starting import start_validation
from jira_pipeline.web.context import Web
from jira_pipeline.web.labels import sentence_of
from jira_pipeline.web.problems import deny_websocket, problem_of
from jira_pipeline.web.status_pace import LOOK_SHARED_SECONDS, SharedLooks
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.web.browsers import SOCKET_ORIGIN, ClientOf, one, page_at
from jira_pipeline_tests.web.recorded_runs import RecordedRuns

pytestmark = pytest.mark.small_site

PROJECT = "/api/jira/validate-project"
ERRORS = f"/api/sessions/{SESSION}/processing/errors"
FIELDS = {
    "type", "title", "status", "detail", "code", "error_category", "user_message",
    "recovery_actions",
}  # fmt: skip


@each(
    ("method", "address", "content", "status"),
    [
        ("GET", "/api/nothing/there", b"", 404),
        ("GET", "/api", b"", 404),
        ("DELETE", PROJECT, b"", 405),
        ("POST", PROJECT, b"{no json", 422),
        ("POST", PROJECT, b"\xff\xfe", 422),
        ("POST", PROJECT, b"[]", 422),
        ("POST", PROJECT, b"[" * 100_000, 400),
        ("POST", PROJECT, b'{"project_key": "' + b"A" * 5_000_000 + b'"}', 413),
        ("POST", PROJECT, b'{"project_key": 7}', 422),
        ("POST", PROJECT, b'{"project_key": "SBX", "more": 1}', 422),
        ("GET", f"/api/sessions/{SESSION}/tickets/99999999999999999999/sentences", b"", 422),
        ("GET", f"{ERRORS}?limit=0", b"", 422),
        ("GET", ERRORS.replace(SESSION, "%00"), b"", 404),
        ("GET", ERRORS.replace(SESSION, "x" * 3_000), b"", 404),
    ],
    ids=lambda value: str(value)[:40],
)
def test_errors_of_the_framework_have_the_form_of_ours(
    client_of: ClientOf, method: str, address: str, content: bytes, status: int
) -> None:
    answer = client_of(Role.REVIEWER).request(
        method, address, content=content, headers={"content-type": "application/json"}
    )

    assert (answer.status_code, answer.headers["content-type"]) == (
        status, "application/problem+json",
    )  # fmt: skip
    assert answer.json().keys() >= FIELDS
    assert answer.json()["status"] == status
    assert answer.json()["error_category"] == "user_fixable"


@each("rule", GateRule, ids=str)
def test_each_rule_of_the_gate_is_a_code_with_its_status(rule: GateRule) -> None:
    error = GateError("A person must act first.", rule=rule, recovery_actions=rule.meaning.actions)

    problem = problem_of(error)

    timing = {
        "stale", "not_validated", "validation_failed", "decision_changed", "export_running",
        "generation_running", "undo_open", "layout_needed",
    }  # fmt: skip
    assert problem["code"] == rule.value
    assert problem["status"] == (409 if rule.value in timing else 422)
    assert problem["recovery_actions"]
    assert "{" not in json.dumps(problem["recovery_actions"])


class _Hesitating(RecordedRuns):
    """Answers two who look for runs at once, where they may, before either starts one."""

    def __init__(self) -> None:
        super().__init__()
        self._both = Barrier(2)

    @override
    def in_flight(self, session_key: str) -> Sequence[KnownRun]:
        found = super().in_flight(session_key)
        with suppress(BrokenBarrierError):
            self._both.wait(0.1)
        return found


def test_of_two_who_start_the_same_at_once_the_second_finds_the_run(fresh_web: Web) -> None:
    runs = _Hesitating()

    def start(by: str) -> bool:
        session = open_session(fresh_web.pipeline, SESSION)
        return start_validation(session, runs, by=by)

    with ThreadPoolExecutor(2) as threads:
        found = [*threads.map(start, ("kim", "ab"))]

    assert (sorted(found), len(runs.wanted)) == ([False, True], 1)


def test_all_who_follow_a_session_share_a_look() -> None:
    """Each open page asked the store and Dagster once a second, for itself."""
    now, looked = [0.0], count(1)
    looks = SharedLooks(monotonic=lambda: now[0])

    def seen(key: str) -> int:
        return looks.at(key, lambda: next(looked))

    at_once = [seen("site"), seen("site"), seen("other")]
    now[0] = LOOK_SHARED_SECONDS

    assert (at_once, seen("site")) == ([1, 1, 2], 3)


def test_head_answers_wherever_get_does(client_of: ClientOf) -> None:
    """It was 405."""
    client = client_of(Role.READER)
    addresses = ["/", ERRORS, ERRORS.replace(SESSION, "nowhere"), "/api/openapi.json",
                 f"/sessions/{SESSION}/tickets"]  # fmt: skip

    for address in addresses:
        head, got = client.head(address), client.get(address)
        assert head.status_code == got.status_code, address
        assert head.headers["content-type"] == got.headers["content-type"], address
        assert head.content == b"", address
    assert client.head(PROJECT).status_code == client.get(PROJECT).status_code


def test_what_the_guard_refuses_is_a_problem(client_of: ClientOf) -> None:
    """It was a line of text, and a WebSocket was closed without a reason that arrived."""
    client, foreign = client_of(Role.READER), {"origin": "https://elsewhere.example"}

    refused = client.get(ERRORS, headers=foreign)
    with (
        pytest.raises(WebSocketDenialResponse) as denied,
        client.websocket_connect(f"{SOCKET_ORIGIN}/sessions/{SESSION}/live", headers=foreign),
    ):
        pass

    for answer in (refused, denied.value):
        assert answer.status_code == answer.json()["status"] == 403
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json().keys() >= FIELDS
        assert "another origin" in answer.json()["detail"]


def test_a_server_without_denials_closes_with_the_reason() -> None:
    sent: list[object] = []

    async def send(message: object) -> None:
        sent.append(message)

    scope = {"type": "websocket", "extensions": {}}
    asyncio.run(deny_websocket(scope, send, send, NotSignedInError("ü" * 200)))  # type: ignore[arg-type] # never receives

    assert sent == [{"type": "websocket.close", "code": 1008, "reason": "ü" * 61}]


def test_labels_that_somebody_else_set_meanwhile_are_a_conflict(fresh_web: Web) -> None:
    """It was 422, as if the labels were wrong."""
    seen = open_session(fresh_web.pipeline, SESSION)
    first, second, *_ = seen.tickets
    decisions.assign(seen.reload(), [second.number], fields={"labels": ("other",)}, by="ab")

    with pytest.raises(EditConflictError) as refused:
        decisions.change_labels(
            seen, [first.number, second.number], added=("urgent",), removed=(), by="kim"
        )

    assert problem_of(refused.value)["status"] == 409
    assert "urgent" not in seen.reload().ticket(first.number).labels


def test_a_full_disk_is_named() -> None:
    """It was 500."""
    no_space = OSError(errno.ENOSPC, "No space left on device")
    kept = StoreError.because(no_space, "It could not be kept.", recovery_actions=())
    assert problem_of(kept)["status"] == 507


def test_the_type_of_every_problem_leads_to_what_it_means(client_of: ClientOf) -> None:
    """It was answered 404."""
    page = page_at(client_of(Role.READER), "/docs/errors")

    for code, meaning in meanings().items():
        heading = one(page, f"h2#{code}")
        assert heading.text() == code
        assert heading.parent is not None, code
        text = heading.parent.text().replace("\n", " ")
        assert meaning.means.replace("`", "") in text, code
        assert meaning.safe.replace("`", "") in text, code
        for action in meaning.actions_on():
            said = "".join(word.text for word in sentence_of(action))
            assert said.replace("`", "") in text, code


def test_a_problem_names_the_address_of_its_meaning(client_of: ClientOf) -> None:
    client = client_of(Role.READER)

    address, _, code = client.get(ERRORS.replace(SESSION, "nowhere")).json()["type"].partition("#")

    assert code in meanings()
    assert client.get(address).status_code == 200
    assert client_of(None).get(address).status_code == 401
