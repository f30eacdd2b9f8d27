"""Lists of tickets for people: every filter, every order, ten thousand at once."""

from collections import UserDict
from dataclasses import replace
from datetime import timedelta

from typing_extensions import override

from jira_pipeline.model.entity_groups import DisplayGroup
from jira_pipeline.model.ticket_decisions import TicketState
from jira_pipeline.model.ticket_exports import TicketExport
from jira_pipeline.model.tickets import UNKNOWN_TYPE, ListedTicket
from jira_pipeline.review.ticket_selection import (
    CONDITIONS,
    Readiness,
    TicketOrder,
    TicketQuery,
    next_waiting,
    progress_by_name,
    progress_of,
    selected_tickets,
)
from jira_pipeline_tests.contracts.stored_values import START, a_listed_ticket, after
from jira_pipeline_tests.tables import each

GROUPS = tuple(DisplayGroup)


def _ticket(number: int) -> ListedTicket:
    return a_listed_ticket(
        ticket_id=f"t{number}",
        number=number,
        title=f"Configure thing {number}",
        display_group=GROUPS[number % len(GROUPS)],
        is_ready=number % 2 == 0,
        skipped_reason="Later." if number == 3 else None,
        assignee="kim@example.org" if number > 3 else None,
        sprint=f"Sprint {number}",
        labels=("drupal",) if number == 2 else (),
        estimated_hours="" if number == 2 else f"{number * 3 % 11}-40",
        is_source_changed=number == 4,
        depends_on=("t1", "t2") if number == 3 else ("t1",) if number == 5 else (),
        unanswered_count=number - 1,
        is_fallback=number == 5,
        revised_at=after(number),
    )


TICKETS = tuple(_ticket(number) for number in (1, 2, 3, 5, 4))
PLACES = {
    t.ticket_id: TicketExport(state=TicketState.EXPORTED if t.number == 1 else TicketState.PENDING)
    for t in TICKETS
}


def _numbers(query: TicketQuery) -> list[int]:
    found = selected_tickets(TICKETS, query, places=PLACES, hollow_ids={"t2"})
    return [ticket.number for ticket in found]


@each(
    ("query", "numbers"),
    [
        (TicketQuery(), [1, 2, 3, 5, 4]),
        (TicketQuery(text=" THING 4 "), [4]),
        (TicketQuery(text="5"), [5]),
        (TicketQuery(groups=[GROUPS[1], GROUPS[2]]), [1, 2]),
        (TicketQuery(states=[TicketState.EXPORTED]), [1]),
        (TicketQuery(readiness=[Readiness.READY]), [2, 4]),
        (TicketQuery(readiness=[Readiness.EXCLUDED]), [3]),
        (TicketQuery(readiness=[Readiness.WAITING]), [1, 5]),
        (TicketQuery(assignee=""), [1, 2, 3]),
        (TicketQuery(assignee="kim@example.org"), [5, 4]),
        (TicketQuery(sprint="Sprint 2"), [2]),
        (TicketQuery(priority="High"), []),
        (TicketQuery(label="drupal"), [2]),
        (TicketQuery(label=""), [1, 3, 5, 4]),
        (TicketQuery(has_questions=False), [1]),
        (TicketQuery(is_hollow=True), [2]),
        (TicketQuery(is_source_changed=True), [4]),
        (TicketQuery(is_fallback=True), [5]),
        (TicketQuery(revised_since=after(3)), [5, 4]),
        (TicketQuery(readiness=[Readiness.READY], has_questions=True, label="drupal"), [2]),
    ],
    ids=str,
)
def test_a_filter_leaves_those_that_meet_all_of_it(query, numbers) -> None:
    assert numbers == _numbers(query)


@each(
    ("order", "numbers"),
    [
        (TicketOrder.NUMBER, [1, 2, 3, 4, 5]),
        (TicketOrder.STATE, [2, 3, 5, 4, 1]),
        (TicketOrder.READINESS, [2, 4, 1, 5, 3]),
        (TicketOrder.ASSIGNEE, [5, 4, 1, 2, 3]),
        (TicketOrder.WAITS, [1, 2, 4, 5, 3]),
        (TicketOrder.HOURS, [4, 1, 5, 3, 2]),
    ],
)
def test_what_has_no_value_to_order_by_comes_last(order, numbers) -> None:
    assert numbers == _numbers(TicketQuery(order=order))


def test_the_other_way_round_what_has_no_value_still_comes_last() -> None:
    assert _numbers(TicketQuery(order=TicketOrder.ASSIGNEE, is_descending=True)) == [5, 4, 1, 2, 3]
    assert _numbers(TicketQuery(is_descending=True)) == [4, 5, 3, 2, 1]


class CountedPlaces(UserDict[str, TicketExport]):
    """Where tickets are in Jira; counts how often it is asked."""

    asked = 0

    @override
    def __getitem__(self, ticket_id: str) -> TicketExport:
        self.asked += 1
        return super().__getitem__(ticket_id)


def test_ten_thousand_tickets_are_chosen_among_in_two_looks_at_each() -> None:
    many = [
        _ticket(1)._replace(ticket_id=f"t{n}", number=n, revised_at=START + timedelta(seconds=n))
        for n in range(10_000)
    ]
    places = CountedPlaces({t.ticket_id: replace(PLACES["t1"]) for t in many})
    query = TicketQuery(text="thing", order=TicketOrder.NUMBER, is_descending=True)

    found = selected_tickets(many, query, places=places)

    assert found[0].number == 9_999
    assert places.asked == 2 * len(many)


def test_a_ticket_somebody_is_at_stays_in_their_list() -> None:
    found = selected_tickets(
        TICKETS, TicketQuery(readiness=[Readiness.WAITING]), places=PLACES, open_id="t2"
    )

    assert [ticket.number for ticket in found] == [1, 2, 5]


@each(("after", "expected"), [("", 1), ("t1", 5), ("t2", 5), ("t5", 1), ("t4", 1), ("unknown", 1)])
def test_what_waits_next_comes_after_a_ticket_then_from_the_top(after: str, expected: int) -> None:
    """Of 1, 2, 3, 5, 4 the first and the fourth wait."""
    found = next_waiting(TICKETS, after=after)

    assert found is not None
    assert found.number == expected


def test_nothing_waits_after_the_only_ticket_that_does() -> None:
    assert next_waiting(TICKETS[:3], after="t1") is None


def test_progress_counts_what_was_decided() -> None:
    found = progress_of(TICKETS)

    assert (found.total, found.ready, found.excluded, found.waiting) == (5, 2, 1, 2)
    assert (found.asking, found.asking_ready) == (3, 2)


def test_every_condition_is_offered_by_commands_or_pages_under_a_name_of_its_own() -> None:
    asked_by_verbs = {"numbers", "revised_since"}
    offered = {name for name, one in CONDITIONS.items() if one.name or one.option}
    names = [name for one in CONDITIONS.values() for name in (one.name,) if name]

    assert CONDITIONS.keys() - offered == asked_by_verbs
    assert len(names) == len(set(names))
    assert {
        one.option: one.help for one in CONDITIONS.values() if one.option and not one.help
    } == {}


def test_a_type_whose_kind_nobody_said_is_listed_under_a_kind_that_pages_find() -> None:
    ticket = a_listed_ticket(group_key="bundle:/menus")

    assert ticket.kind == UNKNOWN_TYPE
    assert list(progress_by_name([ticket], lambda listed: listed.kind)) == [ticket.kind]
