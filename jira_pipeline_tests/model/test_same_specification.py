"""Which sessions created the issues of a specification already."""

from collections.abc import Sequence

import pytest

from jira_pipeline.model.target_shares import SameSpecification, same_specifications
from jira_pipeline.model.tickets import ticket_id_of

GROUPS = ("bundle:a", "bundle:b", "image_styles", "user_roles")


def issues_of(session_key: str, group_keys: Sequence[str]) -> dict[str, str | None]:
    return {
        ticket_id_of(session_key, key): f"UHR-{number}" for number, key in enumerate(group_keys, 1)
    }


def repeated(
    group_keys: Sequence[str] = GROUPS, **issues: dict[str, str | None]
) -> list[tuple[str, int]]:
    found = same_specifications(group_keys, session_key="new", issues=issues)
    return [(same.session_key, same.shared_count) for same in found]


def test_the_same_groups_by_another_session_are_named_with_their_issues() -> None:
    found = same_specifications(
        GROUPS, session_key="new", issues={"old": issues_of("old", ("other", *GROUPS))}
    )

    assert found == (
        SameSpecification(
            session_key="old",
            ticket_count=4,
            shared_count=4,
            issue_keys=("UHR-2", "UHR-3", "UHR-4", "UHR-5"),
        ),
    )
    assert found[0].summary == (
        "session old has issues for 4 of these 4 tickets: UHR-2, UHR-3, UHR-4 and 1 more"
    )


@pytest.mark.parametrize(
    ("shared", "expected"),
    [
        pytest.param(GROUPS[2:3], [], id="a quarter"),
        pytest.param(GROUPS[2:], [("old", 2)], id="half"),
        pytest.param(GROUPS, [("old", 4)], id="all"),
    ],
)
def test_half_of_the_groups_make_the_same_specification(
    shared: Sequence[str], expected: list[tuple[str, int]]
) -> None:
    assert repeated(old=issues_of("old", shared)) == expected


def test_less_than_half_of_an_odd_number_is_not_enough() -> None:
    assert repeated(GROUPS[:3], old=issues_of("old", GROUPS[:1])) == []


def test_what_the_session_has_itself_is_not_created_again() -> None:
    own = issues_of("new", GROUPS[:3])

    assert repeated(new=own, old=issues_of("old", GROUPS)) == []
    assert repeated(new=issues_of("new", GROUPS[:2]), old=issues_of("old", GROUPS)) == [("old", 2)]


def test_sessions_are_counted_one_by_one() -> None:
    """Each of many small sites shares a little with the others."""
    assert repeated(one=issues_of("one", GROUPS[:1]), two=issues_of("two", GROUPS[1:2])) == []


def test_the_session_that_shares_most_comes_first() -> None:
    found = repeated(one=issues_of("one", GROUPS[:2]), two=issues_of("two", GROUPS[:3]))

    assert found == [("two", 3), ("one", 2)]


def test_an_issue_in_doubt_counts_and_has_no_key() -> None:
    found = same_specifications(
        GROUPS, session_key="new", issues={"old": dict.fromkeys(issues_of("old", GROUPS))}
    )

    assert [(same.shared_count, same.issue_keys) for same in found] == [(4, ())]
    assert found[0].summary == "session old has issues for 4 of these 4 tickets"


def test_no_groups_repeat_nothing() -> None:
    assert repeated((), old=issues_of("old", GROUPS)) == []
