"""Faults over a real socket, and the sandbox's own API."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from jira_pipeline.jira_sandbox.faults import WORLD_NAMES
from jira_pipeline.jira_sandbox.sandbox import JiraSandbox
from jira_pipeline_tests.jira_sandbox.served_sandboxes import served

API = "/rest/api/3"
OWNER = ("owner@sandbox.example", "token")
LEAST = {"project": {"key": "SBX"}, "issuetype": {"name": "Task"}, "summary": "x"}


@pytest.fixture(name="served")
def served_client(sandbox: JiraSandbox) -> Iterator[httpx.Client]:
    """Return a client of a sandbox that is served on a port of its own."""
    with (
        served(sandbox) as address,
        httpx.Client(base_url=address, auth=OWNER, timeout=None) as client,
    ):
        yield client


def put_plan(client: httpx.Client, **rule: object) -> None:
    answer = client.put("/_sandbox/faults", json={"rules": [{**rule, "method": "POST"}]})
    assert answer.status_code == 200, answer.text


def created_count(sandbox: JiraSandbox) -> int:
    return sum(c.change == "issue_created" for e in sandbox.journal() for c in e.changes)


@pytest.mark.parametrize(
    ("rule", "error", "created"),
    [
        ({"kind": "reset"}, httpx.ReadError, 0),
        ({"kind": "reset", "moment": "after"}, httpx.ReadError, 1),
        ({"kind": "disconnect", "moment": "after"}, httpx.RemoteProtocolError, 1),
        ({"kind": "timeout", "moment": "after"}, httpx.ReadTimeout, 1),
        ({"kind": "slow_body", "seconds": 3}, httpx.ReadTimeout, 1),
        ({"kind": "delayed_commit", "seconds": 3600}, httpx.ReadTimeout, 0),
    ],
)
def test_a_connection_breaks_as_the_rule_says(
    served: httpx.Client,
    sandbox: JiraSandbox,
    rule: dict[str, Any],
    error: type[httpx.TransportError],
    created: int,
) -> None:
    put_plan(served, **rule)

    with pytest.raises(error):
        served.post(f"{API}/issue", json={"fields": LEAST}, timeout=0.3)
    after = created_count(sandbox)

    assert after == created
    assert served.post(f"{API}/issue", json={"fields": LEAST}).status_code == 201


def test_a_slow_body_arrives_whole(served: httpx.Client) -> None:
    put_plan(served, kind="slow_body", seconds=0.05)

    answer = served.post(f"{API}/issue", json={"fields": LEAST})

    assert answer.json()["key"] == "SBX-1"


def test_held_work_is_done_though_no_other_request_comes(
    served: httpx.Client, sandbox: JiraSandbox
) -> None:
    """The journal is watched, not asked for over the socket; the clock of the site does not move."""
    put_plan(served, kind="delayed_commit", seconds=0)
    done = threading.Event()
    commit_due: Callable[[], int] = sandbox.commit_due

    def commit_and_note() -> int:
        count = commit_due()
        if count:
            done.set()
        return count

    sandbox.commit_due = commit_and_note  # type: ignore[method-assign, assignment]
    with pytest.raises(httpx.ReadTimeout):
        served.post(f"{API}/issue", json={"fields": LEAST}, timeout=0.2)

    assert done.wait()
    assert created_count(sandbox) == 1


def test_the_plan_is_shown_with_what_struck_and_taken_away(served: httpx.Client) -> None:
    put_plan(served, kind="server_error", status=503)
    served.post(f"{API}/issue", json={"fields": LEAST})

    shown = served.get("/_sandbox/faults").json()
    gone = served.delete("/_sandbox/faults").json()

    assert [one["kind"] for one in shown["plan"]["rules"]] == ["server_error"]
    assert shown["strikes"] == [
        {
            "request_number": 1,
            "method": "POST",
            "path": "/rest/api/3/issue",
            "fault": "server_error before commit",
        }
    ]
    assert (gone["plan"]["rules"], gone["strikes"]) == ([], [])


def test_rules_are_shown_and_replaced(served: httpx.Client, sandbox: JiraSandbox) -> None:
    rules = served.get("/_sandbox/rules").json()

    answer = served.put("/_sandbox/rules", json={**rules, "index_lag_seconds": 5})

    assert answer.status_code == 200
    assert sandbox.rules().index_lag_seconds == 5


def test_worlds_are_announced(served: httpx.Client) -> None:
    assert list(served.get("/_sandbox/worlds").json()) == list(WORLD_NAMES)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("PUT", "faults", {"worlds": ["kind"]}, 400),
        ("PUT", "faults", None, 400),
        ("PUT", "rules", {"index_lag_seconds": -1}, 400),
        ("POST", "faults", {}, 405),
        ("DELETE", "journal", None, 405),
        ("PUT", "journal", [], 405),
        ("GET", "nothing", None, 404),
    ],
)
def test_what_the_own_api_does_not_know_is_refused(
    served: httpx.Client, method: str, path: str, body: object, status: int
) -> None:
    content = b"" if body is None else json.dumps(body).encode()

    assert served.request(method, f"/_sandbox/{path}", content=content).status_code == status


def test_the_own_api_is_no_client_traffic(served: httpx.Client, sandbox: JiraSandbox) -> None:
    served.put("/_sandbox/faults", json={"worlds": ["lag300"]})
    served.get(f"{API}/myself")

    journal = served.get("/_sandbox/journal").json()

    assert [one["path"] for one in journal] == ["/rest/api/3/myself"]
    assert [entry.path for entry in sandbox.journal()] == ["/rest/api/3/myself"]
    assert datetime.fromisoformat(journal[0]["at"]).tzinfo == UTC
