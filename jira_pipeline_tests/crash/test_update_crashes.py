"""Updates of issues among people: each is written anew once, nobody's words go.

Judged from the sandbox's own tables alone. Faults and ends at every request, and what people do
meanwhile, are tried in `faults/single_faults`.
"""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from jira_pipeline.export.text_writes import (
    CHANGED_AFTER_LOOK,
    CHANGED_THERE,
    NOT_OURS,
    NOT_SHOWN,
    WRITTEN_UNKNOWN,
)
from jira_pipeline.model.audit_actions import LINES_TAKEN_OUT, AuditAction
from jira_pipeline.model.exports import LedgerEvent
from jira_pipeline.model.manual_fixes import FixType
from jira_pipeline.model.tickets import TicketDraft
from jira_pipeline.model.update_choices import UpdateChoice
from jira_pipeline_tests.crash.by_hand import BY_A_PERSON, OWNER
from jira_pipeline_tests.crash.export_faults import REFUSALS, StrikeOnce, is_update, texts_read
from jira_pipeline_tests.crash.export_world import ExportWorld
from jira_pipeline_tests.crash.sessions import DRAFTS, LATER_DRAFTS, document, later_drafts
from jira_pipeline_tests.crash.worlds import open_world
from jira_pipeline_tests.export.whole_exports import restore_store
from jira_pipeline_tests.jira.journals import journal_of


def is_update_of(world: ExportWorld, ticket_id: str) -> Callable[[httpx.Request], bool]:
    path_end = f"/{world.number_of(ticket_id)}"
    return lambda request: is_update(request) and request.url.path.endswith(path_end)


@pytest.fixture
def without_t05(changed: ExportWorld) -> ExportWorld:
    """One ticket is gone: its issue, which nobody edited, gets a comment."""
    kept = [
        replace(draft, relates_to=(), depends_on=tuple({*draft.depends_on} - {"t05"}))
        for draft in LATER_DRAFTS
        if draft.ticket_id != "t05"
    ]
    changed.change_tickets(tuple(kept))
    return changed


def test_a_person_may_have_an_edited_issue_overwritten_and_another_one_left(
    changed: ExportWorld,
) -> None:
    choice = UpdateChoice(overwrites=(changed.consent("t02"),), leaves=(4,))
    report = changed.update(update=choice)

    assert (report.updated, report.left, report.commented) == ((1, 2), {}, ())


def test_what_somebody_wrote_after_the_look_is_not_overwritten(changed: ExportWorld) -> None:
    seen = changed.consent("t02")
    changed.edit("t02", words="Written since.")

    report = changed.update(update=UpdateChoice(overwrites=(seen,)))

    assert report.left == {2: CHANGED_AFTER_LOOK}
    assert "Written since." in changed.texts()[changed.key_of("t02")]


def test_a_plan_says_who_gets_a_comment_and_what_overwriting_would_lose(
    changed: ExportWorld,
) -> None:
    before = changed.planned_update().updates
    changed.update()
    after = changed.planned_update().updates

    assert [(one.number, one.objection, one.gets_comment, bool(one.lost)) for one in before] == [
        (1, "", False, False),
        (2, CHANGED_THERE, True, True),
        (4, "", False, False),
    ]
    assert f"-{BY_A_PERSON}" in before[1].lost
    assert [(one.objection, one.gets_comment) for one in after] == [(CHANGED_THERE, False)]


def test_a_ticket_that_is_gone_gets_a_comment_on_its_issue_and_nothing_else(
    without_t05: ExportWorld,
) -> None:
    key, before = without_t05.key_of("t05"), without_t05.texts()

    without_t05.update()
    without_t05.update()

    assert without_t05.texts()[key] == before[key]
    assert [text[:33] for text in without_t05.comments()[key]] == [
        "The sheets no longer ask for this"
    ]


