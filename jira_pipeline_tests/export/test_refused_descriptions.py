"""A description that Jira refuses: the tables are the product, so nothing is created without them."""

import json
from dataclasses import replace

import httpx
import pytest

from jira_pipeline.adf import nodes as adf
from jira_pipeline.errors import DescriptionRefusedError, ErrorCategory, RefusedError
from jira_pipeline.export.attachments import attach_files
from jira_pipeline.export.creation import create_issues
from jira_pipeline.export.descriptions import suspect_in, with_attached_body
from jira_pipeline.export.links import link_issues
from jira_pipeline.export.plan import plan_export
from jira_pipeline.jira_sandbox.site_rules import SiteRules
from jira_pipeline.kernel.rendered_tickets import RenderedTicket
from jira_pipeline.session.commands import words_of
from jira_pipeline_tests.crash.export_world import Crash, ExportWorld, document
from jira_pipeline_tests.crash.undo_world import DiesAt, titles
from jira_pipeline_tests.export.small_site import a_ticket

LIMIT = "CONTENT_LIMIT_EXCEEDED"
ANSWERS = {
    "by field": {"errorMessages": [], "errors": {"description": LIMIT}},
    "as a message": {"errorMessages": [LIMIT], "errors": {}},
    "as invalid input": {"errorMessages": ["INVALID_INPUT"], "errors": {}},
}
TABLE = {
    "type": "table",
    "content": [
        {
            "type": "tableRow",
            "content": [
                {"type": "tableCell", "content": document(text)["content"]}
                for text in ("field_a_b", "*", "x")
            ],
        }
    ],
}
WITH_TABLE = {"type": "doc", "version": 1, "content": [*document("Short.")["content"], TABLE]}  # type: ignore[misc]


def refusing(body: object) -> object:
    """Refuse every description that is not short, as a site with a limit does."""

    def answering(request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        content = request.read()
        if b'"description"' in content and b"does not take" not in content:
            return httpx.Response(400, json=body)
        return site.handle_request(request)

    return answering


def attach_instead(world: ExportWorld, wire: DiesAt | None = None) -> None:
    """Export with JIRA_DESCRIPTION_FALLBACK=attach."""
    with world.process(wire) as (tools, order):
        attaching = replace(order, attaches_refused_descriptions=True)
        create_issues(tools, attaching)
        attach_files(tools, attaching)
        link_issues(tools, attaching)


def files_of(world: ExportWorld) -> dict[str, str]:
    """Return the text of every file, by the title of its issue."""
    with world.sandbox.state.reading() as rows:
        found = rows.execute(
            "SELECT summary, content FROM attachment JOIN issue ON issue.id = issue_id"
        ).fetchall()
    return {row["summary"]: bytes(row["content"]).decode() for row in found}


@pytest.mark.parametrize("body", ANSWERS.values(), ids=ANSWERS)
def test_a_refused_description_stops_the_export_before_any_issue_without_one(
    world: ExportWorld, body: object
) -> None:
    world.answering = refusing(body)  # type: ignore[assignment]

    with pytest.raises(DescriptionRefusedError) as caught:
        world.export()

    error = caught.value
    assert titles(world) == []
    assert (error.category, error.failed_at_ticket_number) == (ErrorCategory.ADMIN_REQUIRED, 2)
    refusal = next(iter((*body["errors"].values(), *body["errorMessages"])))  # type: ignore[index]
    assert refusal in error.message
    assert "ticket 2 (Create content type 2)" in error.message
    assert "bytes" in error.message
    assert [words_of(way).split()[0] for way in error.recovery_actions] == ["Correct", "Or", "Or"]
    assert "tickets skip site 2" in words_of(error.recovery_actions[1])
    assert "JIRA_DESCRIPTION_FALLBACK=attach" in words_of(error.recovery_actions[2])


def test_the_export_goes_on_once_jira_takes_it(world: ExportWorld) -> None:
    world.sandbox.set_rules(SiteRules(refused_fields={"description": LIMIT}))
    with pytest.raises(DescriptionRefusedError):
        world.export()
    world.sandbox.set_rules(SiteRules())

    world.export()

    assert world.violations() == []


@pytest.mark.parametrize("batch_size", [1, 50])
def test_what_jira_refuses_can_be_attached_as_a_whole(world: ExportWorld, batch_size: int) -> None:
    """Of a process that ended in between the next one knows which bodies went into files."""
    world.answering, world.batch_size = refusing(ANSWERS["by field"]), batch_size  # type: ignore[assignment]
    with pytest.raises(Crash):
        attach_instead(world, DiesAt("before intent of attachment t01"))

    attach_instead(world)

    files = files_of(world)
    assert sorted(files) == sorted(titles(world))
    assert "Create content type 1" in files["Create content type 1"]
    with world.sandbox.state.reading() as rows:
        bodies = [row[0] for row in rows.execute("SELECT description FROM issue")]
    assert all("All of it is in" in body for body in bodies)


def test_a_short_body_that_is_refused_too_stops_the_export(world: ExportWorld) -> None:
    world.sandbox.set_rules(SiteRules(refused_fields={"description": LIMIT}))

    with pytest.raises(RefusedError, match="refused the description of ticket 2"):
        attach_instead(world)

    assert titles(world) == []


def test_the_plan_says_what_happens_to_a_refused_description(world: ExportWorld) -> None:
    with world.process() as (tools, order):
        stops = plan_export(tools, order).to_json()
        attaches = plan_export(tools, replace(order, attaches_refused_descriptions=True)).to_json()

    assert stops["description_fallback"] == "stop"
    assert attaches["description_fallback"] == "attach"


@pytest.mark.parametrize(
    ("words", "suspect"),
    [
        ("Node tableRow is not allowed", "tableRow at /content/1/content/0 (“"),
        (LIMIT, "table at /content/1 (“"),
        ("The text is too long.", "table at /content/1 (“"),
        ("Sorry.", None),
    ],
)
def test_the_part_that_jira_may_mean_is_named_where_its_words_show_it(
    words: str, suspect: str | None
) -> None:
    found = suspect_in(WITH_TABLE, refusal=words)

    assert (found is None) == (suspect is None)
    assert (found or "").startswith(suspect or "")


def test_a_cell_of_backticks_stays_between_its_fences() -> None:
    """A fence of four ended at the four in the cell, and the rest was read as Markdown."""
    cell = adf.table_cell("````\n* <b>")
    document = adf.doc([adf.table([adf.table_row([cell])])])
    ticket: RenderedTicket = replace(a_ticket(1), description_adf=document)

    attached = with_attached_body(ticket)

    assert attached.attachment is not None
    assert "\n`````text\n````\n* <b>\n`````\n" in attached.attachment[1]


def test_the_file_has_every_cell_exactly() -> None:
    """Markdown escapes some characters, and cells are there to be copied."""
    ticket: RenderedTicket = replace(a_ticket(1), description_adf=WITH_TABLE)

    attached = with_attached_body(ticket)

    assert attached.attachment is not None
    name, text = attached.attachment
    assert all(cell in text for cell in ("field_a_b", "*", "x"))
    assert name in json.dumps(attached.document)
    assert attached.rendered_hash == ticket.rendered_hash
