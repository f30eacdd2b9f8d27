"""Tickets of an invented allotment society, `society.yaml`: what hangs together, is lost nowhere, and fits."""

import zipfile
from collections.abc import Callable, Mapping
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from jira_pipeline.jira.adf import adf_to_text
from jira_pipeline.sharedo.sandbox.sharedo_sandbox import (
    MadeComponent,
    MadeEnvironment,
    build_package,
)
from jira_pipeline.tickets.documents.rendering import WrittenTables, render_ticket
from jira_pipeline.tickets.template import TemplateWriter
from jira_pipeline_tests.sharedo.made_packages import (
    Session,
    briefs_of,
    compare,
    session_of,
    table_faults_of,
)
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.tickets.documents.made_tickets import first_ticket

_SOCIETY = yaml.safe_load(Path(__file__).with_name("society.yaml").read_text(encoding="utf-8"))


def made(stated: Mapping[str, Any]) -> MadeEnvironment:
    changes, needs = stated.get("changes", {}), stated.get("mandatory", {})
    return MadeEnvironment(
        url=stated.get("url", "https://one.sharedo.invalid"),
        version=stated.get("version", "7.1.2.3"),
        components=tuple(
            MadeComponent(
                provider=one["provider"],
                name=one["name"],
                title=one["title"],
                payload={**one["payload"], **changes.get(one["name"], {})},
                mandatory=tuple(needs.get(one["name"], one.get("mandatory", ()))),
            )
            for one in _SOCIETY["components"]
            if one["name"] in stated.get("holds", [one["name"]])
        ),
    )


def write_packages(packages: Mapping[str, Any], folder: Path) -> None:
    """Write the packages of a session, and which are compared where there are two."""
    for name, stated in packages.items():
        society, letter = made(stated), stated.get("letter", "Dear")
        (folder / name).write_bytes(build_package(society, tuple(society.by_key)))
        with zipfile.ZipFile(folder / name, "a") as archive:
            archive.writestr("files/plot-letter.docx", letter)
    if len(packages) > 1:
        compare(folder, "trial wanted.zip", "live b.zip")


SESSIONS: Mapping[str, Callable[[Path], None]] = {
    name: partial(write_packages, packages) for name, packages in _SOCIETY["sessions"].items()
}


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
        body = render_ticket(
            ticket, WrittenTables(brief.group), groups=groups, body_max_bytes=6_000
        )
        lines = adf_to_text(body.document).splitlines()

        empty = [line for line, below in pairwise(lines) if below == "In the attachment."]

        assert {line.partition(" (")[0] for line in empty} <= PARTS
