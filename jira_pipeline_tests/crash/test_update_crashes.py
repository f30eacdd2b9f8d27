"""An update ended at any point and started again: each issue is written anew once, nobody's words go.

Judged from the sandbox's own tables alone. Every point is before or after a ledger write or a
request; a crash drops everything the process held in memory.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from jira_pipeline.errors import PipelineError
from jira_pipeline.export.plan import plan_export
from jira_pipeline.export.text_writes import (
    CHANGED_AFTER_LOOK,
    CHANGED_THERE,
    NOT_OURS,
    NOT_SHOWN,
)
from jira_pipeline.export.updating import PlannedUpdate
from jira_pipeline.kernel.export_ledger import LedgerEvent
from jira_pipeline.kernel.manual_fixes import FixType
from jira_pipeline_tests.contracts.open_stores import open_in
from jira_pipeline_tests.crash.export_faults import (
    DIFFERENT_DOUBTS,
    DIFFERENT_REFUSALS,
    REFUSALS,
    StrikeOnce,
    raising,
)
from jira_pipeline_tests.crash.export_world import (
    SESSION_KEY,
    Crash,
    ExportWorld,
    Tripwire,
    document,
)
from jira_pipeline_tests.crash.undo_world import DiesAt, ask, keys_by_title, undo
from jira_pipeline_tests.crash.update_world import (
    BY_A_PERSON,
    LATER_DRAFTS,
    OWNER,
    change_tickets,
    changes_of,
    comments,
    consent,
    edit,
    files_of,
    ids_of_comments,
    key_of,
    later_drafts,
    number_of,
    texts,
    update,
    violations_of_update,
    with_files,
)
from jira_pipeline_tests.crash.worlds import open_world
from jira_pipeline_tests.jira_sandbox_faults.faults import FaultPlan
from jira_pipeline_tests.long_form import POINT_STEP, SHARES, each_at_a_place


def is_update(request: httpx.Request) -> bool:
    """Tell an update from all other requests."""
    return request.method == "PUT" and request.url.path.startswith("/rest/api/3/issue/")


def is_update_of(world: ExportWorld, ticket_id: str) -> Callable[[httpx.Request], bool]:
    """Return what tells an update of the issue of a ticket from all other requests."""
    path_end = f"/{number_of(world, ticket_id)}"
    return lambda request: is_update(request) and request.url.path.endswith(path_end)


def is_comment(request: httpx.Request) -> bool:
    """Tell a new comment from all other requests."""
    return request.method == "POST" and request.url.path.endswith("/comment")


@pytest.fixture(scope="module")
def changed_folder(exported_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A world with an export, three of whose tickets changed since; copied, never used."""
    folder = tmp_path_factory.mktemp("changed") / "world"
    with open_world(exported_folder, folder) as world:
        change_tickets(world)
        edit(world, "t02")
    return folder


@pytest.fixture
def changed(changed_folder: Path, tmp_path: Path) -> Iterator[ExportWorld]:
    """A session of which three tickets changed, and a person edited the issue of one."""
    with open_world(changed_folder, tmp_path / "world") as world:
        yield world


@pytest.fixture
def without_t05(changed: ExportWorld) -> ExportWorld:
    """One ticket is gone: its issue, which nobody edited, gets a comment."""
    kept = [
        replace(draft, relates_to=(), depends_on=tuple({*draft.depends_on} - {"t05"}))
        for draft in LATER_DRAFTS
        if draft.ticket_id != "t05"
    ]
    change_tickets(changed, tuple(kept))
    return changed


def test_a_person_may_have_an_edited_issue_overwritten_and_another_one_left(
    changed: ExportWorld,
) -> None:
    report = update(changed, overwrites=frozenset({consent(changed, "t02")}), leaves=frozenset({4}))

    assert (report.updated, report.left, report.commented) == ((1, 2), {}, ())


def test_what_somebody_wrote_after_the_look_is_not_overwritten(changed: ExportWorld) -> None:
    seen = consent(changed, "t02")
    edit(changed, "t02", words="Written since.")

    report = update(changed, overwrites=frozenset({seen}))

    assert report.left == {2: CHANGED_AFTER_LOOK}
    assert "Written since." in texts(changed)[key_of(changed, "t02")]


