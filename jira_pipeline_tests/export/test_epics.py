"""Epics above tickets: each once, whatever crashes when; people's epics and parents stay theirs."""

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.export.epics import epics_of
from jira_pipeline.export.export_run import MARKER_PROPERTY
from jira_pipeline.export.undo import CHILDREN_UNSURE
from jira_pipeline.model.differences import Decision
from jira_pipeline.model.errors import ManifestError, RefusedError
from jira_pipeline.model.sessions import EpicsBy, SessionManifest
from jira_pipeline.sheets.manifest import parse_manifest
from jira_pipeline_tests import projects
from jira_pipeline_tests.crash.by_hand import OWNER, SOMEBODY, make_issue
from jira_pipeline_tests.crash.epics_world import TITLE, epics_in
from jira_pipeline_tests.crash.export_faults import REFUSALS, StrikeOnce, is_deletion, is_search
from jira_pipeline_tests.crash.export_world import Answering, Crash, DiesAt, ExportWorld, Tripwire
from jira_pipeline_tests.export.small_site import failing
from jira_pipeline_tests.export.whole_exports import (
    planned,
    restore_store,
    set_rules,
    wherever_it_dies,
)
from jira_pipeline_tests.jira.journals import journal_of
from jira_pipeline_tests.jira.rules_of_sites import ProjectRules
from jira_pipeline_tests.long_form import IS_LONG
from jira_pipeline_tests.sheets.made_specifications import bundle, put_into, view
from jira_pipeline_tests.tables import each

EPIC = "10000"
POINT_STEP = 1 if IS_LONG else 35


def wants(
    world: ExportWorld, *, named: Mapping[int, str] | None = None, **manifest: Any
) -> ExportWorld:
    """Let the session of a world want epics, by display group where nothing else is said."""
    wanted = SessionManifest(**{"site_name": "Site", "epics": EpicsBy.GROUP, **manifest})
    world.find_epics = partial(epics_in, manifest=wanted, named=named or {})
    return world


def keys_there(world: ExportWorld) -> dict[str, str | None]:
    """Return the title above each issue, by its own title; titles and identities are there once."""
    issues = {row["id"]: row for row in world.rows("SELECT * FROM issue")}
    marked = "SELECT value FROM issue_property WHERE key = ?"
    marks = [json.loads(v)["identity"] for [v] in world.rows(marked, MARKER_PROPERTY)]
    assert len(marks) == len(set(marks))
    assert len({row["summary"] for row in issues.values()}) == len(issues)
    return {
        row["summary"]: issues[row["parent_id"]]["summary"] if row["parent_id"] else None
        for row in issues.values()
    }


def assert_whole(world: ExportWorld, *, epic: str = TITLE, tickets: int = 5) -> None:
    there = keys_there(world)
    assert there.pop(epic) is None
    assert (len(there), {*there.values()}) == (tickets, {epic})


def test_an_epic_comes_first_and_its_tickets_are_below_it(world: ExportWorld) -> None:
    wants(world)
    assert (planned(world).epics, planned(world).creations) == ((TITLE,), "1 epic and 5 issues")
    world.export()
    assert_whole(world)
    assert not planned(world).is_adding
    world.export()
    assert_whole(world)


def test_issues_of_before_go_below_an_epic_but_not_those_that_people_placed(
    exported: ExportWorld,
) -> None:
    make_issue(exported.sandbox, "Theirs", kind=EPIC, account=OWNER)
    theirs = {"fields": {"parent": {"key": "SBX-6"}}}
    path = f"/rest/api/3/issue/{exported.key_of('t02')}"
    assert exported.ask("PUT", path, theirs, account=SOMEBODY) == 204
    wants(exported).export()
    there = keys_there(exported)
    assert sorted(filter(None, there.values())) == [TITLE] * 4 + ["Theirs"]
    exported.change("UPDATE issue SET parent_id = NULL WHERE key = ?", exported.key_of("t02"))
    exported.change("DELETE FROM issue WHERE key = 'SBX-6'")
    exported.undo()
    assert len(keys_there(exported)) == 1, "t02, which somebody placed"


def test_a_lost_epic_is_looked_for_beside_its_tickets(world: ExportWorld) -> None:
    with pytest.raises(Crash):
        wants(world).export(DiesAt("before POST .*/issue$"))
    world.export()
    assert_whole(world)


@pytest.mark.parametrize("off", [(), ("parent",)])
@pytest.mark.parametrize("batch_size", [1, 3])
def test_wherever_it_dies_each_epic_is_there_once(
    world: ExportWorld,
    tmp_path_factory: pytest.TempPathFactory,
    off: tuple[str, ...],
    batch_size: int,
) -> None:
    set_rules(world, projects={"SBX": ProjectRules(off_create_screen=off)})

    def export(copy: ExportWorld, wire: Tripwire) -> None:
        wants(copy).batch_size = batch_size
        copy.export(wire)

    for _, copy in wherever_it_dies(
        world, tmp_path_factory, export, step=POINT_STEP, points_min=40
    ):
        copy.export()
        assert_whole(copy)


