"""What a doubt waits for: the horizon of the last one that is looked up with it."""

import httpx

from jira_pipeline.stages.jira_export.steps import create_issues
from jira_pipeline_tests.contracts.open_stores import open_in
from jira_pipeline_tests.contracts.stored_values import a_draft
from jira_pipeline_tests.crash.export_faults import is_creation
from jira_pipeline_tests.crash.export_world import ExportWorld, fill_store

HORIZON_SECONDS = 600.0


def test_nothing_is_sent_again_before_the_horizon_of_the_last_doubt(world: ExportWorld) -> None:
    """Two answers are lost a hundred seconds apart; the site may still work on the second."""

    def losing(request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        if is_creation(request):
            sent_at.append(world.time.seconds)
            if len(sent_at) in {2, 3}:
                world.time.seconds += 100.0
                sent_at[-1] = world.time.seconds
                raise httpx.ReadTimeout("injected", request=request)
        return site.handle_request(request)

    sent_at: list[float] = []
    """Or when its answer was given up."""
    world.drafts = tuple(a_draft(of) for of in (1, 2, 3))
    with open_in(world.folder) as store:
        fill_store(store, world.drafts)
    world.answering, world.horizon_seconds = losing, HORIZON_SECONDS
    with world.process() as (tools, order):
        create_issues(tools, order)

    first_lost, last_lost, again = sent_at[1:4]
    assert last_lost - first_lost == 100.0
    assert again - last_lost >= HORIZON_SECONDS
    assert len(sent_at) == 5
