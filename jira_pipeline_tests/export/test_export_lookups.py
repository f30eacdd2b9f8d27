"""What is looked at, what is seen there, and when not seeing proves something."""

import json
from typing import Any

import httpx
import pytest

from jira_pipeline.export.lookups import (
    FETCH_SIZE,
    WINDOW_MARGIN,
    ProbeResult,
    probe,
    probe_known_ranges,
)
from jira_pipeline.model.errors import ConfigurationError
from jira_pipeline.model.exports import LedgerEvent
from jira_pipeline.model.issue_tracker import Account, FoundIssue
from jira_pipeline_tests.crash.export_faults import index_that_lags
from jira_pipeline_tests.export.small_site import INTENT, SmallSite, a_ticket, failing, saw
from jira_pipeline_tests.export.whole_exports import where
from jira_pipeline_tests.tables import each

REMOVAL_INTENT, REMOVED = LedgerEvent.REMOVAL_INTENT, LedgerEvent.REMOVED


def keys_of(seen: ProbeResult) -> list[str]:
    return [issue.key for issue in seen.issues]


def numbers_in(reading: list[str]) -> list[int]:
    return [int(name.removeprefix("SBX-")) for name in reading if name.startswith("SBX-")]


def read_numbers(site: SmallSite) -> list[int]:
    return [number for reading in site.read_keys() for number in numbers_in(reading)]


def test_an_empty_project_is_read_up_to_the_margin(site: SmallSite) -> None:
    seen = probe(site.run, 0)

    (reading,) = site.read_keys()
    assert numbers_in(reading) == list(range(1, FETCH_SIZE + 1))
    assert seen.issues == ()
    assert (seen.is_conclusive, seen.is_calibrated) == (True, True)
    assert (seen.is_proven, seen.highest_number) == (False, 0)


def test_reading_goes_on_a_margin_beyond_what_was_seen(site: SmallSite) -> None:
    """The index lags, so only the window itself shows that there is more."""
    site.answering = index_that_lags
    for number in (90, 180, 270):
        site.go_on_at(number)
        site.create(1)

    seen = probe(site.run, 0)

    assert keys_of(seen) == ["SBX-90", "SBX-180", "SBX-270"]
    assert seen.highest_number == 270
    assert numbers_in(site.read_keys()[-1])[-1] >= 270 + WINDOW_MARGIN


def test_the_last_number_of_the_margin_is_read_though_a_reading_begins_with_it(
    site: SmallSite,
) -> None:
    site.go_on_at(FETCH_SIZE - WINDOW_MARGIN)
    site.export(1)

    probe(site.run, 0)

    assert numbers_in(site.read_keys()[-1])[0] == FETCH_SIZE


@pytest.mark.parametrize(("number", "is_seen"), [(100, True), (101, False)])
def test_what_is_further_away_than_the_margin_is_not_seen(
    site: SmallSite, number: int, *, is_seen: bool
) -> None:
    site.answering = index_that_lags
    site.go_on_at(number)
    site.create(1)

    assert bool(probe(site.run, 0).issues) is is_seen


@pytest.mark.parametrize(
    ("bound", "known", "newest", "first"),
    [
        pytest.param(7, None, None, 8, id="right above the bound"),
        pytest.param(None, None, None, 1, id="without an issue at the first"),
        pytest.param(None, None, 2000, 1501, id="else near the newest"),
        pytest.param(None, 1900, 2000, 1901, id="above what was read before something was sent"),
    ],
)
def test_reading_begins_where_issues_may_be(
    site: SmallSite, bound: int | None, known: int | None, newest: int | None, first: int
) -> None:
    if known is not None:
        site.go_on_at(known)
        site.write(1, INTENT, low_bound=known)
        site.receive(1, site.create(1))
    if newest is not None:
        site.go_on_at(newest)
        site.create_by_hand()
    run = site.run

    probe(run, bound)

    assert numbers_in(site.read_keys()[0])[0] == first


