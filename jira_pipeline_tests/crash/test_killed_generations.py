"""A real run killed while it writes tickets: nothing that was done is done again.

The short form of `make crash`: a write in the step that asks a model, and one in the last step.
"""

import importlib.util
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from jira_pipeline.kernel.tickets import Ticket
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run_json
from jira_pipeline_tests.crash.killed_generation import (
    MODEL,
    STEPS,
    UNDER_WAY_MAX,
    CarryOn,
    GenerationGround,
    by_dagster,
    by_resume_alone,
    wrong_with,
)
from jira_pipeline_tests.crash.killing import KILLED
from jira_pipeline_tests.crash.write_points import DeadlyWrite
from jira_pipeline_tests.end_to_end.processes import finished, fork_job, kill
from jira_pipeline_tests.end_to_end.reading_back import count_changes
from jira_pipeline_tests.long_form import OF_THE_LONG_FORM
from jira_pipeline_tests.writing.asked_tickets import is_of_ticket, tickets_asked
from jira_pipeline_tests.writing.scripted_models import Act, Asked, Say, scripted_server

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
RECEIPT_AFTER = 2 * (PROBE + ANSWERS_BEFORE) + 3
"""Behind the intents and receipts of these, an intent, and that of the request sent meanwhile."""

VALIDATION_NOTED = 6
"""Entries of the audit trail, each with the stage of a step, up to that of the validation."""


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GenerationGround]:
    """Makes a project for every kill, with a model that answers at once."""
    folder = tmp_path_factory.mktemp("generations")
    with GenerationGround(folder, is_by_model=True, is_small=True) as opened:
        yield opened


@pytest.fixture(scope="module")
def undisturbed(ground: GenerationGround) -> tuple[Ticket, ...]:
    """The tickets of a run that nobody kills."""
    return ground.undisturbed()


@pytest.mark.parametrize(
    ("deadly", "left", "carry_on"),
    [
        pytest.param(
            DeadlyWrite(name="rename source_files/museum.json", occurrence=1),
            (0, 0),
            by_resume_alone,
            id="source_files",
            marks=OF_THE_LONG_FORM,
        ),
        pytest.param(
            DeadlyWrite(name="rename entities/museum.json", occurrence=1),
            (1, 0),
            by_resume_alone,
            id="entities",
            marks=OF_THE_LONG_FORM,
        ),
        pytest.param(
            DeadlyWrite(name="rename entity_groups/museum.json", occurrence=1),
            (2, 0),
            by_dagster,
            id="entity_groups",
            marks=OF_THE_LONG_FORM,
        ),
        pytest.param(
            DeadlyWrite(name="commit written_answers", occurrence=ANSWERS_BEFORE + 1),
            (3, ANSWERS_BEFORE),
            by_resume_alone,
            id="tickets, an answer",
            marks=OF_THE_LONG_FORM,
        ),
        pytest.param(
            DeadlyWrite(name="commit model_requests", occurrence=RECEIPT_AFTER),
            (3, ANSWERS_BEFORE),
            by_dagster,
            id="tickets, a receipt",
        ),
        pytest.param(
            DeadlyWrite(name="commit audit", occurrence=VALIDATION_NOTED),
            (4, projects.SMALL_TICKETS),
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
    assert killed.begun_again == set(STEPS[steps_done:])
    assert killed.kept == answers_kept
    assert len(killed.asked) == projects.SMALL_TICKETS


def test_a_job_killed_while_a_model_is_asked_is_resumed_and_exported_once(
    project: Path, tmp_path: Path
) -> None:
    """The model's own server kills it, with the fourth request under way."""
    run_json("upload", projects.copy_small_sheets(tmp_path / "museum", is_auto_approved=True))

    def die_in_the_middle(asked: Asked) -> Act:
        if is_of_ticket(asked) and len(tickets_asked(server)) == ANSWERS_BEFORE + 1:
            kill(job)
        return Say()

    with scripted_server(die_in_the_middle) as server:
        lines = (
            f"WRITER_MODEL={MODEL}",
            f"WRITER_BASE_URL={server.base_url('openai')}",
            "WRITER_CONCURRENCY=1",
        )
        (project / ".env").write_text("\n".join(lines), encoding="utf-8")
        job = fork_job(project, "csv_to_jira", projects.SESSION)
        code, output = finished(job)
        resumed = run_json("resume", projects.SESSION)

    asked = Counter(one.request for one in tickets_asked(server))
    assert code == KILLED, output[-3000:]
    assert resumed["resumed"]["preserved_steps"] == list(STEPS[:3])
    assert resumed["total_tickets_created"] == projects.SMALL_TICKETS
    needed = projects.SMALL_TICKETS + 2 * PROBE
    assert asked.total() <= resumed["writer_requests"] <= needed + UNDER_WAY_MAX
    assert 1 <= resumed["writer_unseen_requests"] <= UNDER_WAY_MAX
    assert len(asked) == projects.SMALL_TICKETS
    assert asked.total() <= projects.SMALL_TICKETS + UNDER_WAY_MAX
    made = count_changes(project / ".jira_pipeline" / "sandbox.sqlite")["issue_created"]
    assert made == projects.SMALL_TICKETS
