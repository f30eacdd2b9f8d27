"""People's words and ours in one description, through the sandbox, whatever crashes when."""

import json
import random
from dataclasses import replace

import httpx
import pytest

from jira_pipeline.export.issue_texts import BLOCKS_PROPERTY, merged_text
from jira_pipeline.export.plan import plan_export
from jira_pipeline.export.text_writes import CHANGED_THERE, TOO_LONG
from jira_pipeline.export.updating import update_issues
from jira_pipeline.jira.client.client import JiraClient
from jira_pipeline.jira.sandbox_http import SandboxTransport
from jira_pipeline.model.manual_fixes import FixType
from jira_pipeline_tests.crash.by_hand import OWNER, SOMEBODY
from jira_pipeline_tests.crash.export_faults import is_creation, texts_read
from jira_pipeline_tests.crash.export_world import ExportWorld
from jira_pipeline_tests.crash.sessions import changes_of, entries_of, later_drafts
from jira_pipeline_tests.export.whole_exports import wherever_it_dies
from jira_pipeline_tests.jira.adf.edited_documents import (
    THEIRS,
    Doc,
    Person,
    paragraph,
    text,
    words,
)
from jira_pipeline_tests.jira.rules_of_sites import give_rules
from jira_pipeline_tests.jira.sandbox_faults import unkind_sites
from jira_pipeline_tests.jira.sandbox_faults.unkind_sites import UnkindRules, rewritten
from jira_pipeline_tests.long_form import IS_LONG

POINT_STEP = 1 if IS_LONG else 11


def somebody(world: ExportWorld, account: str = SOMEBODY) -> JiraClient:
    transport = SandboxTransport(world.sandbox)
    return JiraClient(world.site_url, auth=(account, "x"), transport=transport)


def description(world: ExportWorld, key: str) -> Doc:
    [[text]] = world.rows("SELECT description FROM issue WHERE key = ?", key)
    return json.loads(text) if text else {"content": []}


def call_it(jira: JiraClient, key: str, summary: str) -> None:
    """Give an issue another summary."""
    text = jira.issue_text(key)
    jira.write_text(key, summary=summary, description=text.description, properties={})


def a_person(seed: int) -> Person:
    return Person(random.Random(seed))  # noqa: S311 - edits, not secrets


def edit(world: ExportWorld, key: str, person: Person, times: int = 1) -> dict[str, object]:
    """Have somebody edit the description of an issue; return what it says then."""
    doc = {"type": "doc", "version": 1, **description(world, key)}
    for _ in range(times):
        person.edit(doc)
    jira = somebody(world)
    text = jira.issue_text(key)
    jira.write_text(key, summary=text.summary, description=doc, properties={})
    return description(world, key)


DEFINITION_OF_DONE = {
    "at its end": lambda content: [*content, paragraph("Definition of Done: reviewed.")],
    "at its beginning": lambda content: [paragraph("Definition of Done: reviewed."), *content],
    "in our paragraph": lambda content: [
        {**content[0], "content": [*content[0]["content"], text(" Definition of Done: reviewed.")]}
    ],
}
"""How a site adds text to an issue while it is created, which its history does not show."""


