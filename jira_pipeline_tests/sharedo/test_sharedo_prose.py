"""Tickets of an invented allotment society: what hangs together, is lost nowhere, and fits."""

from itertools import pairwise

import pytest

from jira_pipeline.jira.adf import adf_to_text
from jira_pipeline.tickets.documents.rendering import render_ticket
from jira_pipeline.tickets.template import TemplateWriter
from jira_pipeline_tests.sharedo.made_packages import (
    Session,
    briefs_of,
    session_of,
    table_faults_of,
)
from jira_pipeline_tests.sharedo.society import SESSIONS
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.tickets.documents.made_tickets import first_ticket

PARTS = {"Analysis", "Verification", "Questions for the specification", "User story"}


@pytest.fixture(scope="module")
def sessions(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Session]:
    """Each session, by name."""
    found = {}
    for name, write in SESSIONS.items():
        write(folder := tmp_path_factory.mktemp(name))
        found[name] = session_of(folder)
    return found


def test_a_change_waits_only_for_what_its_new_values_name(sessions: dict[str, Session]) -> None:
    """The package states that the workflow needs the template, which live has."""
    assert {group.dependencies for group in sessions["narrowing"].groups} == {()}


@each("which", SESSIONS)
def test_every_value_can_be_read_back(sessions: dict[str, Session], which: str) -> None:
    assert table_faults_of(sessions[which]) == []


def test_a_short_body_has_no_heading_over_nothing(sessions: dict[str, Session]) -> None:
    society = sessions["society"]
    groups = {group.key: group for group in society.groups}
    for brief in briefs_of(society):
        ticket = first_ticket(brief.group, TemplateWriter().write(brief), session_key="any")
        body = render_ticket(ticket, brief.group, groups=groups, body_max_bytes=6_000)
        lines = adf_to_text(body.document).splitlines()

        empty = [line for line, below in pairwise(lines) if below == "In the attachment."]

        assert {line.partition(" (")[0] for line in empty} <= PARTS
