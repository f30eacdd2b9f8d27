"""Packets for readers: what `python -m benchmarks ticket_packets` draws, and what it shows."""

from benchmarks.ticket_packets import packet_of
from jira_pipeline_tests.documents.made_tickets import made_ticket
from jira_pipeline_tests.sheets.made_specifications import bundle, field


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