def with_post_function(world: ExportWorld, name: str) -> None:
    """Have the site add text to each issue that is created."""

    def created(request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        response = site.handle_request(request)
        if is_creation(request):
            body = response.read()
            key = json.loads(body)["key"]
            doc = description(world, key)
            doc["content"] = DEFINITION_OF_DONE[name](doc["content"])
            statement = "UPDATE issue SET description = ? WHERE key = ?"
            world.change(statement, json.dumps(doc), key)
            return httpx.Response(response.status_code, content=body)
        return response

    world.answering = created


@pytest.mark.parametrize("name", DEFINITION_OF_DONE)
@pytest.mark.parametrize("remembers", [True, False], ids=["remembered", "forgotten"])
def test_what_the_site_writes_at_the_creation_stays(
    world: ExportWorld, name: str, *, remembers: bool
) -> None:
    """Its history is empty, as if the text were still ours: the first update wrote over it."""
    with_post_function(world, name)
    world.export()
    if not remembers:
        world.forget_blocks()
    world.answering = None
    world.change_tickets(later_drafts("later"))

    planned = world.planned_update().updates
    report = world.update()

    assert all("Definition of Done: reviewed." in words for words in world.texts().values())
    if remembers:
        assert {one.kept_of_people for one in planned} <= {
            "1 part written by people kept",
            "1 part written by people kept; 1 new part of ours put below",
        }
        assert report.updated == (1, 2, 4)
        assert "later" in json.dumps(description(world, world.key_of("t01")))
    else:
        assert report.left == dict.fromkeys((1, 2, 4), CHANGED_THERE)


def test_an_untouched_issue_that_forgot_its_blocks_is_still_written(exported: ExportWorld) -> None:
    exported.forget_blocks()
    exported.change_tickets(later_drafts("later"))

    assert exported.update().updated == (1, 2, 4)


def test_looks_that_people_gave_our_text_stay(exported: ExportWorld) -> None:
    key = exported.key_of("t01")
    doc = description(exported, key)
    centered = [{"type": "alignment", "attrs": {"align": "center"}}]
    doc["content"][0]["marks"] = centered
    jira = somebody(exported)
    jira.write_text(key, summary=jira.issue_text(key).summary, description=doc, properties={})
    exported.change_tickets(later_drafts("later"))

    exported.update()

    [block] = description(exported, key)["content"]
    assert block["marks"] == centered
    assert block["content"][0]["text"] == "Create content type 1, later"


def test_both_live_on_through_many_rounds(exported: ExportWorld) -> None:
    give_rules(exported.sandbox, UnkindRules(rewrites_documents=True))
    person, key = a_person(7), exported.key_of("t01")
    for number in range(12):
        theirs = edit(exported, key, person, times=3)
        when = f"round {number}"
        exported.change_tickets(later_drafts(when))
        report = exported.update()
        assert {1, 2, 4} == set(report.updated), (report.updated, report.left)
        assert report.commented == ()
        now = description(exported, key)
        assert not words(theirs, THEIRS) - words(now, THEIRS), when
        assert when in json.dumps(now)


def test_what_jira_makes_of_our_text_is_not_peoples(
    exported: ExportWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shouting(document: dict[str, object], *, seed: int) -> dict[str, object]:
        words_of_document = json.dumps(document).replace("Create", "CREATE")
        return rewritten(json.loads(words_of_document), seed=seed)

    monkeypatch.setattr(unkind_sites, "rewritten", shouting)
    give_rules(exported.sandbox, UnkindRules(rewrites_documents=True))
    person, key = a_person(2), exported.key_of("t01")
    person.edit = person.insert  # type: ignore[method-assign]
    exported.change_tickets(later_drafts("later"))
    exported.update()
    edit(exported, key, person)
    exported.change_tickets(later_drafts("later still"))
    plan = exported.planned_update()
    assert [u.kept_of_people for u in plan.updates] == ["1 part written by people kept", "", ""]


def test_what_is_put_below_what_people_rewrote_is_named(exported: ExportWorld) -> None:
    key = exported.key_of("t01")
    jira = somebody(exported)
    text = jira.issue_text(key)
    theirs = json.loads(json.dumps(text.description).replace("Create", "Somebody creates"))
    assert theirs != text.description
    jira.write_text(key, summary=text.summary, description=theirs, properties={})
    exported.change_tickets(later_drafts("later"))
    exported.update()
    [fix] = [fix for fix in exported.fixes() if fix.fix_type is FixType.BOTH_TEXTS]
    assert (fix.jira_key, "“" in fix.recommended_action) == (key, True)


def test_who_writes_at_the_same_time_is_named(exported: ExportWorld) -> None:
    key, meanwhile = exported.key_of("t01"), ["Theirs"]

    def answering(request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        if request.method == "PUT" and meanwhile:
            call_it(somebody(exported), key, meanwhile.pop())
        return site.handle_request(request)

    exported.change_tickets(later_drafts("later"))
    exported.answering = answering
    exported.update()

    clashes = [fix for fix in exported.fixes() if fix.fix_type is FixType.EDITED_MEANWHILE]
    assert [fix.jira_key for fix in clashes] == [key]


@pytest.mark.parametrize("is_after_look", [True, False], ids=["after the look", "among ours"])
def test_who_writes_between_the_common_read_and_a_write_is_named(
    exported: ExportWorld, *, is_after_look: bool
) -> None:
    """Several texts are read together, so somebody may write before the last of them is sent."""
    key, meanwhile = exported.key_of("t04"), ["Theirs"]
    own_path = f"/issue/{exported.number_of('t04')}"

    def answering(request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        is_other_write = request.method == "PUT" and not request.url.path.endswith(own_path)
        response = site.handle_request(request)
        if meanwhile and (texts_read(request) if is_after_look else is_other_write):
            call_it(somebody(exported), key, meanwhile.pop())
        return response

    exported.change_tickets(later_drafts("later"))
    exported.answering = answering
    exported.update()

    clashes = [fix for fix in exported.fixes() if fix.fix_type is FixType.EDITED_MEANWHILE]
    assert [fix.jira_key for fix in clashes] == [key]


def test_an_update_without_an_answer_is_not_sent_again_before_the_horizon(
    exported: ExportWorld,
) -> None:
    sent_at: list[float] = []

    def answering(request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        if request.method != "PUT":
            return site.handle_request(request)
        sent_at.append(exported.time.monotonic())
        if len(sent_at) == 1:
            raise httpx.ReadTimeout("")
        return site.handle_request(request)

    exported.change_tickets(later_drafts("later"))
    exported.answering, exported.horizon_seconds = answering, 600.0

    assert set(exported.update().updated) == {1, 2, 4}
    first, *_, last = sent_at
    assert len(sent_at) == 4
    assert last - first >= exported.horizon_seconds


def test_people_may_name_the_issue(exported: ExportWorld) -> None:
    key = exported.key_of("t01")
    call_it(somebody(exported), key, "As we call it")
    for when in ("later", "later still"):
        exported.change_tickets(later_drafts(when))
        exported.update()
        assert "As we call it" in exported.keys_by_title()
        assert when in json.dumps(description(exported, key))


def test_a_text_that_would_be_too_long_is_left_as_its_plan_says(exported: ExportWorld) -> None:
    exported.change_tickets(later_drafts("later"))
    with exported.process() as (tools, order):
        changes = changes_of(order, entries_of(tools.store))
        tight = replace(order, body_max_bytes=10)
        plan = plan_export(tools, tight, changes=changes)
        report = update_issues(tools, tight, changes=lambda: changes)

    assert {one.number: one.objection for one in plan.updates} == dict.fromkeys((1, 2, 4), TOO_LONG)
    assert (report.updated, report.left) == ((), dict.fromkeys((1, 2, 4), TOO_LONG))
    assert report.commented == (1, 2, 4)


def test_an_undo_keeps_an_issue_with_words_of_people(exported: ExportWorld) -> None:
    person, key = a_person(3), exported.key_of("t01")
    person.edit = person.insert  # type: ignore[method-assign]
    edit(exported, key, person)
    exported.change_tickets(later_drafts("later"))
    exported.update()
    assert key in {one.key for one in exported.planned_undo().kept}


def test_wherever_an_update_dies_nothing_of_people_is_lost(
    exported: ExportWorld, tmp_path_factory: pytest.TempPathFactory
) -> None:
    person, key = a_person(5), exported.key_of("t01")
    theirs = edit(exported, key, person, times=4)
    exported.change_tickets(later_drafts("later"))
    for number, world in wherever_it_dies(
        exported, tmp_path_factory, ExportWorld.update, step=POINT_STEP, points_min=15
    ):
        more = edit(world, key, person)  # somebody types on before it is started again
        world.update()
        world.change_tickets(later_drafts("at last"))
        world.update()
        now = description(world, key)
        assert not words(theirs, THEIRS) & words(more, THEIRS) - words(now, THEIRS), number
        assert not words(more, THEIRS) - words(now, THEIRS), number
        assert "at last" in json.dumps(now)


def test_what_people_share_is_theirs_where_the_issue_forgets_which(exported: ExportWorld) -> None:
    """The owner of our token writes by hand; then another program takes our property away."""
    key = exported.key_of("t01")
    call_it(somebody(exported, OWNER), key, "As we call it")
    exported.change_tickets(later_drafts("later"))
    assert 1 in exported.update().updated
    exported.change("DELETE FROM issue_property WHERE key = ?", BLOCKS_PROPERTY)
    exported.change_tickets(later_drafts("later still"))

    assert exported.update().left == {1: CHANGED_THERE}
    assert "As we call it" in exported.keys_by_title()
    assert key in {one.key for one in exported.planned_undo().kept}


def test_a_description_that_people_emptied_stays_empty(exported: ExportWorld) -> None:
    key, jira = exported.key_of("t01"), somebody(exported)
    text = jira.issue_text(key)
    jira.write_text(key, summary=text.summary, description=None, properties={})
    with exported.process() as (_tools, order):
        [rendered] = [r for r in order.rendered if r.ticket.ticket_id == "t01"]
        found = merged_text(
            jira.issue_text(key, properties=(BLOCKS_PROPERTY,)),
            "Another title",
            rendered.document,
        )
    assert (found.summary, found.description) == (
        "Another title",
        {"type": "doc", "version": 1, "content": []},
    )