def test_an_epic_that_people_named_is_used(world: ExportWorld) -> None:
    make_issue(world.sandbox, "What we call it", kind=EPIC, account=OWNER)
    wants(world, epic_keys={"content": "SBX-1"})
    assert not planned(world).epics
    world.export()
    assert_whole(world, epic="What we call it")


def test_a_name_in_the_sheets_goes_first(world: ExportWorld) -> None:
    make_issue(world.sandbox, "Theirs", kind=EPIC, account=OWNER)
    wants(world, named={2: "Press room", 3: "SBX-1"}).batch_size = 3
    world.export()
    assert "PUT" not in {entry.method for entry in journal_of(world.sandbox)}, (
        "no ticket goes first"
    )
    there = keys_there(world)
    assert sorted(filter(None, there.values())) == [TITLE] * 3 + ["Site: Press room", "Theirs"]


@pytest.mark.parametrize(
    ("manifest", "sentence"),
    [
        ({}, "SBX-1 “SITE: content”"),
        ({"epic_keys": {"Meida": "SBX-1"}}, "epic_keys names what no ticket goes below: Meida"),
        (
            {"epics": EpicsBy.KIND, "epic_keys": {"Content": "SBX-1"}},
            "no ticket goes below: Content",
        ),
        (
            {"epic_keys": {"*": "SBX-9"}},
            "SBX-9 is not there, was moved, or this account may not see it",
        ),
        ({"epic_keys": {"*": "SBX-2"}}, "SBX-2 is no epic"),
        ({"epic_keys": {"*": "ABC-2"}}, "ABC-2 is of another project"),
    ],
)
def test_what_would_go_wrong_is_said_before_anything_is_created(
    world: ExportWorld, manifest: dict[str, Any], sentence: str
) -> None:
    make_issue(world.sandbox, "SITE: content", kind=EPIC, account=OWNER)
    make_issue(world.sandbox, "A task", account=OWNER)
    wants(world, **manifest)
    blocked = planned(world).blocked
    assert isinstance(blocked, RefusedError)
    assert sentence in blocked.message
    with pytest.raises(RefusedError):
        world.export()
    assert len(keys_there(world)) == 2


def test_a_project_without_epics_is_refused(world: ExportWorld) -> None:
    set_rules(world, projects={"SBX": ProjectRules(issue_types=("Task", "Story"))})
    with pytest.raises(RefusedError, match="Epics cannot be created"):
        wants(world).export()
    assert not keys_there(world)


def test_a_team_managed_project_has_its_own_epics(world: ExportWorld) -> None:
    set_rules(world, are_projects_team_managed=True)
    wants(world).export()
    assert_whole(world)


def test_tickets_are_not_divided_otherwise_after_an_export(world: ExportWorld) -> None:
    wants(world).export()
    wants(world, epics=EpicsBy.KIND)
    with pytest.raises(RefusedError, match=r"SBX-1.*“Site: Content type” would be created beside"):
        world.export()
    wants(world, epics=EpicsBy.NONE).export()
    assert_whole(world)


def test_a_plan_counts_no_epic_that_a_restored_store_forgot(world: ExportWorld) -> None:
    wants(world).export()
    restore_store(world)
    assert (planned(world).epics, planned(world).create) == ((), ())


def test_an_epic_is_not_created_again_under_another_name(world: ExportWorld) -> None:
    wants(world, named={2: "Press room", 3: "press  ROOM"}).export()
    assert "Site: Press room" in keys_there(world)
    wants(world, named={2: "Newsroom", 3: "Newsroom"})
    with pytest.raises(RefusedError, match="“Site: Newsroom” would be created beside"):
        world.export()


def test_an_epic_that_is_gone_is_created_again_only_by_a_decision(world: ExportWorld) -> None:
    wants(world).export()
    world.change("UPDATE issue SET parent_id = NULL")
    world.change("DELETE FROM issue WHERE key = ?", "SBX-1")
    assert any(TITLE in warning for warning in planned(world).warnings)
    world.export()
    assert TITLE not in keys_there(world)
    forgotten = world.decide(Decision.FORGET, names=["SBX-1"])
    assert "epic_keys: {Content: KEY}" in forgotten.tickets[0].refusal
    assert not world.decide(Decision.CREATE_AGAIN, names=["SBX-1"]).tickets[0].refusal
    world.export()
    assert_whole(world)


