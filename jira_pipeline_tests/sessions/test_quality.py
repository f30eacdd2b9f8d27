"""The quality report of a session: each ticket is judged once for what it says."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from jira_pipeline.sessions.composition import Pipeline
from jira_pipeline.sessions.open_session import open_session
from jira_pipeline.sessions.quality import QUALITY_FOLDER, quality_as_validated, quality_now
from jira_pipeline.sessions.review import validate
from jira_pipeline.stages.review.editing import TicketEdit, edit_ticket
from jira_pipeline_tests import projects

pytestmark = pytest.mark.small_site

OTHER_TITLE = "told by the file"


@pytest.fixture
def pipeline(reviewed: Path) -> Iterator[Pipeline]:
    """A session with valid tickets."""
    with projects.opened(reviewed) as opened:
        yield opened


def kept_file(pipeline: Pipeline) -> Path:
    """Return the file of what was found about tickets."""
    return pipeline.settings.artefacts_path / QUALITY_FOLDER / f"{projects.SESSION}.json"


def mark_what_is_kept(pipeline: Pipeline) -> None:
    """Let every ticket of the file have another title, so its use can be seen."""
    path = kept_file(pipeline)
    kept = json.loads(path.read_bytes())
    marked = {key: found | {"title": OTHER_TITLE} for key, found in kept.items()}
    path.write_text(json.dumps(marked), encoding="utf-8")


@pytest.mark.parametrize("title", [None, "Another title"], ids=["prose", "title"])
def test_only_the_ticket_that_changed_is_judged_again(
    title: str | None, pipeline: Pipeline
) -> None:
    """A validation judged 84 tickets for one edit, and again for one title."""
    mark_what_is_kept(pipeline)
    ticket = pipeline.store.tickets.get(projects.SESSION, 3)
    edit_ticket(
        ticket,
        TicketEdit(title=title, parts={"notes": "<p>Ask the curator first.</p>"}),
        expected_revision=None,
        reviews=pipeline.store.reviews,
        by="ab",
        at=pipeline.clock.now(),
    )

    validate(open_session(pipeline, projects.SESSION), run_id=None)

    found = quality_as_validated(open_session(pipeline, projects.SESSION))
    assert [t.number for t in found.tickets if t.title != OTHER_TITLE] == [3]


def test_a_title_that_is_there_twice_costs_both_tickets_their_point(pipeline: Pipeline) -> None:
    first = pipeline.store.tickets.get(projects.SESSION, 1)
    before = quality_now(open_session(pipeline, projects.SESSION))
    edit_ticket(
        pipeline.store.tickets.get(projects.SESSION, 3),
        TicketEdit(title=first.title, parts={}),
        expected_revision=None,
        reviews=pipeline.store.reviews,
        by="ab",
        at=pipeline.clock.now(),
    )

    after = quality_now(open_session(pipeline, projects.SESSION))

    assert after.tickets[0].points == before.tickets[0].points - 1


@pytest.mark.parametrize("content", [b"{", b'{"a": {"ticket_id": 1}}'], ids=["torn", "older"])
def test_a_file_that_cannot_be_used_is_written_again(pipeline: Pipeline, content: bytes) -> None:
    before = quality_now(open_session(pipeline, projects.SESSION))
    kept_file(pipeline).write_bytes(content)

    after = quality_now(open_session(pipeline, projects.SESSION))

    assert after == before
    assert len(json.loads(kept_file(pipeline).read_bytes())) == projects.SMALL_TICKETS


def test_where_nothing_can_be_kept_tickets_are_judged_all_the_same(pipeline: Pipeline) -> None:
    """A home that may only be read, or a full disk."""
    before = quality_now(open_session(pipeline, projects.SESSION))
    folder = kept_file(pipeline).parent
    kept_file(pipeline).unlink()
    folder.rmdir()
    folder.write_bytes(b"")

    assert quality_now(open_session(pipeline, projects.SESSION)) == before


def test_other_sheets_are_judged_by_themselves(pipeline: Pipeline) -> None:
    """What the rows say counts, even where a ticket reads the same."""
    session = open_session(pipeline, projects.SESSION)
    quality_now(session)
    mark_what_is_kept(pipeline)
    manifest = replace(session.stored.manifest, include_waiting=True)
    other = replace(session, stored=replace(session.stored, manifest=manifest))

    assert all(ticket.title != OTHER_TITLE for ticket in quality_now(other).tickets)
