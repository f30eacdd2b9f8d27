"""Other tickets in a body: by title or card for Jira, by number for people."""

import re
from dataclasses import replace

from jira_pipeline.jira.adf import AdfNode, adf_to_text, compact_json_bytes, validate_adf
from jira_pipeline.model.ticket_links import GONE, as_cards, as_numbers, link_html
from jira_pipeline.review.revisions import html_of_text, markdown_of_part
from jira_pipeline_tests.sheets.made_specifications import bundle, field
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.tickets.documents.made_tickets import (
    MadeTicket,
    made_ticket,
    section_text,
    site_tickets,
)

ADDRESS = "https://site.invalid/browse/SITE-12"
_NUMBERED = re.compile(r"\btickets? \d")


def page() -> MadeTicket:
    """A ticket whose prose and dependencies name another one."""
    made = made_ticket(
        "Configure content type: Page",
        bundles=[bundle("Page", "page"), bundle("Topic", "topic", "Vocabulary")],
        fields=[
            field("Page (Content type)", "field_topic", ref="Topic (Vocabulary)", req="y"),
            field("Topic (Vocabulary)", "field_name"),
        ],
    )
    (topic,) = (g for g in made.groups.values() if g.title == "Configure vocabulary: Topic")
    return made.saying(notes=f"<p>Once {link_html(topic)} is done.</p>")


def cards_in(node: AdfNode) -> list[str]:
    own = [node["attrs"]["url"]] if node["type"] == "inlineCard" else []
    return own + [url for child in node.get("content", ()) for url in cards_in(child)]


def test_jira_gets_the_title_of_a_ticket_without_an_issue() -> None:
    text = adf_to_text(page().rendered().document)

    assert "Once Configure vocabulary: Topic is done." in text
    assert "Configure vocabulary: Topic: required by field_topic" in text


def test_jira_gets_a_card_of_an_issue_that_exists() -> None:
    document = page().rendered().document_naming(as_cards(lambda _: ADDRESS))

    assert cards_in(document) == [ADDRESS] * 2  # in the notes and the dependencies
    assert f"Once {ADDRESS} is done." in adf_to_text(document)
    assert "Configure vocabulary" not in adf_to_text(document)


def test_a_generated_sentence_names_another_ticket_by_its_title_or_card() -> None:
    made = made_ticket(
        "Remove obsolete content structures",
        bundles=[bundle("Event", "event", x="d"), bundle("News", "news", x="x")],
        fields=[
            field("News (Content type)", "field_event", "x", ref="Event (Content type)"),
            field("News (Content type)", "field_body"),
        ],
    )

    analysis = section_text(made.rendered(), "Analysis")
    document = made.rendered().document_naming(as_cards(lambda _: ADDRESS))

    assert "target or remove it first (its ticket: Update content type: News)." in analysis
    assert f"target or remove it first (its ticket: {ADDRESS})." in adf_to_text(document)


def test_people_get_number_and_title_with_a_link() -> None:
    made = page()
    naming = as_numbers({k: g.number for k, g in made.groups.items()}.get, lambda n: f"#ticket-{n}")

    shown = made.rendered().document_naming(naming)

    assert "Once ticket 1, Configure vocabulary: Topic is done." in adf_to_text(shown)
    assert '"href": "#ticket-1"' in str(shown).replace("'", '"')


def test_whatever_number_a_ticket_has_what_is_approved_is_the_same() -> None:
    made = page()
    groups = {key: replace(g, number=g.number + 7) for key, g in made.groups.items()}

    moved = replace(made, groups=groups).rendered()

    assert moved.rendered_hash == made.rendered().rendered_hash


@each("name", ["uhrenmuseum", "uwec"])
def test_no_body_and_no_file_holds_a_number_or_a_link_of_ours(name: str) -> None:
    """In one site, 69 of 83 issues held 328 numbers that meant nothing there."""
    found = []
    for made in site_tickets(name):
        rendered = made.rendered()
        texts = [adf_to_text(rendered.document), *(rendered.attachment or ())]
        found += [m for text in texts for m in _NUMBERED.findall(text) if made.ticket.number]
        assert '"ticket:' not in str(rendered.document).replace("'", '"')

    assert found == []


@each("name", ["uhrenmuseum", "uwec"])
def test_with_every_card_a_body_is_valid_and_no_larger_than_it_was_found(name: str) -> None:
    count = 0
    for made in site_tickets(name):
        rendered = made.rendered()
        document = rendered.document_naming(as_cards(lambda _: ADDRESS))
        count += len(cards_in(document))
        assert validate_adf(document) == []
        assert compact_json_bytes(document) <= rendered.largest_bytes
        assert compact_json_bytes(rendered.document) <= rendered.largest_bytes

    assert count > len(site_tickets(name))


def test_a_card_that_would_be_larger_than_what_was_measured_is_a_title() -> None:
    rendered = page().rendered()

    document = rendered.document_naming(as_cards(lambda _: f"https://{'a' * 200}.invalid/X-1"))

    assert document == rendered.document


def test_an_edit_keeps_the_link_to_a_ticket() -> None:
    notes = page().ticket.revision.parts.notes

    edited = html_of_text(markdown_of_part(notes) + " Soon.", part="notes")

    assert html_of_text(edited, part="notes", is_html=True) == edited
    text = adf_to_text(page().saying(notes=edited).rendered().document)
    assert "Once Configure vocabulary: Topic is done. Soon." in text


def test_a_ticket_that_is_gone_is_said_to_be_gone() -> None:
    made = page()
    notes = made.ticket.revision.parts.notes.replace("topic", "tide")

    assert f"Once {GONE} is done." in adf_to_text(made.saying(notes=notes).rendered().document)


def test_a_number_that_somebody_wrote_stays_as_it_is() -> None:
    """Revisions of older versions hold such numbers, and cells may mean another ticket."""
    document = page().saying(notes="<p>As in ticket 12.</p>").rendered().document

    assert "As in ticket 12." in adf_to_text(document)
