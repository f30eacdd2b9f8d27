"""The client over a scripted transport: what is sent, what an answer means, what is never shown."""

import base64
import gzip
import json
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from typing_extensions import override

from jira_pipeline.model.sharedo_jobs import Compression, ExportItem, ExportJob, PackageFormat
from jira_pipeline.sharedo.client.client import CHUNK_BYTES, ShareDoClient
from jira_pipeline.sharedo.client.environments import Environment
from jira_pipeline.sharedo.client.exchange import RateLimiter
from jira_pipeline.sharedo.errors import (
    ComponentMissingError,
    CreationInDoubtError,
    ExportNotCreatedError,
    PackageDownloadError,
    PersonMissingError,
    ShareDoAccessError,
    ShareDoError,
    ShareDoUnreachableError,
)
from jira_pipeline_tests.sharedo.export_world import MATTER as EXPORTED, START, VirtualTime
from jira_pipeline_tests.tables import each

SECRET = "canary+secret/7f3a"
MATTER = replace(EXPORTED, environment="dev")
NEW = ExportJob(
    job_id="a1",
    parameters=MATTER,
    created_at=START,
    estimated_seconds=1.0,
    items=(MATTER.item,),
)
Answerer = Callable[[httpx.Request], httpx.Response]


class ScriptedShareDo(httpx.BaseTransport):
    """Gives a token to everybody, and for the rest what a test says."""

    def __init__(self, answer: Answerer) -> None:
        self._answer = answer
        self.requests: list[httpx.Request] = []

    @override
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.requests.append(request)
        if request.url.path == "/connect/token":
            return httpx.Response(200, json={"access_token": "token-canary", "expires_in": 600})
        return self._answer(request)


def an_environment(**changes: object) -> Environment:
    """An environment of a real ShareDo."""
    return Environment.model_validate(
        {
            "name": "dev",
            "api_url": "https://dev.example.org",
            "identity_url": "https://identity.example.org",
            "client_id": "pipeline",
            "client_secret_env": "X",
            "impersonate_user": "someone@example.org",
            **changes,
        }
    )


@contextmanager
def opened(answer: Answerer, **changes: object) -> Iterator[tuple[ShareDoClient, ScriptedShareDo]]:
    transport, time = ScriptedShareDo(answer), VirtualTime()
    client = ShareDoClient(
        an_environment(**changes), secret=SECRET, clock=time, timer=time, transport=transport
    )
    with closing(client):
        yield client, transport


def always(status: int, **content: Any) -> Answerer:
    return lambda _request: httpx.Response(status, **content)


@each(
    ("changes", "form"),
    [
        (
            {"impersonate_provider": "idsrv"},
            {
                "grant_type": "Impersonate.Specified",
                "scope": "sharedo",
                "impersonate_user": "someone@example.org",
                "impersonate_provider": "idsrv",
            },
        ),
        ({"grant": "Impersonate.Fixed"}, {"grant_type": "Impersonate.Fixed", "scope": "sharedo"}),
        ({"grant": "client_credentials"}, {"grant_type": "client_credentials", "scope": "sharedo"}),
    ],
    ids=["specified", "fixed", "application"],
)
def test_a_token_is_asked_for_with_each_grant(
    changes: dict[str, object], form: dict[str, str]
) -> None:
    with opened(always(200, json={"dependencies": {}}), **changes) as (client, sharedo):
        assert client.dependencies(MATTER.item) == ()

    asked = sharedo.requests[0]
    assert str(asked.url) == "https://identity.example.org/connect/token"
    assert {name: values[0] for name, values in parse_qs(asked.content.decode()).items()} == form
    _, _, coded = asked.headers["Authorization"].partition(" ")
    assert base64.b64decode(coded).decode() == f"pipeline:{SECRET}"
    assert sharedo.requests[1].headers["Authorization"] == "Bearer token-canary"


def test_a_job_is_created_with_the_documented_body() -> None:
    with opened(always(200, json={"exportJobId": "77"})) as (client, sharedo):
        remote_id = client.create(NEW)

    assert remote_id == "77"
    assert sharedo.requests[1].url.path == "/api/modeller/importexport/export/package"
    assert json.loads(sharedo.requests[1].content) == {
        "exportConfigName": "jira-pipeline a1-1 matter",
        "items": [{"systemName": "sharedo-type", "selector": {"systemName": "matter"}}],
    }


def test_history_and_format_are_asked_for_by_the_names_that_an_environment_has() -> None:
    parameters = replace(MATTER, includes_history=True, package_format=PackageFormat.JSON)
    fields = {"history": "withHistory", "format": "as"}
    answer = always(200, json={"exportJobId": "77"})
    with opened(answer, create_fields=fields) as (client, sharedo):
        client.create(replace(NEW, parameters=parameters))

    body = json.loads(sharedo.requests[1].content)
    assert (body["withHistory"], body["as"]) == (True, "json")


@each("name", ["exportJobId", "jobId", "id"])
@each("value", ["a-b", 7])
def test_the_id_of_a_job_has_three_names(name: str, value: object) -> None:
    with opened(always(200, json={name: value})) as (client, _):
        assert client.create(NEW) == str(value)