def test_an_issue_that_was_found_and_not_sent_from_here_moves_no_beginning(site: SmallSite) -> None:
    """Below it there may be others that a restored ledger forgot."""
    site.go_on_at(30)
    found = site.create(1)
    site.receive(1, found)
    assert found.remote_key is not None
    run = site.run
    run.page.note_read([FoundIssue(issue_id=found.remote_id, key=found.remote_key)])

    probe(run, None)

    assert numbers_in(site.read_keys()[0])[0] == 1


def test_the_last_of_ours_and_the_newest_are_sentinels(site: SmallSite) -> None:
    own = [site.export(of).remote_id for of in range(1, 6)]
    newest = site.create_by_hand().remote_id

    probe(site.run, 0)

    assert site.read_keys()[0][:5] == [*own[-3:], newest, "SBX-1"]


def test_an_issue_that_may_be_deleted_is_no_sentinel(site: SmallSite) -> None:
    kept, removed = site.export(1), site.export(2)
    site.write(2, REMOVAL_INTENT, remote_id=removed.remote_id)
    site.answering = index_that_lags

    probe(site.run, 0)

    assert site.read_keys()[0][0] == kept.remote_id
    assert removed.remote_id not in site.read_keys()[0]


def test_issues_of_other_sessions_are_asked_for_where_there_is_none_of_ours(
    site: SmallSite,
) -> None:
    """They may be gone: they prove something when they come, and nothing when they don't."""
    earlier = site.create(1, session_key="other", identity="c0ffee")
    site.write_elsewhere(session_key="other", remote_id=earlier.remote_id)
    site.answering = index_that_lags

    seen = probe(site.run, 1)
    site.change("DELETE FROM issue")
    gone = probe(site.run, 1)

    assert site.read_keys()[0][0] == earlier.remote_id
    assert (seen.is_conclusive, seen.is_calibrated, seen.is_proven) == (True, True, True)
    assert (gone.is_conclusive, gone.is_calibrated, gone.is_proven) == (True, True, False)


@pytest.mark.parametrize(
    ("marker", "is_proven"),
    [({}, True), ({"installation_id": "another", "session_key": "other"}, False)],
    ids=["ours", "another's"],
)
def test_a_marker_of_ours_proves_that_markers_come_back(
    site: SmallSite, marker: dict[str, Any], *, is_proven: bool
) -> None:
    site.create(1, **marker)

    assert probe(site.run, 0).is_proven is is_proven


@pytest.mark.parametrize("times", [1, 2])
def test_what_could_not_be_read_is_read_once_more(site: SmallSite, times: int) -> None:
    site.export(1)
    site.answering = failing({"SBX-5"}, times=times)

    seen = probe(site.run, 0)

    first, again = site.read_keys()
    assert first == again
    assert seen.is_conclusive is (times == 1)


def test_one_reading_that_says_nothing_voids_all(site: SmallSite) -> None:
    site.export(1)
    site.go_on_at(150)
    site.export(2)
    site.answering = failing({"SBX-5"}, times=2)

    assert not probe(site.run, 0).is_conclusive


def test_a_reading_without_any_sentinel_proves_nothing(site: SmallSite) -> None:
    """Jira answers reading by number with nothing where authentication is lost."""
    site.create_by_hand()
    nothing = httpx.Response(200, json={"issues": [], "issueErrors": []})
    site.answering = where("/bulkfetch", nothing)

    seen = probe(site.run, 1)

    assert not seen.is_conclusive
    assert seen.is_calibrated


@pytest.mark.parametrize(
    ("loss", "is_calibrated"),
    [
        ("DELETE FROM issue WHERE key = 'SBX-2'", True),
        ("DELETE FROM issue_property WHERE issue_id = 10002", False),
        ("DELETE FROM issue WHERE key IN ('SBX-1', 'SBX-2')", False),
    ],
    ids=["one of several is enough", "one of ours lost its marker", "none of ours is shown"],
)
def test_where_one_of_ours_lost_its_marker_an_absence_proves_nothing(
    site: SmallSite, loss: str, *, is_calibrated: bool
) -> None:
    site.export(1)
    site.export(2)
    site.create_by_hand()
    site.change(loss)

    seen = probe(site.run, 0)

    assert (seen.is_conclusive, seen.is_calibrated) == (True, is_calibrated)


