"""quality: where to look before tickets are signed."""

from pathlib import Path

import pytest

from jira_pipeline_tests.cli.terminal import run, run_json
from jira_pipeline_tests.projects import SMALL_TICKETS

pytestmark = [pytest.mark.usefixtures("reviewed"), pytest.mark.small_site]


def test_every_ticket_is_listed_with_what_stands_against_signing_it() -> None:
    answer, found = run("quality", "museum"), run_json("quality", "museum")

    assert answer.exit_code == 0
    assert "Configure content type: Clock" in answer.words
    assert f"Of {SMALL_TICKETS} tickets" in answer.words
    assert found["tickets_judged"] == len(found["tickets"]) == SMALL_TICKETS
    assert found["signable"] == sum(ticket["signable"] for ticket in found["tickets"])


def test_a_session_whose_tickets_are_not_written_yet_has_nothing_to_look_at(sheets: Path) -> None:
    run("upload", str(sheets), "--session", "later")

    assert run("quality", "later").exit_code == 3