def test_a_plan_says_who_gets_a_comment_and_what_overwriting_would_lose(
    changed: ExportWorld,
) -> None:
    def planned() -> dict[int, PlannedUpdate]:
        with changed.process() as (tools, order):
            [target] = tools.ledger.targets()
            known = tools.ledger.entries(target_id=target.target_id, session_key=SESSION_KEY)
            plan = plan_export(tools, order, changes=changes_of(order, known))
        return {one.number: one for one in plan.updates}

    before = planned()
    update(changed)
    after = planned()

    assert {number: (one.objection, one.gets_comment) for number, one in before.items()} == {
        1: ("", False),
        2: (CHANGED_THERE, True),
        4: ("", False),
    }
    assert [bool(one.lost) for one in before.values()] == [False, True, False]
    assert f"-{BY_A_PERSON}" in before[2].lost
    assert [(one.objection, one.gets_comment) for one in after.values()] == [(CHANGED_THERE, False)]


@pytest.mark.parametrize("share", SHARES)
def test_a_crash_at_any_point_of_an_update_overwrites_nothing_and_loses_none(
    changed_folder: Path, tmp_path: Path, share: int
) -> None:
    wire = Tripwire()
    with open_world(changed_folder, tmp_path / "counting") as world:
        update(world, wire)
    first = next(n for n, name in enumerate(wire.passed) if "update_" in name)
    points = list(enumerate(wire.passed, start=1))[first:]

    outcomes = {}
    for number, name in points[share::POINT_STEP]:
        with open_world(changed_folder, tmp_path / str(number)) as world:
            with pytest.raises(Crash):
                update(world, Tripwire(crash_at=number))
            update(world)
            outcomes[f"{number} {name}"] = violations_of_update(world, edited=["t02"])

    assert sum("PUT" in name for _, name in points) == 4
    assert sum("POST" in name and "comment" in name for _, name in points) == 2
    assert {name: wrong for name, wrong in outcomes.items() if wrong} == {}