def test_an_undo_takes_epics_last_but_none_that_has_issues_of_people(world: ExportWorld) -> None:
    wants(world).export()
    make_issue(world.sandbox, "A task of people", account=OWNER)
    below = {"fields": {"parent": {"key": "SBX-1"}}}
    assert world.ask("PUT", "/rest/api/3/issue/SBX-7", below, account=SOMEBODY) == 204
    [kept] = world.planned_undo().kept
    assert kept.reasons == ("it has issues below it: SBX-7",)
    world.undo()
    assert keys_there(world) == {TITLE: None, "A task of people": TITLE}
    world.change("DELETE FROM issue WHERE key = ?", "SBX-7")
    world.undo()
    assert not keys_there(world)


def index_without(*keys: str) -> Answering:
    """Have the search index not know yet that these issues are below anything."""

    def answer(request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        response = site.handle_request(request)
        if not is_search(request):
            return response
        body = json.loads(response.read())
        body["issues"] = [issue for issue in body["issues"] if issue.get("key") not in keys]
        return httpx.Response(response.status_code, json=body)

    return answer


@pytest.mark.parametrize("account", [SOMEBODY, OWNER])
def test_an_undo_keeps_an_epic_above_an_issue_that_the_index_does_not_know_yet(
    world: ExportWorld, account: str
) -> None:
    """The index was the only look, and the child lost its parent."""
    make_issue(world.sandbox, "An older task", account=account)
    wants(world).export()
    epic = world.keys_by_title()[TITLE]
    make_issue(world.sandbox, "A new task", account=account, parent={"key": epic})
    below = {"fields": {"parent": {"key": epic}}}
    assert world.ask("PUT", "/rest/api/3/issue/SBX-1", below, account=account) == 204
    world.answering = index_without("SBX-1", "SBX-8")

    [planned_kept] = world.planned_undo().kept
    report = world.undo()

    assert planned_kept.reasons == ("it has issues below it: SBX-1, SBX-8",)
    assert [kept.reasons for kept in report.kept] == [planned_kept.reasons]
    assert keys_there(world) == {TITLE: None, "A new task": TITLE, "An older task": TITLE}


def test_an_undo_keeps_an_epic_while_jira_does_not_show_what_is_below(world: ExportWorld) -> None:
    wants(world).export()
    world.answering = failing({"SBX-4"}, times=99)
    [kept] = [one for one in world.planned_undo().kept if one.key == "SBX-1"]
    world.answering = None
    world.undo()

    assert kept.reasons == (CHILDREN_UNSURE,)
    assert not keys_there(world)


def test_all_issues_below_an_epic_are_counted(world: ExportWorld) -> None:
    wants(world).export()
    for number in range(201):
        make_issue(world.sandbox, f"Theirs {number}", parent={"key": "SBX-1"})

    [kept] = world.planned_undo().kept

    assert kept.reasons == ("it has issues below it: SBX-7, SBX-8, SBX-9 and 198 more",)


def test_an_epic_stays_with_an_issue_that_jira_does_not_delete(world: ExportWorld) -> None:
    wants(world).export()
    world.answering = StrikeOnce(REFUSALS["403"], at=1, matches=is_deletion)
    report = world.undo()
    assert [issue.key for issue in report.kept][-1] == "SBX-1"
    assert len(keys_there(world)) == 2


def test_wherever_an_undo_dies_another_one_takes_the_rest(
    world: ExportWorld, tmp_path_factory: pytest.TempPathFactory
) -> None:
    wants(world).export()
    for _, copy in wherever_it_dies(
        world,
        tmp_path_factory,
        lambda copy, wire: wants(copy).undo(wire),
        step=POINT_STEP,
        points_min=40,
    ):
        copy.undo()
        assert not keys_there(copy)


def test_what_tickets_are_divided_by_is_in_their_rows(pipeline: Pipeline, tmp_path: Path) -> None:
    sheets = {
        "bundles": [{**bundle("News", "news"), "Epic": "Press"}, bundle("Event", "event")],
        "views": [{**view("Latest", "latest"), "Epic": "Press"}, view("Old", "old")],
    }
    folder = put_into(tmp_path / "sheets", sheets)
    (folder / "session.yaml").write_text("site_name: Quay\nepics: kind\n")
    session = projects.written(pipeline, folder)
    epics = epics_of(session.stored, session.tickets, session.groups)
    titles = {t.ticket_id: t.title for t in session.tickets}
    assert {e.rendered.summary: sorted(titles[i] for i in e.below) for e in epics.wanted} == {
        "Quay: Press": ["Configure view: Latest", "Create 2 content types"],
        "Quay: View": ["Configure view: Old"],
    }
    placed = [replace(ticket, parent="ABC-1") for ticket in session.tickets]
    assert not epics_of(session.stored, placed, session.groups).wanted
    assert "Press" not in "".join(t.analysis for t in session.tickets)


@each("text", ["epics: groups", "epic_keys: {Content: abc}", "epics: [group]"])
def test_session_yaml_takes_no_other_epics(text: str) -> None:
    with pytest.raises(ManifestError, match="epic"):
        parse_manifest(text.encode(), file_name="session.yaml")
