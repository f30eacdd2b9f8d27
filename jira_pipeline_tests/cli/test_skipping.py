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


def test_skipping_a_ticket_names_those_that_depend_on_it(pair: tuple[int, int]) -> None:
    skipped, dependent = pair

    answer = run("tickets", "skip", "museum", skipped, "--reason", "Built by another team")

    assert answer.exit_code == 0, answer.words
    assert "1 ticket skipped." in answer.words
    assert str(dependent) in answer.words
    (listed,) = [t for t in run_json("tickets", "list", "museum") if t["number"] == skipped]
    assert (listed["state"], listed["skipped_reason"]) == ("skipped", "Built by another team")


def test_the_plan_names_what_depends_on_skipped_tickets(pair: tuple[int, int]) -> None:
    skipped, dependent = pair
    run("tickets", "skip", "museum", skipped, "--reason", "later")
    run("tickets", "ready", "museum", "--all")

    answer = run_json("export", "museum", "--plan")

    plan = run("export", "museum", "--plan").words
    assert answer["skip"] == [skipped]
    assert skipped not in answer["create"]
    assert {"number": dependent, "skipped": [skipped]} in answer["skipped_dependencies"]
    assert f"Ticket {dependent} depends on skipped {skipped}: it gets no link there." in plan


def test_showing_a_ticket_names_what_is_skipped(pair: tuple[int, int]) -> None:
    skipped, dependent = pair
    run("tickets", "skip", "museum", skipped, "--reason", "later, says the museum")

    assert "Skipped: later, says the museum" in run("tickets", "show", "museum", skipped).words
    shown = run("tickets", "show", "museum", dependent).words
    assert f"Depends on ticket {skipped} (" in shown
    assert "which is skipped: later, says the museum" in shown
    assert run_json("tickets", "show", "museum", dependent)["skipped_dependencies"] == [skipped]


def test_a_skipped_ticket_is_taken_in_again(pair: tuple[int, int]) -> None:
    run("tickets", "skip", "museum", pair[0], "--reason", "later")

    answer = run_json("tickets", "unskip", "museum", pair[0])

    assert answer["unskipped"] == 1
    assert {t["skipped_reason"] for t in run_json("tickets", "list", "museum")} == {None}


@pytest.mark.parametrize(
    ("arguments", "exit_code", "expected"),
    [
        (("skip", "museum", 1), 2, "--reason"),
        (("skip", "museum", 1, "--reason", " "), 2, "say why"),
        (("skip", "museum", 99, "--reason", "x"), 2, "has no ticket 99"),
        (("unskip", "museum", 99), 2, "has no ticket 99"),
    ],
    ids=["no reason", "a blank reason", "an unknown ticket", "an unknown ticket taken in"],
)
def test_what_cannot_be_skipped_is_reported(
    reviewed: Path, arguments: tuple[object, ...], exit_code: int, expected: str
) -> None:
    answer = run("tickets", *arguments)

    assert reviewed.is_dir()
    assert answer.exit_code == exit_code
    assert expected in answer.words


def test_a_ticket_with_an_issue_is_not_skipped(exported: Path) -> None:
    answer = run("tickets", "skip", "museum", 1, "--reason", "too late")

    assert exported.is_dir()
    assert answer.exit_code == 1
    assert "Ticket 1 has the issue UHR-" in answer.words


def test_an_export_of_skipped_tickets_only_says_so(reviewed: Path) -> None:
    numbers = [ticket["number"] for ticket in run_json("tickets", "list", "museum")]
    run("tickets", "skip", "museum", *numbers, "--reason", "all of it waits")

    answer = run("export", "museum")

    assert reviewed.is_dir()
    assert answer.exit_code == 0, answer.words
    assert "Nothing to export: every ticket is skipped" in answer.words
    assert run_json("status", "museum")["next_step"].startswith("Nothing to export")
