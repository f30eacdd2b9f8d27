"""A real export killed by the system, against a site that lives on in its own process.

The short form of `make crash`: some of the points, some moments, some restored backups. All of
these on SQLite, every other one on PostgreSQL, and all there in the long form.
"""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest
from sqlalchemy import select

from jira_pipeline.store import tables
from jira_pipeline_tests.contracts.open_stores import POSTGRES_URL, open_in
from jira_pipeline_tests.contracts.stored_values import START, a_target, an_entry
from jira_pipeline_tests.crash.killing import (
    KillingGround,
    lose_writes,
    point_kills,
    random_kills,
    rolled_back_kills,
)
from jira_pipeline_tests.long_form import IS_LONG

pytestmark = pytest.mark.xdist_group("processes")
POINT_COUNT = 128
"""Of the session in `export_world`; the first test holds it."""
POINT_STEP = 23 if IS_LONG else 51
RANDOM_SECONDS = 0.4
KILLS = (
    *point_kills(POINT_COUNT, step=POINT_STEP),
    *islice(random_kills(lasting_seconds=RANDOM_SECONDS), 3 if IS_LONG else 1),
    *rolled_back_kills(POINT_COUNT, step=(3 if IS_LONG else 2) * POINT_STEP),
)


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
)
def ground(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[KillingGround]:
    """Makes a store and a site for every kill, on each dialect."""
    is_postgres = request.param == "postgres"
    if is_postgres and POSTGRES_URL is None:
        pytest.skip("JIRA_PIPELINE_TEST_POSTGRES_URL names no server")
    url = POSTGRES_URL if is_postgres else None
    folder = tmp_path_factory.mktemp("killing") / "ground"
    with KillingGround(folder, postgres_url=url) as opened:
        yield opened


@pytest.fixture(scope="module")
def deleted_ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KillingGround]:
    """As above, with a session that was exported and whose issues people deleted."""
    folder = tmp_path_factory.mktemp("killing_deleted") / "ground"
    with KillingGround(folder, ground=", all deleted in Jira") as opened:
        yield opened


def test_an_export_passes_points_before_and_after_every_write_and_request(
    ground: KillingGround,
) -> None:
    points = ground.points()

    assert len(points) == POINT_COUNT
    assert {point.partition(" ")[0] for point in points} == {"before", "after"}


def test_a_killed_export_is_carried_on_without_a_double_or_a_loss(
    ground: KillingGround, request: pytest.FixtureRequest
) -> None:
    is_postgres = request.node.get_closest_marker("postgres") is not None
    kills = KILLS[::2] if is_postgres and not IS_LONG else KILLS

    assert [text for kill in kills for text in ground.wrong_after(kill)] == []


def test_a_killed_decision_and_the_export_that_follows_it_are_carried_on(
    deleted_ground: KillingGround,
) -> None:
    """People deleted every issue, and one of them wants all of them again."""
    points = len(deleted_ground.points())
    kills = [
        *point_kills(points, step=1 if IS_LONG else 2 * POINT_STEP),
        *rolled_back_kills(points, step=4 * POINT_STEP if IS_LONG else points),
    ]

    wrong = [text for kill in kills for text in deleted_ground.wrong_after(kill)]

    assert points > POINT_COUNT
    assert wrong == []


def test_a_killed_update_is_carried_on_and_overwrites_nobody(tmp_path: Path) -> None:
    """Three tickets changed since the export, and a person edited the issue of one."""
    with KillingGround(tmp_path / "ground", ground=", updating") as ground:
        points = ground.points()
        kills = point_kills(len(points), step=1 if IS_LONG else 2 * POINT_STEP)

        wrong = [text for kill in kills for text in ground.wrong_after(kill)]

    assert {"update_intent", "comment"} <= {word for point in points for word in point.split()}
    assert wrong == []


def test_a_ledger_that_lost_writes_still_refuses_to_be_changed(store_folder: Path) -> None:
    with open_in(store_folder) as store:
        store.ledger.record_target(a_target(), at=START)
        for identity in ("a", "b", "c"):
            store.ledger.append(an_entry(identity=identity))

        lose_writes(store, 2)

        with store.database.reading() as connection:
            left = connection.execute(select(tables.ledger.c.identity)).scalars().all()
        assert left == ["a"]
        with pytest.raises(Exception, match="ledger"), store.database.writing() as connection:
            connection.execute(tables.ledger.delete())
