"""An update taken back, ended at any point and started again: former texts, nobody's words go.

Judged from the sandbox's own tables alone.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from jira_pipeline.errors import GateError, GateRule
from jira_pipeline.export import update_undo
from jira_pipeline.export.text_writes import CHANGED_THERE
from jira_pipeline.export.undo import NOT_ITS_TURN
from jira_pipeline.jira_sandbox.faults import FaultPlan
from jira_pipeline.kernel.export_ledger import LedgerEvent
from jira_pipeline.kernel.manual_fixes import FixState
from jira_pipeline_tests.contracts.open_stores import open_in
from jira_pipeline_tests.crash.export_faults import DIFFERENT_DOUBTS, StrikeOnce, raising
from jira_pipeline_tests.crash.export_world import SESSION_KEY, Crash, ExportWorld, Tripwire
from jira_pipeline_tests.crash.undo_world import DiesAt, ask, comment, planned_undo, undo
from jira_pipeline_tests.crash.update_world import (
    BY_A_PERSON,
    OWNER,
    change_tickets,
    comments,
    edit,
    files_of,
    key_of,
    later_drafts,
    number_of,
    texts,
    undo_update,
    update,
    violations_of_undo,
)
from jira_pipeline_tests.crash.worlds import open_world
from jira_pipeline_tests.long_form import POINT_STEP, SHARES, each_at_a_place


@pytest.fixture(scope="module")
def updated_folder(exported_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A world with an update; a person had edited the issue of t02. Copied, never used."""
    folder = tmp_path_factory.mktemp("updated") / "world"
    with open_world(exported_folder, folder) as world:
        change_tickets(world)
        edit(world, "t02")
        update(world)
    return folder


@pytest.fixture
def updated(updated_folder: Path, tmp_path: Path) -> Iterator[ExportWorld]:
    """A session whose issues follow their tickets, but one that a person edited."""
    with open_world(updated_folder, tmp_path / "world") as world:
        yield world


