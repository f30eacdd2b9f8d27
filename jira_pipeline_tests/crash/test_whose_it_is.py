"""What an export takes for its own: what accounts of its own made, whichever of them, and no more.

A token may be exchanged for another account's between two runs; people may have made what a ticket
asks for, or what carries our marker. Judged from the sandbox's own tables.
"""

import json
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from jira_pipeline.export.change_comments import mark_of
from jira_pipeline.model.differences import Decision
from jira_pipeline.model.errors import GateError, PipelineError
from jira_pipeline.model.exports import LedgerSubject
from jira_pipeline.model.manual_fixes import FixType
from jira_pipeline.model.rendered_tickets import hashed_file_name
from jira_pipeline.model.ticket_decisions import Skipped
from jira_pipeline_tests.contracts.stored_values import START
from jira_pipeline_tests.crash.by_hand import (
    BY_A_PERSON,
    EPIC,
    OWNER,
    SOMEBODY,
    ask_site,
    make_issue,
)
from jira_pipeline_tests.crash.export_faults import StrikeOnce
from jira_pipeline_tests.crash.export_world import ACCOUNT, ExportWorld
from jira_pipeline_tests.crash.sessions import DRAFTS, FULL_TEXT, SESSION_KEY, document
from jira_pipeline_tests.crash.site_view import BLOCKS, RELATES
from jira_pipeline_tests.crash.worlds import open_world
from jira_pipeline_tests.jira.sandbox_faults import site_acts
from jira_pipeline_tests.jira.sandbox_faults.faults import FaultPlan
from jira_pipeline_tests.jira.sandbox_faults.site_worlds import STILL_LINKS
from jira_pipeline_tests.tables import each

ANOTHER = ("grace@sandbox.example", "canary-token-9c1d")
"""The account whose token takes over."""
PERSONS_LINK = ("t04", "t01")
"""The first blocks the second, as the tickets ask."""
TURNED = PERSONS_LINK[::-1]


@each("point", ["after POST /rest/api/3/issue/[0-9]+/comment", "before receipt of comment"])
def test_a_comment_is_there_once_though_another_account_resumes_the_update(
    changed_folder: Path, tmp_path: Path, point: str
) -> None:
    with open_world(changed_folder, tmp_path / point.replace("/", " ")) as world:
        world.die(ExportWorld.update, point)
        world.account = ANOTHER

        world.update()

        assert len(world.comments()[world.key_of("t02")]) == 1


def test_words_of_our_comment_that_a_person_pasted_are_none_of_ours(changed: ExportWorld) -> None:
    """The update died before it sent its own; its last line is known to who saw another."""
    changed.die(ExportWorld.update, "before POST /rest/api/3/issue/[0-9]+/comment")
    [intended] = {e.identity for e in changed.entries() if e.subject is LedgerSubject.COMMENT}
    path = f"/rest/api/3/issue/{changed.number_of('t02')}/comment"
    assert changed.ask("POST", path, {"body": document(mark_of(intended))}) == 201

    changed.update()

    assert len(changed.comments()[changed.key_of("t02")]) == 2


def test_an_update_that_another_account_resumes_is_no_change_of_somebody(
    changed: ExportWorld,
) -> None:
    changed.die(ExportWorld.update, "after PUT")
    changed.account = ANOTHER

    report = changed.update()

    assert FixType.EDITED_MEANWHILE not in {fix.fix_type for fix in changed.fixes()}
    assert report.left.keys() == {2}


def test_what_two_accounts_of_ours_made_is_deleted_by_an_undo(changed: ExportWorld) -> None:
    changed.account = ANOTHER
    changed.update()
    changed.account = ACCOUNT

    changed.undo()

    assert changed.titles() == [DRAFTS[1].title]  # which a person edited


def cloned_by_a_person(world: ExportWorld, *, account: str = SOMEBODY) -> int:
    """Let a person clone the issue of a ticket with its properties, under words of their own."""
    words = json.dumps(document(BY_A_PERSON))
    issue_id = world.number_of("t04")
    return site_acts.clone_with_properties(
        world.sandbox, issue_id, account=account, summary="The copy", description=words
    )


def text_of(world: ExportWorld, issue_id: int) -> str:
    chosen = "SELECT summary, description FROM issue WHERE id = ?"
    return " ".join(": ".join(row) for row in world.rows(chosen, issue_id))


@pytest.mark.parametrize("account", [SOMEBODY, OWNER])
def test_a_persons_clone_of_an_issue_that_an_undo_deleted_is_nobodys_to_take(
    exported: ExportWorld, account: str
) -> None:
    """Nor where the person's token is ours."""
    clone = cloned_by_a_person(exported, account=account)
    as_written = text_of(exported, clone)
    exported.undo()
    exported.mark_ready()

    with suppress(PipelineError):
        exported.export()
    exported.change_tickets()
    with suppress(PipelineError):
        exported.update()
    updated = text_of(exported, clone)
    with suppress(PipelineError):
        exported.undo()

    assert updated == as_written
    assert text_of(exported, clone) == as_written


