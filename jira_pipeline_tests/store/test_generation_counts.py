"""How many tickets a generation made new, wrote again and left alone: each ticket counts once."""

from pathlib import Path

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.writing.generation import last_generation
from jira_pipeline_tests import projects
from jira_pipeline_tests.sheets.made_specifications import Row, bundle, field, put_into

COOK = bundle("Cook", "cook")
MATE = bundle("Mate", "mate")
MATE_WITH_NOTE = MATE | {"Description": "Who sees all logs."}


def sheets_of(folder: Path, *bundles: Row) -> Path:
    fields = [field(f"{row['Name']} (Content type)", "field_log") for row in bundles]
    return put_into(folder, {"bundles": [*bundles], "fields": fields})


def counts_of(session: OpenSession) -> tuple[int, int, int]:
    outcome = last_generation(session)
    return outcome.created, outcome.rewritten, outcome.unchanged


def test_a_ticket_whose_row_came_back_with_another_text_counts_as_new_alone(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    """It counted as new and as written again, and the rest as `-1 unchanged`."""
    projects.written(pipeline, sheets_of(tmp_path / "both", COOK, MATE))
    projects.written(pipeline, sheets_of(tmp_path / "one", COOK))
    session = projects.written(pipeline, sheets_of(tmp_path / "back", COOK, MATE_WITH_NOTE))

    assert sum(counts_of(session)) == len(session.tickets)
    assert last_generation(session).created == 1