def test_without_a_sentinel_jira_is_asked_who_we_are(site: SmallSite) -> None:
    site.account = Account(account_id="b", display_name="B")

    assert not probe(site.run, 0).is_conclusive


def test_what_lies_outside_the_window_is_found_by_its_label(site: SmallSite) -> None:
    site.create(1)
    site.create_by_hand(labels=["jp-other"])
    newest = site.create_by_hand()

    seen = probe(site.run, 50)

    assert keys_of(seen) == ["SBX-1", newest.remote_key]


def test_what_was_seen_is_in_order_of_its_ids(site: SmallSite) -> None:
    """As numbers, and whatever the keys: people may have moved an issue here."""
    site.create(1)
    site.change("UPDATE sqlite_sequence SET seq = 99998 WHERE name = 'issue'")
    for number in (3, 2):
        site.go_on_at(number)
        site.create(number)

    seen = probe(site.run, 0)

    assert keys_of(seen) == ["SBX-1", "SBX-3", "SBX-2"]
    assert [issue.issue_id for issue in seen.issues[1:]] == ["99999", "100000"]


def test_of_what_an_undo_deleted_only_what_is_there_again_is_seen(site: SmallSite) -> None:
    """The index may still show what is gone."""
    kept, removed, again = site.export(1), site.export(2), site.export(3)
    site.write(2, REMOVAL_INTENT, REMOVED, remote_id=removed.remote_id)
    site.write(3, REMOVAL_INTENT, REMOVED, remote_id=again.remote_id)
    site.client.delete_issue(removed.remote_id)

    assert keys_of(probe(site.run, 0)) == [kept.remote_key, again.remote_key]


def test_what_an_undo_deleted_and_cannot_be_read_proves_nothing(site: SmallSite) -> None:
    site.export(1)
    removed = site.export(2)
    site.write(2, REMOVAL_INTENT, REMOVED, remote_id=removed.remote_id)
    site.answering = failing({removed.remote_id})

    assert not probe(site.run, 0).is_conclusive


@pytest.mark.parametrize(
    ("marker", "is_refused"),
    [
        ({"installation_id": "another"}, True),
        ({"installation_id": "another", "session_key": "other"}, False),
        ({"session_key": "other"}, False),
        ({}, False),
    ],
    ids=["another's", "another's of another session", "another session", "ours"],
)
def test_only_this_session_of_another_installation_stops_the_export(
    site: SmallSite, marker: dict[str, Any], *, is_refused: bool
) -> None:
    key = site.create(1, **marker).remote_key

    if not is_refused:
        assert keys_of(probe(site.run, 0)) == [key]
        return
    with pytest.raises(ConfigurationError, match=f"{key} is not ours") as caught:
        probe(site.run, 0)
    assert len(caught.value.recovery_actions) == 2


def test_a_number_of_another_project_does_not_move_the_window(site: SmallSite) -> None:
    site.export(1)
    moved = site.export(2)
    site.change("INSERT INTO project (id, key, name) VALUES (7, 'OTHER', 'Other')")
    site.change(
        "UPDATE issue SET project_id = 7, number = 4000, key = 'OTHER-4000' WHERE id = ?",
        int(moved.remote_id),
    )

    seen = probe(site.run, 0)

    assert keys_of(seen) == ["SBX-1", "OTHER-4000"]
    assert seen.highest_number == 1
    assert len(site.read_keys()) == 1


def test_the_newest_issue_alone_is_asked_for(site: SmallSite) -> None:
    """Every issue that is read costs points of the hourly limit."""
    probe(site.run, 0)

    newest, labelled = (
        json.loads(r.content) for r in site.requests if r.url.path.endswith("/search/jql")
    )
    assert (newest["maxResults"], labelled["maxResults"]) == (1, 100)


