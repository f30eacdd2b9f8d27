"""Comments on verdicts, ended at any point and started again: each verdict is read once.

Judged from the sandbox's own tables alone; a crash drops everything the process held in memory.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from jira_pipeline.errors import AccessError, GateError, LeaseBusyError, UpstreamError
from jira_pipeline.export.verdict_comments import (
    CommentReport,
    comment_on_verdicts,
    comments_to_take_back,
    planned_comments,
    take_back_comments,
)
from jira_pipeline.jira_sandbox.site_rules import ProjectRules, SiteRules
from jira_pipeline.kernel.site_verifications import TicketVerdict
from jira_pipeline_tests.contracts.open_stores import open_in
from jira_pipeline_tests.crash.export_faults import (
    DIFFERENT_DOUBTS,
    DIFFERENT_REFUSALS,
    DOUBTS,
    StrikeOnce,
)
from jira_pipeline_tests.crash.export_world import ACCOUNT, Crash, ExportWorld, Tripwire
from jira_pipeline_tests.crash.undo_world import DiesAt, comment, undo
from jira_pipeline_tests.crash.update_world import comments, key_of
from jira_pipeline_tests.crash.verdicts import known_verdicts, page_of
from jira_pipeline_tests.crash.worlds import open_world
from jira_pipeline_tests.long_form import POINT_STEP, SHARES, each_at_a_place

BUILT, PARTLY, NOT_BEGUN = TicketVerdict.BUILT, TicketVerdict.PARTLY, TicketVerdict.NOT_BEGUN
FIRST = {"t01": BUILT, "t02": PARTLY, "t03": NOT_BEGUN, "t04": None}
LATER = {**FIRST, "t02": BUILT, "t03": PARTLY}


def is_comment(request: httpx.Request) -> bool:
    """Tell a new comment from all other requests."""
    return request.method == "POST" and request.url.path.endswith("/comment")


@pytest.fixture
def exported(exported_folder: Path, tmp_path: Path) -> Iterator[ExportWorld]:
    """A session that was exported."""
    with open_world(exported_folder, tmp_path / "world") as world:
        yield world


def say(
    world: ExportWorld,
    verdicts: Mapping[str, TicketVerdict | None],
    wire: Tripwire | None = None,
) -> CommentReport:
    """Comment on verdicts, in one process."""
    with world.process(wire) as (tools, order):
        return comment_on_verdicts(tools, order, known_verdicts(order, verdicts))


def take_back(world: ExportWorld, wire: Tripwire | None = None) -> tuple[str, ...]:
    """Take the comments back, in one process."""
    with world.process(wire) as (tools, order):
        return take_back_comments(tools, order)


def read(world: ExportWorld) -> dict[str, list[str]]:
    """Return the verdicts people read on each issue, by ticket."""
    shown = {key_of(world, ticket): ticket for ticket in FIRST}
    return {
        shown[key]: [text.removeprefix("On the site: ").split(".")[0] for text in texts]
        for key, texts in comments(world).items()
    }


def test_issues_say_what_is_built_once_and_again_when_it_changed(exported: ExportWorld) -> None:
    with exported.process() as (tools, order):
        planned = planned_comments(page_of(tools), known_verdicts(order, FIRST))
    first = say(exported, FIRST)
    again = say(exported, FIRST)
    say(exported, LATER)
    say(exported, FIRST)

    assert planned == first.commented
    assert [(one.number, one.verdict) for one in planned] == [
        (1, "built"),
        (2, "partly built (1 of 2)"),
    ]
    assert (again.commented, again.left) == ((), ())
    partly = "partly built (1 of 2)"
    assert read(exported) == {
        "t01": ["built"],
        "t02": [partly, "built", partly],
        "t03": [partly, "not begun"],
    }


def test_a_comment_lists_what_is_not_as_specified(exported: ExportWorld) -> None:
    say(exported, FIRST)

    [text] = comments(exported)[key_of(exported, "t02")]
    assert "By its exported configuration sync, 2026-" in text
    assert "A field (Fields.csv:2): Field label: “A” in the sheet, “B” on the site" in text


@pytest.mark.parametrize("share", SHARES)
def test_a_crash_at_any_point_says_no_verdict_twice_and_loses_none(
    exported_folder: Path, tmp_path: Path, share: int
) -> None:
    wire = Tripwire()
    with open_world(exported_folder, tmp_path / "counting") as world:
        say(world, FIRST, wire)
        wanted = read(world)
    points = list(enumerate(wire.passed, start=1))

    outcomes = {}
    for number, name in points[share :: POINT_STEP // 3]:
        with open_world(exported_folder, tmp_path / str(number)) as world:
            with pytest.raises(Crash):
                say(world, FIRST, Tripwire(crash_at=number))
            say(world, FIRST)
            outcomes[f"{number} {name}"] = read(world)

    assert sum("POST" in name and "comment" in name for _, name in points) == 4
    assert {name: found for name, found in outcomes.items() if found != wanted} == {}


@pytest.mark.parametrize("share", SHARES)
def test_a_crash_at_any_point_of_taking_comments_back_leaves_none(
    exported_folder: Path, tmp_path: Path, share: int
) -> None:
    folder = tmp_path / "commented"
    with open_world(exported_folder, folder) as world:
        say(world, FIRST)
        comment(world, key_of(world, "t01"))
    wire = Tripwire()
    with open_world(folder, tmp_path / "counting") as world:
        take_back(world, wire)

    outcomes = {}
    for number, name in list(enumerate(wire.passed, start=1))[share :: POINT_STEP // 3]:
        with open_world(folder, tmp_path / str(number)) as world:
            with pytest.raises(Crash):
                take_back(world, Tripwire(crash_at=number))
            take_back(world)
            outcomes[f"{number} {name}"] = read(world)

    assert {name: found for name, found in outcomes.items() if found != {"t01": ["Mine"]}} == {}


def test_a_lost_answer_to_a_comment_is_looked_up_before_it_is_sent_again(
    exported_folder: Path, tmp_path: Path
) -> None:
    for name, fault, number in each_at_a_place(DIFFERENT_DOUBTS, (1, 2)):
        with open_world(exported_folder, tmp_path / name) as exported:
            exported.answering = StrikeOnce(fault, at=number, matches=is_comment)

            report = say(exported, FIRST)

            assert [one.number for one in report.commented] == [1, 2], name
            assert Counter(len(texts) for texts in read(exported).values()) == {1: 2}, name


def test_what_jira_refuses_to_take_says_nothing_twice(
    exported_folder: Path, tmp_path: Path
) -> None:
    for name, fault, number in each_at_a_place(DIFFERENT_REFUSALS, (1, 2)):
        with open_world(exported_folder, tmp_path / name) as exported:
            exported.answering = StrikeOnce(fault, at=number, matches=is_comment)

            try:
                left = len(say(exported, FIRST).left)
            except UpstreamError:
                left = 0
            exported.answering = None
            say(exported, FIRST)

            assert sum(len(texts) for texts in read(exported).values()) == 2 - left, name


def test_a_comment_whose_answer_was_lost_gets_its_receipt_with_the_next_one(
    exported: ExportWorld,
) -> None:
    """The verdict changed meanwhile, so nobody sends the lost one again."""
    exported.answering = StrikeOnce(DOUBTS["reset after commit"], at=2, matches=is_comment)
    with pytest.raises(Crash):
        say(exported, FIRST, DiesAt("after unknown of comment"))
    exported.answering = None

    say(exported, LATER)

    assert read(exported)["t02"] == ["partly built (1 of 2)", "built"]
    assert take_back(exported).count(key_of(exported, "t02")) == 2


def test_comments_that_are_taken_back_are_said_again_when_asked(exported: ExportWorld) -> None:
    say(exported, FIRST)
    assert len(take_back(exported)) == 2
    say(exported, LATER)

    assert read(exported) == {"t01": ["built"], "t02": ["built"], "t03": ["partly built (1 of 2)"]}
    with exported.process() as (tools, _order):
        assert len(comments_to_take_back(page_of(tools))) == 3


def test_an_undo_deletes_issues_with_comments_of_ours_and_keeps_one_with_a_reply(
    exported: ExportWorld,
) -> None:
    say(exported, FIRST)
    comment(exported, key_of(exported, "t02"))

    report = undo(exported)

    assert [issue.number for issue in report.kept] == [2]


def test_two_at_once_comment_once(exported: ExportWorld) -> None:
    """The other one finds the lease taken; after the first it finds nothing to do."""
    busy: list[Exception] = []

    def beside(request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        with pytest.raises(LeaseBusyError) as error:
            say(exported, FIRST)
        busy.append(error.value)
        return site.handle_request(request)

    exported.answering = StrikeOnce(beside, at=1, matches=is_comment)
    say(exported, FIRST)
    exported.answering = None

    assert len(busy) == 1
    assert say(exported, FIRST).commented == ()
    assert Counter(len(texts) for texts in read(exported).values()) == {1: 2}


def test_nothing_is_said_while_an_undo_has_not_ended(exported: ExportWorld) -> None:
    with pytest.raises(Crash):
        undo(exported, DiesAt("after removal_intent"))

    with pytest.raises(GateError, match="has not ended"):
        say(exported, FIRST)


def test_who_may_not_comment_is_told_before_anything_is_sent(exported: ExportWorld) -> None:
    withheld: dict[str, Any] = {ACCOUNT[0]: ("ADD_COMMENTS",)}
    exported.sandbox.set_rules(
        SiteRules(projects={"SBX": ProjectRules(withheld_permissions=withheld)})
    )

    with pytest.raises(AccessError, match="ADD_COMMENTS"):
        say(exported, FIRST)
    with open_in(exported.folder) as store:
        entries = store.ledger.entries(
            target_id=store.ledger.targets()[0].target_id, session_key="site"
        )
    assert not any("/verdict/" in entry.identity for entry in entries)
