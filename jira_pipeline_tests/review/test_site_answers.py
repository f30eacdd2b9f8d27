"""Answers for all views of a site: the cells they fill, what stands before them, taking them back."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.jira.adf import adf_to_markdown
from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.errors import AnswerConflictError, WrongUseError
from jira_pipeline.model.records import AuditEntry
from jira_pipeline.model.site_answers import SITE
from jira_pipeline.review.answers import answer
from jira_pipeline.review.approvals import mark_ready
from jira_pipeline.review.decisions import undo
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.ticket_history import events_of
from jira_pipeline_tests import projects
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.sheets.made_specifications import display, put_into, view


@pytest.fixture
def session(pipeline: Pipeline, tmp_path: Path) -> OpenSession:
    """A view with a page, one below /admin and a block; one without displays; tickets of both."""
    sheets = {
        "views": [view("News", "news"), view("Press", "press")],
        "displays": [
            display("News", "page_1", Notes="Path: /news"),
            display("News", "page_2", Notes="Path: /admin/news"),
            display("News", "block_1", "Block"),
        ],
    }
    return projects.written(pipeline, put_into(tmp_path / "sheets", sheets))


def filled(session: OpenSession) -> Mapping[str, str]:
    """What is answered in cells, by their places without the number of the ticket."""
    cells = session.reload().cells
    return {c.place.partition(".")[2]: c.answer.answer for c in cells if c.answer}


def last_entry(session: OpenSession) -> AuditEntry:
    return session.store.audit.latest(SESSION, actions=[*AuditAction], most=1)[0]


def test_what_is_suggested_for_a_site_fills_each_open_cell_by_the_place_of_its_display(
    session: OpenSession,
) -> None:
    kept = answer(session, accepted=[SITE], by="dana")

    on_page = {
        "Sort": "newest first (site)",
        "Items per page": "10 (site)",
        "Access": "all visitors (site)",
        "When empty": "Nothing found (site)",
    }
    in_block = {
        "Items per page": "as many as the design has (site)",
        "When empty": "nothing: the block is left out (site)",
    }
    somewhere = {
        "Access": "all visitors; under /admin: editors (site)",
        "Items per page": "10; in blocks: as many as the design has (site)",
        "When empty": "Nothing found; in blocks: nothing: the block is left out (site)",
    }
    wanted = {
        "page_1": on_page,
        "page_2": on_page | {"Access": "editors (site)"},
        "block_1": on_page | in_block,
        "press": on_page | somewhere,
    }
    cells = {f"{name}.{c}": text for name, of in wanted.items() for c, text in of.items()}
    assert filled(session) == cells
    assert (kept.kept, len(kept.tickets)) == (7, 2)
    texts = [adf_to_markdown(one.document) for one in session.reload().rendered]
    assert sum("| newest first (site) |" in text for text in texts) == 2


def test_a_view_has_its_own_answer_before_that_of_the_site_and_without_it_the_sites(
    session: OpenSession,
) -> None:
    answer(session, [("site.Sort", "by title")], by="dana")
    place = next(c.place for c in session.cells if c.place.endswith("page_1.Sort"))
    counts = [session.reload().asked_for_site[4].count]

    kept = answer(session.reload(), [(place, "by date")], were={place: ""}, by="eve")
    own = filled(session)
    counts.append(session.reload().asked_for_site[4].count)
    undo(session, kept.undo, since=last_entry(session).sequence, by="eve")

    assert own["page_1.Sort"] == "by date"
    assert own["page_2.Sort"] == "by title (site)"
    assert counts == [4, 3]
    assert filled(session)["page_1.Sort"] == "by title (site)"


def test_taking_an_answer_of_the_site_back_opens_its_cells_and_nothing_else(
    session: OpenSession,
) -> None:
    answer(session, accepted=[SITE], by="dana")
    before = filled(session)

    answer(session.reload(), [("site.Items per page in blocks", "")], by="dana")

    gone = before.keys() - filled(session).keys()
    assert gone == {"block_1.Items per page", "press.Items per page"}


def test_tickets_that_say_something_else_lose_their_ready_mark_until_it_is_undone(
    session: OpenSession,
) -> None:
    numbers = [ticket.number for ticket in session.tickets]
    mark_ready(session, numbers, by="dana")
    session = session.reload()

    kept = answer(session, [("site.When empty in blocks", "nothing")], by="eve")
    marked = [ticket.number for ticket in session.reload().tickets if ticket.is_ready]
    last = last_entry(session).sequence
    undo(session.reload(), kept.undo, since=last, by="eve")

    news = next(c.ticket.number for c in session.cells if c.cell.display == "block_1")
    assert kept.unmarked == kept.tickets == (news,)
    assert marked == [number for number in numbers if number != news]
    assert [ticket.number for ticket in session.reload().tickets if ticket.is_ready] == numbers
    assert filled(session) == {}


def test_counts_follow_a_form_that_answers_of_its_own_and_of_the_site_fill_together(
    session: OpenSession,
) -> None:
    asked = session.tally.questions.count
    answer(session, accepted=[SITE], by="dana")
    some = session.reload()
    answer(some, [(cell.place, "as drawn") for cell in some.cells if cell.is_open], by="dana")
    now = some.reload()

    left = now.tally.questions.count
    assert left == now.asked.left.count == asked - 1
    assert {t.number: t.unanswered_count for t in now.listed} == {
        t.number: len(t.unanswered) for t in now.tickets
    }

    answer(now, [("site.Sort", "")], by="dana")

    assert session.reload().tally.questions.count == asked


def test_an_entry_of_the_audit_trail_names_the_tickets_that_an_answer_of_the_site_changes(
    session: OpenSession,
) -> None:
    kept = answer(session, [("site.Access under /admin", "editors")], by="dana")

    (event,) = events_of(session.reload(), [last_entry(session)])
    assert event.answers == (("Who may see lists under /admin?", "editors"),)
    assert tuple(ticket.number for ticket in event.tickets) == kept.tickets
    assert event.entry.actor == "dana"


def test_what_somebody_else_answered_for_the_site_meanwhile_is_named(session: OpenSession) -> None:
    answer(session, [("site.Sort", "by title")], by="eve")

    with pytest.raises(
        AnswerConflictError, match=r"How are lists sorted.*the whole site.*by title"
    ):
        answer(session, [("site.Sort", "newest first")], were={"site.Sort": ""}, by="dana")
    with pytest.raises(WrongUseError, match=r"no question 'site.Colour'; the site has site.Access"):
        answer(session, [("site.Colour", "red")], by="dana")
