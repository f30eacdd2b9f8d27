"""When links may be made at all."""

import pytest

from jira_pipeline.errors import GateError
from jira_pipeline.stages.jira_export.links import link_issues
from jira_pipeline_tests.crash.export_world import ExportWorld


def test_no_link_is_made_before_every_ticket_has_an_issue(world: ExportWorld) -> None:
    with (
        world.process() as (tools, order),
        pytest.raises(GateError, match=r"have no issue in .* yet; the first is") as caught,
    ):
        link_issues(tools, order)

    assert caught.value.rule == "issues_missing"
    assert [e for e in world.sandbox.journal() if e.path.endswith("/issueLink")] == []
