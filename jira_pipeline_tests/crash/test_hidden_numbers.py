"""Issues our account cannot see take hundreds of numbers, while answers are lost.

The search index lags for the whole test, so only reading numbers tells what is there. A look that
stopped after about 198 unseen numbers made an exporter create three issues twice.
"""

from collections import Counter

import httpx
import pytest

from jira_pipeline_tests.contracts.stored_values import a_draft
from jira_pipeline_tests.crash.export_faults import DOUBTS, StrikeOnce
from jira_pipeline_tests.crash.export_world import ExportWorld
from jira_pipeline_tests.jira.rules_of_sites import give_rules
from jira_pipeline_tests.jira.sandbox_faults.unkind_sites import UnkindRules
from jira_pipeline_tests.long_form import IS_LONG

LONERS = tuple(a_draft(number) for number in range(1, 13))


@pytest.fixture
def loners(world: ExportWorld) -> ExportWorld:
    """Twelve tickets that wait for none, a lag without end."""
    world.fill(LONERS)
    return world


@pytest.mark.parametrize(
    ("length", "horizon_seconds"),
    [(400, 2.0), (2_000, 0.0), *([(400, 0.0), (2_000, 2.0)] if IS_LONG else [])],
)
def test_a_run_of_hidden_issues_longer_than_any_look_doubles_nothing(
    loners: ExportWorld, length: int, horizon_seconds: float
) -> None:
    give_rules(
        loners.sandbox,
        UnkindRules(hidden_run_every=3, hidden_run_length=length, index_lag_seconds=900.0),
    )
    losing = StrikeOnce(DOUBTS["read timeout after commit"], at={4, 7, 12})
    loners.answering, loners.horizon_seconds = losing, horizon_seconds
    loners.export()

    created = [title for title in loners.titles() if not title.startswith("Foreign")]
    assert sorted(created) == sorted(draft.title for draft in LONERS)
    assert losing.seen == len(LONERS)


def test_what_is_sent_again_goes_one_at_a_time_with_a_look_before_each(loners: ExportWorld) -> None:
    """The number of one tells how far to look for the next."""
    losing = StrikeOnce(DOUBTS["read timeout before commit"], at={3, 5, 9})
    sent: list[str] = []

    def noting(request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        sent.append(request.url.path.rpartition("/")[2])
        return losing(request, site)

    loners.answering, loners.horizon_seconds = noting, 600.0
    loners.export()

    creations = [place for place, kind in enumerate(sent) if kind == "issue"]
    kept_back, *again = creations[-4:]
    assert len(creations) == len(LONERS) + 3
    for before, after in zip([kept_back, *again], again, strict=False):
        assert "bulkfetch" in sent[before:after]
    assert loners.time.slept
    assert Counter(loners.titles()) == Counter(draft.title for draft in LONERS)
