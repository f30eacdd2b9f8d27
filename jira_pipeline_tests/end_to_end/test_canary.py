"""A token nobody can overlook goes through every way to fail, and is found nowhere afterwards.

The site is the sandbox on this host, configured as a real Jira. What is searched: everything
below the project (every file as bytes, every table of every database), every log record, what
commands print, the chain of exceptions. A hostile site answers some requests with the credentials
it was sent, in every place.
"""

import base64
import itertools
import json
import logging
import sqlite3
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import dagster as dg
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from jira_pipeline.context import trackers
from jira_pipeline.dagster_port import steps
from jira_pipeline.dagster_port.partitions import register_partition
from jira_pipeline.jira.client.pacing import PacingClock
from jira_pipeline.jira.sandbox.pages import create_app
from jira_pipeline.model.errors import PipelineError
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run
from jira_pipeline_tests.end_to_end.processes import finished, fork_job
from jira_pipeline_tests.jira.sandbox.served_sandboxes import serving
from jira_pipeline_tests.jira.sandbox_faults.faulty_sandbox import FaultySandbox

pytestmark = pytest.mark.small_site
CORE = "CanaryToken7f3aCanary"
TOKEN = f"{CORE}/+x=="
EMAIL = "owner@sandbox.example"
SQLITE_MAGIC = b"SQLite format 3\x00"
COMMANDS = (
    ("check-project", "--json"),
    ("export", "museum", "--plan", "--json"),
    ("errors", "museum", "--json"),
    ("status", "museum"),
    ("audit", "museum", "--json"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mirror:
    """An answer that holds the credentials."""

    status: int
    is_html: bool = False

    def answer(self, request: Request) -> Response:
        """Repeat the token, the header, and both together wherever an answer has room."""
        header = request.headers.get("authorization", "")
        token = base64.b64decode(header.partition(" ")[2]).decode().partition(":")[2]
        headers = {"location": f"/login?token={token}", "ratelimit-reason": f"no {token}"}
        if self.is_html:
            page = f"<html>{header} {token}</html>"
            return Response(page, self.status, headers, media_type="text/html")
        body = {"errorMessages": [f"{header} is {token}"], "errors": {token: f"not {header}"}}
        return Response(json.dumps(body), self.status, headers, media_type="application/json")


def mirroring(
    app: ASGIApp, mirrors: Sequence[Mirror], *, is_struck: Callable[[str, str], bool]
) -> ASGIApp:
    """Put a mirror before a site: requests it strikes get the answers in turn, the last for ever."""
    answers = itertools.chain(mirrors, itertools.repeat(mirrors[-1]))

    async def mirrored(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and is_struck(scope["method"], scope["path"]):
            response = next(answers).answer(Request(scope, receive))
            await response(scope, receive, send)
        else:
            await app(scope, receive, send)

    return mirrored


def needles() -> tuple[bytes, ...]:
    """List what the token looks like: as it is, quoted, and within base64 at each offset."""
    shifted = [base64.b64encode(b"x" * n + CORE.encode()).rstrip(b"=") for n in range(3)]
    within = [text[4:-2] for text in shifted]
    header = base64.b64encode(f"{EMAIL}:{TOKEN}".encode())
    return (CORE.encode(), quote(TOKEN, safe="").encode(), header, *within)


def finds_in(content: bytes) -> list[bytes]:
    return [needle for needle in needles() if needle in content]


def leaks_below(folder: Path) -> list[str]:
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    leaks = [str(path) for path in paths if finds_in(path.read_bytes())]
    databases = [path for path in paths if path.read_bytes().startswith(SQLITE_MAGIC)]
    assert databases
    return leaks + [f"tables of {path}" for path in databases if finds_in(_dumped(path))]


def _dumped(path: Path) -> bytes:
    """Return every row of a database: a text that spans two pages is no run of bytes."""
    with closing(sqlite3.connect(path)) as tables:
        return "\n".join(tables.iterdump()).encode()


def chain_of(error: BaseException | None) -> str:
    """Return an exception as it is printed, with all its causes, and the attributes of ours."""
    texts = []
    while error is not None:
        texts.append("".join(traceback.format_exception(error)))
        texts.append(repr(vars(error)) if isinstance(error, PipelineError) else repr(error))
        error = error.__cause__ or error.__context__
    return "\n".join(texts)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[FaultySandbox]:
    path = tmp_path / "site.sqlite"
    with FaultySandbox(path, clock=lambda: datetime.now(UTC)) as sandbox:  # noqa: TID251 - a site has a clock
        sandbox.ensure_project("UHR")
        yield sandbox


@pytest.fixture
def ready(reviewed: Path, caplog: pytest.LogCaptureFixture) -> Path:
    """A project whose tickets are ready; what is logged is kept.

    Of others without their debug level: httpcore's writes down every header a site sends.
    """
    assert run("tickets", "ready", "museum", "--all").exit_code == 0
    caplog.set_level(logging.INFO)
    caplog.set_level(logging.DEBUG, logger="jira_pipeline")
    return reviewed


class FastTime:
    """Time that waiting takes at once."""

    def __init__(self) -> None:
        self._waited_seconds = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self._waited_seconds

    def sleep(self, seconds: float) -> None:
        self._waited_seconds += seconds


@pytest.fixture(autouse=True)
def _with_fast_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let client and steps wait for nothing: these sites are down for as long as they are asked."""
    fast = FastTime()
    pace = PacingClock(monotonic=fast.monotonic, sleep=fast.sleep, random=lambda: 0.5)
    monkeypatch.setattr(trackers, "SYSTEM_PACE", pace)
    monkeypatch.setattr(steps, "FIRST_WAIT_SECONDS", 0.0)


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment with the token and an account; the address is still to come."""
    monkeypatch.setenv("JIRA_EMAIL", EMAIL)
    monkeypatch.setenv("JIRA_API_TOKEN", TOKEN)
    monkeypatch.setenv("JIRA_PROJECT_KEY", "UHR")
    monkeypatch.setenv("JIRA_TIMEOUT_SECONDS", "0.5")
    monkeypatch.setenv("JIRA_SETTLE_HORIZON_SECONDS", "0")
    return monkeypatch


def printed_by_all_commands() -> bytes:
    answers = [run(*command) for command in COMMANDS]
    return "\n".join(f"{answer.out}{answer.err}" for answer in answers).encode()


@pytest.mark.parametrize(
    "mirrors",
    [
        [Mirror(status=302), Mirror(status=200, is_html=True), Mirror(status=400)],
        [Mirror(status=502, is_html=True), Mirror(status=500), Mirror(status=403)],
        [Mirror(status=409), Mirror(status=400)],
    ],
)
def test_a_site_that_repeats_the_token_in_its_answers_gets_it_into_nothing(
    ready: Path,
    site: FaultySandbox,
    configured: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    mirrors: list[Mirror],
) -> None:
    app = mirroring(
        create_app(site), mirrors, is_struck=lambda m, p: m == "POST" and p.endswith("/issue")
    )
    with serving(app) as address, dg.DagsterInstance.get() as instance:
        configured.setenv("JIRA_BASE_URL", address)

        with pytest.raises(Exception) as caught:  # noqa: PT011 - Dagster's own and ours
            projects.execute(instance, ready, "export_to_jira")
        printed = printed_by_all_commands()

    assert str(mirrors[-1].status) in chain_of(caught.value)
    assert finds_in(chain_of(caught.value).encode() + printed) == []
    assert finds_in(caplog.text.encode()) == []
    assert leaks_below(ready) == []


def test_a_failed_run_of_its_own_process_leaves_the_token_in_no_log_or_event(
    ready: Path, site: FaultySandbox, configured: pytest.MonkeyPatch
) -> None:
    """What a process prints goes into Dagster's compute logs below the home."""
    app = mirroring(
        create_app(site),
        [Mirror(status=500), Mirror(status=400)],
        is_struck=lambda m, p: m == "POST" and p.endswith("/issue"),
    )
    with dg.DagsterInstance.get() as instance:
        register_partition(instance, "museum")
    with serving(app) as address:
        configured.setenv("JIRA_BASE_URL", address)

        code, printed = finished(fork_job(ready, "export_to_jira", "museum"))

    assert code != 0
    assert "answered 400" in run("errors", "museum").words
    assert finds_in(printed.encode()) == []
    assert leaks_below(ready) == []


def test_the_search_finds_a_token_that_was_left(ready: Path) -> None:
    """Otherwise none of the tests here could fail."""
    header = base64.b64encode(f"{EMAIL}:{TOKEN}".encode())
    (ready / "left.log").write_bytes(b"Authorization: Basic " + header)
    with closing(sqlite3.connect(ready / "left.sqlite")) as tables:
        tables.execute("CREATE TABLE event (body TEXT)")
        tables.execute("INSERT INTO event VALUES (?)", ("x" * 4070 + TOKEN,))
        tables.commit()

    leaks = leaks_below(ready)

    assert str(ready / "left.log") in leaks
    assert f"tables of {ready / 'left.sqlite'}" in leaks
