"""Faults strike the request they are meant for, before or after the commit, every time alike."""

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from jira_pipeline.jira_sandbox.faults import WORLD_NAMES, FaultKind, FaultPlan, FaultRule, Moment
from jira_pipeline.jira_sandbox.sandbox import JiraSandbox
from jira_pipeline.jira_sandbox.site import SANDBOX_BASE_URL
from jira_pipeline.jira_sandbox.site_worlds import WORLDS
from jira_pipeline.sandbox_http.transport import SandboxTransport
from jira_pipeline_tests.tables import each

API = "/rest/api/3"
OWNER = ("owner@sandbox.example", "canary-token-1c9e")
BEFORE, AFTER = Moment.BEFORE, Moment.AFTER


class FaultySite:
    """A site, its client and its time."""

    def __init__(self, path: Path) -> None:
        self.at = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
        self.sandbox = JiraSandbox(path, clock=lambda: self.at)
        self.client = httpx.Client(
            transport=SandboxTransport(self.sandbox), base_url=SANDBOX_BASE_URL, auth=OWNER
        )

    def plan(self, *rules: FaultRule, worlds: tuple[str, ...] = ()) -> None:
        """Put a plan into force."""
        self.sandbox.faults.set_plan(FaultPlan(rules=rules, worlds=worlds))

    def create(self, summary: str = "x", **fields: object) -> httpx.Response:
        """Create an issue with a marker."""
        least = {"project": {"key": "SBX"}, "issuetype": {"name": "Task"}, "summary": summary}
        properties = [{"key": "jp", "value": summary}]
        body = {"fields": {**least, **fields}, "properties": properties}
        return self.client.post(f"{API}/issue", json=body)

    def fetch(self, *keys: str) -> Any:
        """Read issues with their markers."""
        asked = {"issueIdsOrKeys": keys, "fields": ["summary"], "properties": ["jp"]}
        return self.client.post(f"{API}/issue/bulkfetch", json=asked).json()

    def created_count(self) -> int:
        """Count creations in the server's journal."""
        entries = self.sandbox.journal()
        return sum(c.change == "issue_created" for entry in entries for c in entry.changes)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[FaultySite]:
    one = FaultySite(tmp_path / "sandbox.sqlite")
    with one.sandbox, one.client:
        yield one


@pytest.mark.parametrize(
    ("kind", "moment", "error", "created"),
    [
        (FaultKind.CONNECTION_REFUSED, BEFORE, httpx.ConnectError, 0),
        (FaultKind.CONNECT_TIMEOUT, BEFORE, httpx.ConnectTimeout, 0),
        (FaultKind.PROXY_REFUSED, BEFORE, httpx.ProxyError, 0),
        (FaultKind.RESET, BEFORE, httpx.ReadError, 0),
        (FaultKind.RESET, AFTER, httpx.ReadError, 1),
        (FaultKind.DISCONNECT, BEFORE, httpx.RemoteProtocolError, 0),
        (FaultKind.DISCONNECT, AFTER, httpx.RemoteProtocolError, 1),
        (FaultKind.TIMEOUT, BEFORE, httpx.ReadTimeout, 0),
        (FaultKind.TIMEOUT, AFTER, httpx.ReadTimeout, 1),
        (FaultKind.DELAYED_COMMIT, BEFORE, httpx.ReadTimeout, 0),
        (FaultKind.SLOW_BODY, AFTER, httpx.ReadTimeout, 1),
    ],
)
def test_a_lost_answer_raises_what_httpx_raises_and_the_work_is_done_or_not(
    site: FaultySite,
    kind: FaultKind,
    moment: Moment,
    error: type[httpx.TransportError],
    created: int,
) -> None:
    site.plan(FaultRule(kind=kind, moment=moment))

    with pytest.raises(error, match="injected"):
        site.create()

    assert site.created_count() == created
    assert site.create().status_code == 201


