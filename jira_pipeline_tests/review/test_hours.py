"""Hours of tickets added up: a development director's first question."""

from typing import Any

from jira_pipeline.model.entity_groups import DisplayGroup
from jira_pipeline.model.ticket_decisions import Withdrawal
from jira_pipeline.model.tickets import ListedTicket
from jira_pipeline.review.hours import HourTotals, critical_path, hour_totals, hours_in, hours_of
from jira_pipeline_tests.contracts.stored_values import a_listed_ticket
from jira_pipeline_tests.tables import each


def a_ticket(estimate: str, **changes: Any) -> ListedTicket:
    return a_listed_ticket(**{"ticket_id": "t1", "estimated_hours": estimate, **changes})


TICKETS = (
    a_ticket("2-6", sprint="Sprint 2", assignee="Zoe", display_group=DisplayGroup.VIEWS),
    a_ticket("1-3", sprint="Sprint 1", assignee="ada", parent="WEB-1"),
    a_ticket("4-12", sprint="Sprint 1", assignee="Zoe", group_key="component:option-set:severity"),
    a_ticket("", assignee="ada", group_key="image_styles"),
    a_ticket("100-300", skipped_reason="Later."),
    a_ticket("100-300", withdrawal=Withdrawal.PROPOSED),
)


def sums_of(totals: HourTotals, by: str) -> list[tuple[str | None, str, int, int]]:
    return [(s.name, s.hours, s.ticket_count, s.unestimated_count) for s in totals.sums[by]]


def test_hours_are_added_up_by_all_that_tickets_have_in_common() -> None:
    totals = hour_totals(TICKETS)

    assert totals.total.hours == "7-21"
    assert sums_of(totals, "group") == [("Content", "5-15", 3, 1), ("Views", "2-6", 1, 0)]
    assert sums_of(totals, "kind") == [
        ("content type", "3-9", 2, 0),
        ("image styles", "", 1, 1),
        ("option set", "4-12", 1, 0),
    ]
    assert sums_of(totals, "sprint") == [
        *(("Sprint 1", "5-15", 2, 0), ("Sprint 2", "2-6", 1, 0)),
        (None, "", 1, 1),
    ]
    many = hour_totals(a_ticket("1-1", sprint=f"Web Sprint {n}") for n in (10, 1, 2, 11))
    assert [name for name, *_ in sums_of(many, "sprint")] == [
        f"Web Sprint {n}" for n in (1, 2, 10, 11)
    ]
    assert sums_of(totals, "epic") == [("WEB-1", "1-3", 1, 0), (None, "6-18", 3, 1)]
    assert sums_of(totals, "assignee") == [("ada", "1-3", 2, 1), ("Zoe", "6-18", 2, 0)]


def test_what_is_not_counted_is_said() -> None:
    assert hour_totals(TICKETS).summary == (
        "7-21 hours for 3 tickets; not counted: 1 without an estimate and 1 skipped or sent back."
    )
    assert hour_totals(TICKETS[1:2]).summary == "1-3 hours for 1 ticket."
    assert hour_totals(()).summary == "No hours for 0 tickets."


def test_a_field_that_no_ticket_has_tells_nothing() -> None:
    assert list(hour_totals(TICKETS[2:3]).distinguishing) == [
        *("group", "kind", "sprint", "assignee")
    ]


def test_the_table_holds_every_sum_and_no_formula() -> None:
    rows = hour_totals([a_ticket("0.5-2", sprint="=1+1")]).to_csv().lstrip("\ufeff").splitlines()

    assert rows == [
        "by,name,hours_low,hours_high,tickets,without_estimate",
        "total,,0.5,2,1,0",
        "group,Content,0.5,2,1,0",
        "kind,content type,0.5,2,1,0",
        "sprint,'=1+1,0.5,2,1,0",
        "epic,none,0.5,2,1,0",
        "assignee,none,0.5,2,1,0",
    ]


@each(
    ("estimate", "expected"),
    [("2-6", (2, 6)), ("12", (12, 12)), ("1,5–3 h", (1.5, 3)), ("", None), ("unclear", None)],
)
def test_an_estimate_is_read_as_a_range(
    estimate: str, expected: tuple[float, float] | None
) -> None:
    assert hours_in(estimate) == expected


def waiting(name: str, estimate: str, *others: str, **changes: Any) -> ListedTicket:
    return a_ticket(estimate, ticket_id=name, depends_on=others, **changes)


@each(
    ("tickets", "chain", "hours"),
    [
        (
            [waiting("a", "1-3"), waiting("b", "8-24", "a"), *(waiting(n, "1", "a") for n in "cd")],
            "ab",
            "9-27",
        ),
        ([waiting("a", "2"), waiting("b", "2", "a"), waiting("c", "", "b", "gone")], "abc", "4"),
        ([waiting("a", "9"), waiting("b", "1")], "", ""),
        ([], "", ""),
    ],
    ids=["the most hours", "more tickets where hours are equal", "nothing waits", "no ticket"],
)
def test_the_longest_chain_takes_the_most_hours(
    tickets: list[ListedTicket], chain: str, hours: str
) -> None:
    found = critical_path(tickets).tickets

    assert ("".join(one.ticket_id for one in found), hours_of(found).hours) == (chain, hours)


@each("ids", ["abcd", "dcba"])
def test_of_paths_as_long_the_first_is_named_whatever_the_ids_and_the_others_beside_it(
    ids: str,
) -> None:
    """Three sessions of the same sheets showed three critical paths."""
    first, second, third, short = [*ids]
    path = critical_path(
        [
            waiting(first, "2-6", number=1),
            waiting(third, "1-3", first, number=3),
            waiting(second, "1-3", first, number=2),
            waiting(short, "1", first, number=4),
        ]
    )

    numbers = [[one.number for one in some] for some in path]
    assert numbers == [[1, 2], [3]]
