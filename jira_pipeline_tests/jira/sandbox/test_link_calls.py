"""Links: the direction above all, then duplicates and refusals."""

import httpx

from jira_pipeline_tests.jira.sandbox.plain_issues import Create, ends, fields_of


def link(client: httpx.Client, inward: str, outward: str) -> httpx.Response:
    return client.post("/rest/api/3/issueLink", json=ends(inward, outward))


def test_a_deleted_link_is_gone_from_both_issues_and_in_the_history_of_both(
    client: httpx.Client, create: Create
) -> None:
    first, second = create(), create()
    link(client, first, second)
    [there] = fields_of(client, first)["issuelinks"]

    answers = [client.delete(f"/rest/api/3/issueLink/{there['id']}") for _ in range(2)]

    assert [one.status_code for one in answers] == [204, 404]
    for key in (first, second):
        changes = client.get(f"/rest/api/3/issue/{key}/changelog").json()["values"]
        assert fields_of(client, key)["issuelinks"] == []
        assert [(i["field"], i.get("toString")) for c in changes for i in c["items"]][1:] == [
            ("Link", None)
        ]