CODES = {ShareDoAccessError: "EXPORT_008", ShareDoUnreachableError: "EXPORT_007"}
"""All else is `EXPORT_001`."""
CREATIONS: dict[str, tuple[Answerer, type[ShareDoError]]] = {
    "refused": (always(400, json={"error": {"message": "createdBy"}}), PersonMissingError),
    "no person": (always(500, json={"errorMessage": "no createdBy"}), PersonMissingError),
    "unknown": (always(404, text="no"), ExportNotCreatedError),
    "forbidden": (always(403), ShareDoAccessError),
    "login": (always(302, headers={"Location": "/login"}), ShareDoAccessError),
    "busy": (always(429, headers={"Retry-After": "7"}), ShareDoUnreachableError),
    "500": (always(500), CreationInDoubtError),
    "503": (always(503), CreationInDoubtError),
    "page": (always(200, html="<html>"), CreationInDoubtError),
    "no id": (always(200, json={"exportJobId": ""}), CreationInDoubtError),
    "empty": (always(200, text=""), CreationInDoubtError),
}


@each(("answer", "kind"), CREATIONS.values(), ids=CREATIONS)
def test_a_creation_is_refused_or_in_doubt(answer: Answerer, kind: type[ShareDoError]) -> None:
    with opened(answer) as (client, _), pytest.raises(kind) as caught:
        client.create(NEW)

    assert (type(caught.value), caught.value.code) == (kind, CODES.get(kind, "EXPORT_001"))


@each(
    "body",
    [
        {"error": {"code": "Busy", "message": "Not tonight", "details": None}},
        {"errorMessage": "Not tonight."},
        {"message": "Not tonight"},
    ],
    ids=str,
)
def test_an_error_keeps_the_words_of_the_service(body: dict[str, object]) -> None:
    with (
        opened(always(409, json=body)) as (client, _),
        pytest.raises(ExportNotCreatedError, match=r"409, Not tonight\. Nothing"),
    ):
        client.create(NEW)
    with opened(always(500, json=body)) as (client, _):
        with pytest.raises(CreationInDoubtError, match="500, Not tonight"):
            client.create(NEW)
        with pytest.raises(ShareDoUnreachableError, match="500, Not tonight"):
            client.progress("77")