@pytest.mark.parametrize(
    ("rule", "status", "content_type", "created"),
    [
        (FaultRule(kind=FaultKind.SERVER_ERROR), 500, "application/json", 0),
        (FaultRule(kind=FaultKind.SERVER_ERROR, moment=AFTER), 500, "application/json", 1),
        (FaultRule(kind=FaultKind.SERVER_ERROR, status=503), 503, "application/json", 0),
        (FaultRule(kind=FaultKind.HTML), 200, "text/html", 0),
        (FaultRule(kind=FaultKind.HTML, moment=AFTER, status=502), 502, "text/html", 1),
        (FaultRule(kind=FaultKind.REDIRECT), 302, "text/html", 0),
        (FaultRule(kind=FaultKind.REDIRECT, moment=AFTER, status=307), 307, "text/html", 1),
        (FaultRule(kind=FaultKind.UNAUTHORIZED), 401, "application/json", 0),
        (FaultRule(kind=FaultKind.FORBIDDEN), 403, "application/json", 0),
        (FaultRule(kind=FaultKind.NOT_FOUND), 404, "application/json", 0),
    ],
)
def test_a_wrong_answer_is_given_before_or_after_the_work(
    site: FaultySite, rule: FaultRule, status: int, content_type: str, created: int
) -> None:
    site.plan(rule)

    answer = site.create()

    assert answer.status_code == status
    assert answer.headers["content-type"].startswith(content_type)
    assert site.created_count() == created


@pytest.mark.parametrize(
    "reason",
    [
        "jira-quota-global-based",
        "jira-quota-tenant-based",
        "jira-burst-based",
        "jira-per-issue-on-write",
    ],
)
def test_429_says_why_and_how_long(site: FaultySite, reason: Any) -> None:
    site.plan(FaultRule(kind=FaultKind.RATE_LIMITED, reason=reason, seconds=7))

    answer = site.create()

    assert answer.status_code == 429
    assert (answer.headers["ratelimit-reason"], answer.headers["retry-after"]) == (reason, "7")
    assert answer.headers["x-ratelimit-reset"] == "2026-11-20T08:00:07Z"
    assert site.created_count() == 0


def test_a_gateways_429_names_a_time_and_nothing_else(site: FaultySite) -> None:
    site.plan(FaultRule(kind=FaultKind.RATE_LIMITED, is_dated=True, seconds=7))

    answer = site.create()

    assert answer.status_code == 429
    assert answer.headers["date"] == "Fri, 20 Nov 2026 08:00:00 GMT"
    assert answer.headers["retry-after"] == "Fri, 20 Nov 2026 08:00:07 GMT"
    assert not [name for name in answer.headers if "ratelimit" in name]
    assert site.created_count() == 0


def test_a_truncated_answer_is_no_json_and_the_work_is_done(site: FaultySite) -> None:
    site.plan(FaultRule(kind=FaultKind.TRUNCATED))

    answer = site.create()

    with pytest.raises(json.JSONDecodeError):
        answer.json()
    assert (answer.status_code, site.created_count()) == (201, 1)


def test_work_that_is_held_is_done_in_the_servers_time_once_and_under_one_journal_entry(
    site: FaultySite,
) -> None:
    site.plan(FaultRule(kind=FaultKind.DELAYED_COMMIT, seconds=200))
    with pytest.raises(httpx.ReadTimeout):
        site.create("late")

    before = site.fetch("SBX-1")["issues"]
    site.at += timedelta(seconds=199)
    just_before = site.fetch("SBX-1")["issues"]
    site.at += timedelta(seconds=1)
    after = site.fetch("SBX-1")["issues"]
    site.fetch("SBX-1")

    assert (before, just_before) == ([], [])
    assert [one["properties"] for one in after] == [{"jp": "late"}]
    held = site.sandbox.journal()[0]
    taken_at = site.at - timedelta(seconds=200)
    assert (held.fault, held.status, held.at) == ("delayed_commit", 201, taken_at)
    assert [change.change for change in held.changes] == ["issue_created", "property_set"]
    assert site.created_count() == 1


def test_held_work_can_be_done_at_once(site: FaultySite) -> None:
    site.plan(FaultRule(kind=FaultKind.DELAYED_COMMIT, times=2))
    for _ in range(2):
        with pytest.raises(httpx.ReadTimeout):
            site.create()

    assert site.sandbox.commit_due() == 0
    assert site.sandbox.commit_due(is_everything=True) == 2
    assert site.created_count() == 2


