"""What people have to change in issues that exist: what Jira would really show otherwise."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from jira_pipeline.export.change_comments import comment_on_change
from jira_pipeline.export.later_changes import (
    ExportedIssues,
    LaterChange,
    TicketSource,
    later_changes,
    naming_removed_issues,
)
from jira_pipeline.export.ledger_page import WriteSubject
from jira_pipeline.export.results import attached_files
from jira_pipeline.jira.adf import adf_to_text
from jira_pipeline.model.exports import LedgerEvent, LedgerSubject, SentContent
from jira_pipeline.model.rendered_tickets import hashed_file_name
from jira_pipeline.model.source_tables import SourceWord
from jira_pipeline.model.ticket_decisions import TicketState
from jira_pipeline.model.ticket_exports import TicketExport
from jira_pipeline.model.ticket_hashes import DESCRIPTION, content_of
from jira_pipeline.model.tickets import ChangedCell
from jira_pipeline.store.ledger import SqlExportLedger
from jira_pipeline_tests.contracts.stored_values import SHA, an_entry
from jira_pipeline_tests.export.test_export_ledger_page import a_receipt, page_of
from jira_pipeline_tests.sheets.made_specifications import Row, bundle, field
from jira_pipeline_tests.tickets.documents.made_tickets import (
    BODY_MAX_BYTES,
    MadeTicket,
    made_tickets,
)

LATER = "b" * 64
PAGE, TOPIC = bundle("Page", "page"), bundle("Topic", "topic", "Vocabulary")
AREA = bundle("Area", "area", "Vocabulary")
OWN = [field("Topic (Vocabulary)", "field_a"), field("Area (Vocabulary)", "field_b")]
"""Vocabularies without fields share a ticket."""
REFERENCE = field("Page (Content type)", "field_topic", ref="Topic (Vocabulary)")
HELPED = REFERENCE | {"Help text": "What it is about."}
"""No other ticket says what a help text is."""


def made(bundles: Sequence[Row], fields: Sequence[Row] = (REFERENCE,)) -> tuple[MadeTicket, ...]:
    return made_tickets(bundles=bundles, fields=[*fields, *OWN])


def contents_of(tickets: tuple[MadeTicket, ...], **others: Any) -> dict[str, SentContent]:
    """What the issues of some tickets say, by ticket id."""
    return {
        t.ticket.ticket_id: replace(
            SentContent(
                rendered_hash=t.rendered().rendered_hash,
                revision=1,
                content_sha256=SHA,
                content=content_of(t.ticket, t.group),
            ),
            **others,
        )
        for t in tickets
    }


def changes_between(
    before: tuple[MadeTicket, ...],
    after: tuple[MadeTicket, ...],
    *,
    contents: Mapping[str, SentContent] | None = None,
    files: Mapping[str, str] | None = None,
    body_max_bytes: int = BODY_MAX_BYTES,
) -> tuple[LaterChange, ...]:
    """Export some tickets, and say what is to be changed once they are others."""
    left = {t.ticket.ticket_id for t in after}
    return later_changes(
        [ticket.rendered(body_max_bytes=body_max_bytes) for ticket in after],
        [t.ticket for t in before if t.ticket.ticket_id not in left],
        source=TicketSource(
            content_sha256=LATER,
            source_word=SourceWord.SHEETS,
            groups=after[0].groups,
            find_earlier_groups=lambda _: before[0].groups,
        ),
        issues=ExportedIssues(
            places={
                t.ticket.ticket_id: TicketExport(
                    state=TicketState.EXPORTED, jira_key=f"SITE-{t.ticket.number}", jira_url="there"
                )
                for t in before
            },
            contents=contents_of(before) if contents is None else contents,
            files=files or {},
            objections={},
            outdated=(),
            comments=(),
        ),
    )


def renumbered(tickets: tuple[MadeTicket, ...], by: int) -> tuple[MadeTicket, ...]:
    """The same tickets after so many new ones."""
    groups = {
        key: replace(group, number=group.number + by) for key, group in tickets[0].groups.items()
    }
    return tuple(
        MadeTicket(
            ticket=replace(t.ticket, number=t.ticket.number + by),
            group=groups[t.group.key],
            groups=groups,
            specification=t.specification,
        )
        for t in tickets
    )


def test_a_text_that_the_ledger_does_not_know_differs_as_a_whole() -> None:
    tickets = made([PAGE, TOPIC])
    known = contents_of(tickets)
    page_id = tickets[0].ticket.ticket_id
    content = {**(known[page_id].content or {}), "title": "different", DESCRIPTION: "different"}
    unknown = replace(known[page_id], rendered_hash="", content=content)

    [change] = changes_between(tickets, tickets, contents={**known, page_id: unknown})

    assert change.differences == ("Title", "Description")
    assert change.is_text


def test_a_ticket_whose_number_alone_moved_is_left_alone() -> None:
    """A new group before them listed every issue that names another one."""
    before = made([PAGE, TOPIC])

    assert changes_between(before, renumbered(before, 1)) == ()


def test_lines_that_moved_are_no_change() -> None:
    """A blank row at the top of one sheet listed 62 of 84 issues."""
    before, after = made([PAGE, TOPIC]), made([PAGE, TOPIC], [{}, REFERENCE])

    hashes = [{t.rendered().rendered_hash for t in some} for some in (before, after)]
    assert hashes[0].isdisjoint(hashes[1])
    assert changes_between(before, after) == ()


def test_a_comment_names_the_thing_whose_cell_changed() -> None:
    """It named the line of a file that nobody in Jira has."""
    (change,) = changes_between(made([PAGE, TOPIC]), made([PAGE, TOPIC], [HELPED]))

    words = adf_to_text(comment_on_change(change, a_receipt("one", "SITE-1")).document)

    name = HELPED["Machine name"]
    assert f"{name} Help text: “” → “{HELPED['Help text']}” (" in words


def test_links_in_another_order_are_the_same_links() -> None:
    fields = [REFERENCE, field("Page (Content type)", "field_area", ref="Area (Vocabulary)")]
    before = made([PAGE, AREA, TOPIC], fields)
    swapped = {1: 2, 2: 1, 3: 3}
    groups = {
        key: replace(group, number=swapped[group.number]) for key, group in before[0].groups.items()
    }
    after = tuple(
        MadeTicket(
            ticket=replace(
                t.ticket, number=groups[t.group.key].number, depends_on=t.ticket.depends_on[::-1]
            ),
            group=groups[t.group.key],
            groups=groups,
            specification=t.specification,
        )
        for t in before
    )

    assert max(len(t.ticket.depends_on) for t in before) == 2
    assert changes_between(before, after) == ()


def test_what_a_new_group_changes_beside_numbers_is_listed() -> None:
    before = made([PAGE, TOPIC])
    after = made([PAGE, TOPIC, AREA], [HELPED])

    change, _ = changes_between(before, after)  # the other has lost its rows to the new ticket

    assert change.title == "Configure content type: Page"
    assert {cell.column for cell in change.cells} == {"Help text"}
    assert isinstance(change.cells[0], ChangedCell)


def test_prose_that_quotes_a_changed_cell_of_another_ticket_is_listed() -> None:
    """A vocabulary says by its label in which field its terms are chosen."""
    before = made([PAGE, TOPIC])
    after = made([PAGE, TOPIC], [REFERENCE | {"Field label": "Subject"}])

    changes = {change.title: change for change in changes_between(before, after)}

    topic = changes["Configure vocabulary: Topic"]
    assert (topic.cells, topic.parts) == ((), ("user_story",))
    assert [c.column for c in changes["Configure content type: Page"].cells] == ["Field label"]


def test_edited_prose_is_listed_whatever_the_numbers() -> None:
    before = made([PAGE, TOPIC])
    after = renumbered(before, 1)

    (change,) = changes_between(before, (after[0].saying(notes="<p>Look.</p>"), *after[1:]))

    assert change.parts == ("notes",)


def test_a_file_that_is_out_of_date_is_named_beside_what_differs(ledger: SqlExportLedger) -> None:
    """Only the fields were named: the tables in the file on the issue stayed as they were."""
    before, after = made([PAGE, TOPIC]), made([PAGE, TOPIC], [HELPED])
    was, now = (next(t for t in some if "Page" in t.ticket.title) for some in (before, after))
    page = was.ticket.ticket_id
    old, new = (
        hashed_file_name(*attachment)
        for made in (was, now)
        if (attachment := made.rendered(body_max_bytes=1).attachment) is not None
    )
    file = WriteSubject(ticket_id=page, subject=LedgerSubject.ATTACHMENT, identity=f"{page}/{old}")
    page_of(ledger).write(file, LedgerEvent.INTENT)
    page_of(ledger).write(file, LedgerEvent.RECEIPT, remote_id="7")
    files = attached_files(page_of(ledger).entries)

    (change,) = changes_between(before, after, files=files, body_max_bytes=1)
    (without,) = changes_between(before, after)
    (shrunk,) = changes_between(before, after, files=files)

    assert (change.old_file, change.file, change.differences[-1]) == (old, new, "its file")
    assert f"{old} is out of date: replace it with {new}" in change.recommended_action
    assert f"{old} is out of date: delete it" in shrunk.recommended_action
    assert (without.about_file, "its file" in without.differences) == ("", False)


def test_what_an_update_left_to_people_is_still_to_be_done_and_no_text() -> None:
    """Labels are set by people; the text that changed with them was updated."""
    before = made([PAGE, TOPIC])
    after = tuple(
        replace(t, ticket=replace(t.ticket, labels=("urgent",))) for t in made([PAGE, TOPIC])
    )
    hashes = {t.ticket.ticket_id: t.rendered().rendered_hash for t in after}
    contents = {
        ticket_id: replace(was, rendered_hash=hashes[ticket_id], left=("labels",))
        for ticket_id, was in contents_of(before).items()
    }

    changes = changes_between(before, after, contents=contents)

    assert {change.parts for change in changes} == {("labels",)}
    assert not any(change.is_text for change in changes)


def test_an_issue_of_which_people_released_a_twin_names_what_was_created_again() -> None:
    tickets = [made_ticket.ticket for made_ticket in made([PAGE, TOPIC])]
    [page] = [ticket for ticket in tickets if ticket.depends_on]
    [topic] = page.depends_on
    written = [
        (topic, LedgerEvent.RECEIPT, "1"),
        (page.ticket_id, LedgerEvent.RECEIPT, "2"),
        (topic, LedgerEvent.REMOVED, "1"),
        (topic, LedgerEvent.RECEIPT, "3"),
        (page.ticket_id, LedgerEvent.RELEASED, "4"),
    ]
    entries = [
        an_entry(event, sequence=number, ticket_id=ticket_id, identity=ticket_id, remote_id=id_)
        for number, (ticket_id, event, id_) in enumerate(written, start=1)
    ]

    assert naming_removed_issues(entries, tickets) == {page.ticket_id}
    assert naming_removed_issues(entries[:3], tickets) == frozenset()
