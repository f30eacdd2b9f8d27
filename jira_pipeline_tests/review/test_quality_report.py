"""Where to look before signing: only what is certain, of tickets as they are now."""

from dataclasses import replace

from jira_pipeline.model.forms_in_text import FORM_COLUMNS, PATH, is_waiting_for_answers
from jira_pipeline.model.json_values import json_object
from jira_pipeline.review.waiting import SessionQuality, quality_of, summary_of
from jira_pipeline_tests.tickets.documents.made_tickets import site_tickets


def form(**cells: str) -> str:
    head = "".join(f"<th>{name}</th>" for name in ("Display", *FORM_COLUMNS))
    known = {PATH: "<code>/news</code>"} | cells
    row = "".join(f"<td>{known.get(name, '?')}</td>" for name in FORM_COLUMNS)
    return f"<p>x</p><table><tr>{head}</tr><tr><td>page_1</td>{row}</tr></table>"


def test_a_form_with_a_path_and_nothing_else_waits() -> None:
    assert is_waiting_for_answers(form())
    assert is_waiting_for_answers(form(Lists="content, types: ?"))
    assert not is_waiting_for_answers(form(Filters="published only"))
    assert not is_waiting_for_answers("<table><tr><th>Display</th></tr><tr><td>?</td></tr></table>")


def numbers_in(quality: SessionQuality) -> set[int]:
    return {one.ticket.number for one in quality.flagged}


def test_a_ticket_that_waits_or_was_left_to_the_template_is_not_signable() -> None:
    first, second, third, *rest = (made.ticket for made in site_tickets("uhrenmuseum"))
    parts = replace(first.revision.parts, analysis=form())
    waiting = replace(first, revision=replace(first.revision, parts=parts))
    left = replace(second, revision=replace(second.revision, fallback_reason="it refused"))
    skipped = replace(third, skipped_reason="built already")
    before = quality_of([first, second, third, *rest])

    found = quality_of([waiting, left, skipped, *rest])

    assert numbers_in(found) - numbers_in(before) == {1, 2}
    assert [t.reasons for t in found.tickets[:2]] == [
        ("waiting for answers: its form is empty",),
        ("by the template: it refused",),
    ]
    assert len(found.tickets) == len(before.tickets) - 1
    assert f"Of {len(found.tickets)} tickets" in summary_of(found)
    assert json_object(found)["fallbacks"] == 1