def test_a_ticket_that_changed_again_while_its_update_was_in_doubt_is_updated_to_the_latest(
    changed: ExportWorld,
) -> None:
    changed.die(ExportWorld.update, "after PUT")
    changed.change_tickets(later_drafts("again"))

    report = changed.update()

    assert report.updated == (1, 4)
    assert "later" not in " ".join(changed.texts().values())


def test_an_automation_that_edits_after_us_makes_the_issue_its_own(changed: ExportWorld) -> None:
    def answered_then_edited(request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        response = site.handle_request(request)
        changed.edit("t04")
        return response

    changed.answering = StrikeOnce(answered_then_edited, at=1, matches=is_update_of(changed, "t04"))
    changed.update()

    updated = [e for e in changed.entries() if e.event is LedgerEvent.UPDATED]
    [written] = [e for e in updated if e.ticket_id == "t04"]
    assert written.sent is not None
    assert written.sent.text is not None
    assert written.sent.text.after_hash == ""
    assert "What a person wrote." in changed.texts()[f"{changed.key_of('t04')}"]


def test_a_deleted_issue_and_one_without_its_marker_are_left(changed: ExportWorld) -> None:
    marker = f"/rest/api/3/issue/{changed.key_of('t01')}/properties/jira_pipeline"
    assert changed.ask("PUT", marker, {"another": "tool"}) == 200
    gone = changed.key_of("t04")

    def deleted(request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        changed.ask("DELETE", f"/rest/api/3/issue/{gone}", account=OWNER)
        return site.handle_request(request)

    changed.answering = StrikeOnce(deleted, at=1, matches=lambda r: bool(texts_read(r)))

    report = changed.update()

    assert report.left == {1: NOT_OURS, 2: CHANGED_THERE, 4: NOT_SHOWN}


def test_fields_that_people_set_are_never_touched(changed: ExportWorld) -> None:
    """Not even where nobody changed them: a sprint is planned, an assignee works."""
    drafts = [replace(draft, labels=("other",), priority="Low") for draft in LATER_DRAFTS]
    changed.change_tickets(tuple(drafts))
    path = f"/rest/api/3/issue/{changed.key_of('t01')}"
    fields = {"labels": ["by-ada"], "priority": {"name": "Highest"}}
    assert changed.ask("PUT", path, {"fields": fields}) == 204
    before = fields_of(changed)

    report = changed.update()

    assert report.updated == (1, 4)
    assert fields_of(changed) == before


def fields_of(world: ExportWorld) -> list[tuple[object, ...]]:
    """Return priority, assignee, parent and labels of every issue."""
    chosen = """
        SELECT key, priority_id, assignee_id, parent_id, group_concat(label) FROM issue
        LEFT JOIN issue_label ON issue_label.issue_id = issue.id GROUP BY key"""
    return [tuple(row) for row in world.rows(chosen)]


def test_a_link_that_may_not_be_deleted_is_left_to_people_once(changed: ExportWorld) -> None:
    changed.answering = StrikeOnce(
        REFUSALS["403"], at=1, matches=lambda request: request.method == "DELETE"
    )

    changed.update()
    changed.answering = None
    changed.update()

    [fix] = [one for one in changed.fixes() if one.fix_type is FixType.DEPENDENCY_LINK]
    assert fix.recommended_action.startswith("Delete the link “is blocked by")
    assert "DELETE" not in {entry.method for entry in journal_of(changed.sandbox) if entry.changes}


@pytest.fixture(params=["before the export", "before the update"])
def restored(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    ready_folder: Path,
    exported_folder: Path,
) -> Iterator[ExportWorld]:
    """Jira holds three titles that only the store knew which an older backup replaced."""
    folders = {"before the export": ready_folder, "before the update": exported_folder}
    with open_world(exported_folder, tmp_path / "before") as world:
        world.change_tickets()
        world.update()
    shutil.copy(folders[request.param] / "store.sqlite", tmp_path / "before" / "store.sqlite")
    with open_world(tmp_path / "before", tmp_path / "restored") as world:
        yield world


def test_what_a_restored_store_does_not_know_is_named_and_never_set_back(
    restored: ExportWorld,
) -> None:
    """It counted as what the ticket says, and the next update set the old title again."""
    titles = restored.titles()
    restored.export()
    planned = restored.planned_update().updates
    first = restored.update()
    restored.change_tickets(later_drafts("again"))
    second = restored.update()

    assert {one.number: one.objection for one in planned} == dict.fromkeys(
        (1, 2, 4), WRITTEN_UNKNOWN
    )
    assert all(f"-{one.title}, later" in one.lost for one in planned)
    assert all(one.consent and not one.gets_comment for one in planned)
    assert (first.updated, first.left) == ((), dict.fromkeys((1, 2, 4), WRITTEN_UNKNOWN))
    assert (second.updated, second.left) == ((), dict.fromkeys((1, 2, 4), WRITTEN_UNKNOWN))
    assert restored.titles() == titles


def test_what_only_a_restored_issue_says_is_named_before_it_is_overwritten_and_kept(
    restored: ExportWorld,
) -> None:
    """The plan and the results said only that this store does not know what wrote its text."""
    restored.export()
    restored.update()
    (planned,) = (one for one in restored.planned_update().updates if one.number == 2)
    details = [entry.detail for entry in restored.entries()]
    restored.update(update=UpdateChoice(overwrites=(restored.consent("t02"),)))
    with restored.process() as (tools, order):
        trail = tools.store.audit.entries(
            order.session_key, actions={AuditAction.WORDS_OVERWRITTEN}
        )

    line = f"{planned.title}, later"
    assert planned.only_in_issue == (line,)
    assert f"{WRITTEN_UNKNOWN}. Only the issue says “{line}”" in details
    assert [entry.details[LINES_TAKEN_OUT] for entry in trail] == [[line]]


def retitled(*ticket_ids: str, when: str) -> tuple[TicketDraft, ...]:
    """Return the session's drafts, some of them with other titles."""
    return tuple(
        replace(draft, title=f"{draft.title}, {when}") if draft.ticket_id in ticket_ids else draft
        for draft in DRAFTS
    )


def test_a_person_decides_about_what_a_restored_store_does_not_know(
    restored: ExportWorld,
) -> None:
    """To have it overwritten, or to give the ticket the words that the issue has."""
    restored.export()
    restored.change_tickets(retitled("t04", when="later"))
    report = restored.update(update=UpdateChoice(overwrites=(restored.consent("t01"),)))
    restored.change_tickets(retitled("t01", "t04", when="again"))
    after = restored.update()

    assert (report.updated, report.left) == ((1, 4), {2: WRITTEN_UNKNOWN})
    assert (after.updated, after.left) == ((1, 4), {2: WRITTEN_UNKNOWN})
    assert "Create content type 1, again" in restored.titles()


def test_what_a_restored_store_finds_as_its_tickets_say_is_updated_as_before(
    exported: ExportWorld,
) -> None:
    """Beside what people wrote there; it was compared with nothing, and never updated again."""
    exported.comment(exported.key_of("t03"))
    key = exported.key_of("t01")
    path = f"/rest/api/3/issue/{key}"
    document_there = json.loads(
        exported.rows("SELECT description FROM issue WHERE key = ?", key)[0]["description"]
    )
    document_there["content"].append(paragraph_of("Theirs."))
    assert exported.ask("PUT", path, {"fields": {"description": document_there}}) == 204
    restore_store(exported)
    exported.export()
    noted = [e for e in exported.entries() if e.event is LedgerEvent.RECEIPT and e.sent]
    exported.export()
    again = [e for e in exported.entries() if e.event is LedgerEvent.RECEIPT and e.sent]
    assert not exported.planned_update().updates
    exported.change_tickets()

    report = exported.update()

    assert (report.updated, report.left) == ((1, 2, 4), {})
    assert "Theirs." in exported.texts()[key]
    assert noted == again, "once"
    assert len(noted) == len(DRAFTS)


def test_what_our_account_changed_in_form_only_is_no_text_that_was_forgotten(
    changed: ExportWorld,
) -> None:
    """A ledger that knows what it wrote compares what Jira gave back."""
    changed.update()
    key, title = changed.key_of("t04"), LATER_DRAFTS[3].title
    panel = {"type": "panel", "attrs": {"panelType": "info"}, "content": [paragraph_of(title)]}
    written = {"type": "doc", "version": 1, "content": [panel]}
    path = f"/rest/api/3/issue/{key}"
    fields = {"fields": {"description": written}}
    assert changed.ask("PUT", path, fields, account=OWNER) == 204
    changed.change_tickets(later_drafts("again"))

    changed.forget_blocks()

    report = changed.update()

    assert report.left == {2: CHANGED_THERE, 4: CHANGED_THERE}


def paragraph_of(text: str) -> object:
    [paragraph] = list(document(text)["content"])  # type: ignore[call-overload] # a list
    return paragraph


@pytest.mark.parametrize("at", ["text", "traces", "end"])
def test_an_issue_that_our_account_edits_while_an_undo_judges_it_stays(
    changed: ExportWorld, at: str
) -> None:
    changed.update()
    number = changed.number_of("t04")
    asked = {"text": "expand=changelog", "traces": "issuelinks", "end": "issuelinks"}[at]

    def judged_and_edited(request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        if at == "end":  # after what was read of it
            changed.edit("t04", account=OWNER)
        response = site.handle_request(request)
        if at != "end":
            changed.edit("t04", account=OWNER)
        return response

    changed.answering = StrikeOnce(
        judged_and_edited,
        at=2 if at == "end" else 1,
        matches=lambda r: r.url.path.endswith(f"/issue/{number}") and asked in str(r.url.query),
    )
    report = changed.undo()

    assert 4 in {issue.number for issue in report.kept}
    assert changed.texts()[changed.key_of("t04")].endswith(BY_A_PERSON)


def test_an_old_file_that_jira_says_is_not_there_is_gone_once_its_issue_shows_none(
    changed: ExportWorld,
) -> None:
    changed.update(has_files=True)
    changed.change_tickets(later_drafts("again"))
    changed.answering = StrikeOnce(
        REFUSALS["404"], at=1, matches=lambda r: r.method == "DELETE" and "attachment" in r.url.path
    )

    plan = changed.planned_update(has_files=True)
    changed.update(has_files=True)

    assert (plan.attach, plan.detach, plan.is_idle) == (2, 2, False)
    assert plan.further == ("attach 2 files, delete 2 of our links and files that no ticket needs")
    assert len(changed.files_of()) == 2


def test_an_old_file_goes_though_a_link_of_its_issue_has_the_same_id(changed: ExportWorld) -> None:
    """It was deleted, taken for still there, and left to people."""
    changed.update(has_files=True)
    issue_id = changed.number_of("t04")
    chosen = "SELECT min(id) AS id FROM issue_link WHERE ? IN (inward_issue_id, outward_issue_id)"
    [[link_id]] = changed.rows(chosen, issue_id)
    [[file_id]] = changed.rows("SELECT id FROM attachment WHERE issue_id = ?", issue_id)
    changed.change("UPDATE issue_link SET id = ? WHERE id = ?", 90_000 + file_id, file_id)
    changed.change("UPDATE issue_link SET id = ? WHERE id = ?", file_id, link_id)
    changed.change_tickets(later_drafts("again"))

    changed.update(has_files=True)

    assert len(changed.files_of()) == 2
    assert FixType.ATTACHMENT_UPLOAD not in {fix.fix_type for fix in changed.fixes()}
