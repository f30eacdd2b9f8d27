"""A model uses each thing that its answer may hold, and the job that asks it ends well."""

import importlib.util
import json
import threading
from pathlib import Path

import dagster as dg
import pytest

from jira_pipeline.dagster_port.reports import TICKETS
from jira_pipeline.model.revisions import ChangeKind
from jira_pipeline.review.open_session import open_session
from jira_pipeline.writing.whole.request import WHOLE_FORM
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run_json
from jira_pipeline_tests.defs.looks import rows_of
from jira_pipeline_tests.end_to_end.processes import finished, job_command, start
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.writing.drawn_answers import (
    RequestedTicket,
    drawn_answers,
    features_in,
    features_of,
)
from jira_pipeline_tests.writing.scripted_models import Act, Asked, Say, scripted_server

pytestmark = [
    pytest.mark.xdist_group("models"),
    pytest.mark.skipif(
        importlib.util.find_spec("pydantic_ai") is None, reason="the extra llm is not installed"
    ),
]


class ThoroughModel:
    """Answers with what was drawn from the schema, and leaves what was refused as it is."""

    def __init__(self, schema: dict[str, object]) -> None:
        self._schema = schema
        self.used: set[str] = set()
        self._lock = threading.Lock()
        self._answered = 0

    def __call__(self, asked: Asked) -> Act:
        if "<ticket>" not in asked.last:  # asked whether it is there, or to say it otherwise
            return Say(text="{}")
        answers = drawn_answers(self._schema, RequestedTicket.of(asked))
        with self._lock:
            answer = answers[self._answered % len(answers)]
            self._answered += 1
            self.used |= features_in(answer, self._schema)
        return Say(text=json.dumps(answer))


@pytest.mark.parametrize(
    "home", ["project", pytest.param("installation", marks=pytest.mark.postgres)]
)
def test_each_thing_an_answer_may_hold_passes_through_the_event_log(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    home: str,
) -> None:
    """One question of a model ended every run as failed: its event could not be serialized."""
    project: Path = request.getfixturevalue(home)
    run_json("upload", projects.copy_small_sheets(tmp_path / SESSION))
    model = ThoroughModel(WHOLE_FORM.schema)

    with scripted_server(model) as server:
        monkeypatch.setenv("WRITER_MODEL", "a-model")
        monkeypatch.setenv("WRITER_BASE_URL", server.base_url("compatible"))
        exit_code, output = finished(start(project, *job_command("generate_tickets", SESSION)))

    assert exit_code == 0, output[-5000:]
    assert model.used == features_of(WHOLE_FORM.schema)
    with projects.opened(project) as pipeline:
        tickets = open_session(pipeline, SESSION).tickets
    changes = [change for ticket in tickets for change in ticket.revision.changes]
    asked = {
        question.question
        for ticket in tickets
        for question in ticket.unanswered
        if question.proposed_by
    }
    kinds = {*ChangeKind} - {ChangeKind.DROP}  # nothing is dropped where all is written
    assert {change.kind for change in changes if not change.refused} == kinds
    assert any(change.refused for change in changes)
    assert len(asked) > 1
    assert asked <= _open_questions_in_dagster()


def _open_questions_in_dagster() -> set[object]:
    """Return the questions in the metadata of the latest tickets, read from Dagster's storage."""
    with dg.DagsterInstance.get() as instance:
        wanted = dg.AssetRecordsFilter(dg.AssetKey(TICKETS), asset_partitions=[SESSION])
        (record,) = instance.fetch_materializations(wanted, limit=1).records
    materialization = record.asset_materialization
    assert materialization is not None
    rows = rows_of(materialization.metadata, "open_questions")
    assert {type(row["who is asked"]) for row in rows} == {str}
    return {row["question"] for row in rows}