@each(
    ("failure", "kind"),
    [
        (httpx.ConnectError("x"), ShareDoUnreachableError),
        (httpx.ConnectTimeout("x"), ShareDoUnreachableError),
        (httpx.PoolTimeout("x"), ShareDoUnreachableError),
        (httpx.ReadTimeout("x"), CreationInDoubtError),
        (httpx.WriteError("x"), CreationInDoubtError),
        (httpx.RemoteProtocolError("x"), CreationInDoubtError),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_only_a_request_that_never_left_is_known_to_have_done_nothing(
    failure: httpx.HTTPError, kind: type[ShareDoError]
) -> None:
    def fail(_request: httpx.Request) -> httpx.Response:
        raise failure

    with opened(fail) as (client, _), pytest.raises(kind):
        client.create(NEW)


def test_progress_is_read_as_it_is_documented() -> None:
    body = {
        "state": "IN_PROGRESS",
        "percentage": 41.5,
        "current": [{"description": "Collecting phases"}],
        "queued": [],
        "complete": False,
        "packageAvailable": False,
        "somethingNew": {"a": 1},
    }
    with opened(always(200, json=body)) as (client, sharedo):
        found = client.progress("a/b")

    assert found is not None
    assert (found.state, found.percentage, found.step) == ("IN_PROGRESS", 41.5, "Collecting phases")
    assert (found.is_ready, found.has_failed, found.error_text) == (False, False, "")
    assert sharedo.requests[1].url.raw_path.endswith(b"/package/a%2Fb/progress/")


@each(
    "answer",
    [always(404), always(204), always(200), always(200, json={})],
    ids=["404", "204", "empty", "{}"],
)
def test_no_word_of_a_job_is_no_progress(answer: Answerer) -> None:
    with opened(answer) as (client, _):
        assert client.progress("77") is None


@each(
    ("answer", "error"),
    [
        (always(200, text='{"state": "RUN'), ShareDoUnreachableError),
        (always(200, json=[1]), ShareDoUnreachableError),
        (always(502), ShareDoUnreachableError),
        (always(429), ShareDoUnreachableError),
        (always(401), ShareDoAccessError),
        (always(403), ShareDoAccessError),
        (always(302), ShareDoAccessError),
        (always(200, html="<title>Sign in</title>"), ShareDoAccessError),
    ],
)
def test_progress_that_cannot_be_read_is_an_error(
    answer: Answerer, error: type[ShareDoError]
) -> None:
    with opened(answer) as (client, _), pytest.raises(error):
        client.progress("77")


RUNNING = replace(NEW, remote_id="77")


PACKED = replace(RUNNING, parameters=replace(MATTER, compression=Compression.GZIP))


def packed_so(content: bytes, encoding: str = "gzip") -> Answerer:
    headers = {"Content-Encoding": encoding, "Content-Length": str(len(content))}
    return always(200, stream=httpx.ByteStream(content), headers=headers)


def test_a_package_that_is_packed_on_its_way_is_unpacked() -> None:
    answer = packed_so(gzip.compress(b"PK\x03\x04 and the rest"))
    with opened(answer) as (client, sharedo), client.open_package(PACKED) as stream:
        received = b"".join(stream[1])

    assert received == b"PK\x03\x04 and the rest"
    assert stream[0] is None
    taken = [request.headers["Accept-Encoding"] for request in sharedo.requests]
    assert taken == ["gzip, deflate", "gzip"]


def test_a_packed_bomb_comes_in_chunks() -> None:
    """What httpx unpacks by itself is held whole, whatever one read brings."""
    answer = packed_so(gzip.compress(bytes(30_000_000)))
    with opened(answer) as (client, _), client.open_package(PACKED) as stream:
        tracemalloc.start()
        sizes = [len(next(stream[1])) for _ in range(20)]
        _, peak_bytes = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert sizes == [CHUNK_BYTES] * 20
    assert peak_bytes < 10_000_000


@each(
    ("body", "encoding"),
    [
        (gzip.compress(b"PK\x03\x04 and the rest")[:-3], "gzip"),
        (b"\xff\xfe\xfd plain", "gzip"),
        (gzip.compress(b"PK\x03\x04 and the rest"), "zstd"),
    ],
    ids=["cut", "no such thing", "another way"],
)
def test_what_is_not_packed_as_it_says_is_no_package(body: bytes, encoding: str) -> None:
    with (
        opened(packed_so(body, encoding)) as (client, _),
        pytest.raises(PackageDownloadError, match=r"it (arrived compressed|cannot be|ended)"),
        client.open_package(PACKED) as stream,
    ):
        b"".join(stream[1])


def test_what_an_environment_lacks_is_not_put_down_to_the_grant() -> None:
    lacking = always(400, json={"error": {"code": "NotFound", "message": "none"}})
    with opened(lacking) as (client, _), pytest.raises(ComponentMissingError) as caught:
        client.create(NEW)

    [action] = caught.value.recovery_actions
    assert "system name" in action.sentence


def test_dependencies_are_named_once_each() -> None:
    phase = {"systemName": "option-set", "reason": "used", "selector": {"systemName": "outcome"}}
    body = {"dependencies": {"mandatory": [phase, phase], "recommended": [phase, {"x": 1}]}}
    with opened(always(200, json=body)) as (client, sharedo):
        found = client.dependencies(MATTER.item)

    assert found == (ExportItem(provider="option-set", system_name="outcome"),)
    assert json.loads(sharedo.requests[1].content) == {
        "systemName": "sharedo-type",
        "selector": {"systemName": "matter"},
    }


def test_no_message_shows_a_secret_or_a_token() -> None:
    """Whoever puts them into an answer."""

    def echo(request: httpx.Request) -> httpx.Response:
        message = f"{SECRET} {request.headers['Authorization']} {base64.b64encode(f'pipeline:{SECRET}'.encode()).decode()}"
        return httpx.Response(500, json={"error": {"message": message}})

    with opened(echo) as (client, _), pytest.raises(ShareDoUnreachableError) as caught:
        client.dependencies(MATTER.item)

    assert "canary" not in caught.value.message
    assert base64.b64encode(f"pipeline:{SECRET}".encode()).decode() not in caught.value.message
    assert caught.value.__cause__ is None


def test_an_identity_server_that_says_no_is_a_lack_of_access() -> None:
    time, refusal = VirtualTime(), httpx.Response(400, json={"error": "invalid_client"})
    transport = httpx.MockTransport(lambda _request: refusal)
    client = ShareDoClient(
        an_environment(), secret=SECRET, clock=time, timer=time, transport=transport
    )

    with closing(client), pytest.raises(ShareDoAccessError, match="invalid_client"):
        client.dependencies(MATTER.item)


def test_the_limiter_lets_nine_tenths_of_the_limit_through_in_any_minute() -> None:
    time = VirtualTime()
    limiter, sent = RateLimiter(time, requests_per_minute=100), []

    for _ in range(500):
        limiter.admit()
        sent.append(time.monotonic())

    assert max(sum(start <= at < start + 60 for at in sent) for start in sent) == 90
    assert time.monotonic() == 300.0


def test_an_environment_has_ten_connections_and_thirty_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: dict[str, Any] = {}
    monkeypatch.setattr(httpx, "Client", lambda **options: made.update(options))

    ShareDoClient(an_environment(), secret=SECRET, clock=VirtualTime(), timer=VirtualTime())

    assert made["limits"].max_connections == made["limits"].max_keepalive_connections == 10
    assert (made["timeout"].read, made["timeout"].connect) == (30.0, 10.0)


def test_a_pause_holds_for_all_of_an_environment() -> None:
    time = VirtualTime()
    limiter = RateLimiter(time, requests_per_minute=100)

    limiter.pause(12.0)
    limiter.admit()

    assert time.monotonic() == 12.0