@pytest.fixture(scope="module")
def before(exported_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the issues said before the update."""
    folder = tmp_path_factory.mktemp("before") / "world"
    with open_world(exported_folder, folder) as world:
        edit(world, "t02")
        return texts(world)


def test_issues_say_again_what_they_said_and_the_comments_are_gone(
    updated: ExportWorld, before: dict[str, str]
) -> None:
    report = undo_update(updated)
    again = undo_update(updated)

    assert {issue.number for issue in report.written_back} == {1, 4}
    assert (report.kept, report.comments) == ((), 1)
    assert (again.written_back, again.kept, again.comments) == ((), (), 0)
    assert violations_of_undo(updated, before=before) == []


def test_the_next_update_writes_what_was_taken_back_again(updated: ExportWorld) -> None:
    after, commented = texts(updated), comments(updated)
    undo_update(updated)

    report = update(updated)

    assert report.updated == (1, 4)
    assert (texts(updated), comments(updated)) == (after, commented)


@pytest.mark.parametrize("share", SHARES)
def test_a_crash_at_any_point_loses_no_text_and_leaves_no_comment(
    updated_folder: Path, tmp_path: Path, before: dict[str, str], share: int
) -> None:
    wire = Tripwire()
    with open_world(updated_folder, tmp_path / "counting") as world:
        undo_update(world, wire)
    points = list(enumerate(wire.passed, start=1))

    outcomes = {}
    for number, name in points[share::POINT_STEP]:
        with open_world(updated_folder, tmp_path / str(number)) as world:
            with pytest.raises(Crash):
                undo_update(world, Tripwire(crash_at=number))
            undo_update(world)
            outcomes[f"{number} {name}"] = violations_of_undo(world, before=before)

    assert sum("PUT" in name for _, name in points) == 4
    assert sum("DELETE" in name for _, name in points) == 2
    assert {name: wrong for name, wrong in outcomes.items() if wrong} == {}


@pytest.mark.parametrize("keeps_rest", [False, True], ids=["finished", "ended as it is"])
def test_while_an_undo_of_an_update_is_open_nothing_is_updated_or_deleted(
    updated: ExportWorld, before: dict[str, str], *, keeps_rest: bool
) -> None:
    """An update in between was the last one then: the rest could never be taken back."""
    after = texts(updated)
    with pytest.raises(Crash):
        undo_update(updated, DiesAt("after updated"))
    half = texts(updated)
    for refused in (update, planned_undo, undo):
        with pytest.raises(GateError, match="undo of the last update of session") as at:
            refused(updated)
        assert at.value.code == GateRule.UNDO_OPEN
        assert at.value.recovery_actions[0].arguments["update"]

    report = undo_update(updated, keeps_rest=keeps_rest)

    assert before != half != after
    assert texts(updated) == (half if keeps_rest else before)
    assert [issue.reasons for issue in report.kept] == ([(NOT_ITS_TURN,)] if keeps_rest else [])
    assert update(updated).updated
    assert texts(updated) == after


def test_a_former_text_that_names_a_deleted_file_is_named_until_the_file_is_back(
    exported_folder: Path, tmp_path: Path
) -> None:
    """The text pointed to a file that was gone, and nobody was told."""

    def fixes(world: ExportWorld) -> list[FixState]:
        with open_in(world.folder) as store:
            return [fix.state for fix in store.manual_fixes.list_all(SESSION_KEY)]

    with open_world(exported_folder, tmp_path / "world") as world:
        change_tickets(world)
        update(world, has_files=True)
        files, said = files_of(world), texts(world)
        change_tickets(world, later_drafts("again"))
        update(world, has_files=True)
        with world.process() as (tools, order):
            planned = update_undo.plan_undoing_update(tools, order)
        with pytest.raises(Crash):
            undo_update(world, DiesAt("after updated"))
        report = undo_update(world)
        named = fixes(world)
        change_tickets(world)
        update(world, has_files=True)

        missing = {one.number: one.missing_file for one in planned.write_back}
        assert {number for number, name in missing.items() if name} == {1, 4}
        assert all(name in " ".join(said.values()) for name in missing.values())
        assert {
            one.number: one.missing_file for one in report.written_back
        }.items() <= missing.items()
        assert (named, fixes(world)) == ([FixState.OPEN] * 2, [FixState.RESOLVED] * 2)
        assert (files_of(world), texts(world)) == (files, said)


def test_an_undo_of_an_update_that_nobody_began_is_not_ended(updated: ExportWorld) -> None:
    with pytest.raises(GateError, match="no undo to end"):
        undo_update(updated, keeps_rest=True)


@pytest.mark.parametrize(("method", "places"), [("PUT", (1, 2)), ("DELETE", (1,))])
def test_a_lost_answer_is_looked_up_before_anything_is_sent_again(
    updated_folder: Path,
    tmp_path: Path,
    before: dict[str, str],
    method: str,
    places: tuple[int, ...],
) -> None:
    wrong: dict[str, list[str]] = {}

    for name, fault, number in each_at_a_place(DIFFERENT_DOUBTS, places):
        with open_world(updated_folder, tmp_path / name) as updated:
            updated.answering = StrikeOnce(fault, at=number, matches=lambda r: r.method == method)
            undo_update(updated)
            wrong[name] = violations_of_undo(updated, before=before)

    assert not any(wrong.values()), wrong


@pytest.mark.parametrize("account", ["ada@sandbox.example", OWNER], ids=["another", "ours"])
def test_what_somebody_changed_since_the_update_stays(updated: ExportWorld, account: str) -> None:
    edit(updated, "t04", account=account)

    report = undo_update(updated)

    assert [(issue.number, issue.reasons) for issue in report.kept] == [(4, (CHANGED_THERE,))]
    assert texts(updated)[key_of(updated, "t04")].endswith(BY_A_PERSON)


def test_words_that_a_person_had_overwritten_come_back_and_are_theirs_again(
    updated: ExportWorld,
) -> None:
    update(updated, overwrites=frozenset({2}))
    assert BY_A_PERSON not in " ".join(texts(updated).values())

    report = undo_update(updated)
    again = update(updated)

    assert [issue.number for issue in report.written_back] == [2]
    assert texts(updated)[key_of(updated, "t02")].endswith(BY_A_PERSON)
    assert again.left == {2: CHANGED_THERE}


def test_a_description_that_a_person_had_removed_is_gone_again(updated: ExportWorld) -> None:
    """There is no text then that could name a file; looking for one ended in a traceback."""
    path = f"/rest/api/3/issue/{key_of(updated, 't02')}"
    removed = {"fields": {"description": None}}
    assert ask(updated, "PUT", path, removed, account="ada@sandbox.example") == 204
    update(updated, overwrites=frozenset({2}))

    report = undo_update(updated)

    assert [(one.number, one.missing_file) for one in report.written_back] == [(2, "")]
    with updated.sandbox.state.reading() as rows:
        (row,) = rows.execute("SELECT count(*) AS empty FROM issue WHERE description IS NULL")
    assert row["empty"] == 1


def test_only_the_last_update_is_taken_back(updated: ExportWorld) -> None:
    drafts = [
        replace(draft, title=f"{draft.title}, and again") if draft.ticket_id == "t01" else draft
        for draft in later_drafts("later")
    ]
    change_tickets(updated, tuple(drafts))
    update(updated)

    report = undo_update(updated)

    assert [issue.number for issue in report.written_back] == [1]
    assert [title for title in texts(updated).values() if "later" in title] == [
        "Create content type 4, later: Create content type 4, later",
        "Create content type 1, later: Create content type 1, later",
    ]


def test_an_update_that_was_killed_and_carried_on_is_taken_back_as_one(
    exported_folder: Path, tmp_path: Path, before: dict[str, str]
) -> None:
    with open_world(exported_folder, tmp_path / "world") as world:
        change_tickets(world)
        edit(world, "t02")
        with pytest.raises(Crash):
            update(world, DiesAt("after updated"))
        update(world)

        report = undo_update(world)

        assert {issue.number for issue in report.written_back} == {1, 4}
        assert violations_of_undo(world, before=before) == []


def test_a_comment_that_a_person_changed_or_wrote_stays(updated: ExportWorld) -> None:
    key = key_of(updated, "t02")
    with updated.sandbox.state.reading() as rows:
        comment_id = rows.execute("SELECT id FROM comment").fetchone()["id"]
    path = f"/rest/api/3/issue/{key}/comment/{comment_id}"
    assert ask(updated, "DELETE", path, account=OWNER) == 204
    comment(updated, key)

    report = undo_update(updated)

    assert report.comments == 1
    assert comments(updated) == {key: ["Mine."]}


def test_what_was_updated_and_taken_back_may_still_be_deleted_by_an_undo(
    updated: ExportWorld,
) -> None:
    undo_update(updated)

    plan = planned_undo(updated)

    assert set(plan.plan.remove) == {1, 3, 4, 5}


def test_without_an_update_there_is_nothing_to_take_back(
    exported_folder: Path, tmp_path: Path
) -> None:
    with (
        open_world(exported_folder, tmp_path / "world") as world,
        pytest.raises(GateError, match="no update to take back"),
    ):
        undo_update(world)


def test_a_comment_whose_own_answer_was_lost_is_looked_for_and_deleted(
    exported_folder: Path, tmp_path: Path
) -> None:
    with open_world(exported_folder, tmp_path / "world") as world:
        change_tickets(world)
        edit(world, "t02")
        lost = raising(httpx.ReadTimeout, is_committed=True)
        world.answering = StrikeOnce(lost, at=1, matches=lambda r: r.url.path.endswith("/comment"))
        with pytest.raises(Crash):
            update(world, DiesAt("after .*POST.*/comment"))
        world.answering = None

        undo_update(world)

        assert comments(world) == {}


def test_jira_rewriting_what_it_stores_is_no_change_of_a_person(
    exported_folder: Path, tmp_path: Path
) -> None:
    with open_world(exported_folder, tmp_path / "world") as world:
        world.sandbox.faults.set_plan(FaultPlan(worlds=("rewritten",)))
        change_tickets(world)
        update(world)

        report = undo_update(world)

        assert {issue.number for issue in report.written_back} == {1, 2, 4}
        with open_in(world.folder) as store:
            [target] = store.ledger.targets()
            entries = store.ledger.entries(target_id=target.target_id, session_key=SESSION_KEY)
        texts_of = [e.sent.text for e in entries if e.event is LedgerEvent.UPDATED and e.sent]
        assert all(text is not None and text.after_hash for text in texts_of)
        assert number_of(world, "t01")
