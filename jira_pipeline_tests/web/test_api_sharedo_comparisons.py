"""Comparisons of environments over HTTP."""

import pytest

from jira_pipeline.model.people import Role
from jira_pipeline.sources.sharedo import export_jobs
from jira_pipeline.web.context import Web
from jira_pipeline_tests.web.browsers import ClientOf, signed_in

pytestmark = pytest.mark.small_site

COMPARISONS = "/api/sharedo/comparisons"
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


def test_comparisons_that_cannot_be_are_refused(client_of: ClientOf) -> None:
    client = client_of(Role.EXPORTER)

    alike = client.post(COMPARISONS, json=WANTED | {"second": "development"})
    nowhere = client.post(COMPARISONS, json=WANTED | {"second": "nowhere"})
    unknown = [client.get(f"{COMPARISONS}/{name}") for name in ("nope", "0" * 32)]

    assert (alike.status_code, nowhere.status_code) == (422, 422)
    assert {(u.status_code, u.json()["code"]) for u in unknown} == {(404, "unknown_comparison")}