@pytest.mark.parametrize("share", SHARES)
def test_a_crash_at_any_point_of_the_files_leaves_the_one_of_the_latest_text(
    changed_folder: Path, tmp_path: Path, share: int
) -> None:
    """The file of the text before goes, by its id in the ledger, once the new one is there."""
    folder = tmp_path / "with files"
    with open_world(changed_folder, folder) as world:
        update(world, has_files=True)
        change_tickets(world, later_drafts("again"))
    wire = Tripwire()
    with open_world(folder, tmp_path / "counting") as world:
        update(world, wire, has_files=True)
    first = next(n for n, name in enumerate(wire.passed) if "attachment" in name)
    last = max(n for n, name in enumerate(wire.passed) if "detached" in name)
    points = list(enumerate(wire.passed, start=1))[first : last + 1]

    outcomes = {}
    for number, name in points[share :: POINT_STEP // 3]:
        with open_world(folder, tmp_path / str(number)) as world:
            with pytest.raises(Crash):
                update(world, Tripwire(crash_at=number), has_files=True)
            update(world, has_files=True)
            outcomes[f"{number} {name}"] = files_of(world)

    assert sum("DELETE" in name for _, name in points) == 4
    wanted = ["All of Create content type 4, again.", "All of Create content type 1, again."]
    assert {
        name: found for name, found in outcomes.items() if sorted(found) != sorted(wanted)
    } == {}


def test_a_lost_answer_to_an_update_or_comment_is_looked_up_before_it_is_sent_again(
    changed_folder: Path, tmp_path: Path
) -> None:
    wrong: dict[str, list[str]] = {}

    for matches, places in ((is_update, (1, 2)), (is_comment, (1,))):
        for name, fault, number in each_at_a_place(DIFFERENT_DOUBTS, places):
            case = f"{matches.__name__} {name}"
            with open_world(changed_folder, tmp_path / case) as changed:
                changed.answering = StrikeOnce(fault, at=number, matches=matches)
                report = update(changed)
                assert (report.updated, report.commented) == ((1, 4), (2,)), case
                wrong[case] = violations_of_update(changed, edited=["t02"])

    assert not any(wrong.values()), wrong


def test_a_ticket_that_is_gone_gets_a_comment_on_its_issue_and_nothing_else(
    without_t05: ExportWorld,
) -> None:
    key, before = key_of(without_t05, "t05"), texts(without_t05)

    update(without_t05)
    update(without_t05)

    assert texts(without_t05)[key] == before[key]
    assert [text[:33] for text in comments(without_t05)[key]] == [
        "The sheets no longer ask for this"
    ]


@pytest.mark.parametrize("is_edited", [False, True], ids=["as sent", "edited"])
def test_an_issue_whose_comment_of_ours_somebody_edited_outlives_an_undo(
    without_t05: ExportWorld, *, is_edited: bool
) -> None:
    update(without_t05)
    key = key_of(without_t05, "t05")
    if is_edited:
        (number,) = ids_of_comments(without_t05, key)
        path = f"/rest/api/3/issue/{key}/comment/{number}"
        assert ask(without_t05, "PUT", path, {"body": document("We keep it.")}) == 200

    undo(without_t05)

    assert (key in keys_by_title(without_t05).values()) is is_edited


def test_a_copy_of_our_comment_that_somebody_pasted_is_none_of_ours(
    changed_folder: Path, tmp_path: Path
) -> None:
    with open_world(changed_folder, tmp_path / "twin") as twin:
        update(twin)
        key = key_of(twin, "t02")
        (said,) = comments(twin)[key]
    with open_world(changed_folder, tmp_path / "world") as world:
        with pytest.raises(Crash):
            update(world, DiesAt("before POST .*comment"))
        path = f"/rest/api/3/issue/{key}/comment"
        assert ask(world, "POST", path, {"body": document(said)}) == 201

        update(world)

        assert len(comments(world)[key]) == 2


def test_a_ticket_that_changed_again_while_its_update_was_in_doubt_is_updated_to_the_latest(
    changed: ExportWorld,
) -> None:
    with pytest.raises(Crash):
        update(changed, DiesAt("after PUT"))
    change_tickets(changed, later_drafts("again"))

    report = update(changed)

    assert report.updated == (1, 4)
    assert "later" not in " ".join(texts(changed).values())


def test_a_refused_update_leaves_the_issue_and_the_next_one_carries_on(
    changed_folder: Path, tmp_path: Path
) -> None:
    wrong: dict[str, list[str]] = {}

    for name, fault in DIFFERENT_REFUSALS.items():
        with open_world(changed_folder, tmp_path / name) as changed:
            changed.answering = StrikeOnce(fault, at=1, matches=is_update)
            with suppress(PipelineError):
                update(changed)
            update(changed)
            wrong[name] = violations_of_update(changed, edited=["t02"])

    assert not any(wrong.values()), wrong


@pytest.mark.parametrize("is_rewriting", [False, True], ids=["as sent", "rewritten"])
def test_an_issue_is_written_anew_again_and_again(
    changed_folder: Path, tmp_path: Path, *, is_rewriting: bool
) -> None:
    """Jira rewrites what it stores: what came back is compared, never what was sent."""
    with open_world(changed_folder, tmp_path / "world") as world:
        if is_rewriting:
            world.sandbox.faults.set_plan(FaultPlan(worlds=("rewritten",)))
        update(world)
        change_tickets(world, later_drafts("again"))

        report = update(world)

        assert report.updated == (1, 4)
        assert "later" not in " ".join(texts(world).values())


@pytest.mark.parametrize("account", ["ada@sandbox.example", OWNER], ids=["another", "ours"])
def test_what_a_person_writes_after_a_lost_update_is_not_overwritten(
    changed: ExportWorld, account: str
) -> None:
    """Also with our own account: the mark that comes with an update is not there."""

    def edited_and_lost(request: httpx.Request, _site: httpx.BaseTransport) -> httpx.Response:
        edit(changed, "t04", account=account)
        raise httpx.ReadTimeout("injected", request=request)

    changed.answering = StrikeOnce(edited_and_lost, at=1, matches=is_update_of(changed, "t04"))

    report = update(changed)
    again = update(changed)

    assert report.updated == (1,)
    assert set(report.left) == set(again.left) == {2, 4}
    assert texts(changed)[key_of(changed, "t04")].endswith("What a person wrote.")


def test_an_edit_between_our_look_and_our_write_is_named(changed: ExportWorld) -> None:
    """Jira knows no condition on a write; what was overwritten is in the history, and people are told."""

    def edited_then_written(request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        edit(changed, "t04")
        return site.handle_request(request)

    changed.answering = StrikeOnce(edited_then_written, at=1, matches=is_update_of(changed, "t04"))
    update(changed)
    again = update(changed)

    with open_in(changed.folder) as store:
        fixes = store.manual_fixes.list_all(SESSION_KEY)
    named = [f.jira_key for f in fixes if f.fix_type is FixType.EDITED_MEANWHILE]
    assert named == [key_of(changed, "t04")]
    assert again.updated == ()


def test_an_automation_that_edits_after_us_makes_the_issue_its_own(changed: ExportWorld) -> None:
    def answered_then_edited(request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        response = site.handle_request(request)
        edit(changed, "t04")
        return response

    changed.answering = StrikeOnce(answered_then_edited, at=1, matches=is_update_of(changed, "t04"))
    update(changed)
    changed.answering = None
    with open_in(changed.folder) as store:
        entries = store.ledger.entries(
            target_id=store.ledger.targets()[0].target_id, session_key=SESSION_KEY
        )

    [written] = [e for e in entries if e.event is LedgerEvent.UPDATED and e.ticket_id == "t04"]
    assert written.sent is not None
    assert written.sent.text is not None
    assert written.sent.text.after_hash == ""
    assert "What a person wrote." in texts(changed)[f"{key_of(changed, 't04')}"]


def test_a_deleted_issue_and_one_without_its_marker_are_left(changed: ExportWorld) -> None:
    marker = f"/rest/api/3/issue/{key_of(changed, 't01')}/properties/jira_pipeline"
    assert ask(changed, "PUT", marker, {"another": "tool"}) == 200
    gone = key_of(changed, "t04")

    def deleted(request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        ask(changed, "DELETE", f"/rest/api/3/issue/{gone}", account=OWNER)
        return site.handle_request(request)

    path = f"/{number_of(changed, 't04')}/changelog"
    changed.answering = StrikeOnce(deleted, at=1, matches=lambda r: r.url.path.endswith(path))

    report = update(changed)

    assert report.left == {1: NOT_OURS, 2: CHANGED_THERE, 4: NOT_SHOWN}


def test_fields_that_people_set_are_never_touched(changed: ExportWorld) -> None:
    """Not even where nobody changed them: a sprint is planned, an assignee works."""
    drafts = [replace(draft, labels=("other",), priority="Low") for draft in LATER_DRAFTS]
    change_tickets(changed, tuple(drafts))
    path = f"/rest/api/3/issue/{key_of(changed, 't01')}"
    fields = {"labels": ["by-ada"], "priority": {"name": "Highest"}}
    assert ask(changed, "PUT", path, {"fields": fields}) == 204
    before = fields_of(changed)

    report = update(changed)

    assert report.updated == (1, 4)
    assert fields_of(changed) == before


def fields_of(world: ExportWorld) -> list[tuple[object, ...]]:
    """Return priority, assignee, parent and labels of every issue."""
    chosen = """
        SELECT key, priority_id, assignee_id, parent_id, group_concat(label) FROM issue
        LEFT JOIN issue_label ON issue_label.issue_id = issue.id GROUP BY key"""
    with world.sandbox.state.reading() as rows:
        return [tuple(row) for row in rows.execute(chosen).fetchall()]


def test_a_link_that_may_not_be_deleted_is_left_to_people_once(changed: ExportWorld) -> None:
    changed.answering = StrikeOnce(
        REFUSALS["403"], at=1, matches=lambda request: request.method == "DELETE"
    )

    update(changed)
    changed.answering = None
    update(changed)

    with open_in(changed.folder) as store:
        fixes = store.manual_fixes.list_all(SESSION_KEY)
    [fix] = [one for one in fixes if one.fix_type is FixType.DEPENDENCY_LINK]
    assert fix.recommended_action.startswith("Delete the link “is blocked by")
    assert "DELETE" not in {entry.method for entry in changed.sandbox.journal() if entry.changes}


def test_a_link_that_people_made_stays(changed: ExportWorld) -> None:
    ends = {
        "inwardIssue": {"key": key_of(changed, "t01")},
        "outwardIssue": {"key": key_of(changed, "t04")},
    }
    link = {"type": {"name": "Blocks"}, **ends}
    assert ask(changed, "POST", "/rest/api/3/issueLink", link) == 201

    update(changed)

    [wrong] = violations_of_update(changed, edited=["t02"])
    assert wrong.endswith("is not wanted")


def test_a_link_of_ours_that_people_made_again_is_theirs(changed: ExportWorld) -> None:
    chosen = (
        "SELECT issue_link.id, inward_issue_id FROM issue_link"
        " JOIN issue ON issue.id = outward_issue_id WHERE key = ? AND issue_link.type_id = '10000'"
    )
    key = key_of(changed, "t01")
    with changed.sandbox.state.reading() as rows:
        [(link_id, other)] = rows.execute(chosen, (key,)).fetchall()
    ends = {"inwardIssue": {"id": str(other)}, "outwardIssue": {"key": key}}
    assert ask(changed, "DELETE", f"/rest/api/3/issueLink/{link_id}") == 204
    assert (
        ask(changed, "POST", "/rest/api/3/issueLink", {"type": {"name": "Blocks"}, **ends}) == 201
    )

    update(changed)

    [wrong] = violations_of_update(changed, edited=["t02"])
    assert wrong.endswith("is not wanted")


def test_an_undo_deletes_an_issue_that_only_we_updated_and_keeps_one_that_somebody_edited_since(
    changed: ExportWorld,
) -> None:
    update(changed)
    edit(changed, "t04", account=OWNER)

    report = undo(changed)

    assert {issue.number for issue in report.removed} == {1, 3, 5}
    assert {issue.number for issue in report.kept} == {2, 4}


def test_a_process_killed_after_an_update_whose_answer_was_lost_sends_it_no_second_time(
    changed: ExportWorld,
) -> None:
    changed.answering = StrikeOnce(
        raising(httpx.ReadTimeout, is_committed=True), at=1, matches=is_update
    )
    with pytest.raises(Crash):
        update(changed, DiesAt("after update_unknown"))
    changed.answering = None

    update(changed)

    assert violations_of_update(changed, edited=["t02"]) == []


def test_a_text_of_ours_that_a_restored_ledger_forgot_is_known_by_its_mark(
    changed_folder: Path, tmp_path: Path
) -> None:
    """Unless somebody changed it since."""
    with open_world(changed_folder, tmp_path / "before") as world:
        update(world)
        edit(world, "t04")
    shutil.copy(changed_folder / "store.sqlite", tmp_path / "before" / "store.sqlite")
    with open_world(tmp_path / "before", tmp_path / "restored") as world:
        change_tickets(world, later_drafts("again"))

        report = update(world)

    assert report.updated == (1,)
    assert report.left == {2: CHANGED_THERE, 4: CHANGED_THERE}


def test_what_our_account_changed_in_form_only_is_no_text_that_was_forgotten(
    changed: ExportWorld,
) -> None:
    """A ledger that knows what it wrote compares what Jira gave back."""
    update(changed)
    key, title = key_of(changed, "t04"), LATER_DRAFTS[3].title
    panel = {"type": "panel", "attrs": {"panelType": "info"}, "content": [paragraph_of(title)]}
    written = {"type": "doc", "version": 1, "content": [panel]}
    path = f"/rest/api/3/issue/{key}"
    fields = {"fields": {"description": written}}
    assert ask(changed, "PUT", path, fields, account=OWNER) == 204
    change_tickets(changed, later_drafts("again"))

    report = update(changed)

    assert report.left == {2: CHANGED_THERE, 4: CHANGED_THERE}


def paragraph_of(text: str) -> object:
    """Return the one paragraph of a document."""
    [paragraph] = list(document(text)["content"])  # type: ignore[call-overload] # a list
    return paragraph


@pytest.mark.parametrize("at", ["text", "traces", "end"])
def test_an_issue_that_our_account_edits_while_an_undo_judges_it_stays(
    changed: ExportWorld, at: str
) -> None:
    update(changed)
    number = number_of(changed, "t04")
    asked = {"text": "expand=changelog", "traces": "issuelinks", "end": "fields=updated"}[at]

    def judged_and_edited(request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        if at == "end":  # after what was read of it
            edit(changed, "t04", account=OWNER)
        response = site.handle_request(request)
        if at != "end":
            edit(changed, "t04", account=OWNER)
        return response

    changed.answering = StrikeOnce(
        judged_and_edited,
        at=1,
        matches=lambda r: r.url.path.endswith(f"/issue/{number}") and asked in str(r.url.query),
    )
    report = undo(changed)

    assert 4 in {issue.number for issue in report.kept}
    assert texts(changed)[key_of(changed, "t04")].endswith(BY_A_PERSON)


def test_an_old_file_that_jira_says_is_not_there_is_gone_once_its_issue_shows_none(
    changed: ExportWorld,
) -> None:
    update(changed, has_files=True)
    change_tickets(changed, later_drafts("again"))
    changed.answering = StrikeOnce(
        REFUSALS["404"], at=1, matches=lambda r: r.method == "DELETE" and "attachment" in r.url.path
    )

    with changed.process() as (tools, given):
        order = with_files(given)
        [target] = tools.ledger.targets()
        known = tools.ledger.entries(target_id=target.target_id, session_key=SESSION_KEY)
        plan = plan_export(tools, order, changes=changes_of(order, known))
    update(changed, has_files=True)

    assert (plan.attach, plan.detach, plan.is_idle) == (2, 2, False)
    assert plan.further == (
        "attach 2 files, delete 2 of our links and files that no ticket asks for"
    )
    assert len(files_of(changed)) == 2
