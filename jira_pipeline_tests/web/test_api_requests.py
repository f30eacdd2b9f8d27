"""What holds for every request: problems of one shape, the Idempotency-Key, OpenAPI, its page."""

import asyncio
import errno
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import count
from threading import Barrier, BrokenBarrierError

import pytest
from selectolax.lexbor import LexborHTMLParser
from starlette.testclient import WebSocketDenialResponse
from typing_extensions import override

from jira_pipeline.actions import Action, ActionKind
from jira_pipeline.errors import (
    FieldConflictError,
    GateError,
    GateRule,
    NotSignedInError,
    RequestUnderWayError,
    StoreError,
    UnavailableError,
    meanings,
)
from jira_pipeline.flow.open_session import open_session
from jira_pipeline.flow.starting import start_validation
from jira_pipeline.kernel.people import Role
from jira_pipeline.kernel.sessions import SessionStatus
from jira_pipeline.ports.runs import KnownRun
from jira_pipeline.review import decisions
from jira_pipeline.session.turns import OneByOne
from jira_pipeline.web.application import create_app
from jira_pipeline.web.context import Web
from jira_pipeline.web.limits import (
    LOOK_SHARED_SECONDS,
    SharedLooks,
    StatusPace,
    UnderWay,
)
from jira_pipeline.web.problems import deny_websocket, problem_of
from jira_pipeline.web.words import STEPS, sentence_of
from jira_pipeline_tests import projects
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.unwritable_stores import full_disk
from jira_pipeline_tests.web.browsers import SOCKET_ORIGIN, ClientOf, signed_in
from jira_pipeline_tests.web.recorded_runs import RecordedRuns

pytestmark = pytest.mark.small_site

TICKETS = f"/api/sessions/{SESSION}/tickets"
FIELDS = {
    "type", "title", "status", "detail", "code", "error_category", "user_message",
    "recovery_actions",
}  # fmt: skip


