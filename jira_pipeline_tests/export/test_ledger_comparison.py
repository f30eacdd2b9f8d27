"""Whether Jira holds what the ledger says: every difference is found and named, none is fixed."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from jira_pipeline.export.export_run import MARKER_PROPERTY
from jira_pipeline.export.ledger_comparison import compare_ledger, file_comparison
from jira_pipeline.export.settle import compare_where_exported
from jira_pipeline.model.differences import Difference, FiledComparison, IssueDifference
from jira_pipeline.model.errors import AccessError, UpstreamError
from jira_pipeline.model.exports import LedgerEvent
from jira_pipeline.model.ticket_decisions import Skipped
from jira_pipeline_tests.contracts.stored_values import START, a_target, an_entry
from jira_pipeline_tests.crash.by_hand import OWNER, make_issue
from jira_pipeline_tests.crash.export_faults import StrikeOnce, bent
from jira_pipeline_tests.crash.export_world import ExportWorld
from jira_pipeline_tests.crash.sessions import SESSION_KEY, entries_of
from jira_pipeline_tests.export.small_site import INTENT, RECEIPT, SmallSite, failing
from jira_pipeline_tests.export.whole_exports import where
from jira_pipeline_tests.tables import each

COMMENT = (
    "INSERT INTO comment (issue_id, author_id, body, created_at, updated_at)"
    " SELECT id, reporter_id, '{}', '2026-11-20', '2026-11-20' FROM issue"
)
GONE, TWIN, UNKNOWN = Difference.GONE, Difference.TWIN, Difference.UNKNOWN
MOVED, UNMARKED, UNREADABLE = Difference.MOVED, Difference.UNMARKED, Difference.UNREADABLE


def named(compared: FiledComparison) -> list[tuple[Difference, str, str]]:
    return [(d.kind, d.ticket_id, d.name) for d in compared.differences]


@each(
    ("kind", "changes", "decisions", "is_open"),
    [
        (GONE, {}, ("create_again", "forget"), True),
        (GONE, {"other_id": "8", "other_key": "A-8"}, ("adopt", "forget"), True),
        (GONE, {"is_wanted": False}, ("create_again", "forget"), False),
        (TWIN, {"other_id": "8", "other_key": "A-8"}, ("adopt", "forget"), True),
        (UNKNOWN, {"other_id": "8", "other_key": "A-8"}, ("adopt", "forget"), False),
        (MOVED, {}, (), False),
        (UNMARKED, {}, (), False),
        (UNREADABLE, {}, (), False),
    ],
)
def test_people_decide_about_what_is_gone_or_there_twice(
    kind: Difference, changes: dict[str, Any], decisions: tuple[str, ...], *, is_open: bool
) -> None:
    difference = IssueDifference(kind=kind, ticket_id="t01", issue_id="1", key="A-1", **changes)

    assert (difference.decisions, difference.is_open) == (decisions, is_open)


def compared(world: ExportWorld) -> FiledComparison:
    """Compare the session on its only target."""
    with world.process() as (tools, order):
        return compare_where_exported(tools, order)


def marker(world: ExportWorld, key: str) -> dict[str, object]:
    """The marker of an issue as it is on the site."""
    chosen = (
        "SELECT value FROM issue_property JOIN issue ON issue.id = issue_id WHERE issue.key = ?"
    )
    [value] = world.rows(chosen, key)[0]
    return dict(json.loads(value))


def test_nothing_differs_after_an_export_and_comparing_writes_nothing(world: ExportWorld) -> None:
    world.export()
    [[before]] = world.rows("SELECT count(*) FROM journal_change")

    found = compared(world)

    assert (found.confirmed, found.differences) == (5, ())
    assert found.is_equal
    [[after]] = world.rows("SELECT count(*) FROM journal_change")
    assert after == before
    with world.process() as (tools, _):
        target_id = tools.store.ledger.targets()[0].target_id
        assert tools.store.comparisons.latest(SESSION_KEY, target_id=target_id) == found


def test_an_issue_of_a_ticket_that_is_not_exported_any_more_may_be_gone(world: ExportWorld) -> None:
    world.export()
    world.change("DELETE FROM issue WHERE key = 'SBX-5'")
    with world.process() as (tools, _):
        tools.store.tickets.exclude(
            SESSION_KEY, ["t05"], Skipped, reason="Done.", by="a test", at=START
        )

    [gone] = compared(world).differences

    assert (gone.kind, gone.is_wanted, gone.is_open) == (GONE, False, False)


def test_where_nothing_is_shown_a_witness_is_asked_for(site: SmallSite) -> None:
    """Reads are answered to nobody, as where credentials are lost on the way."""
    for of in (1, 2):
        site.export(of)
    site.answering = where(is_reading, answered_with_nothing)

    assert [d.kind for d in file_comparison(site.run).differences] == [UNREADABLE] * 2


def answered_with_nothing(_request: httpx.Request, _site: httpx.BaseTransport) -> httpx.Response:
    return httpx.Response(200, json={"issues": [], "issueErrors": []})


def is_reading(request: httpx.Request) -> bool:
    return request.url.path.endswith("/bulkfetch")


def test_what_is_shown_at_the_second_look_is_compared_and_refutes_nothing(site: SmallSite) -> None:
    wrong = site.create(1, identity="another", session_key="other")
    site.write(1, INTENT, low_bound=0)
    site.receive(1, wrong)
    site.answering = StrikeOnce(answered_with_nothing, at=1, matches=is_reading)

    assert named(file_comparison(site.run)) == [(UNMARKED, "t01", wrong.remote_key)]
    assert site.events(1) == [INTENT, RECEIPT]


def test_where_an_issue_is_missing_our_account_may_see_the_project(site: SmallSite) -> None:
    gone, _ = site.export(1), site.export(2)
    site.delete(gone)

    withheld = {"BROWSE_PROJECTS": {"havePermission": False}}
    site.answering = where(
        "/mypermissions", bent(lambda body: {"permissions": body["permissions"] | withheld})
    )

    with pytest.raises(AccessError, match="it lacks BROWSE_PROJECTS"):
        file_comparison(site.run)


def test_where_credentials_were_lost_nothing_is_missing(site: SmallSite) -> None:
    """Jira answers reads of nobody with 200 and nothing, and says so of who we are alone."""
    site.export(1)

    run, nobody = site.run, where("/myself", httpx.Response(401))
    site.answering = lambda request, inner: (
        answered_with_nothing if is_reading(request) else nobody
    )(request, inner)

    with pytest.raises(UpstreamError):
        file_comparison(run)


def test_a_moved_issue_is_known_by_its_new_key(site: SmallSite) -> None:
    moved, run = site.export(1), site.run
    site.change("INSERT INTO project (id, key, name) VALUES (7, 'OPS', 'Elsewhere')")
    site.change(
        "UPDATE issue SET key = 'OPS-1', number = 1, project_id = 7 WHERE id = ?",
        int(moved.remote_id),
    )

    found = file_comparison(run)

    assert named(found) == [(MOVED, "t01", "OPS-1")]
    assert (found.confirmed, found.is_equal) == (1, True)
    assert [receipt.remote_key for receipt in run.page.issue_receipts()] == ["OPS-1"]


@pytest.mark.parametrize(
    ("worked_with", "note"),
    [
        ((), "We would keep SBX-1: it was created first."),
        (("SBX-1",), "We would keep SBX-1: it has 1 comment, and no one has worked on SBX-2."),
        (("SBX-2",), "We would keep SBX-2: it has 1 comment, and no one has worked on SBX-1."),
        (
            ("SBX-1", "SBX-2"),
            (
                "People have worked on both (of SBX-1 it has 1 comment, of SBX-2 it has 1 comment): "
                "we would keep SBX-1."
            ),
        ),
    ],
    ids=["neither", "the first", "the second", "both"],
)
def test_of_two_issues_we_would_keep_the_one_that_people_worked_with(
    site: SmallSite, worked_with: tuple[str, ...], note: str
) -> None:
    site.export(1)
    site.create(1)
    for key in worked_with:
        site.change(f"{COMMENT} WHERE key = ?", key)

    [twin] = file_comparison(site.run).differences

    assert (twin.kind, twin.key, twin.other_key) == (TWIN, "SBX-1", "SBX-2")
    assert twin.note == note


@pytest.mark.parametrize("worked_with", [(), ("SBX-1", "SBX-2")], ids=["neither", "both"])
@pytest.mark.parametrize("ours", ["SBX-1", "SBX-2"])
def test_two_copies_of_a_store_advise_to_keep_the_same_issue(
    site: SmallSite, ours: str, worked_with: tuple[str, ...]
) -> None:
    for write in (site.export, site.create) if ours == "SBX-1" else (site.create, site.export):
        write(1)
    for key in worked_with:
        site.change(f"{COMMENT} WHERE key = ?", key)

    [twin] = file_comparison(site.run).differences
    [fix] = site.store.manual_fixes.list_all(SESSION_KEY, target_id=site.target.target_id)

    assert "we would keep sbx-1" in twin.note.casefold()
    kept_first = "delete SBX-2" if ours == "SBX-1" else "adopt SBX-1 and delete SBX-2"
    assert f"To do so, {kept_first};" in fix.recommended_action


def test_a_link_between_issues_of_the_other_copy_is_no_work_of_people(site: SmallSite) -> None:
    site.export(1)
    theirs = [site.create(of).remote_id for of in (1, 2)]
    site.client.create_link(
        link_type_id="10000", inward_issue_id=theirs[0], outward_issue_id=theirs[1]
    )

    notes = [difference.note for difference in file_comparison(site.run).differences]

    assert notes == ["We would keep SBX-1: it was created first.", ""]


def test_who_worked_with_which_is_read_of_twenty_pairs_and_of_none_to_decide(
    site: SmallSite,
) -> None:
    for _ in range(20):
        site.create(1)
    site.export(1)
    site.create(1)
    site.change(f"{COMMENT} WHERE key != 'SBX-21'")

    filed, compared = file_comparison(site.run), compare_ledger(site.run)

    looked_into = [f"We would keep SBX-{n}: it has 1 comment" for n in range(1, 21)]
    notes = [difference.note.partition(",")[0] for difference in filed.differences]
    assert notes == [*looked_into, "We would keep SBX-21: it was created first."]
    assert [difference.note for difference in compared.differences] == [
        *(f"We would keep SBX-{n}: it was created first." for n in range(1, 21)),
        "We would keep SBX-21: it was created first.",
    ]
    assert site.store.comparisons.latest(SESSION_KEY, target_id=site.target.target_id) == filed


def test_who_worked_with_a_pair_takes_eight_requests_whoever_goes_on_meanwhile(
    site: SmallSite,
) -> None:
    site.create(1)
    site.export(1)
    asked: list[str] = []

    def changed_meanwhile(request: httpx.Request, inner: httpx.BaseTransport) -> httpx.Response:
        if request.method == "GET" and "/issue/" in request.url.path:
            asked.append(request.url.path)
            site.change("UPDATE issue SET updated_at = ?", f"2026-11-20T10:00:{len(asked):02}Z")
        return inner.handle_request(request)

    site.answering = changed_meanwhile

    [twin] = file_comparison(site.run).differences

    assert twin.note == "We would keep SBX-1: it was created first."
    assert len(asked) == 8


def test_where_an_issue_is_gone_the_first_that_carries_its_identity_may_take_its_place(
    site: SmallSite,
) -> None:
    gone = site.export(1)
    site.change("UPDATE sqlite_sequence SET seq = 99998 WHERE name = 'issue'")
    first, second = site.create(1), site.create(1)  # 99999 and 100000
    site.delete(gone)

    site.answering = where(is_reading, bent(lambda body: body | {"issues": body["issues"][::-1]}))

    found = file_comparison(site.run).differences

    assert [(d.kind, d.key, d.other_id) for d in found] == [
        (GONE, gone.remote_key, first.remote_id),
        (UNKNOWN, gone.remote_key, second.remote_id),
    ]


ISSUE_1 = {"kind": GONE, "ticket_id": "t01", "key": "SBX-1"}


@pytest.mark.parametrize(
    ("compared_after", "known", "seen_after"),
    [
        pytest.param(None, None, None, id="never compared"),
        pytest.param(-1, None, None, id="compared before it was created"),
        pytest.param(0, None, 0, id="compared at once"),
        pytest.param(5, None, 5, id="compared since"),
        pytest.param(5, {"issue_id": "10001", "seen_at": START}, START, id="gone since"),
        pytest.param(5, {"issue_id": "10001"}, None, id="never seen"),
        pytest.param(5, {}, 0, id="gone for a version that kept no time"),
        pytest.param(5, {"issue_id": "7", "key": "SBX-7"}, 5, id="another was gone"),
        pytest.param(5, {"kind": MOVED, "issue_id": "10001"}, 5, id="moved before"),
    ],
)
def test_what_is_gone_was_there_when_it_was_last_compared(
    site: SmallSite,
    compared_after: int | None,
    known: dict[str, Any] | None,
    seen_after: int | datetime | None,
) -> None:
    """In minutes after its receipt."""
    issue = site.export(1)
    created_at = entries_of(site.store)[-1].at
    site.delete(issue)
    if compared_after is not None:
        before = FiledComparison(
            session_key=SESSION_KEY,
            target_id=site.target.target_id,
            compared_at=created_at + timedelta(minutes=compared_after),
            confirmed=1,
            differences=() if known is None else (IssueDifference(**{**ISSUE_1, **known}),),
        )
        site.store.comparisons.record(before)

    [gone] = file_comparison(site.run).differences

    if isinstance(seen_after, int):
        seen_after = created_at + timedelta(minutes=seen_after)
    assert gone.seen_at == seen_after


def test_what_was_read_in_this_execution_was_there(site: SmallSite) -> None:
    issue, run = site.export(1), site.run
    file_comparison(run)
    site.delete(issue)

    found = file_comparison(run)

    assert [d.seen_at for d in found.differences] == [found.compared_at]


def test_issues_of_a_copied_site_and_of_tickets_that_went_are_told_apart(
    world: ExportWorld,
) -> None:
    """A copy carries identities of another target; the ledger knows tickets that are gone."""
    world.export()
    with world.process() as (tools, _):
        copied = a_target("elsewhere/1")
        tools.store.ledger.record_target(copied, at=START)
        tools.store.ledger.append(an_entry(target_id=copied.target_id, identity="there"))
        own_id = tools.store.ledger.targets_of(SESSION_KEY)[0].target_id
        tools.store.ledger.append(an_entry(target_id=own_id, identity="vanished", ticket_id="t09"))
    own = marker(world, "SBX-1")
    for number, identity in enumerate(("there", "vanished", "nowhere"), start=6):
        make_issue(world.sandbox, "By hand", account=OWNER, labels=["jp-site"])
        value = own | {"identity": identity}
        path = f"/rest/api/3/issue/SBX-{number}/properties/{MARKER_PROPERTY}"
        assert world.ask("PUT", path, value, account=OWNER) == 200

    found = compared(world).differences

    assert [(d.ticket_id, d.other_key, d.is_wanted) for d in found] == [
        ("t09", "SBX-7", False),
        ("", "SBX-8", False),
    ]


def test_a_double_without_our_label_is_found_by_its_number(site: SmallSite) -> None:
    """Labels are on no create screen, so the index nominates nothing."""
    site.export(1)
    twin = site.create(1)
    site.change("DELETE FROM issue_label")

    assert named(file_comparison(site.run)) == [(TWIN, "t01", twin.remote_key)]


def test_a_double_without_marker_is_listed_where_markers_are_dropped(site: SmallSite) -> None:
    site.export(1)
    twin = site.create(1)
    site.change("DELETE FROM issue_property")

    file_comparison(site.run)

    [listed] = site.fixes()
    assert listed.jira_key == twin.remote_key
    assert "no marker" in listed.original_value


def test_what_the_index_still_shows_is_no_double(site: SmallSite) -> None:
    """Its entries outlive what people delete; reading the issue tells."""
    site.export(1)
    twin = site.create(1)

    def stale(request: httpx.Request, inner: httpx.BaseTransport) -> httpx.Response:
        answer = inner.handle_request(request)
        if request.url.path.endswith("/search/jql"):
            site.delete(twin)
        return answer

    site.answering = stale

    assert file_comparison(site.run).differences == ()


@pytest.mark.parametrize(
    "spoil",
    [
        None,
        lambda value: value | {"identity": "another", "session": "other"},
        lambda value: {k: v for k, v in value.items() if k != "sequence"},
        lambda value: value | {"sequence": "1"},
        lambda _: "text",
        lambda _: [1],
        lambda _: None,
    ],
    ids=["none", "another identity", "a part missing", "another type", "text", "list", "null"],
)
def test_an_issue_with_another_property_or_none_is_unmarked(
    site: SmallSite, spoil: Callable[[dict[str, object]], object] | None
) -> None:
    site.export(1)
    ours = site.export(2)
    with site.sandbox.state.reading() as rows:
        statement = "SELECT value FROM issue_property WHERE issue_id = ?"
        (value,) = rows.execute(statement, (int(ours.remote_id),)).fetchone()
    site.change("DELETE FROM issue_property WHERE issue_id = ?", int(ours.remote_id))
    if spoil is not None:
        site.change(
            "INSERT INTO issue_property (issue_id, key, value) VALUES (?, 'jira_pipeline', ?)",
            int(ours.remote_id),
            json.dumps(spoil(json.loads(value))),
        )

    found = file_comparison(site.run)

    assert named(found) == [(UNMARKED, "t02", ours.remote_key)]
    assert (found.confirmed, found.there_count, found.is_equal) == (1, 2, False)


def test_what_is_gone_was_readable_and_what_was_not_readable_is_not_gone(site: SmallSite) -> None:
    gone, unreadable, shown = (site.export(of) for of in (1, 2, 3))
    site.delete(gone)
    site.answering = failing({unreadable.remote_id})

    found = file_comparison(site.run)

    assert named(found) == [(GONE, "t01", "SBX-1"), (UNREADABLE, "t02", "SBX-2")]
    assert (found.confirmed, found.issue_count) == (1, 3)
    ids = [issue.remote_id for issue in (gone, unreadable, shown)]
    assert site.read_keys().count(ids) == 1  # what shows one issue may be believed


def test_what_carries_our_marker_is_known_or_named(site: SmallSite) -> None:
    """Through every page of the label, and nothing of anybody else."""
    removed = site.export(2)
    site.write(2, LedgerEvent.REMOVED, remote_id=removed.remote_id)
    site.client.delete_issue(removed.remote_id)
    site.export(1)
    lost = [site.create(3) for _ in range(101)]
    site.create(4, session_key="other")
    site.create(4, installation_id="another")
    unmarked = site.create(4, is_marked=False)

    found = file_comparison(site.run)

    assert found.confirmed == 1
    assert named(found) == [(UNKNOWN, "t03", one.remote_key) for one in lost]
    assert not found.is_equal
    read = [one for ids in site.read_keys() for one in ids]
    assert unmarked.remote_id not in read  # it was seen already
    named_ids = [one for one in read if one.isdigit() and one != removed.remote_id][1:]
    assert named_ids == sorted(named_ids)


def test_an_issue_that_an_undo_is_deleting_is_its_own_business(site: SmallSite) -> None:
    gone = site.export(1)
    site.write(1, LedgerEvent.REMOVAL_INTENT, remote_id=gone.remote_id)
    site.delete(gone)

    assert file_comparison(site.run).differences == ()


def test_a_released_issue_that_is_there_again_is_named_once_a_person_forgot_it_not(
    site: SmallSite,
) -> None:
    """Beside the new one it is a double; who forgets it knows of it."""
    old = site.export(1)
    site.write(1, LedgerEvent.RELEASED, remote_id=old.remote_id)
    hidden = file_comparison(site.run).differences
    site.write(1, INTENT)
    new = site.create(1)
    site.receive(1, new)
    beside = named(file_comparison(site.run))
    site.write(1, LedgerEvent.RELEASED, remote_id=old.remote_id)

    assert [(d.kind, d.other_key) for d in hidden] == [(UNKNOWN, old.remote_key)]
    assert beside == [(TWIN, "t01", old.remote_key)]
    assert file_comparison(site.run).differences == ()
