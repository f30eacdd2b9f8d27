"""The example as Jira will get it: bodies, attachments, literal cells."""

import json
from functools import cache
from pathlib import Path

import pytest

from jira_pipeline.adf import adf_to_text, validate_adf
from jira_pipeline.documents.rendering import render_ticket
from jira_pipeline.grouping.grouping import group_entities
from jira_pipeline.kernel.entities import Specification
from jira_pipeline.kernel.rendered_tickets import RenderedTicket
from jira_pipeline.ports.writing import TicketBrief
from jira_pipeline.sheets.manifest import read_manifest
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.sheets.reading.folders import read_folder
from jira_pipeline.writing.template import TemplateWriter
from jira_pipeline_tests.documents.made_tickets import first_ticket

FOLDER = Path(__file__).resolve().parents[2] / "examples" / "uhrenmuseum"
SESSION_KEY = "uhrenmuseum"
BODY_MAX_BYTES = 32_767
"""Default of `ADF_BODY_MAX_BYTES`."""
CLOCK = "Configure content type: Clock"


@cache
def rendered_tickets() -> dict[str, RenderedTicket]:
    """Write and render every ticket of the example, by title."""
    specification = Specification(
        entities=read_entities(read_folder(FOLDER).tables).entities,
    )
    manifest = read_manifest(FOLDER)
    groups = {group.key: group for group in group_entities(specification).groups}
    writer = TemplateWriter()
    rendered = {}
    for group in groups.values():
        brief = TicketBrief(
            group=group,
            groups=groups,
            specification=specification,
            site_name=manifest.site_name or SESSION_KEY,
            site_description=manifest.site_description,
        )
        ticket = first_ticket(group, writer.write(brief), session_key=SESSION_KEY)
        rendered[group.title] = render_ticket(
            ticket, group, groups=groups, body_max_bytes=BODY_MAX_BYTES
        )
    return rendered


def body_text(title: str) -> str:
    """Return the text of a body."""
    return adf_to_text(dict(rendered_tickets()[title].description_adf))


def size_bytes(rendered: RenderedTicket) -> int:
    """Measure a body as it is sent."""
    return len(
        json.dumps(rendered.document, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    )


def test_bodies_that_are_too_large_move_to_attachments() -> None:
    rendered = rendered_tickets()

    attached = {title for title, ticket in rendered.items() if ticket.attachment is not None}

    assert attached == {
        CLOCK,
        "Configure content type: Exhibition",
        "Update content type: Event",
    }
    assert max(size_bytes(ticket) for ticket in rendered.values()) <= BODY_MAX_BYTES


def test_every_body_is_valid() -> None:
    violations = {
        title: validate_adf(ticket.document) for title, ticket in rendered_tickets().items()
    }

    assert {title: found for title, found in violations.items() if found} == {}


def test_the_attachment_holds_every_field_of_the_clock() -> None:
    attachment = rendered_tickets()[CLOCK].attachment
    assert attachment is not None
    specification = Specification(entities=read_entities(read_folder(FOLDER).tables).entities)
    fields = specification.members_of["bundle:Content type/clock"]

    missing = [field.machine_name for field in fields if field.machine_name not in attachment[1]]

    assert len(fields) == 43
    assert missing == []


@pytest.mark.parametrize(
    ("title", "text"),
    [
        pytest.param(
            "Configure vocabulary: Clockmakers",
            "Text, because sources give <em>about 1720</em>.",
            id="HTML stays literal",
        ),
        pytest.param(
            "Configure vocabulary: Clockmakers",
            "Höchst, Möwenbrück, Rüdesheim",
            id="umlauts",
        ),
        pytest.param(
            "Configure workflow: Collection",
            "Draft, In review, Published, Archived",
            id="collapsed transitions",
        ),
    ],
)
def test_a_body_says_what_its_rows_ask_for(title: str, text: str) -> None:
    body = body_text(title)

    assert text in body