def found(issue_id: str, *, summary: str = "Create content type 1", **marker: object) -> FoundIssue:
    """Return an issue with or without a marker."""
    known = {"identity": "a", "installation": "b", "session": "site", "sequence": 4}
    properties = {"jira_pipeline": known | marker} if marker else {}
    return FoundIssue(
        issue_id=issue_id,
        key=f"SBX-{issue_id}",
        summary=summary,
        labels=("jp-site",),
        properties=properties,
    )


def test_the_last_sequence_is_that_of_the_session() -> None:
    seen = saw(
        found("1", sequence=4),
        found("2", sequence=7),
        found("3", sequence=9, session="other"),
        found("4"),
    )

    assert seen.last_sequence("site") == 7
    assert saw().last_sequence("site") == 0


@each(
    ("issue", "known", "label", "is_suspect"),
    [
        (found("1"), (), None, True),
        (found("1"), (), "jp-site", True),
        (found("1"), (), "jp-other", False),
        (found("1"), ("1",), None, False),
        (found("1", identity="a"), (), None, False),
        (found("1", summary="Another"), (), None, False),
    ],
    ids=["same title", "same label", "another label", "known", "marked", "another title"],
)
def test_an_issue_of_the_same_title_without_marker_is_a_suspect(
    issue: FoundIssue, known: tuple[str, ...], label: str | None, *, is_suspect: bool
) -> None:
    suspects = saw(issue).suspects(a_ticket(1), known_ids=frozenset(known), label=label)

    assert suspects == (("SBX-1",) if is_suspect else ())


def test_a_doubt_is_looked_for_up_to_the_highest_number_of_all_sessions(site: SmallSite) -> None:
    """Two runs of hidden issues lie between, and the index shows none of ours."""
    site.answering = index_that_lags
    site.export(1)
    site.go_on_at(250)
    site.create(2)
    site.write(2, INTENT, low_bound=1)
    site.write_elsewhere(remote_id="9", remote_key="SBX-240")

    assert keys_of(probe(site.run, 1)) == ["SBX-1", "SBX-250"]


def test_only_the_numbers_that_may_be_ours_are_looked_through(site: SmallSite) -> None:
    site.export(1)
    site.go_on_at(30_000)
    site.write(2, INTENT, low_bound=29_998)
    site.create(2)

    seen = probe_known_ranges(site.run)

    numbers = read_numbers(site)
    assert numbers == [*range(1, 1 + WINDOW_MARGIN), *range(29_999, 29_999 + WINDOW_MARGIN)]
    assert keys_of(seen) == ["SBX-1", "SBX-30000"]
    assert seen.is_conclusive


@pytest.mark.parametrize(
    ("number", "is_labelled", "first"),
    [(700, True, 700), (700, False, 200), (3, False, 1)],
    ids=["with our label", "without marker or label", "near the first number"],
)
def test_what_only_a_title_shows_is_looked_for_as_deep_as_by_a_sweep(
    site: SmallSite, number: int, first: int, *, is_labelled: bool
) -> None:
    site.go_on_at(number)
    site.write(1, INTENT, low_bound=number - 1)
    labels = [site.order.session_label] if is_labelled else []
    own = site.create_by_hand(labels=labels)
    site.receive(1, own)

    seen = probe_known_ranges(site.run)

    assert sorted(read_numbers(site)) == list(range(first, number + WINDOW_MARGIN))
    assert seen.is_traced is is_labelled


def test_an_issue_of_ours_is_traced_by_its_marker_alone(site: SmallSite) -> None:
    site.export(1)
    site.create_by_hand()
    site.change("DELETE FROM issue_label")

    assert probe(site.run, 0).is_traced


def test_a_wide_margin_is_for_a_project_of_which_something_is_known(site: SmallSite) -> None:
    probe(site.run, 0, margin=5_000)
    empty = len(site.read_keys())
    site.export(1)
    site.requests.clear()

    probe(site.run, 0, margin=5_000)

    assert (empty, len(site.read_keys())) == (1, 51)
