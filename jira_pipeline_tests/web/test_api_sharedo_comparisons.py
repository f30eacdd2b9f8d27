"""Comparisons over HTTP: of environments and of packages that are sent, and tickets of both."""

import pytest

from jira_pipeline.kernel.people import Role
from jira_pipeline.sharedo import export_jobs
from jira_pipeline.sharedo.sandbox.environments import sandbox_environments
from jira_pipeline.sharedo.sandbox.packages import build_package
from jira_pipeline.web.context import Web
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.web.browsers import ClientOf, signed_in

pytestmark = pytest.mark.small_site

COMPARISONS = "/api/sharedo/comparisons"
MATTER = "sharedo-type:matter"
WANTED = {"first": "development", "second": "test", "items": [{"system_name": "matter"}]}
FIRST, SECOND = (
    build_package(sandbox_environments()[name], [MATTER]) for name in ("development", "test")
)
"""The same work type of both environments, under the same file name."""
SENT = [("first", ("matter.zip", FIRST)), ("second", ("matter.zip", SECOND))]


def test_two_environments_are_exported_afresh_compared_and_made_a_session(fresh_web: Web) -> None:
    client = signed_in(fresh_web, Role.EXPORTER)

    asked = client.post(COMPARISONS, json=WANTED)
    address = f"{COMPARISONS}/{asked.json()['comparison_id']}"
    too_early = client.post(f"{address}/tickets", json={"session_key": "difference"})
    export_jobs.recover_all(fresh_web.pipeline, listener=lambda _event: None)
    done = client.get(address).json()
    taken = client.post(f"{address}/tickets", json={"session_key": "difference"})

    assert (asked.status_code, asked.json()["status"], asked.json()["result"]) == (
        202, "running", None,
    )  # fmt: skip
    assert {job["environment"] for job in asked.json()["exports"]} == {"development", "test"}
    assert too_early.status_code == 422
    assert (done["status"], done["progress_percentage"]) == ("completed", 100)
    assert done["result"]["counts"]["modified"] == 1
    assert (taken.status_code, taken.json()["session_key"]) == (201, "difference")
    assert fresh_web.pipeline.store.sessions.find("difference") is not None
    assert [c["comparison_id"] for c in client.get(COMPARISONS).json()["comparisons"]] == [
        done["comparison_id"]
    ]


def test_what_one_environment_lacks_is_added_and_what_fails_is_not_compared(
    fresh_web: Web,
) -> None:
    client = signed_in(fresh_web, Role.EXPORTER)
    ours, theirs = (sandbox_environments()[name].by_key for name in ("development", "test"))
    (only_ours,) = {key for key in ours if key.startswith("sharedo-type:")} - {*theirs}
    items = [{"system_name": name} for name in ("matter", only_ours.partition(":")[2])]
    asked = client.post(COMPARISONS, json=WANTED | {"items": items}).json()
    [cancelled] = [
        job["job_id"]
        for job in asked["exports"]
        if (job["environment"], job["system_name"]) == ("test", "matter")
    ]
    client.post(f"/api/sharedo/exports/{cancelled}/cancel", json={})

    export_jobs.recover_all(fresh_web.pipeline, listener=lambda _event: None)
    result = client.get(f"{COMPARISONS}/{asked['comparison_id']}").json()["result"]

    outcomes = {one["key"]: (one["outcome"], one["reason"]) for one in result["components"]}
    assert outcomes[only_ours] == ("added", None)
    assert outcomes[MATTER] == ("not_compared", f"its export {cancelled} is cancelled")


def test_a_comparison_that_brought_nothing_has_failed(fresh_web: Web) -> None:
    client = signed_in(fresh_web, Role.EXPORTER)
    wanted = WANTED | {"items": [{"system_name": "never-heard-of"}]}
    address = f"{COMPARISONS}/{client.post(COMPARISONS, json=wanted).json()['comparison_id']}"

    export_jobs.recover_all(fresh_web.pipeline, listener=lambda _event: None)
    done = client.get(address).json()

    assert (done["status"], done["result"]) == ("failed", None)
    assert {job["error"]["code"] for job in done["exports"]} == {"EXPORT_001"}


def test_packages_that_are_sent_are_compared_and_made_a_session(fresh_web: Web) -> None:
    """Both files may have one name: each side's name comes before it."""
    client = signed_in(fresh_web, Role.REVIEWER)

    sent = client.post(
        f"{COMPARISONS}/uploads", files=SENT, data={"first_name": "test", "second_name": "live"}
    )
    address = f"{COMPARISONS}/{sent.json()['comparison_id']}"
    taken = client.post(f"{address}/tickets", json={"session_key": "migration"}).json()

    assert (sent.status_code, sent.json()["status"]) == (201, "completed")
    assert (sent.json()["first"], sent.json()["result"]["counts"]["modified"]) == ("test", 1)
    assert client.get(address).json() == sent.json()
    whole = sent.json()["result"]["components"]
    after = client.get(address, params={"offset": len(whole)}).json()["result"]
    assert (after["components"], after["more"]) == (
        [], {"components": {"total": len(whole), "address": address}},
    )  # fmt: skip
    assert {"test-matter.zip", "live-matter.zip", "comparison.json"} <= {
        file["name"] for file in taken["files"]
    }


def test_packages_that_are_alike_make_no_tickets(client_of: ClientOf) -> None:
    client = client_of(Role.REVIEWER)
    sent = client.post(
        f"{COMPARISONS}/uploads",
        files=[("first", ("a.zip", FIRST)), ("second", ("b.zip", FIRST))],
    ).json()

    refused = client.post(
        f"{COMPARISONS}/{sent['comparison_id']}/tickets", json={"session_key": "nothing"}
    )

    assert not sent["result"]["differs"]
    assert (refused.status_code, refused.json()["code"]) == (422, "sheets_refused")
    assert refused.json()["findings"][0]["code"] == "nothing_differs"


@each(
    ("second", "names", "code"),
    [
        (("b.zip", b"PK no zip"), {}, "package_refused"),
        (("b.csv", b"a,b"), {}, "wrong_use"),
        (("b.zip", SECOND), {"second_name": "Source"}, "wrong_use"),
    ],
    ids=["damaged", "a sheet", "alike names"],
)
def test_what_cannot_be_compared_is_a_problem_document(
    client_of: ClientOf, second: tuple[str, bytes], names: dict[str, str], code: str
) -> None:
    refused = client_of(Role.REVIEWER).post(
        f"{COMPARISONS}/uploads",
        files=[("first", ("a.zip", FIRST)), ("second", second)],
        data=names,
    )

    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert refused.headers["content-type"] == "application/problem+json"


def test_comparisons_that_cannot_be_are_refused(client_of: ClientOf) -> None:
    client = client_of(Role.EXPORTER)

    alike = client.post(COMPARISONS, json=WANTED | {"second": "development"})
    nowhere = client.post(COMPARISONS, json=WANTED | {"second": "nowhere"})
    unknown = [client.get(f"{COMPARISONS}/{name}") for name in ("nope", "0" * 32)]

    assert (alike.status_code, nowhere.status_code) == (422, 422)
    assert {(u.status_code, u.json()["code"]) for u in unknown} == {(404, "unknown_comparison")}
