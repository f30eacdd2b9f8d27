"""Issues that an undo took for gone, and that Jira shows again: none is made twice unasked.

Jira is older than our store after its site was restored from a backup; an answer may say that an
issue is gone though it is not; a security level may hide one for a while. Judged from the sandbox's
own tables.
"""

from collections import Counter
from pathlib import Path

import httpx
import pytest

from jira_pipeline.model.differences import Decision
from jira_pipeline.model.errors import PipelineError
from jira_pipeline_tests.crash.export_faults import StrikeOnce, is_deletion
from jira_pipeline_tests.crash.export_world import ExportWorld
from jira_pipeline_tests.crash.sessions import DRAFTS, SESSION_KEY, TITLES
from jira_pipeline_tests.jira.sandbox_faults import site_acts
from jira_pipeline_tests.jira.sandbox_faults.faults import FaultKind, FaultPlan, FaultRule, Moment

HIDDEN = DRAFTS[1].title
FIRST_ID = 10_001
"""Of an issue, where keys begin at 1."""


def named_by_an_export(world: ExportWorld) -> str:
    """Export, and return the words it stops with and the names of what it asks people about."""
    world.mark_ready()
    words = ""
    try:
        world.export()
    except PipelineError as error:
        words = str(error)
    with world.open_store() as store:
        [target] = store.ledger.targets()
        filed = store.comparisons.latest(SESSION_KEY, target_id=target.target_id)
    differences = filed.differences if filed else ()
    return " ".join([words, *(one.name for one in differences if one.is_open)])


def doubled(world: ExportWorld) -> list[str]:
    """Return the titles that more than one issue has."""
    return [title for title, count in Counter(world.titles()).items() if count > 1]


def test_an_export_after_an_undo_stops_where_the_site_was_restored_from_a_backup(
    exported: ExportWorld,
) -> None:
    keys = set(exported.keys_by_title().values())
    exported.undo_and_restore()

    words = named_by_an_export(exported)

    assert doubled(exported) == []
    assert {key for key in keys if key in words} == keys


@pytest.mark.parametrize(
    ("decision", "issues_each"), [(Decision.ADOPT, 1), (Decision.FORGET, 2)], ids=str
)
def test_what_is_there_again_is_used_or_left_as_a_person_decides(
    exported: ExportWorld, decision: Decision, issues_each: int
) -> None:
    exported.undo_and_restore()
    named_by_an_export(exported)

    report = exported.decide(decision)
    exported.export()
    exported.export()

    assert len(report.done) == len(DRAFTS)
    assert report.left == 0
    assert Counter(exported.titles()) == dict.fromkeys(TITLES, issues_each)


def test_an_undo_names_what_it_leaves_on_a_site_that_was_restored(exported: ExportWorld) -> None:
    keys = set(exported.keys_by_title().values())
    exported.undo_and_restore()

    report = exported.undo()

    assert {issue.key for issue in report.kept} == keys


def test_what_a_person_leaves_after_it_was_taken_back_and_given_up_is_left(
    exported: ExportWorld,
) -> None:
    """It was asked about for ever."""
    exported.undo_and_restore()
    named_by_an_export(exported)
    exported.decide(Decision.ADOPT)
    issue_id = int(exported.keys_by_title()[HIDDEN].rpartition("-")[2]) + FIRST_ID - 1
    site_acts.hide(exported.sandbox, issue_id)
    exported.decide(Decision.CREATE_AGAIN)
    site_acts.show(exported.sandbox, issue_id)
    named_by_an_export(exported)

    exported.decide(Decision.FORGET)
    exported.export()

    assert Counter(exported.titles()) == {**dict.fromkeys(TITLES, 1), HIDDEN: 2}


def test_an_export_of_a_session_whose_site_was_restored_a_second_time_makes_nothing_twice(
    exported: ExportWorld, tmp_path: Path
) -> None:
    """The issues of a second export are gone with the restored site, and those of the first are back."""
    site_acts.back_up(exported.sandbox, tmp_path / "backup.sqlite")
    exported.undo()
    exported.mark_ready()
    exported.export()
    site_acts.restore(exported.sandbox, tmp_path / "backup.sqlite")

    words = named_by_an_export(exported)

    assert doubled(exported) == []
    assert words.strip()


def test_an_issue_whose_deletion_was_answered_and_not_done_is_named_and_still_counts(
    exported: ExportWorld,
) -> None:
    rule = FaultRule(kind=FaultKind.HOLLOW, method="DELETE", nth=2)
    exported.sandbox.faults.set_plan(FaultPlan(rules=(rule,)))
    report = exported.undo()
    left = exported.keys_by_title()

    exported.mark_ready()
    exported.export()

    assert [issue.key for issue in report.kept] == [*left.values()]
    assert len(left) == 1
    assert sorted(exported.titles()) == sorted(TITLES)


def hidden_after_a_lost_deletion(world: ExportWorld) -> tuple[int, str]:
    """Undo; one deletion is lost before it is done, and its issue hidden then: return its id and key."""
    [row] = world.rows("SELECT id, key FROM issue WHERE summary = ?", HIDDEN)

    def lost_then_hidden(request: httpx.Request, _site: httpx.BaseTransport) -> httpx.Response:
        site_acts.hide(world.sandbox, row["id"])
        raise httpx.ReadTimeout("injected", request=request)

    def is_its_deletion(request: httpx.Request) -> bool:
        return is_deletion(request) and request.url.path.endswith(f"/{row['id']}")

    world.answering = StrikeOnce(lost_then_hidden, at=1, matches=is_its_deletion)
    world.undo()
    world.answering = None
    return row["id"], row["key"]


def test_an_issue_that_was_hidden_when_its_lost_deletion_was_looked_up_is_for_people_to_decide(
    exported: ExportWorld,
) -> None:
    _issue_id, key = hidden_after_a_lost_deletion(exported)

    words = named_by_an_export(exported)

    assert key in words
    assert doubled(exported) == []
    assert len(exported.titles()) == len(DRAFTS)


def test_an_issue_that_was_hidden_when_its_lost_deletion_was_looked_up_and_is_shown_still_counts(
    exported: ExportWorld,
) -> None:
    issue_id, key = hidden_after_a_lost_deletion(exported)
    site_acts.show(exported.sandbox, issue_id)

    named_by_an_export(exported)

    assert exported.keys_by_title()[HIDDEN] == key
    assert exported.violations() == []


def test_a_deletion_without_an_answer_whose_issue_is_gone_is_named_before_it_is_made_again(
    exported: ExportWorld,
) -> None:
    """Nobody can tell it from one that is hidden: a person says that it is to be created.

    The others are created meanwhile.
    """
    rule = FaultRule(kind=FaultKind.RESET, moment=Moment.AFTER, method="DELETE", nth=2)
    exported.sandbox.faults.set_plan(FaultPlan(rules=(rule,)))
    keys = sorted(exported.keys_by_title().values())
    exported.undo()

    words = named_by_an_export(exported)

    assert [key for key in keys if key in words] == [keys[-2]]
    assert len(exported.titles()) == len(DRAFTS) - 1
    exported.create_again()
    exported.export()
    assert sorted(exported.titles()) == sorted(TITLES)
