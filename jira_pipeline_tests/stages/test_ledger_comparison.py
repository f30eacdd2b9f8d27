"""Whether Jira holds what the ledger says: every difference is found and named, none is fixed."""

import json
from collections.abc import Callable

import httpx
import pytest

from jira_pipeline.domain.export_ledger import LedgerEvent
from jira_pipeline.errors import UpstreamError
from jira_pipeline.jira_sandbox.sandbox import JiraSandbox
from jira_pipeline.sandbox_http.transport import SandboxTransport
from jira_pipeline.stages.jira_export import lookups
from jira_pipeline.stages.jira_export.ledger_comparison import (
    LedgerComparison,
    compare_ledger,
    findings_of,
)
from jira_pipeline_tests.crash.export_world import (
    ACCOUNT,
    PROJECT_KEY,
    SESSION_KEY,
    SITE_URL,
    ExportWorld,
    document,
)
from jira_pipeline_tests.stages.small_site import RECEIPT, SmallSite, failing

ALL_EQUAL = LedgerComparison(confirmed=5, gone=(), unmarked=(), unreadable=(), unknown=())
ISSUE_5 = "(SELECT id FROM issue WHERE key = 'SBX-5')"


def test_every_difference_is_a_finding_with_its_issue() -> None:
    comparison = LedgerComparison(
        confirmed=1, gone=("A-1", "A-2"), unmarked=("A-3",), unreadable=("A-4",), unknown=("A-5",)
    )

    found = findings_of(comparison)

    assert [(str(f.severity), f.code, f.value) for f in found] == [
        ("warning", "issue_gone", "A-1"),
        ("warning", "issue_gone", "A-2"),
        ("warning", "issue_unknown", "A-5"),
        ("warning", "issue_unmarked", "A-3"),
        ("info", "issue_unreadable", "A-4"),
    ]
    assert "Settle the session" in found[2].advice
    assert findings_of(ALL_EQUAL) == ()


def compared(world: ExportWorld) -> LedgerComparison:
    """Compare the session on its only target."""
    with world.process() as (tools, order):
        (target,) = tools.ledger.targets_of(SESSION_KEY)
        return compare_ledger(tools, order, target_id=target.target_id)


def change(world: ExportWorld, statement: str, *values: object) -> None:
    """Change the site without the program's knowledge."""
    with world.sandbox.state.writing() as rows:
        rows.execute(statement, values)


def marker(world: ExportWorld, key: str) -> dict[str, object]:
    """The marker of an issue as it is on the site."""
    with world.sandbox.state.reading() as rows:
        row = rows.execute(
            "SELECT value FROM issue_property JOIN issue ON issue.id = issue_id WHERE issue.key = ?",
            (key,),
        ).fetchone()
    value: dict[str, object] = json.loads(row[0])
    return value


def create_by_hand(sandbox: JiraSandbox, *, property_value: object = None) -> str:
    """Create an issue that carries the session's label, as a copy or a lost creation does."""
    body = {
        "fields": {
            "project": {"key": PROJECT_KEY},
            "issuetype": {"name": "Task"},
            "summary": "By hand",
            "labels": ["jp-site"],
            "description": document("x"),
        },
    }
    if property_value is not None:
        body["properties"] = [{"key": "jira_pipeline", "value": property_value}]  # type: ignore[assignment] # a list beside an object
    with httpx.Client(
        base_url=SITE_URL, auth=ACCOUNT, transport=SandboxTransport(sandbox)
    ) as client:
        key: str = client.post("/rest/api/3/issue", json=body).raise_for_status().json()["key"]
    return key


def test_nothing_differs_after_an_export(world: ExportWorld) -> None:
    world.export()

    found = compared(world)

    assert found == ALL_EQUAL
    assert found.is_equal


