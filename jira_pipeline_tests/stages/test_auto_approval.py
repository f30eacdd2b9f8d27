"""Who may approve without a person: the sandbox always, a real Jira only by a named project."""

import pytest

from jira_pipeline.domain.sessions import (
    SessionManifest,
)
from jira_pipeline.stages.review.approval import may_approve_automatically
from jira_pipeline_tests.contracts.stored_values import a_session


@pytest.mark.parametrize(
    ("manifest", "is_sandbox", "may"),
    [
        (SessionManifest(), True, False),
        (SessionManifest(auto_approve=True), True, True),
        (SessionManifest(auto_approve=True), False, False),
        (SessionManifest(auto_approve=True, jira_project_key="UHR"), False, True),
        (SessionManifest(jira_project_key="UHR"), False, False),
    ],
    ids=["not asked", "sandbox", "real, unnamed", "real, named", "real, named, not asked"],
)
def test_a_real_jira_is_approved_for_only_where_the_manifest_names_its_project(
    manifest: SessionManifest, *, is_sandbox: bool, may: bool
) -> None:
    session = a_session("museum", manifest=manifest)

    assert may_approve_automatically(session, is_sandbox=is_sandbox) is may
