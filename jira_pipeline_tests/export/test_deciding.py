"""What people decide about issues that are gone or there twice: done once, whatever crashes when."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from jira_pipeline.export.export_run import begin_run
from jira_pipeline.export.issue_decisions import DecisionReport, plan_decision
from jira_pipeline.export.settle import compare_where_exported
from jira_pipeline.model.differences import Decision, Difference
from jira_pipeline.model.errors import GateError, LeaseBusyError, NotFoundError
from jira_pipeline.model.manual_fixes import FixState
from jira_pipeline_tests.contracts.stored_values import a_draft
from jira_pipeline_tests.crash.export_world import Crash, ExportWorld, Tripwire
from jira_pipeline_tests.crash.sessions import DRAFTS, SESSION_KEY, fill_store
from jira_pipeline_tests.crash.worlds import open_world
from jira_pipeline_tests.export.small_site import failing
from jira_pipeline_tests.export.whole_exports import refusal, set_rules, where
from jira_pipeline_tests.long_form import POINT_STEP, SHARES

CREATE_AGAIN, ADOPT, FORGET = Decision.CREATE_AGAIN, Decision.ADOPT, Decision.FORGET
LAST = "SBX-5"
"""The issue of ticket 5, which no other one waits for."""
TICKETS = frozenset(draft.title for draft in DRAFTS)


@pytest.fixture
def exported(world: ExportWorld) -> ExportWorld:
    """A session that is exported, and compared once."""
    world.export()
    return world


def delete(world: ExportWorld, *keys: str) -> None:
    """Delete issues, all where none is named."""
    for key in keys or world.keys_by_title().values():
        world.change("DELETE FROM issue WHERE key = ?", key)


def hide(world: ExportWorld, key: str, *, level: str | None = "nobody") -> None:
    """Hide an issue from our account, or show it again."""
    world.change("UPDATE issue SET security_level = ? WHERE key = ?", level, key)


def add_twin(world: ExportWorld, key: str) -> str:
    """Copy an issue with its property, as a request that was sent twice does; return its key."""
    world.change(
        "INSERT INTO issue (project_id, number, key, summary, type_id, priority_id, status_id,"
        " reporter_id, creator_id, created_at, updated_at) SELECT project_id, 90, 'SBX-90',"
        " summary, type_id, priority_id, status_id, reporter_id, creator_id,"
        " '2026-01-01T00:00:00+00:00', updated_at FROM issue WHERE key = ?",
        key,
    )
    world.change(
        "INSERT INTO issue_property (issue_id, key, value) SELECT (SELECT id FROM issue WHERE"
        " key = 'SBX-90'), issue_property.key, value FROM issue_property JOIN issue"
        " ON issue.id = issue_id WHERE issue.key = ?",
        key,
    )
    world.change("INSERT INTO issue_label SELECT id, 'jp-site' FROM issue WHERE key = 'SBX-90'")
    return "SBX-90"


def differences(world: ExportWorld) -> list[tuple[Difference, str]]:
    with world.process() as (tools, order):
        return [(d.kind, d.name) for d in compare_where_exported(tools, order).differences]


def refusals(report: DecisionReport) -> list[str]:
    """Return what was refused, by number."""
    return [ticket.refusal for ticket in report.tickets]


def test_everything_that_was_deleted_is_created_again_with_links_and_files(
    exported: ExportWorld,
) -> None:
    delete(exported)

    report = exported.decide(CREATE_AGAIN)
    exported.export()

    assert [(t.number, t.refusal) for t in report.tickets] == [(n, "") for n in range(1, 6)]
    assert report.comparison.differences == ()
    assert exported.violations() == []
    assert differences(exported) == []


def test_only_what_was_named_is_created_again(exported: ExportWorld) -> None:
    before = exported.keys_by_title()
    delete(exported, LAST)

    report = exported.decide(CREATE_AGAIN, names=["5"])
    exported.export()

    after = exported.keys_by_title()
    assert [ticket.key for ticket in report.done] == [LAST]
    assert {title for title in TICKETS if before[title] != after[title]} == {DRAFTS[4].title}
    assert exported.violations() == []


def test_what_is_forgotten_is_skipped_and_nothing_is_created_for_it(exported: ExportWorld) -> None:
    delete(exported, LAST)

    exported.decide(FORGET)
    exported.export()

    with exported.open_store() as store:
        ticket = store.tickets.get(SESSION_KEY, 5)
    assert ticket.skipped_reason == "its issue SBX-5 is not in Jira"
    assert DRAFTS[4].title not in exported.titles()
    assert differences(exported) == []


def test_what_goes_with_a_forgotten_issue_is_named_before_it_is_forgotten(
    exported: ExportWorld,
) -> None:
    """Tickets that wait for it, and what people still had to do, were counted or not said."""
    key = exported.keys_by_title()[DRAFTS[2].title]
    delete(exported, key)

    with exported.process() as (tools, order):
        (planned,) = plan_decision(tools, order, decision=FORGET, names=["3"], by="a person")
    with exported.open_store() as store:
        assert store.tickets.get(SESSION_KEY, 3).exclusion is None
    report = exported.decide(FORGET, names=["3"])

    assert any("tickets unskip" in lost for lost in planned.lost)
    assert f"ticket 5 “{DRAFTS[4].title}” waits for it, and is not linked to it" in planned.lost
    assert report.tickets[0].lost == planned.lost


def test_links_and_files_follow_to_an_issue_that_is_adopted(exported: ExportWorld) -> None:
    """Ticket 3 has a file, waits for two and is waited for."""
    old = exported.keys_by_title()[DRAFTS[2].title]
    twin = add_twin(exported, old)
    before = differences(exported)

    report = exported.decide(ADOPT, names=[twin])
    swapped = differences(exported)
    delete(exported, old)
    exported.export()

    assert before == [(Difference.TWIN, twin)]
    assert [ticket.refusal for ticket in report.tickets] == [""]
    assert swapped == [(Difference.TWIN, old)]
    assert exported.keys_by_title()[DRAFTS[2].title] == twin
    assert differences(exported) == []
    with exported.process() as (tools, order):
        run = begin_run(tools, order, tools.store.ledger.targets()[0])
        (receipt,) = [r for r in run.page.issue_receipts() if r.ticket_id == "t03"]
    assert (receipt.remote_key, receipt.detail) == (twin, "adopt by a person")
    links, files = on_issue(exported, twin)
    assert (links, files) == (3, 1)


def on_issue(world: ExportWorld, key: str) -> tuple[int, int]:
    """Count links and files of an issue."""
    [[number]] = world.rows("SELECT id FROM issue WHERE key = ?", key)
    linked = "SELECT id FROM issue_link WHERE ? IN (inward_issue_id, outward_issue_id)"
    files = world.rows("SELECT id FROM attachment WHERE issue_id = ?", number)
    return len(world.rows(linked, number)), len(files)


def test_a_twin_that_is_forgotten_is_not_named_again(exported: ExportWorld) -> None:
    twin = add_twin(exported, LAST)
    differences(exported)

    exported.decide(FORGET, names=["5"])
    exported.export()

    assert exported.titles().count(DRAFTS[4].title) == len([LAST, twin])
    assert differences(exported) == []
    assert [fix.state for fix in exported.fixes()] == [FixState.OBSOLETE]


def test_an_issue_that_is_there_again_before_the_new_one_is_sent_is_taken(
    exported: ExportWorld,
) -> None:
    """It was hidden, not deleted."""
    hide(exported, LAST)
    report = exported.decide(CREATE_AGAIN)
    hide(exported, LAST, level=None)

    exported.export()

    assert [ticket.key for ticket in report.done] == [LAST]
    assert exported.keys_by_title()[DRAFTS[4].title] == LAST
    assert exported.violations() == []


def test_an_issue_that_is_there_again_after_the_new_one_was_sent_is_its_double(
    exported: ExportWorld,
) -> None:
    hide(exported, LAST)
    exported.decide(CREATE_AGAIN)
    exported.export()
    hide(exported, LAST, level=None)

    assert differences(exported) == [(Difference.TWIN, LAST)]


def test_an_issue_that_is_gone_where_another_carries_its_identity_is_replaced_by_that(
    exported: ExportWorld,
) -> None:
    twin = add_twin(exported, LAST)
    delete(exported, LAST)

    refused, done = exported.decide(CREATE_AGAIN, names=["5"]), exported.decide(ADOPT)
    exported.export()

    assert refusals(refused) == [f"{twin} carries its identity: adopt that one."]
    assert [ticket.key for ticket in done.done] == [twin]
    assert exported.keys_by_title()[DRAFTS[4].title] == twin
    assert differences(exported) == []


@pytest.mark.parametrize("decision", Decision)
def test_what_jira_shows_when_it_is_asked_once_more_is_not_decided(
    exported: ExportWorld, decision: Decision
) -> None:
    hide(exported, LAST)
    differences(exported)
    hide(exported, LAST, level=None)

    report = exported.decide(decision, names=["5"])

    assert refusals(report) == ["SBX-5 exists, so there is nothing to decide."]
    assert report.comparison.is_equal


def test_a_decision_that_does_not_fit_is_refused_in_words(exported: ExportWorld) -> None:
    delete(exported, LAST)
    [[shown]] = exported.rows("SELECT id FROM issue WHERE key = 'SBX-4'")
    exported.change("UPDATE issue SET key = 'OPS-1' WHERE key = 'SBX-3'")
    exported.answering = failing({str(shown)})

    no_other, unread, moved = (
        exported.decide(decision, names=[name])
        for decision, name in ((ADOPT, "5"), (CREATE_AGAIN, "3"), (CREATE_AGAIN, "1"))
    )

    assert refusals(no_other) == ["No other issue carries the identity of SBX-5."]
    assert refusals(unread) == ["Jira could not read SBX-4 this time: decide later."]
    assert refusals(moved) == ["It exists in another project as OPS-1."]


def test_who_decides_second_is_told_what_the_first_one_did(exported: ExportWorld) -> None:
    delete(exported, LAST)
    exported.decide(CREATE_AGAIN, names=["5"])

    second = exported.decide(FORGET, names=["5"])
    exported.export()

    assert refusals(second) == ["It has no issue that counts, so there is nothing to decide."]
    assert exported.violations() == []


def test_while_another_process_writes_nothing_is_decided(exported: ExportWorld) -> None:
    with exported.process() as (tools, _):
        target_id = tools.store.ledger.targets()[0].target_id
        with tools.store.leases.hold(target_id, holder="an export"), pytest.raises(LeaseBusyError):
            exported.decide(CREATE_AGAIN)


def test_what_was_never_seen_has_to_be_named(world: ExportWorld) -> None:
    """A security level may hide what our account creates: all of it would be there twice."""
    set_rules(world, hides_new_issues=True)
    world.export()

    together, named = world.decide(CREATE_AGAIN), world.decide(CREATE_AGAIN, names=["5"])

    assert all("never showed" in refusal for refusal in refusals(together))
    assert len(together.tickets) == len(DRAFTS)
    assert refusals(named) == [""]


def test_of_several_twins_one_is_named_by_its_key(exported: ExportWorld) -> None:
    add_twin(exported, LAST)
    exported.change("UPDATE issue SET key = 'SBX-91', number = 91 WHERE key = 'SBX-90'")
    add_twin(exported, LAST)

    by_number, by_key = (
        exported.decide(ADOPT, names=["5"]),
        exported.decide(ADOPT, names=["SBX-90"]),
    )

    assert refusals(by_number) == [
        "SBX-91 and SBX-90 carry its identity: name the one to adopt by its key."
    ]
    assert refusals(by_key) == [""]


@pytest.mark.parametrize("name", ["99", "SBX-1", "nobody"])
def test_a_name_that_names_nothing_to_decide_is_refused(exported: ExportWorld, name: str) -> None:
    with pytest.raises(NotFoundError, match=name):
        exported.decide(FORGET, names=[name])


def test_what_was_left_to_do_on_an_issue_that_is_gone_is_over(world: ExportWorld) -> None:
    """Also what was left to do on a link with it; then it is tried again."""
    world.answering = where(
        lambda request: request.url.path.endswith(("/attachments", "/issueLink")), refusal(403)
    )
    world.export()
    world.answering = None
    delete(world, world.keys_by_title()[DRAFTS[2].title])

    world.decide(CREATE_AGAIN, names=["3"])

    over = [fix for fix in world.fixes() if fix.state is FixState.OBSOLETE]
    assert {f"{fix.ticket_id} {fix.subject.partition('-')[0]}" for fix in over} == {
        *("t03 full text", "t03 Blocks t01", "t03 Blocks t02", "t05 Blocks t03")
    }
    world.export()
    assert on_issue(world, world.keys_by_title()[DRAFTS[2].title]) == (3, 1)


def test_where_jira_shows_none_of_our_issues_nothing_is_created_before_somebody_decides(
    world: ExportWorld,
) -> None:
    """It ended for good: the export could not, and nothing else said what was gone."""
    world.die(ExportWorld.export, "before POST /rest/api/3/issue$", nth=3)
    delete(world)

    with pytest.raises(GateError, match=r"none of the 2 issues .* not even SBX-1, SBX-2") as caught:
        world.export()
    world.decide(CREATE_AGAIN, names=["2", "4"])
    world.export()

    assert caught.value.rule == "issues_gone"
    assert world.violations() == []


def test_issues_of_tickets_that_went_are_forgotten_before_others_are_created(
    exported: ExportWorld,
) -> None:
    """It said “just now” at every resume: nobody could decide about issues of no ticket."""
    delete(exported)
    exported.drafts = tuple(a_draft(number) for number in (7, 8))
    with exported.open_store() as store:
        fill_store(store, exported.drafts)

    with pytest.raises(GateError, match="none of the 5 issues"):
        exported.export()
    exported.decide(FORGET)
    exported.export()

    assert sorted(exported.keys_by_title()) == sorted(draft.title for draft in exported.drafts)


def test_an_undo_after_a_decision_has_nothing_to_say_of_what_is_gone(exported: ExportWorld) -> None:
    delete(exported)
    kept = exported.undo().kept
    exported.decide(CREATE_AGAIN)

    assert len(kept) == len(DRAFTS)
    assert exported.undo().kept == ()


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("decision", list(Decision))
def test_a_decision_is_made_or_not_whenever_the_process_ends(
    exported_folder: Path, tmp_path: Path, decision: Decision, share: int
) -> None:
    """Made again it comes to the same, and the next export has one issue for each ticket."""
    wire = Tripwire()
    with changed_world(exported_folder, tmp_path / "counting", decision) as world:
        world.decide(decision, wire=wire)

    outcomes = {}
    writes = [n for n, name in enumerate(wire.passed, start=1) if "of issue" in name]
    points = sorted({*writes, *range(1 + share, len(wire.passed) + 1, POINT_STEP)})
    for point in points:
        with changed_world(exported_folder, tmp_path / str(point), decision) as world:
            with pytest.raises(Crash):
                world.decide(decision, wire=Tripwire(crash_at=point))
            world.decide(decision)
            world.export()
            outcomes[point, wire.passed[point - 1]] = (sorted(world.titles()), differences(world))

    expected = sorted(TICKETS - ({DRAFTS[4].title} if decision is FORGET else set()))
    assert {name: found for name, found in outcomes.items() if found != (expected, [])} == {}
    assert len(writes) == len(("before", "after"))


@contextmanager
def changed_world(folder: Path, copy: Path, decision: Decision) -> Iterator[ExportWorld]:
    """Copy an export; ticket 5's issue is gone, and another there where that is adopted."""
    with open_world(folder, copy) as world:
        if decision is ADOPT:
            add_twin(world, LAST)
        delete(world, LAST)
        yield world