def test_lost_credentials_make_reads_empty_and_writes_refused(site: FaultySite) -> None:
    site.create()
    site.plan(FaultRule(kind=FaultKind.ANONYMOUS, times=3))

    fetched = site.fetch("SBX-1")
    search = {"jql": "project = SBX"}
    found = site.client.post(f"{API}/search/jql", json=search)
    refused = site.create()

    assert fetched == {"issues": [], "issueErrors": []}
    assert (found.status_code, found.json()["issues"]) == (200, [])
    assert refused.status_code == 401


def test_issue_errors_name_what_could_not_be_read(site: FaultySite) -> None:
    for number in range(3):
        site.create(str(number))
    site.plan(FaultRule(kind=FaultKind.ISSUE_ERRORS, path="bulkfetch"))

    answer = site.fetch("SBX-1", "SBX-2", "SBX-3")

    assert [one["key"] for one in answer["issues"]] == ["SBX-1"]
    assert [one["id"] for one in answer["issueErrors"]] == ["10002", "10003"]


@pytest.mark.parametrize(("moment", "is_stored"), [(BEFORE, False), (AFTER, True)])
def test_properties_are_dropped_on_the_way_in_or_out(
    site: FaultySite, moment: Moment, is_stored: bool
) -> None:
    path = r"/issue$" if moment is BEFORE else "bulkfetch"
    site.plan(FaultRule(kind=FaultKind.DROPPED_PROPERTIES, moment=moment, path=path))

    site.create("marked")
    first, second = site.fetch("SBX-1"), site.fetch("SBX-1")

    assert first["issues"][0]["properties"] == {}
    assert second["issues"][0]["properties"] == ({"jp": "marked"} if is_stored else {})


def test_properties_of_one_issue_are_dropped_from_its_answer(site: FaultySite) -> None:
    site.create("marked")
    site.plan(FaultRule(kind=FaultKind.DROPPED_PROPERTIES, moment=AFTER))

    first, second = (
        site.client.get(f"{API}/issue/SBX-1?properties=jp").json()["properties"] for _ in range(2)
    )

    assert (first, second) == ({}, {"jp": "marked"})


def test_a_bulk_answer_comes_in_another_order(site: FaultySite) -> None:
    for number in range(3):
        site.create(str(number))
    site.plan(FaultRule(kind=FaultKind.SHUFFLED))

    answer = site.fetch("SBX-1", "SBX-2", "SBX-3")

    assert [one["key"] for one in answer["issues"]] == ["SBX-3", "SBX-2", "SBX-1"]


@pytest.mark.parametrize(
    "kind", [FaultKind.ISSUE_ERRORS, FaultKind.SHUFFLED, FaultKind.DROPPED_PROPERTIES]
)
@pytest.mark.parametrize(
    "path", [f"{API}/myself", f"{API}/priority", f"{API}/attachment/content/1"]
)
def test_what_spoils_lists_of_issues_leaves_other_answers_alone(
    site: FaultySite, kind: FaultKind, path: str
) -> None:
    expected = site.client.get(path).content
    site.plan(FaultRule(kind=kind, moment=AFTER))

    assert site.client.get(path).content == expected
    assert len(site.sandbox.faults.strikes()) == 1


def test_a_gateway_that_replays_makes_two_issues_and_shows_the_second(site: FaultySite) -> None:
    site.plan(FaultRule(kind=FaultKind.REPLAYED))

    answer = site.create()

    assert answer.json()["key"] == "SBX-2"
    assert site.created_count() == 2
    assert [entry.fault for entry in site.sandbox.journal()] == ["replayed", "replayed"]


def test_a_gateway_that_replays_late_makes_the_second_issue_in_the_servers_time(
    site: FaultySite,
) -> None:
    site.plan(FaultRule(kind=FaultKind.LATE_REPLAY, seconds=900))

    answer = site.create()
    before = site.created_count()
    site.at += timedelta(seconds=900)
    site.fetch("SBX-1")

    assert answer.json()["key"] == "SBX-1"
    assert (before, site.created_count()) == (1, 2)


