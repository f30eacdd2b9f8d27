"""What a find or an absence means for the ledger, and what is left to people."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from jira_pipeline.export.lookups import ProbeResult
from jira_pipeline.export.unconfirmed import (
    hold_back_lookalikes,
    list_unmarked_duplicates,
    lowest_possible_number,
    record_found_issues,
    record_missing_issues,
    sendable_tickets,
)
from jira_pipeline.model.exports import LedgerEvent
from jira_pipeline.model.issue_tracker import FoundIssue
from jira_pipeline_tests.export.small_site import (
    ABSENT,
    INTENT,
    NOTHING,
    RECEIPT,
    UNKNOWN,
    SmallSite,
    a_ticket,
    saw,
)

GIVEN_UP, NOTHING_DONE = LedgerEvent.GIVEN_UP, LedgerEvent.NOTHING_DONE


def marked(site: SmallSite, of: int, issue_id: str) -> FoundIssue:
    marker = {
        "identity": site.identity(of),
        "installation": site.run.installation_id,
        "session": "site",
        "sequence": site.sequence_of(of),
    }
    creator_id = site.account.account_id
    return unmarked(of, issue_id, properties={"jira_pipeline": marker}, creator_id=creator_id)


def unmarked(of: int, issue_id: str, **changes: object) -> FoundIssue:
    """Return an issue with the title of a ticket."""
    issue = FoundIssue(
        issue_id=issue_id, key=f"SBX-{issue_id}", summary=a_ticket(of).summary, labels=("jp-site",)
    )
    return replace(issue, **changes)  # type: ignore[arg-type] # names of its fields


def fixes_of(site: SmallSite) -> list[tuple[str, str, str]]:
    return [(f.ticket_id, f.subject, f.original_value) for f in site.fixes()]


def test_every_find_writes_the_receipt_that_was_missing_once(site: SmallSite) -> None:
    site.write(1, INTENT, UNKNOWN)
    site.write(2, RECEIPT, remote_id="7", remote_key="SBX-7")
    seen = saw(marked(site, 1, "6"), marked(site, 2, "7"), marked(site, 3, "8"))

    settled = record_found_issues(site.run, seen, site.tickets)

    assert settled == 2
    assert site.receipt(1) == ("6", "SBX-6")
    assert [site.events(of) for of in (2, 3, 4)] == [[RECEIPT], [RECEIPT], []]
    assert fixes_of(site) == []


@pytest.mark.parametrize(("received", "counts", "other"), [(None, "6", "9"), ("9", "9", "6")])
def test_of_two_issues_the_lowest_id_wins_and_the_other_is_listed(
    site: SmallSite, received: str | None, counts: str, other: str
) -> None:
    if received:
        site.write(1, RECEIPT, remote_id=received, remote_key=f"SBX-{received}")
    else:
        site.write(1, INTENT, UNKNOWN)

    settled = record_found_issues(
        site.run, saw(marked(site, 1, "6"), marked(site, 1, "9")), site.tickets
    )

    assert (settled, site.receipt(1)) == (int(not received), (counts, f"SBX-{counts}"))
    assert site.events(1).count(RECEIPT) == 1
    assert fixes_of(site) == [("t01", f"SBX-{other}", "it exists twice")]


def test_a_doubt_of_which_nothing_was_seen_may_be_sent_once_more(site: SmallSite) -> None:
    site.write(1, INTENT, UNKNOWN)
    site.write(2, INTENT)
    site.write(3, INTENT, NOTHING_DONE)

    record_missing_issues(site.run, NOTHING, site.tickets)

    assert site.events(1) == [INTENT, UNKNOWN, ABSENT]
    assert site.events(2) == [INTENT, ABSENT]
    assert site.events(3) == [INTENT, NOTHING_DONE]
    assert site.events(4) == []
    assert fixes_of(site) == []


@pytest.mark.parametrize(
    "seen",
    [saw(is_conclusive=False), saw(is_proven=False)],
    ids=["it proves nothing", "nothing was ever seen and another ticket can go first"],
)
def test_an_absence_that_proves_nothing_changes_nothing(site: SmallSite, seen: ProbeResult) -> None:
    site.write(1, INTENT, UNKNOWN)

    record_missing_issues(site.run, seen, site.tickets)

    assert site.events(1) == [INTENT, UNKNOWN]


@pytest.mark.parametrize(
    ("events", "seen", "why"),
    [
        ((INTENT, ABSENT, INTENT), NOTHING, "it was sent twice but cannot be found"),
        (
            (INTENT, UNKNOWN),
            saw(is_calibrated=False),
            "this site drops markers or hides issues, so a missing issue proves nothing",
        ),
        (
            (INTENT, UNKNOWN),
            saw(unmarked(1, "6"), unmarked(1, "8"), unmarked(2, "7")),
            "SBX-6, SBX-8 may be its issue but has no marker",
        ),
        (
            (INTENT, UNKNOWN),
            saw(unmarked(1, "6", labels=())),
            "SBX-6 may be its issue but has no marker",
        ),
    ],
    ids=["sent twice", "markers dropped", "issues without marker", "without label too"],
)
def test_a_doubt_that_lookups_cannot_settle_is_left_to_a_person(
    site: SmallSite, events: Sequence[LedgerEvent], seen: ProbeResult, why: str
) -> None:
    site.write(1, *events)

    record_missing_issues(site.run, seen, site.tickets)

    assert site.events(1) == [*events, GIVEN_UP]
    assert fixes_of(site) == [("t01", "creation", why)]


def test_an_issue_of_another_ticket_is_no_reason_not_to_send(site: SmallSite) -> None:
    site.write(1, INTENT, UNKNOWN)
    site.write(2, RECEIPT, remote_id="7", remote_key="SBX-7")
    seen = saw(unmarked(2, "7"), unmarked(1, "7"))

    record_missing_issues(site.run, seen, site.tickets)

    assert site.events(1)[-1] is ABSENT


def test_where_nothing_was_ever_seen_and_none_can_go_a_person_decides(site: SmallSite) -> None:
    site.tickets = (a_ticket(1), a_ticket(2, depends_on=("t01",)))
    site.write(1, INTENT, UNKNOWN)

    record_missing_issues(site.run, saw(is_proven=False), site.tickets)

    [(_, _, why)] = fixes_of(site)
    assert why == "none of our issues has ever been seen here, so a missing issue proves nothing"


def test_two_that_were_found_nowhere_do_not_wait_for_each_other(site: SmallSite) -> None:
    """Nothing is sent again before the first is settled, and it waited for one that is sent again."""
    site.tickets = (a_ticket(1), a_ticket(2), a_ticket(3, depends_on=("t01",)))
    site.write(1, INTENT, UNKNOWN, ABSENT, INTENT)
    site.write(2, INTENT, UNKNOWN, ABSENT)

    record_missing_issues(site.run, saw(is_proven=False), site.tickets)

    assert site.events(1)[-1] is GIVEN_UP
    assert site.events(2)[-1] is ABSENT


def test_what_waits_for_others_is_not_sendable(site: SmallSite) -> None:
    tickets = (
        a_ticket(1),
        a_ticket(2, depends_on=("t01",)),
        a_ticket(3, depends_on=("t04", "t01")),
        a_ticket(4),
        a_ticket(5, depends_on=("t04", "elsewhere")),
    )
    site.write(1, INTENT)
    site.write(4, RECEIPT, remote_id="7", remote_key="SBX-7")

    run = replace(site.run, order=replace(site.run.order, rendered=tickets))
    found = sendable_tickets(run, tickets)

    assert [rendered.ticket.number for rendered in found] == [5]


def test_what_looks_exported_but_was_never_sent_is_left_to_a_person(site: SmallSite) -> None:
    site.write(3, INTENT)
    site.write(4, RECEIPT, remote_id="9", remote_key="SBX-9")
    seen = saw(
        unmarked(1, "6"),
        unmarked(1, "7"),
        unmarked(2, "8", labels=()),
        unmarked(3, "10"),
        unmarked(4, "9"),
        unmarked(5, "9"),
    )

    hold_back_lookalikes(site.run, seen, site.tickets)

    assert fixes_of(site) == [
        ("t01", "creation", "SBX-6, SBX-7 may be its issue but has no marker")
    ]
    assert [site.events(of) for of in range(1, 6)] == [[GIVEN_UP], [], [INTENT], [RECEIPT], []]


def test_where_labels_are_dropped_too_a_title_is_enough(site: SmallSite) -> None:
    seen = saw(unmarked(2, "8", labels=()), is_traced=False)

    hold_back_lookalikes(site.run, seen, site.tickets)

    assert fixes_of(site) == [("t02", "creation", "SBX-8 may be its issue but has no marker")]
    assert [site.events(of) for of in (1, 2)] == [[], [GIVEN_UP]]


def test_what_another_session_has_a_receipt_for_is_no_suspect(site: SmallSite) -> None:
    """A session that was exported once more beside it has the same titles."""
    site.write(1, RECEIPT, remote_id="6", remote_key="SBX-6")
    site.write(3, INTENT, UNKNOWN)
    for number in ("7", "8", "9"):
        site.write_elsewhere(identity=number, remote_id=number, remote_key=f"SBX-{number}")
    seen = saw(
        *(unmarked(of, str(6 + of), labels=()) for of in (1, 2, 3)),
        is_calibrated=False,
        is_traced=False,
    )

    hold_back_lookalikes(site.run, seen, site.tickets)
    list_unmarked_duplicates(site.run, seen, site.tickets)
    record_missing_issues(site.run, seen, site.tickets)

    dropped = "this site drops markers or hides issues, so a missing issue proves nothing"
    assert fixes_of(site) == [("t03", "creation", dropped)]


def test_what_a_person_looked_into_is_not_left_to_people_again(site: SmallSite) -> None:
    """The issue has the ticket's title by chance, and stays where it is."""
    site.write(1, GIVEN_UP, ABSENT)

    hold_back_lookalikes(site.run, saw(unmarked(1, "6")), site.tickets)

    assert (site.events(1), fixes_of(site)) == ([GIVEN_UP, ABSENT], [])


