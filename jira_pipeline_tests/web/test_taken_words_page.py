"""The page of a ticket offers what people said of one that has its title no longer in the sheets.

Belongs here: the form, and where it is shown. Does not: what it takes over (`review/test_taken_words`).
"""

from pathlib import Path

import pytest

from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run, run_json
from jira_pipeline_tests.kept.homes import KeptHome, browsing, fields_of, posted
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.sheets.made_specifications import bundle, field, put_into
from jira_pipeline_tests.web.browsers import one, page_at

NOTE = "Ask the shipyard & the harbour."
TICKETS = f"/sessions/{SESSION}/tickets"


def boat(machine_name: str) -> dict[str, list[dict[str, str]]]:
    return {
        "bundles": [bundle("Boat", machine_name)],
        "fields": [field("Boat (Content type)", "field_port")],
    }


@pytest.fixture
def home(project: Path, tmp_path: Path) -> KeptHome:
    """A session with a note in the ticket of a type that newer sheets give another machine name."""
    with projects.opened(project) as pipeline:
        projects.written(pipeline, put_into(tmp_path / "boat", boat("boat")))
    note = tmp_path / "note.md"
    note.write_text(NOTE, encoding="utf-8")
    edited = run("tickets", "edit", SESSION, "1", "--part", "notes", "--file", str(note))
    assert edited.exit_code == 0
    with projects.opened(project) as pipeline:
        projects.written(pipeline, put_into(tmp_path / "vessel", boat("vessel")))
    return KeptHome(project=project, sheets=tmp_path)


def test_a_ticket_of_another_kind_is_not_offered(home: KeptHome, tmp_path: Path) -> None:
    """Its page had the button, and the press was refused."""
    ship = {
        "bundles": [bundle("Ship", "ship")],
        "fields": [field("Ship (Content type)", "field_port")],
        "views": [{"View name": "Boats", "Machine name": "boats"}],
    }
    with projects.opened(home.project) as pipeline:
        session = projects.written(pipeline, put_into(tmp_path / "ship", ship))
    numbers = {ticket.group_key: ticket.number for ticket in session.tickets}
    taking = "button[value='take-words']"

    with browsing(home) as reviewer:
        of_type = page_at(reviewer, f"{TICKETS}/{numbers['bundle:Content type/ship']}")
        of_view = page_at(reviewer, f"{TICKETS}/{numbers['view:boats']}")

    assert of_type.css_first(taking) is not None
    assert of_view.css_first(taking) is None


def test_one_press_takes_over_what_people_said(home: KeptHome) -> None:
    (gone,) = run_json("status", SESSION)["words_without_rows"]

    with browsing(home) as reviewer:
        of_gone = page_at(reviewer, f"{TICKETS}/{gone['number']}")
        form = one(page_at(reviewer, f"{TICKETS}/1"), "#taking form")
        posted(reviewer, f"{TICKETS}/1", **fields_of(form), do="take-words")
        after = page_at(reviewer, f"{TICKETS}/1")

    assert of_gone.css_first(f".notice a[href$='{TICKETS}/1']") is not None
    assert f"notes: {NOTE}" in form.text()
    assert "edited text" not in form.text()
    assert after.css_first("#taking") is None
    assert run_json("status", SESSION)["words_without_rows"] == []

    with browsing(home) as reviewer:
        form = one(page_at(reviewer, f"{TICKETS}/1"), "form:has(button[value='give-words'])")
        posted(reviewer, f"{TICKETS}/1", **fields_of(form), do="give-words")

    assert run_json("status", SESSION)["words_without_rows"] == [gone]
