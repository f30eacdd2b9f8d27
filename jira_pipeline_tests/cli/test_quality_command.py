"""quality: ten points for every ticket, and two writers side by side."""

from pathlib import Path

import pytest

from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run, run_json
from jira_pipeline_tests.projects import SMALL_TICKETS
from jira_pipeline_tests.writers.asked_models import MODELS
from jira_pipeline_tests.writers.scripted_models import Say, always, scripted_server

pytestmark = [pytest.mark.usefixtures("reviewed"), pytest.mark.small_site]


def test_every_ticket_is_given_points_and_the_session_a_sentence() -> None:
    answer = run("quality", "museum")

    assert answer.exit_code == 0
    assert "Configure content type: Clock" in answer.words
    assert "of 6 tickets have at least 9 of 10 points" in answer.words


def test_programs_get_points_and_reasons() -> None:
    answer = run_json("quality", "museum")

    assert answer["tickets_judged"] == SMALL_TICKETS
    assert answer["perfect_tables"] == SMALL_TICKETS
    assert answer["share_with_9"] >= 0.95
    assert {ticket["writer"].split("/")[0] for ticket in answer["tickets"]} == {"template"}
    assert [ticket["number"] for ticket in answer["tickets"]] == list(range(1, SMALL_TICKETS + 1))


def test_an_edit_that_spoils_a_ticket_costs_points_and_is_no_failure(tmp_path: Path) -> None:
    story = tmp_path / "story.html"
    story.write_text("<p>Make <code>field_cuckoo_door</code>.</p>", encoding="utf-8")
    run("tickets", "edit", "museum", "3", "--part", "user_story", "--file", str(story))

    answer = run_json("quality", "museum")

    (edited,) = (ticket for ticket in answer["tickets"] if ticket["number"] == 3)
    assert edited["points"] == 8
    assert [m["criterion"] for m in edited["missing"]] == ["user_story", "names"]
    assert run("quality", "museum").exit_code == 0


def test_another_writer_is_compared_without_storing_what_it_writes(tmp_path: Path) -> None:
    story = tmp_path / "story.html"
    story.write_text("<p>Make it.</p>", encoding="utf-8")
    run("tickets", "edit", "museum", "3", "--part", "user_story", "--file", str(story))
    before = run_json("audit", "museum")

    answer = run_json("quality", "museum", "--compare", "template")

    differing = [t for t in answer["tickets"] if t["kept"]["points"] != t["other"]["points"]]
    assert [(t["kept"]["number"], t["kept"]["points"]) for t in differing] == [(3, 9)]
    assert differing[0]["other"]["points"] == 10
    assert answer["writer"].startswith("template/")
    assert run_json("audit", "museum") == before


def test_a_comparison_shows_the_points_of_both_and_what_differs(tmp_path: Path) -> None:
    story = tmp_path / "story.html"
    story.write_text("<p>Make it.</p>", encoding="utf-8")
    run("tickets", "edit", "museum", "3", "--part", "user_story", "--file", str(story))

    answer = run("quality", "museum", "--compare", "template")

    assert answer.exit_code == 0
    assert "+ user story" in answer.words
    assert "As kept: Look at " in answer.words
    assert "By template/" in answer.words


def test_a_session_whose_tickets_are_not_written_yet_cannot_be_judged(sheets: Path) -> None:
    run("upload", str(sheets), "--session", "later")

    answer = run("quality", "later")

    assert answer.exit_code == 3


def test_a_model_is_compared_with_what_is_kept_and_asked_no_second_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What a model answered is kept, so that a second comparison costs nothing."""
    with scripted_server(always(Say())) as listening:
        monkeypatch.setenv("WRITER_BASE_URL", listening.base_url("compatible"))
        answer = run_json("quality", "museum", "--compare", MODELS["compatible"])
        asked = len(listening.asked)
        again = run_json("quality", "museum", "--compare", MODELS["compatible"])

    assert answer["kept"]["share_with_9"] == 1.0
    assert answer["other"]["tickets_judged"] == SMALL_TICKETS
    assert answer["other"]["perfect_tables"] == SMALL_TICKETS
    lost = {m["criterion"] for t in answer["tickets"] for m in t["other"]["missing"]}
    assert "verification" in lost
    assert not lost & {"table_complete", "nothing_invented", "dependencies_named", "names"}
    assert (again["tickets"], len(listening.asked)) == (answer["tickets"], asked)


def test_a_model_is_not_compared_while_another_process_writes_the_session(
    reviewed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two that ask at once could together spend more than the session may."""
    with (
        scripted_server(always(Say())) as listening,
        projects.opened(reviewed) as pipeline,
        pipeline.store.leases.hold("Session museum", holder="run other"),
    ):
        monkeypatch.setenv("WRITER_BASE_URL", listening.base_url("compatible"))
        answer = run("quality", "museum", "--compare", MODELS["compatible"], "--json")
        by_template = run("quality", "museum", "--compare", "template")

    assert answer.json["error"]["code"] == "lease_busy"
    assert "run other" in answer.json["error"]["message"]
    assert listening.asked == []
    assert by_template.exit_code == 0


def test_a_writer_that_nobody_serves_cannot_be_compared() -> None:
    answer = run("quality", "museum", "--compare", "openai:")

    assert answer.exit_code == 2
