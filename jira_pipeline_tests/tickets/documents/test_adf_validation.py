"""What is found of a rendered ticket, and how the report says it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from jira_pipeline.jira.adf import html_to_adf
from jira_pipeline.model.errors import NotFoundError
from jira_pipeline.model.rendered_tickets import RenderedTicket
from jira_pipeline.model.ticket_validations import AttachmentStatus
from jira_pipeline.model.tickets import canonical_json
from jira_pipeline.tickets.documents.adf_validation import (
    COLUMNS,
    REPORT_ROWS,
    VIOLATIONS_KEPT,
    check_ticket,
    check_tickets,
    report_markdown,
    result_object,
    verdict_on,
)
from jira_pipeline_tests.sheets.made_specifications import bundle, field
from jira_pipeline_tests.tickets.documents.made_tickets import made_ticket

LIMIT = 32_767
TITLE = "Configure content type: Page"


@pytest.fixture(scope="module")
def page() -> RenderedTicket:
    made = made_ticket(
        TITLE, bundles=[bundle("Page", "page")], fields=[field("Page (Content type)", "field_a")]
    )
    return made.rendered()


def _with(page: RenderedTicket, document: Mapping[str, Any], **changes: Any) -> RenderedTicket:
    return replace(page, kept_text=canonical_json(document), **changes)


def _broken(*blocks: object) -> dict[str, Any]:
    return {"version": 1, "type": "doc", "content": list(blocks)}


def _paragraph(text: str) -> dict[str, Any]:
    return {"type": "paragraph", "content": [{"type": "text", "text": text}]}


def test_a_result_names_the_revision_that_was_checked(page: RenderedTicket) -> None:
    result = check_ticket(page, body_max_bytes=LIMIT)

    assert (result.is_passed, result.status) == (True, "passed")
    assert result.revision == page.ticket.revision.number
    assert result.content_hash == page.ticket.revision.content_hash
    assert result.rendered_hash == page.rendered_hash
    assert (result.violations, result.error_message, result.suggested_fix) == ((), "", "")


def test_what_was_checked_when_it_was_rendered_is_not_checked_again(page: RenderedTicket) -> None:
    found = replace(check_ticket(page, body_max_bytes=LIMIT), error_message="as found then")

    verdict = verdict_on(replace(page, verdict=found), body_max_bytes=LIMIT)

    assert verdict is found


def test_each_broken_rule_is_reported_with_path_text_around_and_advice(
    page: RenderedTicket,
) -> None:
    document = _broken(
        {"type": "heading", "attrs": {"level": 9}, "content": [{"type": "text", "text": "Fields"}]},
        _paragraph(""),
    )

    result = check_ticket(_with(page, document), body_max_bytes=LIMIT)

    assert not result.is_passed
    assert [v.path for v in result.violations] == [
        "$.content[0].attrs.level",
        "$.content[1].content[0].text",
    ]
    assert "$.content[0].attrs.level: 9 is greater than the maximum of 6." in (result.error_message)
    assert "Change it, or delete the node. Fill it, or delete the node." in result.suggested_fix


def test_of_many_broken_rules_some_are_reported_and_more_are_kept(page: RenderedTicket) -> None:
    document = _broken(*[_paragraph("")] * 80)

    result = check_ticket(_with(page, document), body_max_bytes=LIMIT)

    assert len(result.violations) == VIOLATIONS_KEPT
    assert result.error_message.endswith(f"; and {VIOLATIONS_KEPT - 5} more")
    assert result.suggested_fix == "Fill it, or delete the node."


@pytest.mark.parametrize(
    ("attachment", "prose", "status", "word"),
    [
        (None, "see page.md", AttachmentStatus.NONE, "skipped"),
        (("page.md", "text"), "see page.md", AttachmentStatus.OK, "passed"),
        (("page.md", "text"), "see below", AttachmentStatus.NOT_NAMED, "failed"),
        (("page.md", "half \ud83d"), "see page.md", AttachmentStatus.NOT_WRITABLE, "failed"),
        (("page.md", "ä" * 500_001), "see page.md", AttachmentStatus.TOO_LARGE, "failed"),
    ],
    ids=["none", "right", "not named", "half a character", "above 1 MB"],
)
def test_an_attachment_is_checked_without_uploading_it(
    page: RenderedTicket,
    attachment: tuple[str, str] | None,
    prose: str,
    status: AttachmentStatus,
    word: str,
) -> None:
    rendered = _with(page, html_to_adf(f"<p>{prose}</p>"), attachment=attachment)

    result = check_ticket(rendered, body_max_bytes=LIMIT)

    assert result.attachment_status == status
    assert result_object(result, number=1)["attachment_upload_status"] == word
    assert result.is_attachment_checked == (attachment is not None)
    assert result.is_passed == (status in {AttachmentStatus.NONE, AttachmentStatus.OK})
    assert bool(result.suggested_fix) == (not result.is_passed)


def test_the_change_in_characters_is_one_of_text_between_body_and_whole(
    page: RenderedTicket,
) -> None:
    body = html_to_adf("<p>see <strong>page.md</strong></p>")

    whole = check_ticket(_with(page, body), body_max_bytes=LIMIT)
    short = check_ticket(
        _with(page, body, attachment=("page.md", "# much"), whole_characters=1_000),
        body_max_bytes=LIMIT,
    )

    assert whole.character_reduction == 0
    assert f"| -{1_000 - len('see page.md')} |" in report_markdown([short], numbers={})
    assert short.character_reduction == 1_000 - len("see page.md")


def test_a_number_no_ticket_has_is_refused(page: RenderedTicket) -> None:
    with pytest.raises(NotFoundError, match="no ticket 999"):
        check_tickets([page], numbers=[page.ticket.number, 999], body_max_bytes=LIMIT)


def test_the_report_is_one_markdown_table_whatever_the_words(page: RenderedTicket) -> None:
    good = check_ticket(page, body_max_bytes=LIMIT)
    odd = replace(good, ticket_id="x", title="A | B\n`*_<b>", is_passed=False, error_message="a\nb")

    lines = report_markdown([good, odd], numbers={good.ticket_id: 7}).splitlines()

    assert lines[:3] == ["2 tested, 1 passed, 1 failed.", "", f"| {' | '.join(COLUMNS)} |"]
    assert lines[4].startswith(r"|  | A \| B \`\*\_\<b\> | failed |")
    assert lines[5].startswith(f"| 7 | {TITLE} | passed |")
    assert len(lines) == 6


def test_a_report_of_very_many_tickets_says_what_it_left_out(page: RenderedTicket) -> None:
    good = check_ticket(page, body_max_bytes=LIMIT)

    report = report_markdown([good] * (REPORT_ROWS + 3), numbers={})

    assert report.endswith("… and 3 more that passed.")


def test_a_result_for_other_programs_holds_every_broken_rule(page: RenderedTicket) -> None:
    result = check_ticket(_with(page, _broken(_paragraph(""))), body_max_bytes=LIMIT)

    shown = result_object(result, number=3)

    assert (shown["number"], shown["status"]) == (3, "failed")
    assert shown["violations"] == [
        {
            "path": "$.content[0].content[0].text",
            "rule": "minLength",
            "message": '"" is shorter than 1 character.',
            "suggested_fix": "Fill it, or delete the node.",
        }
    ]
