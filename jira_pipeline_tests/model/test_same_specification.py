"""Which sessions created the issues of a specification already."""

from collections.abc import Sequence

from jira_pipeline.model.same_specifications import SameSpecification, same_specifications
from jira_pipeline.model.tickets import ticket_id_of
from jira_pipeline_tests.tables import each

GROUPS = ("bundle:a", "bundle:b", "image_styles", "user_roles")


def issues_of(session_key: str, group_keys: Sequence[str]) -> dict[str, str | None]:
    return {
        ticket_id_of(session_key, key): f"UHR-{number}" for number, key in enumerate(group_keys, 1)
    }


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


@each(
    ("groups", "having", "expected"),
    [
        (GROUPS, {"old": GROUPS[2:3]}, []),
        (GROUPS, {"old": GROUPS[2:]}, [("old", 2)]),
        (GROUPS, {"old": GROUPS}, [("old", 4)]),
        (GROUPS[:3], {"old": GROUPS[:1]}, []),
        (GROUPS, {"new": GROUPS[:3], "old": GROUPS}, []),
        (GROUPS, {"new": GROUPS[:2], "old": GROUPS}, [("old", 2)]),
        (GROUPS, {"one": GROUPS[:1], "two": GROUPS[1:2]}, []),
        (GROUPS, {"one": GROUPS[:2], "two": GROUPS[:3]}, [("two", 3), ("one", 2)]),
        ((), {"old": GROUPS}, []),
    ],
    ids=[
        *("a quarter", "half", "all", "less than half of an odd number"),
        *("created here already", "half of what is missing", "each of many a little"),
        *("who shares most first", "no groups"),
    ],
)
def test_half_of_the_groups_of_one_other_session_make_the_same_specification(
    groups: Sequence[str], having: dict[str, Sequence[str]], expected: list[tuple[str, int]]
) -> None:
    issues = {key: issues_of(key, its_groups) for key, its_groups in having.items()}

    found = same_specifications(groups, session_key="new", issues=issues)

    assert [(same.session_key, same.shared_count) for same in found] == expected


def test_an_issue_in_doubt_counts_and_has_no_key() -> None:
    found = same_specifications(
        GROUPS, session_key="new", issues={"old": dict.fromkeys(issues_of("old", GROUPS))}
    )

    assert [(same.shared_count, same.issue_keys) for same in found] == [(4, ())]
    assert found[0].summary == "session old has issues for 4 of these 4 tickets"