@each(
    ("method", "address", "content", "status"),
    [
        ("GET", "/api/nothing/there", b"", 404),
        ("GET", "/api", b"", 404),
        ("DELETE", "/api/sessions", b"", 405),
        ("POST", f"{TICKETS}/skip", b"{no json", 422),
        ("POST", f"{TICKETS}/skip", b"\xff\xfe", 422),
        ("POST", f"{TICKETS}/skip", b"[]", 422),
        ("POST", f"{TICKETS}/skip", b'{"numbers": "all"}', 422),
        ("GET", f"{TICKETS}/abc", b"", 422),
        ("GET", f"{TICKETS}/99999999999999999999", b"", 422),
        ("GET", f"{TICKETS}?limit=0", b"", 422),
        ("GET", "/api/sessions/%00", b"", 404),
        ("GET", "/api/sessions/" + "x" * 3_000, b"", 404),
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


def test_a_body_that_is_too_deep_is_refused_not_unexpected(client_of: ClientOf) -> None:
    answer = client_of(Role.REVIEWER).post(
        f"{TICKETS}/skip", content=b"[" * 100_000, headers={"content-type": "application/json"}
    )

    assert answer.status_code in {400, 422}
    assert answer.json().keys() >= FIELDS


@each("rule", GateRule, ids=str)
def test_each_rule_of_the_gate_is_a_code_with_its_status(rule: GateRule) -> None:
    error = GateError("A person must act first.", rule=rule, recovery_actions=rule.meaning.actions)

    problem = problem_of(error)

    timing = {
        "stale", "not_validated", "validation_failed", "decision_changed", "export_running",
        "generation_running", "undo_open",
    }  # fmt: skip
    assert problem["code"] == rule.value
    assert problem["status"] == (409 if rule.value in timing else 422)
    assert problem["recovery_actions"]
    assert "{" not in json.dumps(problem["recovery_actions"])


def test_the_same_request_is_done_once(fresh_web: Web) -> None:
    client = signed_in(fresh_web, Role.REVIEWER)
    headers = {"Idempotency-Key": "skip-1"}
    wanted = {"numbers": [3], "reason": "Built already"}

    first = client.post(f"{TICKETS}/skip", json=wanted, headers=headers)
    count = len(fresh_web.pipeline.store.audit.entries(SESSION))
    again = client.post(f"{TICKETS}/skip", json=wanted, headers=headers)
    other = client.post(f"{TICKETS}/skip", json=wanted | {"numbers": [4]}, headers=headers)
    elsewhere = client.post(f"{TICKETS}/unskip", json={"numbers": [3]}, headers=headers)

    assert first.json() == again.json()
    assert first.json()["changed"] == 1
    assert (again.status_code, again.headers["idempotent-replayed"]) == (200, "true")
    assert len(fresh_web.pipeline.store.audit.entries(SESSION)) == count
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_refused")
    assert elsewhere.status_code == 422


def test_a_refusal_is_not_remembered(fresh_web: Web) -> None:
    client = signed_in(fresh_web, Role.REVIEWER)
    headers = {"Idempotency-Key": "order-1"}

    refused = client.post(f"{TICKETS}/order", json={"numbers": [1]}, headers=headers)
    done = client.post(f"{TICKETS}/ready", json={"numbers": [1]}, headers=headers)

    assert (refused.status_code, done.status_code) == (422, 200)


def test_a_key_is_of_one_caller_and_of_whoever_may_ask(fresh_web: Web) -> None:
    reviewer, exporter = (signed_in(fresh_web, role) for role in (Role.REVIEWER, Role.EXPORTER))
    headers = {"Idempotency-Key": "ready-1"}

    first = reviewer.post(f"{TICKETS}/ready", json={"numbers": [1]}, headers=headers)
    second = exporter.post(f"{TICKETS}/ready", json={"numbers": [2]}, headers=headers)

    assert (first.status_code, second.status_code) == (200, 200)
    nobody = signed_in(fresh_web, None).post(f"{TICKETS}/ready", headers=headers)
    reader = signed_in(fresh_web, Role.READER).post(f"{TICKETS}/ready", headers=headers)
    assert (nobody.status_code, reader.status_code) == (401, 403)


@each("key", ["", "x" * 256, "two words"], ids=["empty", "long", "two"])
def test_what_is_no_key_is_refused(client_of: ClientOf, key: str) -> None:
    answer = client_of(Role.REVIEWER).post(
        f"{TICKETS}/order", json={"numbers": [1, 2]}, headers={"Idempotency-Key": key}
    )

    assert answer.json()["code"] == "idempotency_key_refused"


def test_a_request_that_is_being_answered_is_not_begun_again() -> None:
    under_way = UnderWay()

    with under_way.of("kim", "k"), under_way.of("ab", "k"), pytest.raises(RequestUnderWayError):
        under_way.of("kim", "k").__enter__()
    with under_way.of("kim", "k"):
        pass


def test_starts_for_one_session_follow_each_other() -> None:
    one_by_one, order = OneByOne(), list[str]()

    def start() -> None:
        with one_by_one.of("site"):
            order.append("second")

    with ThreadPoolExecutor(1) as threads:
        with one_by_one.of("site"):
            second = threads.submit(start)
            while one_by_one._locks["site"][1] < 2:  # who waits is counted
                assert not second.done()
            order.append("first")
        second.result()

    assert order == ["first", "second"]


class _Hesitating(RecordedRuns):
    """Answers two who look for runs at once, where they may, before either starts one."""

    def __init__(self) -> None:
        """Begin without any."""
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
        return start_validation(session, runs, by=by).is_already_running

    with ThreadPoolExecutor(2) as threads:
        found = [*threads.map(start, ("kim", "ab"))]

    assert (sorted(found), len(runs.wanted)) == ([False, True], 1)


def test_the_pace_is_counted_by_caller_and_session() -> None:
    now = [0.0]
    pace = StatusPace(monotonic=lambda: now[0])

    pace.count("kim", "site")
    pace.count("ab", "site")
    pace.count("kim", "other")
    now[0] = 2.0
    pace.count("kim", "site")


def test_all_who_follow_a_session_share_a_look() -> None:
    """Each open page asked the store and Dagster once a second, for itself."""
    now, looked = [0.0], count(1)
    looks = SharedLooks(monotonic=lambda: now[0])

    def seen(key: str) -> int:
        return looks.at(key, "session", lambda: next(looked))

    at_once = [seen("site"), seen("site"), seen("other")]
    now[0] = LOOK_SHARED_SECONDS

    assert (at_once, seen("site")) == ([1, 1, 2], 3)


def test_every_operation_is_described_with_an_example(web: Web) -> None:
    document = create_app(web).openapi()

    without = []
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation["summary"], path
            bodies = [operation["responses"][code] for code in operation["responses"]]
            if "requestBody" in operation:
                bodies.append(operation["requestBody"])
            for body in bodies:
                for kind, content in body.get("content", {}).items():
                    if "json" in kind and not _has_example(document, content.get("schema", {})):
                        without.append(f"{method} {path}")
    assert without == []


def test_every_problem_is_declared_as_what_it_is(web: Web) -> None:
    """Their shape was declared as that of `application/json`."""
    paths = create_app(web).openapi()["paths"]

    declared = {
        tuple(response["content"])
        for operations in paths.values()
        for operation in operations.values()
        for code, response in operation["responses"].items()
        if int(code) >= 400
    }

    assert declared == {("application/problem+json",)}


def test_every_list_says_what_it_is_made_of(web: Web) -> None:
    """Thirty lists were of objects of which nothing was declared."""
    schemas = create_app(web).openapi()["components"]["schemas"]

    untyped = [
        f"{name}.{field}"
        for name, schema in schemas.items()
        for field, shape in schema.get("properties", {}).items()
        if "items" in shape
        and not {"$ref", "anyOf"} & set(shape["items"])
        and shape["items"].get("type") in {None, "object"}
    ]

    assert untyped == []


def _has_example(document: dict[str, object], schema: dict[str, object]) -> bool:
    if not schema or "examples" in schema or "example" in schema:
        return True
    if "$ref" in schema:
        name = str(schema["$ref"]).rpartition("/")[2]
        return _has_example(document, document["components"]["schemas"][name])  # type: ignore[index]
    inner = [*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else ())]  # type: ignore[misc]
    return bool(inner) and all(
        _has_example(document, one) or one.get("type") == "null" for one in inner
    )


def test_every_example_of_a_request_is_taken(web: Web) -> None:
    """An example that does not fit its own shape is worse than none."""
    import jsonschema_rs  # noqa: PLC0415 - of this test only

    document = create_app(web).openapi()
    for name, schema in document["components"]["schemas"].items():
        for example in schema.get("examples", ()):
            whole = schema | {"components": document["components"]}
            jsonschema_rs.validator_for(whole).validate(example)
            assert name


def test_head_answers_wherever_get_does(client_of: ClientOf) -> None:
    """It was 405."""
    client = client_of(Role.READER)
    addresses = ["/", "/api/sessions", f"/api/sessions/{SESSION}", "/api/sessions/nowhere",
                 f"/sessions/{SESSION}/tickets", "/api/openapi.json"]  # fmt: skip

    for address in addresses:
        head, got = client.head(address), client.get(address)
        assert head.status_code == got.status_code, address
        assert head.headers["content-type"] == got.headers["content-type"], address
        assert head.content == b"", address
    assert client.head(f"{TICKETS}/ready").status_code == client.get(f"{TICKETS}/ready").status_code


def test_what_the_guard_refuses_is_a_problem(client_of: ClientOf) -> None:
    """It was a line of text, and a WebSocket was closed without a reason that arrived."""
    client, foreign = client_of(Role.READER), {"origin": "https://elsewhere.example"}

    refused = client.get("/api/sessions", headers=foreign)
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


def test_a_websocket_that_is_refused_says_why(client_of: ClientOf) -> None:
    with (
        pytest.raises(WebSocketDenialResponse) as denied,
        client_of(None).websocket_connect(f"{SOCKET_ORIGIN}/sessions/{SESSION}/live"),
    ):
        pass

    assert (denied.value.status_code, denied.value.json()["code"]) == (401, "not_signed_in")


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
    tickets = seen.tickets[:2]
    client = signed_in(fresh_web, Role.REVIEWER)
    wanted = {"numbers": [tickets[1].number], "labels": ["other"]}
    assert client.post(f"{TICKETS}/assign", json=wanted).status_code == 200

    with pytest.raises(FieldConflictError) as refused:
        decisions.change_labels(
            seen, [t.number for t in tickets], added=["urgent"], removed=[], by="kim"
        )

    assert problem_of(refused.value)["status"] == 409
    assert "urgent" not in client.get(f"{TICKETS}/{tickets[0].number}").json()["labels"]


def test_what_did_not_change_is_not_sent_again(fresh_web: Web) -> None:
    """The ETag of a ticket named its revision alone: a new label was no change."""
    client, address = signed_in(fresh_web, Role.REVIEWER), f"{TICKETS}/3"

    def asked(tag: str) -> tuple[int, str]:
        answer = client.get(address, headers={"If-None-Match": f'"other", W/{tag}'})
        assert (answer.status_code == 304) == (answer.content == b"")
        return answer.status_code, answer.headers["etag"]

    first = client.get(address).headers["etag"]
    again = asked(first)
    client.post(f"{TICKETS}/labels", json={"numbers": [3], "add": ["urgent"]})
    labelled = asked(first)
    client.post(f"{TICKETS}/skip", json={"numbers": [3], "reason": "Built already"})
    skipped = asked(labelled[1])
    wanted = {"title": "Other"}
    edited = client.patch(address, json=wanted, headers={"If-Match": skipped[1]})

    assert again == (304, first)
    assert (labelled[0], skipped[0], edited.status_code) == (200, 200, 200)
    assert len({first, labelled[1], skipped[1]}) == 3
    listed = client.get(TICKETS)
    known = {"If-None-Match": listed.headers["etag"]}
    assert client.get(TICKETS, headers=known).status_code == 304


def test_steps_of_what_is_stored_say_which_request_does_them(fresh_web: Web) -> None:
    """Only those of refused requests did, and of the next step."""
    client, pipeline = signed_in(fresh_web, Role.EXPORTER), fresh_web.pipeline
    projects.show_export(pipeline, SessionStatus.FAILED)
    advised = Action.of(ActionKind.RESUME, "Run {}.")
    stored = pipeline.store.errors.record(
        UnavailableError("Jira does not answer.", recovery_actions=(advised,)),
        session_key=SESSION,
        stage="jira_export",
        at=pipeline.clock.now(),
    )
    here = f"/api/sessions/{SESSION}"

    [listed] = client.get(f"{here}/errors").json()["errors"]
    explained = client.get(f"{here}/errors/{stored.error_id}").json()
    failed = client.get(f"{here}/export/status").json()
    shown = client.get(here).json()
    plan = client.get(f"{here}/export/plan").json()
    with client.websocket_connect(f"{SOCKET_ORIGIN}{here}/export/progress") as socket:
        message = socket.receive_json()

    resume = ("POST", f"{here}/resume")
    asked = [listed, explained, failed, shown["error"], message]
    for one in asked:
        assert [(step["method"], step["address"]) for step in one["actions"]] == [resume]
        assert [step["text"] for step in one["actions"]] == one["recovery_actions"]
    assert resume in {(step["method"], step["address"]) for step in explained["next_actions"]}
    first = plan["blocked"]["actions"][0]
    assert (first["method"], first["address"]) == ("POST", f"{TICKETS}/ready")


def test_wherever_answers_say_what_to_do_they_name_the_requests(web: Web) -> None:
    named = {"recovery_actions": "actions", "next_steps": "next_actions"}
    schemas = create_app(web).openapi()["components"]["schemas"]

    shapes = [
        (name, said, schema["properties"].get(named[said], {}).get("items"))
        for name, schema in schemas.items()
        for said in named
        if said in schema.get("properties", {})
    ]

    assert len(shapes) > 4
    assert [one for one in shapes if one[2] != {"$ref": "#/components/schemas/Step"}] == []


def test_a_refusal_names_the_session_it_was_asked_of(fresh_web: Web) -> None:
    """Advice of a code alone left it open, so no address could be made of it."""
    client = signed_in(fresh_web, Role.EXPORTER)
    for title in ("One", "Two"):
        edited = client.patch(f"{TICKETS}/3", json={"title": title}, headers={"If-Match": '"r1"'})

    assert edited.json()["code"] == "edit_conflict"
    assert edited.json()["actions"][0]["address"] == f"{TICKETS}/3/revisions"


def test_steps_say_which_request_does_them(web: Web, client_of: ClientOf) -> None:
    """They named buttons of pages, which a program has not."""
    client = client_of(Role.EXPORTER)

    refused = client.post(f"/api/sessions/{SESSION}/export", json={}).json()
    shown = client.get(f"/api/sessions/{SESSION}").json()

    assert refused["recovery_actions"] == [step["text"] for step in refused["actions"]]
    requests = {(step["method"], step["address"]) for step in refused["actions"]}
    assert ("POST", f"{TICKETS}/ready") in requests
    assert shown["next_action"]["text"] == shown["next_step"]
    document = create_app(web).openapi()
    keys = {"SESSION_KEY": "{key}", "NUMBER": "{number}"}
    for method, template in STEPS.values():
        address = template
        for name, parameter in keys.items():
            address = address.replace(name, parameter)
        assert method.lower() in document["paths"][address], template


def test_a_cursor_leads_through_a_list_that_changes(fresh_web: Web) -> None:
    """By offset, an entry that is removed meanwhile hides another one."""
    client = signed_in(fresh_web, Role.REVIEWER)
    address = f"{TICKETS}?readiness=waiting&order=place"
    whole = [one["number"] for one in client.get(f"{address}&limit=500").json()["tickets"]]

    first = client.get(f"{address}&limit=5")
    seen = [one["number"] for one in first.json()["tickets"]]
    client.post(f"{TICKETS}/skip", json={"numbers": [seen[0]], "reason": "Built already"})
    page = first
    while "next" in page.links:
        page = client.get(page.links["next"]["url"])
        seen += [one["number"] for one in page.json()["tickets"]]

    assert seen == whole
    assert client.get(f"{TICKETS}?cursor=x").json()["code"] == "wrong_use"
    sessions = client.get("/api/sessions?limit=1")
    assert (len(sessions.json()), sessions.links) == (1, {})
    entries = f"/api/sessions/{SESSION}/audit?limit=1"
    [one] = client.get(entries).json()["entries"]
    [other] = client.get(client.get(entries).links["next"]["url"]).json()["entries"]
    assert other["sequence"] > one["sequence"]


def test_every_list_has_a_cursor_and_every_answer_a_session_key(web: Web) -> None:
    """Errors, runs, drafts, fixes and results had none; exports named their session in one way."""
    document = create_app(web).openapi()
    schemas = document["components"]["schemas"]
    one_thing = {"tickets/{number}", "difference", "graph", "tickets/{number}/quality", "hours"}
    one_thing |= {"verifications/{verification_id}"}
    nearest = {"api/search"}  # who wants more than the first says more

    bare = []
    for address, operations in document["paths"].items():
        answer = operations.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
        if "application/json" not in answer or address.endswith(tuple(one_thing | nearest)):
            continue
        schema = answer["application/json"]["schema"]
        shape = schemas.get(schema.get("$ref", "").rpartition("/")[2], schema)
        fields = [shape, *shape.get("properties", {}).values()]
        entries = [field.get("items", {}).get("$ref", "/Step") for field in fields]
        is_list = any(not entry.endswith("/Step") for entry in entries)
        names = {one["name"] for one in operations["get"].get("parameters", ())}
        if is_list and "cursor" not in names:
            bare.append(address)
    named_once = [
        name
        for name, schema in schemas.items()
        if "session_id" in schema.get("properties", {})
        and "session_key" not in schema.get("required", ())
    ]

    assert (bare, named_once) == ([], [])


def test_a_full_disk_is_named(fresh_web: Web) -> None:
    """It was 500."""
    client = signed_in(fresh_web, Role.REVIEWER)
    change = {"parts": {"notes": {"markdown": "word " * 20_000}}}

    with full_disk(fresh_web.pipeline):
        refused = client.patch(f"{TICKETS}/1", json=change, headers={"If-Match": "*"})

    assert (refused.status_code, refused.json()["code"]) == (507, "store_unusable")
    no_space = OSError(errno.ENOSPC, "No space left on device")
    kept = StoreError.because(no_space, "It could not be kept.", recovery_actions=())
    assert problem_of(kept)["status"] == 507


def test_the_documentation_is_shown_from_here_alone(client_of: ClientOf) -> None:
    page = client_of(Role.READER).get("/api/docs")
    script = client_of(None).get("/static/api-docs/swagger-ui-bundle.js")

    assert page.status_code == script.status_code == 200
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert "http" not in page.text.replace("http-equiv", "")
    assert "<style" not in page.text
    assert client_of(None).get("/api/docs").status_code == 401


def test_the_type_of_every_problem_leads_to_what_it_means(client_of: ClientOf) -> None:
    """It was answered 404."""
    page = LexborHTMLParser(client_of(Role.READER).get("/docs/errors").text)

    for code, meaning in meanings().items():
        heading = page.css_first(f"h2#{code}")
        assert heading is not None, code
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

    address, _, code = client.get("/api/sessions/nowhere").json()["type"].partition("#")

    assert code in meanings()
    assert client.get(address).status_code == 200
    assert client_of(None).get(address).status_code == 401
