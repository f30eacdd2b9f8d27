"""Packets for readers: what `python -m benchmarks ticket_packets` draws, and what it shows."""

from collections import Counter
from collections.abc import Mapping

import pytest

from benchmarks.ticket_packets import Origin, drawn, packet_of
from jira_pipeline.kernel.entity_groups import EntityGroup, GroupAction, GroupKind
from jira_pipeline_tests.documents.made_tickets import made_ticket
from jira_pipeline_tests.sheets.made_specifications import Row, bundle, field, grouped

COUNT = 20


def _sheets(status: str) -> dict[str, list[Row]]:
    names = [f"type_{number}" for number in range(30)]
    return {
        "bundles": [bundle(name, name, x=status) for name in names],
        "fields": [field(f"{name} (Content type)", "field_new") for name in names],
        "views": [
            {"View name": f"View {n}", "Machine name": f"view_{n}", "X": "a"} for n in range(30)
        ],
        "roles": [{"Name": "Pilot", "Machine name": "pilot", "X": "a"}],
    }


@pytest.fixture(scope="module")
def pool() -> Mapping[Origin, EntityGroup]:
    """A site as its sheets are, where all types are there already, and as new."""
    return {
        Origin("port", is_as_new, group.key): group
        for is_as_new, status in ((False, "x"), (True, ""))
        for group in grouped(**_sheets(status)).groups
    }


@pytest.mark.parametrize("seed", range(5))
def test_half_are_views_a_fifth_updates_at_most_and_every_kind_is_there(
    pool: Mapping[Origin, EntityGroup], seed: int
) -> None:
    chosen = drawn(pool, count=COUNT, seed=seed)

    kinds = Counter(pool[origin].kind for origin in chosen)
    updates = sum(pool[origin].action is GroupAction.UPDATE for origin in chosen)
    assert COUNT == len(chosen) == len({origin.group_key for origin in chosen})
    assert (kinds[GroupKind.VIEW], kinds[GroupKind.USER_ROLES]) == (COUNT // 2, 1)
    assert updates <= COUNT // 5


def test_a_seed_draws_the_same_tickets_in_the_same_order(
    pool: Mapping[Origin, EntityGroup],
) -> None:
    in_another_order = dict(reversed(list(pool.items())))

    first, again, other = (
        drawn(pool, count=COUNT, seed=7),
        drawn(in_another_order, count=COUNT, seed=7),
        drawn(pool, count=COUNT, seed=8),
    )

    assert first == again
    assert first != other


def test_a_packet_shows_prose_headings_of_tables_and_the_rows_behind_it() -> None:
    made = made_ticket(
        "Configure content type: Boat",
        bundles=[bundle("Boat", "boat"), bundle("Old Harbour", "old_harbour")],
        fields=[
            field("Boat (Content type)", "field_hull") | {"Help text": "One\nor two"},
            field("Old Harbour (Content type)", "field_hull"),
            field("Old Harbour (Content type)", "field_boats", ref="Boat (Content type)"),
            field("Old Harbour (Content type)", "field_depth"),
        ],
    ).saying(analysis="<p>Every <code>boat</code> floats.</p>")

    packet = packet_of(made)

    assert packet.startswith("# Configure content type: Boat\n")
    assert "Every `boat` floats." in packet
    assert "- Fields to build (1)" in packet
    rows, mentioning, sharing = packet.partition("## The rows it was made from")[2].split("\n## ")
    assert "**bundles.csv:2**" in rows
    assert "- Help text: One\n  or two" in rows
    assert "field_boats" in mentioning
    assert "- fields.csv:4: `field_hull`, Old Harbour (Content type)" in sharing
    assert "field_depth" not in packet
    assert made.ticket.revision.writer not in packet
