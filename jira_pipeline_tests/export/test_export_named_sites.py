"""Sites in another language, of teams, and behind the gateway: a first export needs no code."""

import base64
from dataclasses import replace
from typing import Any

import httpx
import pytest

from jira_pipeline.export.attachments import attach_files
from jira_pipeline.export.creation import create_issues
from jira_pipeline.export.jira_names import JiraNames, LinkKind
from jira_pipeline.export.links import link_issues, links_of
from jira_pipeline.model.actions import action_text
from jira_pipeline.model.errors import RefusedError
from jira_pipeline.model.manual_fixes import FixType
from jira_pipeline_tests.crash.by_hand import SITE_URL
from jira_pipeline_tests.crash.export_world import ExportWorld
from jira_pipeline_tests.export.test_export_places import epic_in, parents_of
from jira_pipeline_tests.export.whole_exports import refill, refusal, set_rules, where
from jira_pipeline_tests.jira.sandbox_faults.site_worlds import SCOPED_ACCOUNT, WORLDS

CLOUD_SITE = "https://sandbox.atlassian.net"
SCOPED = (SCOPED_ACCOUNT, "made-up-token")


def put_in_world(world: ExportWorld, name: str, **more: Any) -> None:
    """Let the site be as a site world changes it."""
    set_rules(world, **{**WORLDS[name].changed_rules, **more})


def issues_of(world: ExportWorld) -> list[tuple[str, str, str]]:
    """Title, issue type and priority of every issue that was created, as stored."""
    chosen = "SELECT summary, type_id, priority_id FROM issue ORDER BY id"
    return [tuple(row) for row in world.rows(chosen)]


def cloud_id_of_site(world: ExportWorld) -> str:
    [row] = world.rows("SELECT site_id FROM site")
    return str(row["site_id"])


def test_a_site_in_another_language_needs_no_setting(world: ExportWorld) -> None:
    refill(
        world, {number: {"priority": "Hoch" if number > 1 else "High"} for number in range(1, 6)}
    )
    put_in_world(world, "localised")

    world.export()

    assert world.violations() == []
    assert {kind for _title, kind, _priority in issues_of(world)} == {"10002"}
    by_title = {title: priority for title, _kind, priority in issues_of(world)}
    assert by_title["Create content type 2"] == "2"
    [fix] = world.fixes()
    assert (fix.ticket_id, fix.subject) == ("t01", "priority")
    assert "Hoch" in fix.recommended_action


def test_what_jira_calls_things_can_be_named(world: ExportWorld) -> None:
    """A site that neither says what it ships nor has words we know."""
    names = {**WORLDS["localised"].changed_rules["names"], "blocks": "stoppt", "relates to": "nah"}  # type: ignore[dict-item] # a mapping of names
    refill(world, {number: {"priority": "2"} for number in range(1, 6)})
    put_in_world(world, "localised", names=names, tells_untranslated_names=False)
    world.names = JiraNames(
        issue_type="Aufgabe",
        link_types={LinkKind.BLOCKS: "Blockiert", LinkKind.RELATES: "10003"},
    )

    world.export()

    assert world.violations() == []
    assert world.fixes() == ()


def test_a_site_that_leaves_the_issue_type_open_is_asked_nothing_more(world: ExportWorld) -> None:
    put_in_world(world, "localised", tells_untranslated_names=False)

    with (
        pytest.raises(RefusedError, match=r"Aufgabe \(10002\)") as caught,
        world.process() as (tools, order),
    ):
        create_issues(tools, replace(order, is_sandbox=False))

    assert "JIRA_ISSUE_TYPE" in action_text(caught.value.recovery_actions[0])
    assert issues_of(world) == []


def test_links_without_a_type_that_is_surely_meant_are_left_to_people(world: ExportWorld) -> None:
    names = {**WORLDS["localised"].changed_rules["names"], "blocks": "stoppt"}  # type: ignore[dict-item] # a mapping of names
    put_in_world(world, "localised", names=names)

    world.export()

    with world.process() as (_tools, order):
        blocking = [link for link in links_of(order.in_build_order) if link.kind.value == "Blocks"]
    fixes = [fix for fix in world.fixes() if fix.fix_type is FixType.DEPENDENCY_LINK]
    assert len(fixes) == len(blocking)
    assert all("JIRA_BLOCKS_LINK_TYPE" in fix.recommended_action for fix in fixes)


def test_a_project_of_a_team_takes_tasks_and_parents(world: ExportWorld) -> None:
    refill(world, {4: {"parent": epic_in(world)}})
    put_in_world(world, "team_managed")

    world.export()

    assert world.violations() == ["unknown issue SBX-1"]
    assert {fix.subject for fix in world.fixes()} == {"priority"}
    assert parents_of(world).keys() == {"Create content type 4"}


@pytest.mark.parametrize("begins_at", ["the site", "the gateway"])
def test_a_session_goes_on_through_the_other_address_and_creates_nothing_twice(
    world: ExportWorld, begins_at: str
) -> None:
    put_in_world(world, "scoped_token")
    gateway = f"https://api.atlassian.com/ex/jira/{cloud_id_of_site(world)}"
    at_the_site, through_it = (CLOUD_SITE, world.account), (gateway, SCOPED)
    first, second = (
        (at_the_site, through_it) if begins_at == "the site" else (through_it, at_the_site)
    )
    world.site_url, world.account = first
    world.die(ExportWorld.export, "before receipt of issue t03")

    world.site_url, world.account = second
    world.export()

    assert world.violations() == []
    [target] = world.targets()
    assert (target.site_id, target.base_url) == (cloud_id_of_site(world), SITE_URL)


def test_a_target_recorded_under_the_sites_address_is_the_same_through_the_gateway(
    world: ExportWorld,
) -> None:
    """As a store knows it that never was told the cloud id."""
    world.answering = where("/_edge/tenant_info", refusal(404))
    world.export()
    created = len(issues_of(world))

    world.answering = None
    world.site_url = f"https://api.atlassian.com/ex/jira/{cloud_id_of_site(world)}"
    world.export()

    assert len(issues_of(world)) == created
    with world.open_store() as store:
        assert [target.site_id for target in store.ledger.targets()] == [SITE_URL]


def test_a_token_without_the_scopes_for_sprints_leaves_them_to_people(world: ExportWorld) -> None:
    refill(world, {1: {"sprint": "SBX Sprint 1"}})
    put_in_world(
        world, "scoped_token", token_scopes=("read:jira-work", "write:jira-work", "read:jira-user")
    )
    world.site_url, world.account = CLOUD_SITE, SCOPED

    world.export()

    assert world.violations() == []
    [fix] = world.fixes()
    assert "scope does not match" in fix.recommended_action


def test_a_token_goes_to_the_site_and_to_the_gateway_alone(world: ExportWorld) -> None:
    put_in_world(world, "scoped_token")
    world.site_url, world.account = CLOUD_SITE, SCOPED
    received: set[tuple[str, bool]] = set()

    def note(request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        header = request.headers.get("Authorization", "")
        token = base64.b64decode(header.partition(" ")[2]).decode().partition(":")[2]
        received.add((request.url.host, token == SCOPED[1]))
        return site.handle_request(request)

    world.answering = note
    with world.process() as (tools, order):
        create_issues(tools, order)
        attach_files(tools, order)
        link_issues(tools, order)

    assert received == {
        ("sandbox.atlassian.net", True),
        ("sandbox.atlassian.net", False),
        ("api.atlassian.com", True),
    }
