"""Comparisons of environments over HTTP."""

import pytest

from jira_pipeline.kernel.people import Role
from jira_pipeline.sharedo import export_jobs
from jira_pipeline.sharedo.sandbox.environments import sandbox_environments
from jira_pipeline.web.context import Web
from jira_pipeline_tests.web.browsers import ClientOf, signed_in

pytestmark = pytest.mark.small_site

COMPARISONS = "/api/sharedo/comparisons"
MATTER = "sharedo-type:matter"
WANTED = {"first": "development", "second": "test", "items": [{"system_name": "matter"}]}


def test_two_environments_are_exported_afresh_and_compared(fresh_web: Web) -> None:
    client = signed_in(fresh_web, Role.EXPORTER)

    asked = client.post(COMPARISONS, json=WANTED)
    address = f"{COMPARISONS}/{asked.json()['comparison_id']}"
    export_jobs.recover_all(fresh_web.pipeline, listener=lambda _event: None)
    done = client.get(address).json()

    assert (asked.status_code, asked.json()["status"], asked.json()["result"]) == (
        202, "running", None,
    )  # fmt: skip
    assert {job["environment"] for job in asked.json()["exports"]} == {"development", "test"}
    assert (done["status"], done["progress_percentage"]) == ("completed", 100)
    assert done["result"]["counts"]["modified"] == 1


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


def test_comparisons_that_cannot_be_are_refused(client_of: ClientOf) -> None:
    client = client_of(Role.EXPORTER)

    alike = client.post(COMPARISONS, json=WANTED | {"second": "development"})
    nowhere = client.post(COMPARISONS, json=WANTED | {"second": "nowhere"})
    unknown = [client.get(f"{COMPARISONS}/{name}") for name in ("nope", "0" * 32)]

    assert (alike.status_code, nowhere.status_code) == (422, 422)
    assert {(u.status_code, u.json()["code"]) for u in unknown} == {(404, "unknown_comparison")}
