"""The undo ended at any point and started again: what nobody touched is gone, the rest stays.

Judged from the sandbox's own tables alone. Every point is before or after a ledger write or a
request; a crash drops everything the process held in memory.
"""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from jira_pipeline.errors import GateError, PipelineError
from jira_pipeline.kernel.sessions import SessionStage, SessionStatus
from jira_pipeline_tests.contracts.open_stores import open_in
from jira_pipeline_tests.crash.export_faults import (
    DIFFERENT_DOUBTS,
    DIFFERENT_REFUSALS,
    StrikeOnce,
)
from jira_pipeline_tests.crash.export_world import (
    DRAFTS,
    PROJECT_KEY,
    SESSION_KEY,
    Crash,
    ExportWorld,
    Tripwire,
)
from jira_pipeline_tests.crash.undo_world import (
    TITLES,
    DiesAt,
    ask,
    comment,
    is_deletion,
    keys_by_title,
    mark_ready,
    titles,
    undo,
    violations_of_undo,
)
from jira_pipeline_tests.crash.worlds import open_world
from jira_pipeline_tests.long_form import POINT_STEP, SHARES, each_at_a_place

COMMENTED = DRAFTS[2].title


@pytest.fixture(scope="module")
def commented_folder(exported_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A world with an export, one of whose issues somebody commented on; copied, never used."""
    folder = tmp_path_factory.mktemp("touched") / "world"
    with open_world(exported_folder, folder) as world:
        comment(world, keys_by_title(world)[COMMENTED])
    return folder


@pytest.fixture
def exported(exported_folder: Path, tmp_path: Path) -> Iterator[ExportWorld]:
    """A session that is exported, untouched."""
    with open_world(exported_folder, tmp_path / "world") as world:
        yield world


@pytest.fixture
def commented(commented_folder: Path, tmp_path: Path) -> Iterator[ExportWorld]:
    """A session that is exported, one of its issues commented on."""
    with open_world(commented_folder, tmp_path / "world") as world:
        yield world


@pytest.mark.parametrize("share", SHARES)
def test_a_crash_at_any_point_of_an_undo_keeps_what_was_commented_on_and_takes_the_rest(
    commented_folder: Path, tmp_path: Path, share: int
) -> None:
    wire = Tripwire()
    with open_world(commented_folder, tmp_path / "counting") as world:
        undo(world, wire)

    outcomes = {
        f"{number} {name}": undo_with_a_crash(commented_folder, tmp_path / str(number), number)
        for number, name in list(enumerate(wire.passed, start=1))[share::POINT_STEP]
    }

    assert len(wire.passed) > 70
    assert {name: wrong for name, wrong in outcomes.items() if wrong} == {}


def undo_with_a_crash(exported_folder: Path, folder: Path, number: int) -> list[str]:
    """End an undo at a point, start it again, and return what is wrong with the site."""
    with open_world(exported_folder, folder) as world:
        try:
            undo(world, Tripwire(crash_at=number))
        except Crash:
            undo(world)
        else:
            return [f"point {number} was never passed"]
        return violations_of_undo(world, commented=[COMMENTED])


@pytest.mark.parametrize("share", SHARES)
def test_a_crash_at_any_point_of_an_undo_lets_the_session_be_exported_again(
    exported_folder: Path, tmp_path: Path, share: int
) -> None:
    """After the undo is finished and people marked the tickets ready, each exists once."""
    wire = Tripwire()
    with open_world(exported_folder, tmp_path / "counting") as world:
        undo(world, wire)
    deletions = [n for n, name in enumerate(wire.passed, start=1) if "DELETE" in name]
    around = sorted({n + step for n in deletions for step in (-2, -1, 0, 1, 2)})

    outcomes = {}
    for number in around[share::POINT_STEP]:
        with open_world(exported_folder, tmp_path / f"again {number}") as world:
            with pytest.raises(Crash):
                undo(world, Tripwire(crash_at=number))
            mark_ready(world)
            outcomes[number] = export_after(world)

    assert len(around) >= 12
    assert {number: wrong for number, wrong in outcomes.items() if wrong} == {}


def export_after(world: ExportWorld) -> list[str]:
    """Export after an undo that crashed; where it must be finished first, finish it."""
    try:
        world.export()
    except GateError:
        undo(world)
        mark_ready(world)
        world.export()
    return world.violations()


def test_a_lost_answer_to_a_deletion_leaves_nothing(commented_folder: Path, tmp_path: Path) -> None:
    wrong: dict[str, list[str]] = {}

    for name, fault, number in each_at_a_place(DIFFERENT_DOUBTS, (1, 3)):
        with open_world(commented_folder, tmp_path / name) as commented:
            strike = StrikeOnce(fault, at=number, matches=is_deletion)
            commented.answering = strike
            undo(commented)
            assert strike.seen >= number, name
            wrong[name] = violations_of_undo(commented, commented=[COMMENTED])

    assert not any(wrong.values()), wrong


def test_a_refused_deletion_is_reported_and_the_next_undo_carries_on(
    commented_folder: Path, tmp_path: Path
) -> None:
    wrong: dict[str, list[str]] = {}

    for name, fault in DIFFERENT_REFUSALS.items():
        with open_world(commented_folder, tmp_path / name) as commented:
            commented.answering = StrikeOnce(fault, at=2, matches=is_deletion)
            with suppress(PipelineError):
                undo(commented)
            undo(commented)
            wrong[name] = violations_of_undo(commented, commented=[COMMENTED])

    assert not any(wrong.values()), wrong


def test_an_issue_commented_on_between_two_attempts_is_kept(commented: ExportWorld) -> None:
    """The answer to the first deletion is lost, and somebody comments before the second."""
    kept: list[str] = []

    def lost_then_commented(request: httpx.Request, _: httpx.BaseTransport) -> httpx.Response:
        key_of = dict(ids_and_keys(commented))
        kept.append(key_of[request.url.path.rpartition("/")[2]])
        comment(commented, kept[-1])
        raise httpx.ReadTimeout("injected", request=request)

    commented.answering = StrikeOnce(lost_then_commented, at=1, matches=is_deletion)
    title_of = {key: title for title, key in keys_by_title(commented).items()}

    report = undo(commented)

    assert {issue.key for issue in report.kept} >= set(kept)
    assert violations_of_undo(commented, commented=[COMMENTED, title_of[kept[0]]]) == []


def ids_and_keys(world: ExportWorld) -> list[tuple[str, str]]:
    """Return id and key of every issue on the site."""
    with world.sandbox.state.reading() as rows:
        return [(str(row["id"]), row["key"]) for row in rows.execute("SELECT id, key FROM issue")]


def test_an_undone_session_goes_back_to_the_review_with_what_people_approved(
    exported: ExportWorld,
) -> None:
    with open_in(exported.folder) as store:
        before = [t.number for t in store.tickets.list_all(SESSION_KEY) if t.is_ready]

    undo(exported)

    with open_in(exported.folder) as store:
        session = store.sessions.get(SESSION_KEY)
        ready = [t.number for t in store.tickets.list_all(SESSION_KEY) if t.is_ready]
    assert (session.stage, session.status) == (SessionStage.REVIEW, SessionStatus.IDLE)
    assert ready == before != []


def test_a_deleted_issue_that_the_index_still_shows_is_not_taken_for_the_new_one(
    exported: ExportWorld,
) -> None:
    before = search_answers(exported)
    undo(exported)
    mark_ready(exported)
    exported.answering = StaleIndex(before)

    exported.export()

    assert exported.violations() == []


class StaleIndex:
    """Answers searches for the session's label as the index did before the undo."""

    def __init__(self, remembered: bytes) -> None:
        self._remembered = remembered

    def __call__(self, request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        """Answer one request."""
        if request.url.path == "/rest/api/3/search/jql" and b"labels = " in request.content:
            headers = {"Content-Type": "application/json"}
            return httpx.Response(200, content=self._remembered, headers=headers)
        return site.handle_request(request)


def search_answers(world: ExportWorld) -> bytes:
    """Return what the index answers to a sweep now."""
    answers: list[bytes] = []

    def remembering(request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        response = site.handle_request(request)
        if request.url.path == "/rest/api/3/search/jql" and b"labels = " in request.content:
            answers.append(response.read())
        return response

    world.answering = remembering
    with world.process() as (tools, _):
        tools.tracker.search(
            f'project = {PROJECT_KEY} AND labels = "jp-{SESSION_KEY}" ORDER BY key',
            fields=("summary", "labels"),
            properties=("jira_pipeline",),
        )
    world.answering = None
    return answers[0]


@pytest.mark.parametrize("writes_lost", [1, 5, 14])
def test_issues_that_the_ledger_forgot_are_found_and_taken_back_too(
    exported: ExportWorld, writes_lost: int
) -> None:
    """A store restored from a backup is older than Jira."""
    forget_last_writes(exported, writes_lost)

    undo(exported)

    assert violations_of_undo(exported) == []


@pytest.mark.parametrize("writes_lost", [1, 2, 3])
def test_removals_that_the_ledger_forgot_are_reported_and_create_nothing_twice(
    exported: ExportWorld, writes_lost: int
) -> None:
    fields = {"project": {"key": "SBX"}, "issuetype": {"name": "Task"}, "summary": "Foreign"}
    ask(exported, "POST", "/rest/api/3/issue", {"fields": fields})
    undo(exported)
    forget_last_writes(exported, writes_lost)

    report = undo(exported)
    mark_ready(exported)
    exported.export()

    ours = [title for title in titles(exported) if title in TITLES]
    assert len(ours) == len(set(ours)) == len(TITLES) - len(report.kept)


def forget_last_writes(world: ExportWorld, count: int) -> None:
    """Take the last entries out of the ledger, as a restored backup does."""
    with open_in(world.folder) as store, store.database.writing() as connection:
        connection.exec_driver_sql("DROP TRIGGER ledger_refuses_delete")
        connection.exec_driver_sql(
            "DELETE FROM ledger WHERE sequence > (SELECT max(sequence) FROM ledger) - ?", (count,)
        )


@pytest.mark.parametrize(
    "point", ["after undo_begun", "before DELETE", "after removed of issue", "before undo_ended"]
)
def test_an_interrupted_undo_is_finished_before_anything_is_exported(
    exported: ExportWorld, point: str
) -> None:
    """Between two deletions the next step was to review, and an export created anew what was gone."""
    wire = Tripwire()
    with pytest.raises(Crash):
        undo(exported, DiesAt(point))
    mark_ready(exported)

    with pytest.raises(GateError, match="undo of session site has not ended"):
        exported.export(wire)

    assert not any(name.startswith("before POST /rest/api/3/issue") for name in wire.passed)


@pytest.mark.parametrize(
    ("point", "nth", "gone"),
    [
        ("after undo_begun", 1, 0),
        ("before DELETE", 2, 1),
        ("after DELETE", 2, 2),
        ("after removed of issue", 2, 2),
    ],
)
def test_an_undo_that_somebody_ends_keeps_what_it_left(
    exported: ExportWorld, point: str, nth: int, gone: int
) -> None:
    """What was about to be deleted is looked up; nothing is deleted any more."""
    with pytest.raises(Crash):
        undo(exported, DiesAt(point, nth=nth))
    kept = keys_by_title(exported)
    wire = Tripwire()

    report = undo(exported, wire, keeps_rest=True)
    mark_ready(exported)
    exported.export()

    assert len(kept) == len(report.kept) == len(DRAFTS) - gone
    assert not any("DELETE" in name for name in wire.passed)
    assert kept.items() <= keys_by_title(exported).items()
    assert exported.violations() == []


def test_what_has_ended_is_not_ended_again(exported: ExportWorld) -> None:
    undo(exported)

    with pytest.raises(GateError, match="There is no undo to end"):
        undo(exported, keeps_rest=True)
