"""What pictures show: the state of each ticket, the course of a review, a large build order."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from jira_pipeline.model.differences import ComparedIssue
from jira_pipeline.model.issue_tracker import IssueProgress, IssueStage
from jira_pipeline.model.look.rendering import templates_of
from jira_pipeline.model.ticket_decisions import TicketState
from jira_pipeline.model.ticket_exports import TicketExport
from jira_pipeline.model.tickets import ListedTicket
from jira_pipeline.review.marks import ReadyMark, seconds_a_ticket
from jira_pipeline.sessions.build_order import DRAWN_MAX
from jira_pipeline.sessions.pictures import Pictures
from jira_pipeline.sessions.review_course import COURSE_WIDTH, course_of
from jira_pipeline.sessions.shown_states import STATES
from jira_pipeline_tests.contracts.stored_values import START
from jira_pipeline_tests.review.test_hours import a_ticket
from jira_pipeline_tests.tables import each

NOW = START + timedelta(days=4)


def pictures_of(
    tickets: Sequence[ListedTicket],
    *,
    places: Mapping[str, TicketExport] | None = None,
    marks: Mapping[str, datetime] | None = None,
    stages: Mapping[str, IssueStage] | None = None,
) -> Pictures:
    unexported = TicketExport(state=TicketState.PENDING)
    return Pictures(
        tickets=tickets,
        places={one.ticket_id: (places or {}).get(one.ticket_id, unexported) for one in tickets},
        marks={name: ReadyMark(1, at, "ada") for name, at in (marks or {}).items()},
        progress={
            name: ComparedIssue(
                ticket_id=name,
                issue_id="1",
                key="UHR-1",
                progress=IssueProgress(
                    status=stage.value, stage=stage, assignee=None, resolution=None
                ),
            )
            for name, stage in (stages or {}).items()
        },
        written_at=START,
        now=NOW,
    )


def many(count: int, **changes: Any) -> list[ListedTicket]:
    return [a_ticket("1-3", ticket_id=f"t{n}", number=n, **changes) for n in range(1, count + 1)]


def test_a_ticket_is_shown_by_its_issue_as_last_compared_and_before_that_by_its_review() -> None:
    changes: Mapping[str, Any] = {
        "sent_back": {"sent_back": "Which hours?"},
        "ready": {"is_ready": True},
        "left_out": {"skipped_reason": "Later."},
    }
    names = [state.key for state in STATES]
    tickets = [a_ticket("", ticket_id=name, **changes.get(name, {})) for name in names]
    sent = TicketExport(state=TicketState.EXPORTED, jira_key="UHR-1", issue_id="1")
    places = dict.fromkeys(("issue", "to_do", "doing", "done"), sent)
    places["doubt"] = TicketExport(state=TicketState.IN_DOUBT)
    stages = {"to_do": IssueStage.TO_DO, "doing": IssueStage.DOING, "done": IssueStage.DONE}

    shown = pictures_of(tickets, places=places, marks={"changed": START}, stages=stages).states

    assert {name: state.key for name, state in shown.items()} == {name: name for name in names}
    assert len({state.path for state in shown.values()}) == len(shown), "colour alone tells nothing"


def test_the_course_of_a_review_ends_where_its_pace_leads() -> None:
    """Half of eight tickets took four days from the first, so the rest takes four more."""
    tickets = [one._replace(is_ready=one.number <= 4) for one in many(8)]
    marks = {f"t{n}": START + timedelta(days=n - 1) for n in range(1, 5)}

    course = pictures_of(tickets, marks=marks).course
    none = pictures_of(tickets, marks=dict.fromkeys(marks, START)).course

    assert course is not None
    assert (course.total, course.left, course.now[0]) == (8, 4, 200)
    assert course.done == f"{(NOW + timedelta(days=4)):%A}"
    assert none is None, "all at once is no course"


@each("total", [300, 10_000_000])
def test_a_pace_foretells_no_day_beyond_a_year(total: int) -> None:
    """“5 March” was four years ahead; of more tickets there was no such date, and no page."""
    approved = [START + timedelta(days=n) for n in range(3)]

    course = course_of(approved, total=total, written_at=START, now=NOW)

    assert course is not None
    assert (course.left, course.done, course.now[0]) == (total - 3, None, COURSE_WIDTH)
    pictures: Any = templates_of("jira_pipeline.web").get_template("pictures.html").module
    assert "pace" not in pictures.review_course(course)


def test_a_day_of_another_year_names_it() -> None:
    now = datetime(2025, 12, 20, tzinfo=UTC)
    approved = [now - timedelta(days=8 - n) for n in range(4)]

    course = course_of(approved, total=14, written_at=approved[0], now=now)

    assert course is not None
    assert (course.began, course.done) == ("12 December", "9 January 2026")


def test_a_pace_is_the_time_between_decisions_of_one_person_without_breaks() -> None:
    at = [START + timedelta(seconds=seconds) for seconds in (0, 0, 40, 100, 150, 9_000, 9_050)]
    marks = [ReadyMark(n, time, "ada") for n, time in enumerate(at)]

    assert seconds_a_ticket(marks, by="ada") == 50
    assert seconds_a_ticket(marks, by="zoe") is None
    assert seconds_a_ticket(marks[:3], by="ada") is None


def test_a_large_build_order_has_a_box_for_each_kind_of_a_wave() -> None:
    first, *others = many(DRAWN_MAX + 5)
    pages = [one._replace(depends_on=("t1",)) for one in others]
    view = a_ticket("1-3", ticket_id="v", number=900, depends_on=("t2",), group_key="view:pages")

    order = pictures_of([first, *pages, view]).build_order

    assert [(box.called, box.name) for box in order.boxes] == [
        ("1", "content type"),
        (str(DRAWN_MAX + 4), "content type"),
        ("1", "view"),
    ]
    assert [line[:2] for line in order.lines] == [(1, 2), (2, 900)]
