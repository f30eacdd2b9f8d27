"""A real run killed while it writes tickets: nothing that was done is done again.

The short form of `make crash`: a write in the step that asks a model, and one in the last step.
"""

import importlib.util
from collections.abc import Iterator

import pytest

from jira_pipeline.model.tickets import Ticket
from jira_pipeline_tests import projects
from jira_pipeline_tests.crash.killed_generation import (
    STEPS,
    CarryOn,
    GenerationGround,
    by_dagster,
    by_resume_alone,
    wrong_with,
)
from jira_pipeline_tests.crash.write_points import DeadlyWrite

pytestmark = [
    pytest.mark.xdist_group("processes"),
    pytest.mark.skipif(
        importlib.util.find_spec("pydantic_ai") is None, reason="the extra llm is not installed"
    ),
]

ANSWERS_BEFORE = 3
"""Of six: of those behind it some are sent, and one never is, while a step is killed."""
PROBE = 1
"""Each run asks the model first whether it is there."""
RECEIPT_AFTER = 2 * (PROBE + ANSWERS_BEFORE) + 2
"""Behind the intents and receipts of these, an intent."""

VALIDATION_NOTED = 6
"""Entries of the audit trail, each with the stage of a step, up to that of the validation."""


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GenerationGround]:
    """Makes a project for every kill, with a model that answers at once."""
    folder = tmp_path_factory.mktemp("generations")
    with GenerationGround(folder, is_small=True) as opened:
        yield opened


@pytest.fixture(scope="module")
def undisturbed(ground: GenerationGround) -> tuple[Ticket, ...]:
    """The tickets of a run that nobody kills."""
    return ground.undisturbed()


@pytest.mark.parametrize(
    ("deadly", "left", "carry_on"),
    [
        pytest.param(
            DeadlyWrite(name="commit model_requests", occurrence=RECEIPT_AFTER),
            (1, ANSWERS_BEFORE),
            by_dagster,
            id="tickets, a receipt",
        ),
        pytest.param(
            DeadlyWrite(name="commit audit", occurrence=VALIDATION_NOTED),
            (2, projects.SMALL_TICKETS),
            by_resume_alone,
            id="adf_validation",
        ),
    ],
)
def test_a_killed_run_is_carried_on_at_the_step_it_was_in(
    ground: GenerationGround,
    undisturbed: tuple[Ticket, ...],
    deadly: DeadlyWrite,
    left: tuple[int, int],
    carry_on: CarryOn,
) -> None:
    steps_done, answers_kept = left

    killed = ground.killed(deadly, carry_on=carry_on)

    assert wrong_with(killed, undisturbed) == []
    assert killed.done == set(STEPS[:steps_done])
    # A resume is the same job again, whose steps find what they made.
    assert killed.begun_again == set(STEPS[0 if carry_on is by_resume_alone else steps_done :])
    assert killed.kept == answers_kept
    assert len(killed.asked) == projects.SMALL_TICKETS
