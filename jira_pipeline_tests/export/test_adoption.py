"""Issues that people made are taken over once, whatever crashes when; their text stays theirs."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

import httpx
import pytest

from jira_pipeline.export.adoption import AdoptedTicket, adopt_issues
from jira_pipeline.export.adoption_proposals import Likeness, propose_adoption
from jira_pipeline.export.export_run import MARKER_PROPERTY
from jira_pipeline.export.issue_texts import BLOCKS_PROPERTY
from jira_pipeline.export.text_writes import WRITTEN_BEFORE
from jira_pipeline.model.differences import Decision
from jira_pipeline.model.errors import GateError, PipelineError
from jira_pipeline.model.ticket_decisions import Skipped
from jira_pipeline_tests.contracts.stored_values import START
from jira_pipeline_tests.crash.by_hand import OWNER, make_issue
from jira_pipeline_tests.crash.export_world import Crash, DiesAt, ExportWorld, Tripwire
from jira_pipeline_tests.crash.sessions import DRAFTS, SESSION_KEY, later_drafts
from jira_pipeline_tests.export.whole_exports import (
    planned,
    refill,
    restore_store,
    set_rules,
    wherever_it_dies,
)
from jira_pipeline_tests.long_form import IS_LONG

POINT_STEP = 1 if IS_LONG else 3
PAIRS = {1: "SBX-1", 3: "SBX-2", 5: "SBX-3"}
TYPED = "What somebody typed long before."


@pytest.fixture
def handmade(world: ExportWorld) -> ExportWorld:
    """A project with four issues that people made, three of them for tickets."""
    for title in ("Ticket one, as people call it", "Three", "Number five", "Fix the footer"):
        make_issue(world.sandbox, title, TYPED, account=OWNER, labels=["ours"])
    return world


def adopt(
    world: ExportWorld, pairs: Mapping[int, str] = PAIRS, wire: Tripwire | None = None
) -> list[str]:
    """Adopt in a process of its own; return what was refused, by number."""
    with world.process(wire) as (tools, order):
        return [t.refusal for t in adopt_issues(tools, order, pairs=pairs, by="ab")]


def state(world: ExportWorld) -> tuple[int, dict[str, str], dict[str, list[str]], set[str]]:
    """Return the count of issues, their identities and labels by key, and descriptions by hand."""
    issues = world.rows("SELECT id, key, description FROM issue")
    keys = {row["id"]: row["key"] for row in issues}
    chosen = "SELECT issue_id, value FROM issue_property WHERE key = ?"
    marks = {  # what was given back has none
        keys[row["issue_id"]]: json.loads(row["value"]).get("identity")
        for row in world.rows(chosen, MARKER_PROPERTY)
    }
    labels: dict[str, list[str]] = {}
    for row in world.rows("SELECT issue_id, label FROM issue_label ORDER BY label"):
        labels.setdefault(keys[row["issue_id"]], []).append(row["label"])
    typed = {row["key"] for row in issues if TYPED in (row["description"] or "")}
    return len(issues), marks, labels, typed


def assert_each_once(world: ExportWorld, *, issues: int) -> None:
    count, marks, labels, typed = state(world)
    assert count == issues
    assert len(marks) == len(set(marks.values())) == 5, marks
    assert typed == {"SBX-1", "SBX-2", "SBX-3", "SBX-4"}
    assert all("jp-site" in labels[key] for key in marks)
    assert "SBX-4" not in marks


def test_adopted_issues_are_not_created_and_keep_their_text(handmade: ExportWorld) -> None:
    assert adopt(handmade) == ["", "", ""]
    handmade.export()

    assert_each_once(handmade, issues=6)
    # of all five tickets, of the adopted ones too
    assert len(handmade.rows("SELECT id FROM issue_link")) == 5
    assert len(handmade.rows("SELECT id FROM attachment")) == 2


def test_wherever_it_dies_another_adoption_and_export_end_with_one_issue_each(
    handmade: ExportWorld, tmp_path_factory: pytest.TempPathFactory
) -> None:
    for turn in (0, 1) if IS_LONG else (0,):
        for number, world in wherever_it_dies(
            handmade,
            tmp_path_factory,
            lambda world, wire: adopt(world, wire=wire),
            step=POINT_STEP,
            points_min=20,
        ):
            if (number + turn) % 2 == 0:
                assert adopt(world) == ["", "", ""]
                world.export()
                assert_each_once(world, issues=6)
            else:  # what was decided before it died counts, the rest is created
                world.export()
                count, marks, _labels, typed = state(world)
                assert len(marks) == len(set(marks.values())) == 5
                assert len(typed) == 4
                assert count == 4 + 5 - len(marks.keys() & set(PAIRS.values()))


@pytest.mark.parametrize("moment", ["before", "after", "503 after", "dropped"])
def test_marks_whose_answers_are_lost_are_found_or_written_again(
    handmade: ExportWorld, moment: str
) -> None:
    strikes = [2]

    def answering(request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        if request.method != "PUT" or not strikes[0]:
            return site.handle_request(request)
        strikes[0] -= 1
        if moment == "before":
            raise httpx.ReadError("lost before")
        if moment == "dropped":
            return httpx.Response(204)
        site.handle_request(request)
        if moment == "after":
            raise httpx.ReadTimeout("lost after")
        return httpx.Response(503, text="sorry")

    handmade.answering = answering
    for _ in range(3):
        with suppress(PipelineError):  # an outage: people run it again
            adopt(handmade)
            break
    handmade.answering = None
    handmade.export()

    assert_each_once(handmade, issues=6)


def test_a_decision_is_known_before_its_mark_fails(handmade: ExportWorld) -> None:
    """The audit trail said nothing of an adoption whose marks Jira did not take."""
    decided: list[AdoptedTicket] = []

    with handmade.process(DiesAt("before PUT ")) as (tools, order), pytest.raises(Crash):
        adopt_issues(tools, order, pairs={1: "SBX-1"}, by="ab", on_decided=decided.extend)

    assert [(one.key, one.refusal) for one in decided] == [("SBX-1", "")]


def test_what_contradicts_is_refused(handmade: ExportWorld) -> None:
    assert adopt(handmade, {1: "SBX-1", 2: "SBX-1"}) == ["SBX-1 is named for 2 tickets"] * 2
    assert adopt(handmade, {1: "SBX-99", 77: "SBX-1"}) == [
        "Jira does not show SBX-99",
        "the session has no such ticket",
    ]
    mark_as_theirs(handmade, "SBX-3")
    theirs = "SBX-3 is the issue of another ticket, of session other"
    assert adopt(handmade, {1: "SBX-3"}) == [theirs]
    assert adopt(handmade, {1: "SBX-1"}) == [""]
    assert adopt(handmade, {2: "SBX-1"})[0].startswith("SBX-1 is the issue of another ticket")
    assert adopt(handmade, {1: "SBX-2"}) == ["it has an issue: SBX-1"]
    assert adopt(handmade, {1: "SBX-1"}) == [""]  # said twice
    handmade.change("DELETE FROM issue_property")  # people took its mark off
    assert adopt(handmade, {2: "SBX-1"}) == ["SBX-1 is the issue of another ticket"]
    handmade.export()
    assert adopt(handmade, {2: "SBX-2"})[0].startswith("it has an issue: SBX-")


def test_a_skipped_ticket_gets_no_issue(handmade: ExportWorld) -> None:
    with handmade.process() as (tools, _order):
        tools.store.tickets.exclude(SESSION_KEY, ["t01"], Skipped, reason="no", by="ab", at=START)
    assert adopt(handmade, {1: "SBX-1"}) == [
        "it is skipped, so nothing of it would reach the issue"
    ]


def test_an_epic_is_no_tickets_issue(handmade: ExportWorld) -> None:
    with handmade.process() as (tools, order):
        title = order.in_build_order[0].summary
    handmade.change("UPDATE issue SET summary = ?, type_id = '10000' WHERE key = 'SBX-1'", title)
    with handmade.process() as (tools, order):
        assert "SBX-1" not in {p.key for p in propose_adoption(tools, order, groups={}).pairs}
    assert adopt(handmade, {1: "SBX-1"})[0].startswith("SBX-1 is an epic")


def test_a_creation_in_doubt_is_settled_first(handmade: ExportWorld) -> None:
    handmade.die(ExportWorld.export, "after POST /rest/api/3/issue$")
    with handmade.process() as (_tools, order):
        first = order.in_build_order[0].ticket.number
    assert "settle that first" in adopt(handmade, {first: "SBX-1"})[0]


def test_an_undo_leaves_what_was_adopted(handmade: ExportWorld) -> None:
    adopt(handmade)
    handmade.export()

    assert {k.key: k.reasons for k in handmade.planned_undo().kept} == dict.fromkeys(
        PAIRS.values(), ("people made it, and it was adopted",)
    )
    handmade.undo()

    count, marks, _labels, typed = state(handmade)
    assert (count, set(marks), len(typed)) == (4, set(PAIRS.values()), 4)


def test_an_adopted_issue_that_was_deleted_is_named_and_not_created(handmade: ExportWorld) -> None:
    adopt(handmade)
    handmade.change("DELETE FROM issue WHERE key = 'SBX-2'")
    handmade.export()
    count, marks, _labels, _typed = state(handmade)
    assert (count, len(marks)) == (5, 4)


def test_a_site_that_drops_properties_makes_no_double(handmade: ExportWorld) -> None:
    set_rules(handmade, drops_properties=True)
    adopt(handmade)
    for _ in range(2):
        handmade.export()
        assert state(handmade)[0] == 6


def test_proposals_say_why(handmade: ExportWorld) -> None:
    with handmade.process() as (tools, order):
        title = order.rendered[3].ticket.title
        handmade.change("UPDATE issue SET summary = ? WHERE key = 'SBX-4'", title)
        found = propose_adoption(tools, order, groups={})
    assert found.scanned == 4
    sure = [p for p in found.pairs if p.likeness is Likeness.MATCH]
    assert [(p.number, p.key, p.reasons) for p in sure] == [(4, "SBX-4", ("the same name",))]


@pytest.mark.parametrize(
    ("summary", "likeness"),
    [
        ("Road Closure (content type)", Likeness.MATCH),
        ("Implement the new content types for a road closure", Likeness.MATCH),
        ("As a road worker, I want a content type Road Closure", Likeness.MATCH),
        ("As a road worker I need help with content type Road Closure", Likeness.SIMILAR),
        ("Content type: Road Closure - map broken in Firefox", Likeness.SIMILAR),
        ("Test the content type Road Closure", Likeness.SIMILAR),
        ("Content type Road Closure and view of closed roads", Likeness.SIMILAR),
        ("Remove content type: Road Closure", Likeness.SIMILAR),
    ],
)
def test_an_issue_that_says_more_than_its_thing_is_looked_at(
    handmade: ExportWorld, summary: str, likeness: Likeness
) -> None:
    """It names a thing of which it is a part, a defect or another work: only its title says so."""
    handmade.change("UPDATE issue SET summary = ? WHERE key = 'SBX-4'", summary)
    with handmade.process() as (tools, order):
        [first, *rest] = order.rendered
        title = "Configure content type: Road Closure"
        ticket = replace(first.ticket, revision=replace(first.ticket.revision, title=title))
        renamed = replace(order, rendered=(replace(first, ticket=ticket), *rest))
        found = propose_adoption(tools, renamed, groups={})

    assert [(p.key, p.likeness) for p in found.pairs] == [("SBX-4", likeness)]
    assert ("it also says" in found.pairs[0].reasons[-1]) == (likeness is Likeness.SIMILAR)


def test_a_plan_warns_of_issues_with_the_titles_of_tickets(handmade: ExportWorld) -> None:
    before = planned(handmade).warnings
    title = DRAFTS[3].title.upper()
    handmade.change("UPDATE issue SET summary = ? WHERE key = 'SBX-4'", title)
    [warning] = planned(handmade).warnings
    assert not before
    assert "SBX-4" in warning


def test_an_adopted_issue_is_given_back_and_the_next_export_creates_one(
    handmade: ExportWorld,
) -> None:
    adopt(handmade)
    handmade.export()
    report = handmade.decide(Decision.FORGET, names=["3"])
    assert [(t.key, t.refusal) for t in report.tickets] == [("SBX-2", "")]
    handmade.export()

    count, marks, labels, typed = state(handmade)
    assert (count, len(marks), len(typed)) == (7, 6, 4)
    assert marks.pop("SBX-2") is None
    assert labels["SBX-2"] == ["ours"]
    links = handmade.rows("SELECT inward_issue_id, outward_issue_id FROM issue_link")
    [[given_back]] = handmade.rows("SELECT id FROM issue WHERE key = 'SBX-2'")
    assert len(links) == 5  # those of the issue that took its place, none of its own
    assert all(given_back not in tuple(ends) for ends in links)


def test_an_adoption_that_a_restored_store_forgot_is_proposed_first(handmade: ExportWorld) -> None:
    adopt(handmade, {3: "SBX-2"})
    restore_store(handmade)
    with handmade.process() as (tools, order):
        found = propose_adoption(tools, order, groups={})

    assert found.matches == {3: "SBX-2"}
    with pytest.raises(GateError, match=r"SBX-2 .*adopt it again"):
        handmade.export()
    assert adopt(handmade, found.matches) == [""]
    handmade.export()
    assert "SBX-2" in {issue.key for issue in handmade.planned_undo().kept}


def test_a_plan_counts_no_issue_that_a_restored_store_forgot(world: ExportWorld) -> None:
    world.export()
    restore_store(world)
    plan = planned(world)
    assert (plan.create, plan.existing_count) == ((), 5)


def test_what_people_made_stays_in_their_sprint(handmade: ExportWorld) -> None:
    handmade.change("INSERT INTO issue_sprint SELECT issue.id, 1 FROM issue WHERE key = 'SBX-1'")
    refill(handmade, {1: {"sprint": "SBX Sprint 2"}})
    adopt(handmade)
    assert planned(handmade).place == 0
    handmade.export()
    assert [row[0] for row in handmade.rows("SELECT sprint_id FROM issue_sprint")] == [1]


def test_an_issue_of_another_project_is_not_adopted(handmade: ExportWorld) -> None:
    handmade.sandbox.ensure_project("OTHER")
    make_issue(handmade.sandbox, "Three", account=OWNER, project={"key": "OTHER"}, kind="10002")
    assert adopt(handmade, {3: "OTHER-1"}) == ["OTHER-1 is in another project"]


def test_an_issue_that_became_another_tickets_meanwhile_keeps_its_mark(
    handmade: ExportWorld,
) -> None:
    """Between the decision and its mark another installation may have marked it."""
    with suppress(Crash):
        adopt(handmade, {1: "SBX-1"}, DiesAt("before PUT "))
    mark_as_theirs(handmade, "SBX-1")
    handmade.export()
    assert state(handmade)[1]["SBX-1"] == "theirs"


def mark_as_theirs(world: ExportWorld, key: str) -> None:
    theirs = {"identity": "theirs", "installation": "other", "session": "other", "sequence": 1}
    world.change(
        "INSERT INTO issue_property SELECT id, ?, ? FROM issue WHERE key = ?",
        MARKER_PROPERTY,
        json.dumps(theirs),
        key,
    )


def test_an_adopted_text_whose_memory_was_dropped_stays_peoples(handmade: ExportWorld) -> None:
    adopt(handmade)
    handmade.export()
    handmade.change("DELETE FROM issue_property WHERE key = ?", BLOCKS_PROPERTY)
    handmade.change_tickets()
    left = handmade.update().left
    assert {left[number] for number in PAIRS if number in left} == {WRITTEN_BEFORE}


def test_what_people_made_stays_whichever_way_it_was_taken_again(handmade: ExportWorld) -> None:
    """The owner of our token cloned it, label and all; a restored store forgot that it was adopted."""
    make_issue(handmade.sandbox, "Three again", account=OWNER, labels=["jp-site"])
    adopt(handmade, {3: "SBX-5"})
    restore_store(handmade)
    report = handmade.decide(Decision.ADOPT)
    assert [(one.key, one.refusal) for one in report.tickets] == [("SBX-5", "")]
    handmade.export()
    assert "SBX-5" in {issue.key for issue in handmade.planned_undo().kept}


def test_an_issue_of_ours_is_not_given_back(world: ExportWorld) -> None:
    """Released and without its mark it would be created once more."""
    world.export()
    before = state(world)
    report = world.decide(Decision.FORGET, names=["3"])
    world.export()

    assert [bool(one.refusal) for one in report.tickets] == [True]
    assert state(world) == before


def test_an_issue_that_is_adopted_again_says_our_text_once(handmade: ExportWorld) -> None:
    said = []
    for when in ("later", "later still"):
        adopt(handmade, {1: "SBX-1"})
        handmade.export()
        handmade.change_tickets(later_drafts(when))
        handmade.update()
        [[text]] = handmade.rows("SELECT description FROM issue WHERE key = 'SBX-1'")
        said.append((text.count(TYPED), text.count("Create content type 1")))
        handmade.decide(Decision.FORGET, names=["1"])

    assert said == [(1, 1), (1, 1)]


def test_a_plan_knows_that_an_export_writes_the_marks_that_are_missing(
    handmade: ExportWorld,
) -> None:
    with suppress(Crash):  # the decision is made, and no mark sent
        adopt(handmade, wire=DiesAt("before PUT "))
    assert state(handmade)[1] == {}
    handmade.change_tickets()
    plan = handmade.planned_update()

    assert {one.number: one.objection for one in plan.updates} == {1: "", 3: "", 5: ""}
    assert PAIRS.keys() <= {*handmade.update().updated}