def test_an_issue_from_which_a_person_took_all_that_names_it_is_not_made_again(
    exported: ExportWorld,
) -> None:
    """It was read back with its marker once: an answer had named the right one."""
    issue_id = exported.number_of("t05")
    exported.change("DELETE FROM issue_property WHERE issue_id = ?", issue_id)
    exported.change("DELETE FROM issue_label WHERE issue_id = ?", issue_id)
    exported.change("UPDATE issue SET summary = 'Renamed' WHERE id = ?", issue_id)

    for _ in range(3):
        exported.export()

    assert len(exported.titles()) == len(DRAFTS)


def test_an_undo_finds_what_was_lost_of_a_ticket_that_was_skipped_since(
    world: ExportWorld,
) -> None:
    world.die(ExportWorld.export, "after POST /rest/api/3/issue$", nth=5)
    with world.open_store() as store:
        store.tickets.exclude(SESSION_KEY, ["t05"], Skipped, reason="later", by="ab", at=START)

    world.undo()

    assert world.titles() == []


def without_accounts(world: ExportWorld) -> None:
    """Have the ledger as an older version wrote it: no intent says who sent it."""
    with world.open_store() as store, store.database.writing() as connection:
        connection.exec_driver_sql("DROP TRIGGER ledger_refuses_update")
        connection.exec_driver_sql("UPDATE ledger SET account_id = NULL")


def test_what_an_older_version_made_is_ours_and_a_clone_of_it_is_not(
    exported: ExportWorld,
) -> None:
    """Who made it is read once, and counts for that issue alone."""
    cloned_by_a_person(exported)
    without_accounts(exported)

    exported.undo()
    exported.mark_ready()
    with pytest.raises(GateError, match="created by somebody else"):
        exported.export()

    assert exported.titles() == ["The copy"]


def test_who_made_an_issue_of_an_older_version_is_no_account_of_ours(
    exported: ExportWorld,
) -> None:
    without_accounts(exported)
    exported.account = ANOTHER

    report = exported.undo()

    assert report.removed == ()  # the other account may have worked with all of them
    with exported.open_store() as store:
        [target] = store.ledger.targets()
        assert store.ledger.accounts_of(target.target_id) == frozenset()
    makers = {e.account_id for e in exported.entries() if e.subject is LedgerSubject.ISSUE}
    assert len(makers - {None}) == 1


def test_a_copy_of_a_store_says_whose_issues_it_would_delete(exported: ExportWorld) -> None:
    """A world of these tests is a copy of the one that was exported."""
    with exported.open_store() as store:
        here = store.place

    warning = exported.planned_undo().warning

    assert f"{len(DRAFTS)} at " in warning
    assert f"it is at {here} now" in warning


def test_an_export_names_a_persons_clone_that_it_might_take_for_its_own(
    exported: ExportWorld,
) -> None:
    clone = cloned_by_a_person(exported)
    exported.undo()
    exported.mark_ready()
    [[key]] = exported.rows("SELECT key FROM issue WHERE id = ?", clone)

    with pytest.raises(PipelineError, match=key):
        exported.export()


def link_by_hand(
    world: ExportWorld, ends: tuple[str, str] = PERSONS_LINK, *, account: str = SOMEBODY
) -> int:
    """Let a person link the issues of two tickets, the first of which blocks; return the link's id."""
    inward, outward = (world.number_of(end) for end in ends)
    body = {
        "type": {"id": BLOCKS},
        "inwardIssue": {"id": str(inward)},
        "outwardIssue": {"id": str(outward)},
    }
    assert world.ask("POST", "/rest/api/3/issueLink", body, account=account) == 201
    return link_ids(world, ends)[0]


def link_ids(world: ExportWorld, ends: tuple[str, str]) -> list[int]:
    chosen = "SELECT id FROM issue_link WHERE inward_issue_id = ? AND outward_issue_id = ?"
    return [row["id"] for row in world.rows(chosen, *map(world.number_of, ends))]


def test_a_link_that_a_person_made_first_stays_when_no_ticket_asks_for_it_any_more(
    world: ExportWorld,
) -> None:
    """The export died between its issues and its links; or a person followed a manual fix."""
    world.die(ExportWorld.export, "before intent of link")
    link = link_by_hand(world)
    world.export()
    world.change_tickets()  # t01 depends on nothing any more

    world.update()

    assert link_ids(world, PERSONS_LINK) == [link]


