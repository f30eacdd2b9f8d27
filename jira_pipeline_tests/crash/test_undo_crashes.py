"""An undo that ended, and what follows it: exports, other undos, a store that is older than Jira.

Judged from the sandbox's own tables alone. Faults and ends at every request are tried in
`faults/single_faults`.
"""

import json
from pathlib import Path

import httpx
import pytest

from jira_pipeline.export.export_run import MARKER_PROPERTY
from jira_pipeline.export.lookups import PROBE_FIELDS
from jira_pipeline.export.undo import UNCONFIRMED
from jira_pipeline.model.errors import GateError
from jira_pipeline.model.sessions import SessionStage, SessionStatus
from jira_pipeline_tests.crash.by_hand import OWNER, ask_site, make_issue
from jira_pipeline_tests.crash.export_faults import is_search
from jira_pipeline_tests.crash.export_world import Crash, ExportWorld, Tripwire
from jira_pipeline_tests.crash.killing import lose_writes
from jira_pipeline_tests.crash.sessions import DRAFTS, SESSION_KEY, TITLES
from jira_pipeline_tests.crash.worlds import open_world
from jira_pipeline_tests.export.whole_exports import where
from jira_pipeline_tests.long_form import POINT_STEP, SHARES


@pytest.mark.parametrize("share", SHARES)
def test_a_crash_at_any_point_of_an_undo_lets_the_session_be_exported_again(
    exported_folder: Path, tmp_path: Path, share: int
) -> None:
    """After the undo is finished, and people decided about what they marked ready, each exists once.

    Where Jira was about to delete one as the process ended, nobody knows whether it is gone.
    """
    wire = Tripwire()
    with open_world(exported_folder, tmp_path / "counting") as world:
        world.undo(wire)
    deletions = [n for n, name in enumerate(wire.passed, start=1) if "DELETE" in name]
    around = sorted({n + step for n in deletions for step in (-2, -1, 0, 1, 2)})

    outcomes = {}
    for number in around[share::POINT_STEP]:
        with open_world(exported_folder, tmp_path / f"again {number}") as world:
            with pytest.raises(Crash):
                world.undo(Tripwire(crash_at=number))
            world.mark_ready()
            outcomes[number] = export_after(world)

    assert len(around) >= 12
    assert {number: wrong for number, wrong in outcomes.items() if wrong} == {}


def export_after(world: ExportWorld) -> list[str]:
    """Export after an undo that crashed; where it must be finished first, finish it.

    Of one deletion at most nobody knows then what became of it: it was under way.
    """
    try:
        world.export()
    except GateError:
        kept = world.undo().kept
        if len(kept) > 1:
            return [f"{issue.key} is kept" for issue in kept]
        world.mark_ready()
        world.create_again()
        world.export()
    return world.violations()


def test_an_undone_session_goes_back_to_the_review_with_what_people_approved(
    exported: ExportWorld,
) -> None:
    with exported.open_store() as store:
        before = [t.number for t in store.tickets.list_all(SESSION_KEY) if t.is_ready]

    exported.undo()

    with exported.open_store() as store:
        session = store.sessions.get(SESSION_KEY)
        ready = [t.number for t in store.tickets.list_all(SESSION_KEY) if t.is_ready]
    assert (session.stage, session.status) == (SessionStage.REVIEW, SessionStatus.IDLE)
    assert ready == before != []


def test_a_deleted_issue_that_the_index_still_shows_is_not_taken_for_the_new_one(
    exported: ExportWorld,
) -> None:
    """It answers searches for the session's label as it did before the undo."""
    asked = {
        "issueIdsOrKeys": sorted(exported.keys_by_title().values()),
        "fields": PROBE_FIELDS,
        "properties": [MARKER_PROPERTY],
    }
    fetched = ask_site(
        exported.sandbox, "POST", "/rest/api/3/issue/bulkfetch", asked, account=OWNER
    )
    remembered = {"issues": json.loads(fetched.body)["issues"], "isLast": True}
    exported.undo()
    exported.mark_ready()
    exported.answering = where(
        lambda request: is_search(request) and b"labels = " in request.content,
        httpx.Response(200, json=remembered),
    )

    exported.export()

    assert len(remembered["issues"]) == len(DRAFTS)
    assert exported.violations() == []


@pytest.mark.parametrize("writes_lost", [1, 5, 14])
def test_issues_that_the_ledger_forgot_are_found_and_taken_back_too(
    exported: ExportWorld, writes_lost: int
) -> None:
    """A store restored from a backup is older than Jira."""
    forget_last_writes(exported, writes_lost)

    exported.undo()

    assert exported.violations_of_undo() == []


@pytest.mark.parametrize("writes_lost", [1, 2, 3])
def test_removals_that_the_ledger_forgot_are_reported_and_create_nothing_twice(
    exported: ExportWorld, writes_lost: int
) -> None:
    make_issue(exported.sandbox, "Foreign")
    exported.undo()
    forget_last_writes(exported, writes_lost)

    report = exported.undo()
    exported.mark_ready()
    exported.export()

    ours = [title for title in exported.titles() if title in TITLES]
    assert len(ours) == len(set(ours)) == len(TITLES) - len(report.kept)


def forget_last_writes(world: ExportWorld, count: int) -> None:
    with world.open_store() as store:
        lose_writes(store, count)


@pytest.mark.parametrize(
    "point",
    [
        *("after undo_begun", "before DELETE", "after removal_answered of issue"),
        *("after removed of issue", "before undo_ended"),
    ],
)
def test_an_interrupted_undo_is_finished_before_anything_is_exported(
    exported: ExportWorld, point: str
) -> None:
    """Between two deletions the next step was to review, and an export created anew what was gone."""
    wire = Tripwire()
    exported.die(ExportWorld.undo, point)
    exported.mark_ready()

    with pytest.raises(GateError, match="undo of session site has not finished"):
        exported.export(wire)

    assert not any(name.startswith("before POST /rest/api/3/issue") for name in wire.passed)


@pytest.mark.parametrize(
    ("point", "nth", "gone"),
    [
        ("after undo_begun", 1, 0),
        ("before DELETE", 2, 1),
        ("after DELETE", 2, 2),
        ("after removal_answered of issue", 2, 2),
    ],
)
def test_an_undo_that_somebody_ends_keeps_what_it_left(
    exported: ExportWorld, point: str, nth: int, gone: int
) -> None:
    """What was about to be deleted is looked up; nothing is deleted any more.

    What Jira does not show, and never said it deleted, may be hidden: a person decides.
    """
    exported.die(ExportWorld.undo, point, nth=nth)
    kept = exported.keys_by_title()
    wire = Tripwire()

    report = exported.undo(wire, keeps_rest=True)
    exported.mark_ready()
    exported.create_again()
    exported.export()

    unknown = [issue for issue in report.kept if issue.reasons == (UNCONFIRMED,)]
    assert len(unknown) == (point == "after DELETE")
    assert len(kept) == len(report.kept) - len(unknown) == len(DRAFTS) - gone
    assert not any("DELETE" in name for name in wire.passed)
    assert kept.items() <= exported.keys_by_title().items()
    assert exported.violations() == []


def test_what_has_ended_is_not_ended_again(exported: ExportWorld) -> None:
    exported.undo()

    with pytest.raises(GateError, match="There is no undo to end"):
        exported.undo(keeps_rest=True)
