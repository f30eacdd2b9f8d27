"""A real export killed by the system, against a site that lives on in its own process.

The short form of `make crash`: some of the points, some moments, some restored backups. All of
these on SQLite, every other one on PostgreSQL, and all there in the long form.
"""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from jira_pipeline_tests.contracts.open_stores import POSTGRES_URL
from jira_pipeline_tests.crash.killing import (
    KillingGround,
    point_kills,
    random_kills,
    rolled_back_kills,
)
from jira_pipeline_tests.long_form import IS_LONG

pytestmark = pytest.mark.xdist_group("processes")
POINT_COUNT = 128
"""Of the session in `export_world`; the first test holds it."""
POINT_STEP = 23 if IS_LONG else 101
RANDOM_SECONDS = 0.4
SEEN_IN = {
    ", all deleted in Jira": {"released"},
    ", updating": {"update_intent", "comment"},
    ", with epics": {"parent"},
    ", adopting": {"mark"},
}
"""Words of points by which an export shows that it does what it is about."""
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


@pytest.mark.parametrize("name", SEEN_IN)
def test_whatever_a_session_went_through_a_killed_export_is_carried_on(
    tmp_path: Path, name: str
) -> None:
    with KillingGround(tmp_path / "ground", ground=name) as ground:
        points = ground.points()
        kills = [
            *point_kills(len(points), step=1 if IS_LONG else 2 * POINT_STEP),
            *rolled_back_kills(len(points), step=4 * POINT_STEP if IS_LONG else len(points)),
        ]

        wrong = [text for kill in kills for text in ground.wrong_after(kill)]

    assert SEEN_IN[name] <= {word for point in points for word in point.split()}
    assert wrong == []
