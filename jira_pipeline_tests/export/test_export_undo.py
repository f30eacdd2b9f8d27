"""An undo stops when asked, says what it cannot know, and leaves what is not its own."""

import re

import httpx
import pytest

from jira_pipeline.export.undo import NOT_AGREED
from jira_pipeline.model.errors import (
    AccessError,
    CancelledError,
    GateError,
    InDoubtError,
    UnavailableError,
)
from jira_pipeline.model.manual_fixes import FixState, FixType
from jira_pipeline_tests.contracts.stored_values import START
from jira_pipeline_tests.crash.export_faults import StrikeOnce, is_deletion
from jira_pipeline_tests.crash.export_world import ExportWorld
from jira_pipeline_tests.crash.sessions import ATTACHED, DRAFTS, SESSION_KEY
from jira_pipeline_tests.export.whole_exports import refusal, set_rules, where
from jira_pipeline_tests.jira.rules_of_sites import AttachmentRules, ProjectRules


def is_look(request: httpx.Request) -> bool:
    is_one = re.fullmatch("/rest/api/3/issue/[0-9]+", request.url.path) is not None
    return request.method == "GET" and is_one


def test_a_cancelled_undo_stops_before_the_next_issue_and_is_carried_on(
    exported: ExportWorld,
) -> None:
    with exported.open_store() as store:
        store.run_requests.add_retry(SESSION_KEY, by="ab", at=START, is_forced=False)
    strike = StrikeOnce(lambda request, site: site.handle_request(request), matches=is_deletion)
    exported.answering, exported.is_cancelled = strike, lambda: strike.seen >= 2

    with pytest.raises(CancelledError, match="deletions are recorded"):
        exported.undo()
    left = len(exported.titles())
    with exported.open_store() as store:
        retries = [store.run_requests.retry_count(SESSION_KEY)]
    exported.is_cancelled = lambda: False
    exported.undo()
    with exported.open_store() as store:
        retries.append(store.run_requests.retry_count(SESSION_KEY))

    assert retries == [1, 0]
    assert left == len(DRAFTS) - 2
    assert exported.violations_of_undo() == []


def test_deletions_that_are_never_answered_are_named_and_finished_later(
    exported: ExportWorld,
) -> None:
    issue_id, key = exported.rows("SELECT id, key FROM issue ORDER BY id")[0]
    exported.answering = where(
        lambda request: is_deletion(request) and request.url.path.endswith(str(issue_id)),
        httpx.Response(503),
    )

    with pytest.raises(InDoubtError, match=f"not yet known whether {key} is deleted"):
        exported.undo()
    left = len(exported.titles())
    exported.answering = None
    exported.undo()

    assert left == 1
    assert exported.violations_of_undo() == []


def test_what_was_left_to_do_is_obsolete_with_its_issue_and_an_orphan_is_not(
    world: ExportWorld,
) -> None:
    set_rules(world, attachments=AttachmentRules(is_enabled=False))
    world.export()
    kept = DRAFTS[1].title
    world.comment(world.keys_by_title()[kept])

    world.undo()

    fixes = world.fixes()
    assert {fix.fix_type for fix in fixes} == {FixType.ATTACHMENT_UPLOAD}
    assert {fix.ticket_id: fix.state for fix in fixes} == {
        ATTACHED[0]: FixState.OPEN,
        ATTACHED[1]: FixState.OBSOLETE,
    }
    assert world.violations_of_undo(commented=[kept]) == []


def test_a_link_that_somebody_made_with_our_account_is_not_taken_for_one_that_was_refused(
    world: ExportWorld,
) -> None:
    """Undone unsaid: the ledger knew of a link between the two that an export had wanted."""
    world.answering = where("/issueLink", refusal(404))
    world.export()
    world.answering = None
    ids = {row["summary"]: str(row["id"]) for row in world.rows("SELECT * FROM issue")}
    with world.process() as (tools, _):
        tools.tracker.create_link(
            link_type_id="10003",
            inward_issue_id=ids[DRAFTS[2].title],
            outward_issue_id=ids[DRAFTS[0].title],
        )

    world.undo()

    assert {DRAFTS[0].title, DRAFTS[2].title} <= set(world.titles())


ANOTHER = httpx.Response(200, json={"accountId": "somebody-else"})


@pytest.mark.parametrize(
    ("whoami", "error"),
    [(ANOTHER, UnavailableError), (refusal(401), AccessError)],
    ids=["another account", "signed out"],
)
def test_issues_hidden_because_jira_knows_us_no_more_are_not_taken_for_gone(
    exported: ExportWorld, whoami: httpx.Response, error: type[Exception]
) -> None:
    looks: list[str] = []

    def forgetful(request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        if is_look(request):
            looks.append(request.url.path)
            return refusal(404)
        if looks and request.url.path.endswith("/myself"):
            return whoami
        return site.handle_request(request)

    exported.answering = forgetful

    with pytest.raises(error):
        exported.undo()

    assert len(exported.titles()) == len(DRAFTS)
    assert len(looks) == 1


def test_an_undo_needs_the_permission_to_delete(exported: ExportWorld) -> None:
    withheld = ProjectRules(withheld_permissions={"*": ("DELETE_ISSUES",)})
    set_rules(exported, projects={"SBX": withheld})

    with pytest.raises(AccessError, match="it lacks DELETE_ISSUES"):
        exported.undo()

    assert len(exported.titles()) == len(DRAFTS)


def test_an_issue_that_jira_hides_or_that_lost_its_identity_stays(exported: ExportWorld) -> None:
    """Nobody was about to delete the hidden one: it is not taken for gone."""
    keys = exported.keys_by_title()
    hidden, renamed = sorted(keys.values())[:2]
    path = f"/rest/api/3/issue/{renamed}/properties/jira_pipeline"
    assert exported.ask("PUT", path, {"another": "tool"}) == 200
    [[number]] = exported.rows("SELECT id FROM issue WHERE key = ?", hidden)

    exported.answering = where(f"/issue/{number}", refusal(404))
    report = exported.undo()

    assert {issue.key: issue.reasons for issue in report.kept} == {
        hidden: ("Jira does not show it: it was deleted or is hidden",),
        renamed: ("it does not carry the identity it was given",),
    }
    assert set(exported.keys_by_title().values()) == {hidden, renamed}


def test_an_undo_of_agreed_issues_that_broke_off_is_carried_on_with_those_alone(
    exported: ExportWorld,
) -> None:
    """What kept an issue out of the plan may be gone when the undo is carried on."""
    issue_ids = [str(issue_id) for (issue_id,) in exported.rows("SELECT id FROM issue ORDER BY id")]
    agreed = frozenset(issue_ids[1:])

    with pytest.raises(GateError, match="would not delete the issues that were agreed to"):
        exported.undo(agreed_issue_ids=agreed)
    begin_undo(exported)
    report = exported.undo(agreed_issue_ids=agreed)

    assert [issue.reasons for issue in report.kept] == [(NOT_AGREED,)]
    assert [str(issue_id) for (issue_id,) in exported.rows("SELECT id FROM issue")] == issue_ids[:1]


def begin_undo(exported: ExportWorld) -> None:
    """Have an undo begin and break off before it deletes anything."""
    exported.is_cancelled = lambda: True
    with pytest.raises(CancelledError):
        exported.undo()
    exported.is_cancelled = lambda: False
