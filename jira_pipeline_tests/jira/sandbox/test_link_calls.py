"""Links: the direction above all, then duplicates and refusals."""

from collections.abc import Callable

import httpx
import pytest

Create = Callable[..., str]


@pytest.fixture
def link(client: httpx.Client) -> Callable[[str, str, str], httpx.Response]:
    """Return a way to link an inward issue to an outward one."""

    def create_link(kind: str, inward: str, outward: str) -> httpx.Response:
        body = {
            "type": {"name": kind},
            "inwardIssue": {"key": inward},
            "outwardIssue": {"key": outward},
        }
        return client.post("/rest/api/3/issueLink", json=body)

    return create_link


Link = Callable[[str, str, str], httpx.Response]


def test_the_same_link_the_other_way_round_is_another_link(
    client: httpx.Client, create: Create, link: Link
) -> None:
    first, second = create(), create()

    link("Blocks", first, second)
    link("Blocks", second, first)

    assert len(client.get(f"/rest/api/3/issue/{first}").json()["fields"]["issuelinks"]) == 2


def test_a_deleted_link_is_gone_from_both_issues_and_in_the_history_of_both(
    client: httpx.Client, create: Create, link: Link
) -> None:
    first, second = create(), create()
    link("Blocks", first, second)
    [there] = client.get(f"/rest/api/3/issue/{first}").json()["fields"]["issuelinks"]

    answers = [client.delete(f"/rest/api/3/issueLink/{there['id']}") for _ in range(2)]

    assert [one.status_code for one in answers] == [204, 404]
    for key in (first, second):
        fields = client.get(f"/rest/api/3/issue/{key}").json()["fields"]
        changes = client.get(f"/rest/api/3/issue/{key}/changelog").json()["values"]
        assert fields["issuelinks"] == []
        assert [(i["field"], i.get("toString")) for c in changes for i in c["items"]][1:] == [
            ("Link", None)
        ]


def test_a_link_to_an_unknown_issue_is_refused(create: Create, link: Link) -> None:
    answer = link("Blocks", create(), "SBX-99")

    assert answer.status_code == 404
    assert answer.json()["errorMessages"] == [
        "Issue does not exist or you do not have permission to see it."
    ]


def test_an_issue_is_not_linked_to_itself(create: Create, link: Link) -> None:
    key = create()

    assert link("Blocks", key, key).status_code == 400


def test_the_link_types_name_both_directions(client: httpx.Client) -> None:
    kinds = client.get("/rest/api/3/issueLinkType").json()["issueLinkTypes"]

    assert {one["name"]: (one["inward"], one["outward"]) for one in kinds} == {
        "Blocks": ("is blocked by", "blocks"),
        "Cloners": ("is cloned by", "clones"),
        "Duplicate": ("is duplicated by", "duplicates"),
        "Relates": ("relates to", "relates to"),
    }