def test_comparing_sends_reads_only(world: ExportWorld) -> None:
    world.export()
    sent: list[tuple[str, str]] = []

    def noting(request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        sent.append((request.method, request.url.path))
        return site.handle_request(request)

    world.answering = noting
    compared(world)

    assert {path for method, path in sent if method != "GET"} <= {
        "/rest/api/3/issue/bulkfetch",
        "/rest/api/3/search/jql",
    }
    assert sent != []


def test_a_deleted_issue_is_gone(world: ExportWorld) -> None:
    world.export()
    change(world, "DELETE FROM issue WHERE key = 'SBX-5'")

    found = compared(world)

    assert (found.confirmed, found.gone) == (4, ("SBX-5",))
    assert not found.is_equal


def test_an_issue_without_its_property_is_unmarked(world: ExportWorld) -> None:
    world.export()
    change(world, f"DELETE FROM issue_property WHERE issue_id = {ISSUE_5}")  # noqa: S608 - ours

    found = compared(world)

    assert (found.confirmed, found.unmarked, found.gone) == (4, ("SBX-5",), ())
    assert not found.is_equal


@pytest.mark.parametrize(
    "spoil",
    [
        lambda value: value | {"identity": "another"},
        lambda value: {k: v for k, v in value.items() if k != "sequence"},
        lambda value: value | {"sequence": "1"},
        lambda _: "text",
        lambda _: [1],
        lambda _: None,
    ],
    ids=["another identity", "a part missing", "a part of another type", "text", "list", "null"],
)
def test_an_issue_with_another_property_is_unmarked(
    world: ExportWorld, spoil: Callable[[dict[str, object]], object]
) -> None:
    world.export()
    value = json.dumps(spoil(marker(world, "SBX-5")))
    change(world, f"UPDATE issue_property SET value = ? WHERE issue_id = {ISSUE_5}", value)  # noqa: S608 - ours

    assert compared(world).unmarked == ("SBX-5",)


def test_an_issue_that_carries_our_marker_is_found_though_the_ledger_lost_it(
    world: ExportWorld,
) -> None:
    """A restored store: what was created after the back-up is not in it."""
    world.export()
    key = create_by_hand(world.sandbox, property_value=marker(world, "SBX-1"))

    found = compared(world)

    assert (found.confirmed, found.unknown) == (5, (key,))
    assert not found.is_equal


@pytest.mark.parametrize(
    "foreign",
    [{"installation": "elsewhere"}, {"session": "other"}],
    ids=["installation", "session"],
)
def test_issues_of_others_are_none_of_ours(world: ExportWorld, foreign: dict[str, str]) -> None:
    world.export()
    create_by_hand(world.sandbox, property_value=marker(world, "SBX-1") | foreign)

    assert compared(world) == ALL_EQUAL


def test_an_issue_with_the_label_alone_is_none_of_ours(world: ExportWorld) -> None:
    """People copy labels; Jira copies them when an issue is cloned."""
    world.export()
    create_by_hand(world.sandbox)

    assert compared(world) == ALL_EQUAL


def test_an_issue_that_changed_hands_keeps_its_identity(world: ExportWorld) -> None:
    world.export()
    change(world, "UPDATE issue SET summary = 'Renamed' WHERE key = 'SBX-1'")
    change(world, "DELETE FROM issue_label")

    assert compared(world) == ALL_EQUAL


def test_what_jira_cannot_read_just_now_is_not_gone(world: ExportWorld) -> None:
    """Style, rule 15: "could not read" is never "empty"."""
    world.export()
    with world.sandbox.state.reading() as rows:
        issue_id = str(rows.execute("SELECT id FROM issue WHERE key = 'SBX-5'").fetchone()[0])

    def unreadable(request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        response = site.handle_request(request)
        if not request.url.path.endswith("/bulkfetch"):
            return response
        body = json.loads(response.read())
        body["issues"] = [issue for issue in body["issues"] if issue["id"] != issue_id]
        body["issueErrors"] = [{"id": issue_id, "errorMessage": "Try again."}]
        return httpx.Response(200, json=body)

    world.answering = unreadable

    found = compared(world)

    assert (found.confirmed, found.unreadable, found.gone) == (4, ("SBX-5",), ())
    assert not found.is_equal


def test_a_site_that_cannot_be_asked_is_an_error_and_no_difference(world: ExportWorld) -> None:
    world.export()
    world.answering = lambda request, _: httpx.Response(401, request=request)

    with pytest.raises(UpstreamError):
        compared(world)


def test_everything_is_found_through_several_pages(
    world: ExportWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reads are cut into portions; Jira takes a hundred issues at a time."""
    monkeypatch.setattr(lookups, "FETCH_SIZE", 2)
    world.export()
    keys = [create_by_hand(world.sandbox, property_value=marker(world, "SBX-1")) for _ in range(60)]

    found = compared(world)

    assert found.confirmed == 5
    assert sorted(found.unknown) == sorted(keys)


def compared_with(site: SmallSite) -> LedgerComparison:
    """Compare the session on a small site."""
    return compare_ledger(site.tools, site.order, target_id=site.target.target_id)


def test_what_is_gone_was_readable_and_what_was_not_readable_is_not_gone(site: SmallSite) -> None:
    gone, unreadable, _ = (site.export(of) for of in (1, 2, 3))
    site.change("DELETE FROM issue WHERE id = ?", int(gone.remote_id))
    site.answering = failing({unreadable.remote_id})

    found = compared_with(site)

    assert found == LedgerComparison(
        confirmed=1, gone=("SBX-1",), unmarked=(), unreadable=("SBX-2",), unknown=()
    )


def test_a_hundred_issues_are_read_at_a_time(site: SmallSite) -> None:
    for of in range(1, 102):
        site.export(of)

    found = compared_with(site)

    assert found.confirmed == 101
    assert [len(ids) for ids in site.read_keys()] == [100, 1]


def test_a_receipt_without_an_id_is_compared_with_nothing(site: SmallSite) -> None:
    """Links have such receipts; an issue's would be a fault of the ledger."""
    site.write(1, RECEIPT)
    site.export(2)

    assert compared_with(site).confirmed == 1
    assert len(site.read_keys()[0]) == 1


def test_what_carries_our_marker_is_known_or_named(site: SmallSite) -> None:
    """Through every page of the label, and nothing of anybody else."""
    known, removed = site.export(1), site.export(2)
    site.write(2, LedgerEvent.REMOVED, remote_id=removed.remote_id)
    lost = [site.create(3).remote_key for _ in range(101)]
    site.create(4, session_key="other")
    site.create(4, installation_id="another")
    site.create(4, is_marked=False)

    found = compared_with(site)

    assert found.confirmed == 1
    assert known.remote_key not in found.unknown
    assert list(found.unknown) == lost
    assert not found.is_equal
