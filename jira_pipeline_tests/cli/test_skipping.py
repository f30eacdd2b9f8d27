"""Tickets left out of the export: what the dependent ones say, and how they come back."""

from pathlib import Path

import pytest

from jira_pipeline_tests.cli.terminal import run, run_json

pytestmark = pytest.mark.small_site


@pytest.fixture
def pair(reviewed: Path) -> tuple[int, int]:
    """A ticket that others depend on, and one of those."""
    assert reviewed.is_dir()
    tickets = run_json("tickets", "list", "museum")
    number_of = {ticket["ticket_id"]: ticket["number"] for ticket in tickets}
    dependent = next(ticket for ticket in tickets if ticket["depends_on"])
    return number_of[dependent["depends_on"][0]], dependent["number"]


def test_what_depends_on_a_skipped_ticket_is_named_by_the_plan_and_where_it_is_shown(
    pair: tuple[int, int],
) -> None:
    skipped, dependent = pair
    run("tickets", "skip", "museum", skipped, "--reason", "later")
    run("tickets", "ready", "museum", "--all")

    plan = run_json("export", "museum", "--plan")
    planned = run("export", "museum", "--plan").words
    shown = run("tickets", "show", "museum", dependent).words

    assert (plan["skip"], skipped in plan["create"]) == ([skipped], False)
    assert {"number": dependent, "skipped": [skipped]} in plan["skipped_dependencies"]
    assert f"Ticket {dependent} depends on skipped or sent back {skipped}" in planned
    assert "which is skipped or sent back: later" in shown


@pytest.mark.usefixtures("exported")
def test_a_ticket_with_an_issue_is_not_skipped() -> None:
    answer = run("tickets", "skip", "museum", 1, "--reason", "too late")

    assert answer.exit_code == 1
    assert "Ticket 1 already has the issue UHR-" in answer.words
