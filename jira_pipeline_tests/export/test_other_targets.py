"""What was sent to one target says nothing about another: a session begins there only when asked."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

import pytest

from jira_pipeline.export.creation import create_issues
from jira_pipeline.export.settle import settle_session
from jira_pipeline.model.errors import GateError, GateRule, OrphanIssueError
from jira_pipeline.model.exports import Destination
from jira_pipeline.model.sessions import AsNew, Beside
from jira_pipeline.model.ticket_decisions import Skipped
from jira_pipeline_tests.contracts.open_stores import open_in
from jira_pipeline_tests.contracts.stored_values import START
from jira_pipeline_tests.crash.export_world import Crash, DiesAt, ExportWorld
from jira_pipeline_tests.crash.other_sites import copy_site
from jira_pipeline_tests.crash.sessions import DRAFTS, SESSION_KEY
from jira_pipeline_tests.export.whole_exports import planned
from jira_pipeline_tests.jira.rules_of_sites import give_rules, rules_of
from jira_pipeline_tests.jira.sandbox_faults.faulty_sandbox import FaultySandbox

OTHER_URL = "https://other.example"
CREATION = "after POST /rest/api/3/issue$"


@contextmanager
def on_another_site(world: ExportWorld, *, is_copy: bool = False) -> Iterator[ExportWorld]:
    """The same session, with the settings naming another site; a copy of the first, or a new one."""
    path = world.folder / "other.sqlite"
    if is_copy:
        copy_site(world.sandbox, path)
    with FaultySandbox(path, clock=world.sandbox.now) as sandbox:
        sandbox.set_base_url(OTHER_URL)
        yield replace(world, sandbox=sandbox, site_url=OTHER_URL, is_sandbox=False)


@pytest.fixture
def other(world: ExportWorld) -> Iterator[ExportWorld]:
    with on_another_site(world) as opened:
        yield opened


def create_as_new(world: ExportWorld) -> None:
    """Create the issues, as somebody said who knows that there are some elsewhere."""
    with world.process() as (tools, order):
        create_issues(tools, replace(order, as_new_by="ab"))


def issue_count(world: ExportWorld) -> int:
    return len(world.titles())


def answers(world: ExportWorld) -> list[Beside]:
    with world.open_store() as store:
        return [answer.beside for answer in store.sessions.get(SESSION_KEY).as_new]


@pytest.mark.parametrize("point", ["before POST /rest/api/3/issue$", CREATION])
def test_a_broken_export_begins_on_no_other_site_unasked(
    world: ExportWorld, other: ExportWorld, point: str
) -> None:
    """`resume` created everything on the site that the settings named meanwhile."""
    world.die(ExportWorld.export, point, nth=2)

    with pytest.raises(GateError, match="never been exported to") as caught:
        other.export()

    assert caught.value.rule is GateRule.NEW_TARGET
    assert (issue_count(world) > 0, issue_count(other)) == (True, 0)
    with suppress(GateError):
        world.export()
    assert world.violations() == []


def test_whoever_wants_it_all_the_same_is_remembered_and_not_asked_again(
    world: ExportWorld, other: ExportWorld
) -> None:
    world.export()

    create_as_new(other)
    other.export()

    assert other.violations() == world.violations() == []
    assert answers(other) == [Beside.TARGET]


def test_the_answer_is_about_that_target(world: ExportWorld, other: ExportWorld) -> None:
    world.export()
    with world.open_store() as store:
        answer = AsNew(target_id="elsewhere/1", session_key=SESSION_KEY, beside=Beside.TARGET)
        store.sessions.answer_as_new(SESSION_KEY, [answer], by="ab", at=START)

    with pytest.raises(GateError):
        other.export()


def test_a_plan_says_where_the_issues_are_and_asks(world: ExportWorld, other: ExportWorld) -> None:
    world.die(ExportWorld.export, CREATION, nth=3)

    plan = planned(other)

    assert plan.new_target is not None
    assert plan.new_target.summary == (
        "it has never been exported to https://other.example, project SBX and has issues elsewhere "
        "(sandbox, project SBX: 2 of 5, 1 unconfirmed)"
    )
    assert plan.blocked is not None
    assert plan.blocked.code == GateRule.NEW_TARGET
    assert planned(other, is_as_new=True).blocked is None
    assert planned(world).blocked is None


def test_another_project_of_the_same_site_is_asked_about_too(world: ExportWorld) -> None:
    world.export()
    world.sandbox.ensure_project("WEB")

    destination = Destination(address=world.site_url, project_key="WEB")
    with world.process() as (tools, order), pytest.raises(GateError, match="project WEB"):
        create_issues(tools, replace(order, project_key="WEB", destination=destination))


def test_nothing_is_asked_where_everything_elsewhere_was_taken_back(
    world: ExportWorld, other: ExportWorld
) -> None:
    world.export()
    world.undo()
    world.mark_ready()

    other.export()

    assert other.violations() == []


def test_ids_of_one_site_are_asked_of_no_other(world: ExportWorld, other: ExportWorld) -> None:
    world.export()

    with pytest.raises(GateError, match="has never been exported to https://other"):
        other.undo()
    with pytest.raises(GateError, match="has never been exported to https://other"):
        other.planned_undo()
    with other.process() as (tools, order), pytest.raises(GateError, match="never been exported"):
        settle_session(tools, order, is_waiting=False, by="ab")

    assert world.violations() == []


def test_an_undo_that_is_open_on_one_site_stops_no_other(
    world: ExportWorld, other: ExportWorld
) -> None:
    world.export()
    world.die(ExportWorld.undo, "after DELETE")
    world.mark_ready()

    create_as_new(other)

    assert issue_count(other) == len(DRAFTS)
    with pytest.raises(GateError, match="has not finished"):
        world.export()


def test_a_copied_site_gets_no_second_issues_unasked(world: ExportWorld) -> None:
    """A plan was silent, and 24 doubles were created."""
    world.export()
    with on_another_site(world, is_copy=True) as copied:
        with copied.open_store() as store:  # to begin there was agreed to
            here = planned(copied).answers
            chosen = [answer for answer in here if answer.beside is Beside.TARGET]
            store.sessions.answer_as_new(SESSION_KEY, chosen, by="ab", at=START)
        plan = planned(copied)
        with pytest.raises(GateError, match="would create them again") as caught:
            copied.export()

        assert issue_count(copied) == len(DRAFTS)
    assert caught.value.rule is GateRule.COPIED_ISSUES
    assert plan.copies is not None
    assert plan.copies.summary == (
        "5 issues of session site are already in https://other.example, project SBX, copied or "
        "moved from sandbox, project SBX: SBX-1, SBX-2, SBX-3 and 2 more"
    )
    assert plan.blocked is not None
    assert plan.blocked.message == caught.value.message


def test_copies_that_the_index_does_not_show_are_found_by_their_numbers(world: ExportWorld) -> None:
    world.export()
    with on_another_site(world, is_copy=True) as copied:
        copied.change("DELETE FROM issue_label")

        plan = planned(copied)
        with pytest.raises(GateError, match="would create them again"):
            create_as_new_beside(copied, Beside.TARGET)

        assert plan.copies is None
        assert issue_count(copied) == len(DRAFTS)


def create_as_new_beside(world: ExportWorld, beside: Beside) -> None:
    """Create the issues where only one of the questions was answered."""
    wanted = [answer for answer in planned(world).answers if answer.beside is beside]
    with world.open_store() as store:
        store.sessions.answer_as_new(SESSION_KEY, wanted, by="ab", at=START)
    with world.process() as (tools, order):
        create_issues(tools, order)


def test_new_issues_beside_copies_are_told_from_them(world: ExportWorld) -> None:
    """Markers of copies look newer than a ledger that knows nothing of this site."""
    world.export()
    world.horizon_seconds = 600.0
    with on_another_site(world, is_copy=True) as copied:
        create_as_new(copied)
        copied.export()

        assert copied.time.seconds < 600.0
        assert issue_count(copied) == 2 * len(DRAFTS)
        copied.undo()
        assert issue_count(copied) == len(DRAFTS)
        assert answers(copied) == [Beside.TARGET, Beside.COPIES]
    assert world.violations() == []


def test_what_was_copied_proves_nothing_about_what_we_create(world: ExportWorld) -> None:
    """A copy comes back with its marker where what our account creates is hidden from it."""
    world.export()
    with on_another_site(world, is_copy=True) as copied:
        rules = rules_of(copied.sandbox).model_copy(update={"hides_new_issues": True})
        give_rules(copied.sandbox, rules)
        with open_in(
            copied.folder
        ) as store:  # no other one goes first, and shows that it is hidden
            others = [draft.ticket_id for draft in DRAFTS if draft.ticket_id != "t02"]
            store.tickets.exclude(SESSION_KEY, others, Skipped, reason="Later.", by="ab", at=START)
        with pytest.raises(Crash), copied.process(DiesAt(CREATION)) as (tools, order):
            create_issues(tools, replace(order, as_new_by="ab"))
        with pytest.raises(OrphanIssueError):
            copied.export()

        # the copy, and one of ours
        assert copied.titles().count("Create content type 2") == 2
