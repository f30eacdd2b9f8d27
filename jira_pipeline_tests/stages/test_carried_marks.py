"""Ready marks that stay when other sheets say the same, but for lines and numbers."""

from dataclasses import replace

import pytest

from jira_pipeline.domain.entity_groups import EntityGroup, GroupRelation, RelationKind
from jira_pipeline.domain.rendered_tickets import RenderedTicket
from jira_pipeline.domain.tickets import Ticket
from jira_pipeline.stages.review.approval import says_as_much
from jira_pipeline.stages.ticket_rendering.rendering import render_ticket
from jira_pipeline_tests.stages.made_tickets import MadeTicket, made_ticket

BUNDLE = {"Name": "Event", "Machine name": "event", "Type": "Content type", "X": "a"}
FIELD = {"Bundle": "Event (Content type)", "X": "a", "Field type": "Text (plain)"}
BODY_MAX_BYTES = 30_000


@pytest.fixture
def made() -> MadeTicket:
    made = made_ticket(
        "Configure content type: Event",
        bundles=[BUNDLE],
        fields=[FIELD | {"Field label": f"Seat {n}", "Machine name": f"seat_{n}"} for n in "abc"],
    )
    revision = replace(made.ticket.revision, facts_hash="f" * 64)
    return replace(made, ticket=replace(made.ticket, revision=revision))


def _rendered(
    made: MadeTicket, *, ticket: Ticket | None = None, group: EntityGroup | None = None, limit: int
) -> RenderedTicket:
    return render_ticket(
        ticket or made.ticket, group or made.group, groups=made.groups, body_max_bytes=limit
    )


def _moved(group: EntityGroup, by: int) -> EntityGroup:
    """Move all its rows some lines down, the last one still a line lower."""
    rows = [
        replace(row, source=replace(row.source, line=row.source.line + by + (place == 2)))
        for place, row in enumerate(group.members)
    ]
    return replace(group, members=tuple(rows))


@pytest.mark.parametrize("limit", [BODY_MAX_BYTES, 2_500], ids=["whole", "with attachment"])
def test_lines_that_moved_and_another_number_say_the_same(made: MadeTicket, limit: int) -> None:
    before = _rendered(made, limit=limit)
    ticket = replace(made.ticket, number=7)

    now = _rendered(made, ticket=ticket, group=_moved(made.group, 90), limit=limit)

    assert (before.attachment is not None) is (limit < BODY_MAX_BYTES)
    assert before.rendered_hash != now.rendered_hash
    assert says_as_much(now, before)


@pytest.mark.parametrize("limit", [BODY_MAX_BYTES, 2_500], ids=["whole", "with attachment"])
def test_what_became_of_another_row_is_something_else(made: MadeTicket, limit: int) -> None:
    """The facts of an edited ticket stay those of its prose: its mark was carried over."""
    held = GroupRelation(kind=RelationKind.ON_HOLD, label="Room", reason="Fields.csv line 4")
    there = replace(held, kind=RelationKind.SATISFIED)
    before, now = (
        _rendered(made, group=replace(made.group, relations=(relation,)), limit=limit)
        for relation in (held, there)
    )

    assert not says_as_much(now, before)


def test_other_facts_are_something_else(made: MadeTicket) -> None:
    before = _rendered(made, limit=BODY_MAX_BYTES)
    revision = replace(made.ticket.revision, facts_hash="a" * 64)

    now = replace(before, ticket=replace(made.ticket, revision=revision))

    assert not says_as_much(now, before)
