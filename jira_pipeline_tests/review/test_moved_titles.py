"""Where newer sheets give the title of one ticket to another, people are told what was said of which.

Belongs here: machine names that are swapped, and swapped back. Does not: tickets that are gone
(`test_taken_words`), rows in another ticket (`test_moved_rows`).
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.review.decisions import decide
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run, run_json
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.sheets.made_specifications import Row, bundle, put_into

NOTE = "Ask the boatswain."
REMARK = "Say who rows."


def sheets(boats: str, ships: str) -> Mapping[str, Sequence[Row]]:
    return {
        "bundles": [bundle("Boat", "boat")],
        "views": [
            {"View name": "Boats", "Machine name": boats},
            {"View name": "Ships", "Machine name": ships},
        ],
    }


def written(pipeline: Pipeline, folder: Path, boats: str, ships: str) -> OpenSession:
    place = folder / f"sheets{len(list(folder.iterdir()))}"
    return projects.written(pipeline, put_into(place, sheets(boats, ships)))


def test_swapped_machine_names_are_named_until_they_are_swapped_back(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    """What was said of one view was shown, and exported, under the title of the other, unsaid."""
    session = written(pipeline, tmp_path, "boats", "ships")
    (boats,) = [one for one in session.tickets if one.group_key == "view:boats"]
    note = {"number": boats.number, "part": "notes", "text": NOTE}
    decide(session, "edit", note, by="ben")
    decide(session.reload(), "title", {"number": boats.number, "title": "Our boats"}, by="ben")
    pipeline.store.audit.append(
        at=session.clock.now(),
        session_key=SESSION,
        actor="cleo",
        action=AuditAction.TICKETS_REMARKED,
        details={"ticket_ids": [boats.ticket_id], "remark": REMARK},
    )

    written(pipeline, tmp_path, "ships", "boats")

    (moved,) = run_json("status", SESSION)["moved_titles"]
    assert moved["title_before"] == "Configure view: Boats"
    assert f"notes: {NOTE}" in moved["words"]
    assert f"remark by cleo: {REMARK}" in moved["words"]
    assert "(`boats`) was “Configure view: Boats”" in moved["text"]
    assert f"jira-pipeline upload FOLDER --session {SESSION}" in moved["text"]
    assert NOTE in run("status", SESSION).words

    written(pipeline, tmp_path, "boats", "ships")

    assert run_json("status", SESSION)["moved_titles"] == []
