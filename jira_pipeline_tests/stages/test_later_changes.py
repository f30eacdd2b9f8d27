"""What people have to change in issues that exist: what Jira would really show otherwise."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from jira_pipeline.domain.export_ledger import SentContent
from jira_pipeline.domain.tickets import ChangedCell, TicketState
from jira_pipeline.stages.jira_export.later_changes import LaterChange, later_changes
from jira_pipeline.stages.jira_export.results import TicketExport
from jira_pipeline.stages.ticket_rendering.rendering import render_ticket
from jira_pipeline_tests.contracts.stored_values import SHA
from jira_pipeline_tests.stages.made_specifications import Row, bundle, field
from jira_pipeline_tests.stages.made_tickets import BODY_MAX_BYTES, MadeTicket, made_tickets

PAGE, TOPIC = bundle("Page", "page"), bundle("Topic", "topic", "Vocabulary")
AREA = bundle("Area", "area", "Vocabulary")
OWN = [field("Topic (Vocabulary)", "field_a"), field("Area (Vocabulary)", "field_b")]
"""Vocabularies without fields share a ticket."""
REFERENCE = field("Page (Content type)", "field_topic", ref="Topic (Vocabulary)")


def made(bundles: Sequence[Row], fields: Sequence[Row] = (REFERENCE,)) -> tuple[MadeTicket, ...]:
    return made_tickets(bundles=bundles, fields=[*fields, *OWN])


def changes_between(
    before: tuple[MadeTicket, ...],
    after: tuple[MadeTicket, ...],
    *,
    body_max_bytes: int = BODY_MAX_BYTES,
) -> tuple[LaterChange, ...]:
    """Export some tickets, and say what is to be changed once they are others."""
    return later_changes(
        [ticket.rendered(body_max_bytes=body_max_bytes) for ticket in after],
        [],
        places={
            t.ticket.ticket_id: TicketExport(
                state=TicketState.EXPORTED, jira_key=f"SITE-{t.ticket.number}", jira_url="there"
            )
            for t in before
        },
        sent={
            t.ticket.ticket_id: SentContent(
                rendered_hash=t.rendered(body_max_bytes=body_max_bytes).rendered_hash,
                revision=1,
                content_sha256=SHA,
            )
            for t in before
        },
        revisions=lambda ticket_id: [
            t.ticket.revision for t in before if t.ticket.ticket_id == ticket_id
        ],
        groups=after[0].groups,
        groups_of=lambda _: before[0].groups,
        render=lambda ticket, groups: render_ticket(
            ticket, groups[ticket.group_key], groups=groups, body_max_bytes=body_max_bytes
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


@pytest.mark.parametrize("body_max_bytes", [BODY_MAX_BYTES, 1_200], ids=["whole", "attached"])
def test_a_ticket_whose_number_alone_moved_is_left_alone(body_max_bytes: int) -> None:
    """A new group before them listed every issue that names another one."""
    before = made([PAGE, TOPIC])
    after = renumbered(before, 1)

    bodies = [[t.rendered(body_max_bytes=body_max_bytes) for t in some] for some in (before, after)]

    hashes = [{r.rendered_hash for r in some} for some in bodies]
    assert hashes[0] != hashes[1]
    assert any(r.attachment for r in bodies[0]) is (body_max_bytes < BODY_MAX_BYTES)
    assert changes_between(before, after, body_max_bytes=body_max_bytes) == ()


def test_links_in_another_order_are_the_same_links() -> None:
    fields = [
        REFERENCE,
        field("Page (Content type)", "field_area", ref="Area (Vocabulary)"),
    ]
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
    label = replace_cell(REFERENCE, "Field label", "Subject")
    after = made([PAGE, TOPIC, AREA], [label])

    _, change = changes_between(before, after)  # the first names the ticket that waits for it

    assert change.title == "Configure content type: Page"
    assert {cell.column for cell in change.cells} == {"Field label"}
    assert isinstance(change.cells[0], ChangedCell)


def test_edited_prose_is_listed_whatever_the_numbers() -> None:
    before = made([PAGE, TOPIC])
    after = renumbered(before, 1)

    (change,) = changes_between(before, (after[0].saying(notes="<p>Look.</p>"), *after[1:]))

    assert change.parts == ("notes",)


def replace_cell(row: Row, column: str, value: str) -> Row:
    """The same row with another cell."""
    return {**row, column: value}