@pytest.mark.parametrize(("moment", "created"), [(BEFORE, 1), (AFTER, 2)])
def test_an_answer_names_what_somebody_else_created(
    site: FaultySite, moment: Moment, created: int
) -> None:
    site.plan(FaultRule(kind=FaultKind.MISNAMED, moment=moment))

    answer = site.create()

    [theirs] = site.fetch(answer.json()["id"])["issues"]
    assert (answer.status_code, theirs["properties"]) == (201, {})
    assert theirs["key"] == answer.json()["key"] == "SBX-1"
    assert site.created_count() == created


@pytest.mark.parametrize(
    ("rule", "struck"),
    [
        ({}, [1]),
        ({"nth": 3}, [3]),
        ({"nth": 2, "times": 2}, [2, 3]),
        ({"nth": 2, "every": 3, "times": None}, [2, 5, 8]),
        ({"every": 4, "times": 2}, [1, 5]),
        ({"request_number": 4}, [4]),
        ({"method": "post"}, []),
        ({"path": "myself$", "nth": 8}, [8]),
        ({"path": "field$"}, []),
    ],
)
def test_a_rule_strikes_the_requests_it_counts(
    site: FaultySite, rule: dict[str, Any], struck: list[int]
) -> None:
    site.plan(FaultRule(kind=FaultKind.SERVER_ERROR, **rule))

    statuses = [site.client.get(f"{API}/myself").status_code for _ in range(8)]

    assert [n for n, status in enumerate(statuses, start=1) if status == 500] == struck
    assert [one.request_number for one in site.sandbox.faults.strikes()] == struck


def test_the_first_rule_wins_and_the_others_go_on_counting(site: FaultySite) -> None:
    site.plan(
        FaultRule(kind=FaultKind.FORBIDDEN),
        FaultRule(kind=FaultKind.SERVER_ERROR, times=2),
    )

    statuses = [site.client.get(f"{API}/myself").status_code for _ in range(3)]

    assert statuses == [403, 500, 200]


def test_what_never_reached_the_site_is_not_in_its_journal(site: FaultySite) -> None:
    site.plan(FaultRule(kind=FaultKind.CONNECTION_REFUSED))

    with pytest.raises(httpx.ConnectError):
        site.create()

    assert site.sandbox.journal() == ()
    assert [one.fault for one in site.sandbox.faults.strikes()] == ["connection_refused"]


def test_no_token_reaches_the_file(site: FaultySite) -> None:
    site.plan(FaultRule(kind=FaultKind.DELAYED_COMMIT))
    with pytest.raises(httpx.ReadTimeout):
        site.create()
    site.sandbox.commit_due(is_everything=True)

    folder = site.sandbox.state.path.parent

    assert not any(OWNER[1].encode() in path.read_bytes() for path in folder.iterdir())