def test_a_file_that_a_person_attached_first_stays_when_the_ticket_has_another(
    world: ExportWorld,
) -> None:
    world.die(ExportWorld.export, "before intent of attachment")
    name = hashed_file_name("full text.md", FULL_TEXT)
    path = f"/rest/api/3/issue/{world.key_of('t02')}/attachments"
    ask_site(world.sandbox, "POST", path, file=(name, FULL_TEXT.encode()))
    world.export()
    world.change_tickets()
    with world.process() as (_tools, order):
        rendered = [
            replace(r, attachment=("full text.md", "Another.\n"))
            if r.ticket.ticket_id == "t02"
            else r
            for r in order.rendered
        ]

    world.update(rendered=tuple(rendered))

    chosen = "SELECT filename FROM attachment WHERE issue_id = ? ORDER BY id"
    names = [row["filename"] for row in world.rows(chosen, world.number_of("t02"))]
    assert names == [name, hashed_file_name("full text.md", "Another.\n")]


@each("point", ["after POST /rest/api/3/issueLink", "before receipt of link"])
def test_our_link_goes_though_the_export_died_before_its_receipt_and_the_dependency_was_turned(
    ready_folder: Path, tmp_path: Path, point: str
) -> None:
    with open_world(ready_folder, tmp_path / point.replace("/", " ")) as world:
        world.die(ExportWorld.export, point)
        made = [pair for pair in (PERSONS_LINK, TURNED) if link_ids(world, pair)]

        turn_a_dependency(world)

        assert made == [PERSONS_LINK]
        assert (link_ids(world, PERSONS_LINK), len(link_ids(world, TURNED))) == ([], 1)


def turn_a_dependency(world: ExportWorld) -> None:
    """Have the other ticket of the two wait, and update."""
    dependencies = {"t01": (), "t04": ("t01",)}
    drafts = [
        replace(draft, depends_on=dependencies.get(draft.ticket_id, draft.depends_on))
        for draft in DRAFTS
    ]
    world.change_tickets(tuple(drafts))
    world.update()


def test_links_of_issues_that_a_person_took_back_are_ours_again(exported: ExportWorld) -> None:
    exported.undo_and_restore()
    exported.mark_ready()
    with pytest.raises(GateError):
        exported.export()
    exported.decide(Decision.ADOPT)
    exported.export()

    turn_a_dependency(exported)

    assert (link_ids(exported, PERSONS_LINK), len(link_ids(exported, TURNED))) == ([], 1)


def test_an_issue_that_a_person_links_while_an_undo_reads_it_stays(exported: ExportWorld) -> None:
    """Jira need not move the time of an issue for a link; the history of the issue was read already."""
    exported.sandbox.faults.set_plan(FaultPlan(worlds=(STILL_LINKS,)))
    make_issue(exported.sandbox, "Theirs")
    theirs = exported.keys_by_title()["Theirs"]
    key = exported.key_of("t02")
    path = f"/rest/api/3/issue/{exported.number_of('t02')}"

    def linked_after(request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        response = site.handle_request(request)
        ends = {"inwardIssue": {"key": key}, "outwardIssue": {"key": theirs}}
        link = {"type": {"id": RELATES}, **ends}
        assert exported.ask("POST", "/rest/api/3/issueLink", link) == 201
        return response

    exported.answering = StrikeOnce(
        linked_after, at=1, matches=lambda request: request.url.path == f"{path}/changelog"
    )
    exported.undo()

    assert DRAFTS[1].title in exported.titles()


BY_HAND: list[tuple[str, dict[str, object]]] = [
    ("POST /rest/agile/1.0/sprint/1/issue", {"issues": ["{issue}"]}),
    ("PUT /rest/api/3/issue/{issue}", {"fields": {"parent": {"key": "{epic}"}}}),
    (
        "POST /rest/api/3/issueLink",
        {
            "type": {"id": BLOCKS},
            "inwardIssue": {"key": "{issue}"},
            "outwardIssue": {"key": "{other}"},
        },
    ),
]
"""What the owner of the token does by hand, which no ticket asks for: method and path, body."""


@each("call, body", BY_HAND, ids=["a sprint", "a parent", "a link"])
def test_an_undo_keeps_what_the_owner_of_the_token_worked_with_by_hand(
    exported_folder: Path, tmp_path: Path, call: str, body: object
) -> None:
    """What we never wrote on an issue is no trace of ours, whoever's account it is."""
    with open_world(exported_folder, tmp_path / call.replace("/", " ")) as world:
        make_issue(world.sandbox, "Epic", kind=EPIC)
        words = {"{issue}": world.key_of("t04"), "{other}": world.key_of("t02")}
        words["{epic}"] = world.keys_by_title()["Epic"]
        sent = json.dumps([*call.split(), body])
        for word, value in words.items():
            sent = sent.replace(word, value)
        assert world.ask(*json.loads(sent), account=ACCOUNT[0]) < 300

        world.undo()

        assert DRAFTS[3].title in world.titles()
