"""Lives at home: the judge finds every word that people gave, and notices each that is gone."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import dagster as dg
import pytest

from jira_pipeline_tests.faults.home_running import Beginning, wrong_after
from jira_pipeline_tests.faults.home_world import (
    ACTS,
    BUNDLES,
    SKIPPED,
    TICKET_ACTS,
    HomeWorld,
    make_home,
    open_home,
)
from jira_pipeline_tests.faults.kept_words import IN_JIRA, WordKind
from jira_pipeline_tests.faults.schedules import HomeAct

SAYING = {
    WordKind.CLIENT_ANSWER: HomeAct.CLIENT_ANSWERS,
    WordKind.ANSWER: HomeAct.ANSWER,
    WordKind.CHANGE_REQUEST: HomeAct.REQUEST_CHANGES,
    WordKind.COMMENT: HomeAct.COMMENT,
    WordKind.NOTE: HomeAct.NOTE,
    WordKind.TITLE: HomeAct.RETITLE,
    WordKind.EDIT_IN_JIRA: HomeAct.EDIT_IN_JIRA,
    WordKind.COMMENT_IN_JIRA: HomeAct.COMMENT_IN_JIRA,
}


@pytest.fixture(scope="module")
def beginning(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Beginning]:
    folder = tmp_path_factory.mktemp("homes") / "home"
    with dg.DagsterInstance.ephemeral() as instance:
        yield Beginning(folder=folder, instance=instance, words=make_home(folder, instance))


@pytest.fixture
def world(beginning: Beginning, tmp_path: Path) -> Iterator[HomeWorld]:
    copy = shutil.copytree(beginning.folder, tmp_path / "home")
    with open_home(copy, beginning.instance) as opened:
        opened.resume(beginning.words)
        yield opened


def test_every_act_is_known_and_every_kind_of_word_is_said(world: HomeWorld) -> None:
    assert {*ACTS, *TICKET_ACTS} == set(HomeAct)

    for act in SAYING.values():
        world.do(act, 1)

    assert [word.kind for word in world.words] == [WordKind.SKIP, *SAYING]
    assert world.told == []


def test_what_people_say_reaches_jira_and_nothing_is_wrong_with_it(world: HomeWorld) -> None:
    acts = (
        *(HomeAct.ANSWER, HomeAct.NOTE, HomeAct.RETITLE, HomeAct.EDIT_IN_JIRA),
        *(HomeAct.UPDATE, HomeAct.UPLOAD_CHANGED, HomeAct.UPDATE, HomeAct.DAGSTER_DELETED),
    )
    wrong = [fault for act in acts for fault in _done(world, act)]

    reached = {word.kind for word in world.words if word.was_in_issue}
    assert wrong == world.told == []
    said = {WordKind.ANSWER, WordKind.NOTE, WordKind.TITLE, WordKind.EDIT_IN_JIRA}
    assert reached == said


@pytest.mark.parametrize("kind", SAYING)
def test_a_word_that_is_nowhere_any_more_is_noticed(world: HomeWorld, kind: WordKind) -> None:
    world.do(SAYING[kind], 1)
    [text] = [word.text for word in world.words if word.kind is kind]
    assert [*wrong_after(world, HomeAct.UPDATE)] == []

    _erase(world.site_path if kind in IN_JIRA else world.store_path, text)

    wrong = [*wrong_after(world, HomeAct.UPDATE)]
    assert wrong == [f"a person's word is lost by update: {text} of {BUNDLES[0]}"]
    assert [*wrong_after(world, HomeAct.UPDATE)] == []


def test_a_word_that_leaves_its_issue_unsaid_is_noticed(world: HomeWorld) -> None:
    for act in (HomeAct.NOTE, HomeAct.UPDATE):
        assert [*_done(world, act)] == []
    [text] = [word.text for word in world.words if word.kind is WordKind.NOTE]
    _erase(world.site_path, text)

    world.told = [f"1: the update would take away {text}"]
    named = [*wrong_after(world, HomeAct.UPDATE)]
    world.words[-1].was_in_issue = True
    world.told = []

    assert named == []
    fault = f"a person's word is taken out of its issue by update: {text} of {BUNDLES[0]}"
    assert [*wrong_after(world, HomeAct.UPDATE)] == [fault]


def test_newer_sheets_that_are_replaced_and_a_skipped_ticket_that_is_sent_are_noticed(
    world: HomeWorld,
) -> None:
    world.replaced_sheets.append("b by a of the inbox")
    _change(world.site_path, f"UPDATE issue SET summary = '{SKIPPED}'")  # noqa: S608 - ours

    assert len([*wrong_after(world, HomeAct.DAGSTER_DELETED)]) == 2
    assert [*wrong_after(world, HomeAct.DAGSTER_DELETED)] == []


def _done(world: HomeWorld, act: HomeAct) -> Iterator[str]:
    world.do(act, 1)
    yield from wrong_after(world, act)


def _erase(path: Path, text: str) -> None:
    """Take letters out of every column of a database, past everything that guards it."""
    with closing(sqlite3.connect(path)) as rows, rows:
        triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        for (name,) in rows.execute(triggers).fetchall():
            rows.execute(f'DROP TRIGGER "{name}"')
        tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'"
        for (table,) in rows.execute(tables).fetchall():
            for column in rows.execute(f'PRAGMA table_info("{table}")').fetchall():
                name = column[1]
                erasing = f'UPDATE "{table}" SET "{name}" = replace("{name}", ?, ?)'  # noqa: S608 - ours
                chosen = f'typeof("{name}") = ? AND "{name}" LIKE ?'
                rows.execute(f"{erasing} WHERE {chosen}", (text, "gone", "text", f"%{text}%"))


def _change(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as rows, rows:
        rows.execute(statement)