@each(
    ("plan", "message"),
    [
        ({"worlds": ["lag3000"]}, "no site world is called 'lag3000'"),
        ({"rules": [{"kind": "reset", "path": "("}]}, "no regular expression"),
        ({"rules": [{"kind": "unauthorized", "moment": "after"}]}, "before the commit only"),
        ({"rules": [{"kind": "explode"}]}, "kind"),
        ({"rules": [{"kind": "reset", "nth": 0}]}, "nth"),
        ({"rule": []}, "rule"),
    ],
)
def test_a_plan_that_cannot_be_meant_is_refused(plan: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        FaultPlan.model_validate(plan)


def test_every_world_has_its_name_in_both_lists() -> None:
    assert sorted(WORLDS) == list(WORLD_NAMES)


def world_lag300(site: FaultySite) -> bool:
    site.create()
    found = site.client.post(f"{API}/search/jql", json={"jql": "project = SBX"}).json()
    return bool(found["issues"] == [])


def world_late_commits(site: FaultySite) -> bool:
    site.create()
    with suppress(httpx.ReadTimeout):
        site.create()
    return site.created_count() == 1 and site.sandbox.commit_due(is_everything=True) == 1


def world_hidden_runs(site: FaultySite) -> bool:
    return bool([site.create().json()["key"] for _ in range(4)][-1] == "SBX-134")


def keys_of(site: FaultySite, count: int) -> list[str]:
    """Create issues; return the keys of those whose creation was answered."""
    keys = []
    for _ in range(count):
        with suppress(httpx.ReadError):
            keys.append(site.create().json()["key"])
    return keys


def world_hidden_400(site: FaultySite) -> bool:
    return keys_of(site, 5) == ["SBX-1", "SBX-2", "SBX-3", "SBX-405"]


def world_hidden_2000(site: FaultySite) -> bool:
    return keys_of(site, 5) == ["SBX-1", "SBX-2", "SBX-3", "SBX-2005"]


def world_hidden_random(site: FaultySite) -> bool:
    numbers = [int(key.partition("-")[2]) for key in keys_of(site, 6)]
    runs = {second - first for first, second in pairwise(numbers)} - {1}
    return len(runs) > 1 and max(runs) <= 2 * 2_000 + 2


def world_outage(site: FaultySite) -> bool:
    statuses = [site.create().status_code for _ in range(12)]
    return statuses == [201] * 3 + [503] * 8 + [201]


def world_blackout(site: FaultySite) -> bool:
    statuses = [site.client.get(f"{API}/myself").status_code for _ in range(70)]
    return statuses == [200] * 29 + [503] * 40 + [200]


def world_lost_auth_reads(site: FaultySite) -> bool:
    site.create()
    return [len(site.fetch("SBX-1")["issues"]) for _ in range(6)] == [1, 0, 0, 0, 0, 1]


def world_label_off_screen(site: FaultySite) -> bool:
    return site.create(labels=["a"]).status_code == 400


def world_dropped_properties(site: FaultySite) -> bool:
    site.create()
    return bool(site.fetch("SBX-1")["issues"][0]["properties"] == {})


def world_clones(site: FaultySite) -> bool:
    return [site.create().json()["key"] for _ in range(3)] == ["SBX-1", "SBX-2", "SBX-4"]


def world_moved(site: FaultySite) -> bool:
    keys = [site.create().json()["key"] for _ in range(2)]
    return [one["key"] for one in site.fetch(*keys)["issues"]] == ["SBX-1", "MOVED-1"]


def world_gateway_replay(site: FaultySite) -> bool:
    return [site.create().json()["key"] for _ in range(3)] == ["SBX-1", "SBX-3", "SBX-4"]


def world_late_replay(site: FaultySite) -> bool:
    keys = [site.create().json()["key"] for _ in range(3)]
    site.at += timedelta(seconds=900)
    return [one["key"] for one in site.fetch(*keys, "SBX-4")["issues"]] == [*keys, "SBX-4"]


def world_wrong_answers(site: FaultySite) -> bool:
    keys = [site.create().json()["key"] for _ in range(5)]
    return keys == ["SBX-1", "SBX-2", "SBX-7004", "SBX-5", "SBX-6"] and site.created_count() == 6


def world_security_level(site: FaultySite) -> bool:
    return site.create().status_code == 201 and site.fetch("SBX-1")["issues"] == []


def world_ignored_parent(site: FaultySite) -> bool:
    site.create(issuetype={"name": "Epic"})
    answer = site.create(parent={"key": "SBX-1"})
    fields = site.client.get(f"{API}/issue/SBX-2").json()["fields"]
    return answer.status_code == 201 and fields["parent"] is None


def world_issue_errors(site: FaultySite) -> bool:
    site.create()
    return [len(site.fetch("SBX-1")["issueErrors"]) for _ in range(4)] == [0, 1, 0, 1]


def world_shuffled(site: FaultySite) -> bool:
    keys = [site.create().json()["key"] for _ in range(8)]
    answered = [one["key"] for one in site.fetch(*keys)["issues"]]
    return answered != keys and sorted(answered) == keys


def world_rewritten(site: FaultySite) -> bool:
    texts = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    cell = {"type": "tableCell", "content": [{"type": "paragraph", "content": texts}]}
    table = {"type": "table", "content": [{"type": "tableRow", "content": [cell]}]}
    blocks = [{"type": "paragraph", "content": texts}, {"type": "paragraph", "content": []}, table]
    sent = {"type": "doc", "version": 1, "content": blocks}
    site.create(description=sent)
    stored = site.client.get(f"{API}/issue/SBX-1").json()["fields"]["description"]["content"]
    is_joined = stored[0]["content"] == [{"type": "text", "text": "ab"}]
    return len(stored) == 2 and is_joined and stored[1]["attrs"]["layout"] == "default"


def world_localised(site: FaultySite) -> bool:
    kinds = site.client.get(f"{API}/issue/createmeta/SBX/issuetypes").json()["issueTypes"]
    links = site.client.get(f"{API}/issueLinkType").json()["issueLinkTypes"]
    names = [(kind["name"], kind.get("untranslatedName")) for kind in kinds]
    return ("Aufgabe", "Task") in names and links[0]["outward"] == "blockiert"


def world_team_managed(site: FaultySite) -> bool:
    kinds = site.client.get(f"{API}/issue/createmeta/SBX/issuetypes").json()["issueTypes"]
    project = site.client.get(f"{API}/project/SBX").json()
    by_name = {kind["name"]: kind["id"] for kind in kinds}
    answer = site.create(issuetype={"id": by_name["Task"]})
    shown = site.client.get(f"{API}/issue/{answer.json()['key']}").json()["fields"]["issuetype"]
    is_other_refused = site.create(issuetype={"id": "10002"}).status_code == 400
    return project["style"] == "next-gen" and shown["id"] == by_name["Task"] and is_other_refused


def world_plain_errors(site: FaultySite) -> bool:
    site.create()
    refusal = site.create()
    return (refusal.status_code, b"errorMessages" in refusal.content) == (401, False)


def world_proxy(site: FaultySite) -> bool:
    for _ in range(3):
        with suppress(httpx.ReadError):
            site.create()
    try:
        site.client.get(f"{API}/myself")
    except httpx.ProxyError:
        return site.created_count() == 3
    return False


def world_dated_waits(site: FaultySite) -> bool:
    statuses = [site.client.get(f"{API}/myself").status_code for _ in range(7)]
    return statuses == [*[200] * 5, 429, 200]


def world_scoped_token(site: FaultySite) -> bool:
    scoped = ("scoped@sandbox.example", OWNER[1])
    cloud_id = site.client.get("/_edge/tenant_info").json()["cloudId"]
    at_the_site = site.client.get(f"{API}/myself", auth=scoped).status_code
    at_the_gateway = site.client.get(f"/ex/jira/{cloud_id}{API}/myself", auth=scoped).status_code
    return (at_the_site, at_the_gateway) == (401, 200)


@pytest.mark.parametrize("world", WORLD_NAMES)
def test_a_world_bites_and_is_over_when_it_is_taken_away(
    site: FaultySite, tmp_path: Path, world: str
) -> None:
    other = FaultySite(tmp_path / "other.sqlite")
    is_bitten = globals()[f"world_{world}"]
    site.plan(worlds=(world,))

    assert is_bitten(site)
    with other.sandbox, other.client:
        assert not is_bitten(other)


@pytest.mark.parametrize("path", ["issue", "issue/bulk"])
def test_worlds_that_strike_creations_strike_bulk_creations_too(
    site: FaultySite, path: str
) -> None:
    site.plan(worlds=("gateway_replay",))
    fields = {"project": {"key": "SBX"}, "issuetype": {"name": "Task"}, "summary": "x"}
    one = {"fields": fields}

    for _ in range(2):
        site.client.post(f"{API}/{path}", json={"issueUpdates": [one], **one})
    site.client.post("/rest/agile/1.0/sprint/1/issue", json={"issues": ["SBX-1"]})

    assert site.created_count() == 3
    assert [one.path for one in site.sandbox.faults.strikes()] == [f"{API}/{path}"]


def test_a_world_never_changes_the_rules_in_the_file(site: FaultySite) -> None:
    before = site.sandbox.rules()

    site.plan(worlds=("lag300", "clones"))
    site.create()

    assert site.sandbox.rules() == before


def test_a_plan_given_at_the_start_is_in_force(tmp_path: Path) -> None:
    plan = FaultPlan(worlds=("lag300",))

    with JiraSandbox(tmp_path / "x.sqlite", clock=lambda: datetime.now(UTC), faults=plan) as one:  # noqa: TID251 - any time will do
        assert one.faults.plan == plan