@pytest.mark.parametrize("comes_back", [False, True], ids=["dropped", "come back"])
def test_where_markers_are_dropped_a_second_issue_is_found_by_its_title(
    site: SmallSite, *, comes_back: bool
) -> None:
    site.write(1, RECEIPT, remote_id="6", remote_key="SBX-6")
    issues = (unmarked(1, "6"), unmarked(1, "7", labels=()), unmarked(2, "8"))

    list_unmarked_duplicates(site.run, saw(*issues, is_calibrated=comes_back), site.tickets)

    found = [("t01", "SBX-7", "it has the same title, no marker")]
    assert fixes_of(site) == ([] if comes_back else found)


def test_a_second_issue_that_alone_lost_its_marker_is_named_by_label_and_account(
    site: SmallSite,
) -> None:
    site.write(1, RECEIPT, remote_id="6", remote_key="SBX-6")
    of_us = {"creator_id": site.account.account_id}
    issues = (
        unmarked(1, "6", **of_us),
        unmarked(1, "7", **of_us),
        unmarked(1, "8", **of_us, labels=()),
        unmarked(1, "9", creator_id="somebody else"),
    )

    list_unmarked_duplicates(site.run, saw(*issues, is_calibrated=True), site.tickets)

    assert fixes_of(site) == [("t01", "SBX-7", "it has the same title, no marker")]


def test_the_lowest_bound_of_all_doubts_counts(site: SmallSite) -> None:
    site.write(1, INTENT, low_bound=30)
    site.write(2, INTENT, low_bound=20)
    site.write(3, INTENT, NOTHING_DONE, low_bound=10)
    run = site.run

    assert lowest_possible_number(run, site.tickets) == 20
    assert lowest_possible_number(run, site.tickets[2:]) is None
