"""Bodies: their order, what moves into the attachment and when, and that cells stay literal."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from jira_pipeline.jira.adf import adf_to_text, compact_json_bytes, validate_adf
from jira_pipeline.model.rendered_tickets import RenderedTicket
from jira_pipeline.model.tickets import canonical_json
from jira_pipeline.tickets.documents.adf_validation import check_ticket, values_in_document
from jira_pipeline.tickets.documents.configuration_tables import tables_of
from jira_pipeline.tickets.documents.document_tables import LINES_NOTICE
from jira_pipeline.tickets.documents.rendering import WrittenTables, render_ticket
from jira_pipeline_tests.sheets.made_specifications import Row, bundle, field
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.tickets.documents.made_tickets import (
    MadeTicket,
    blocks_of,
    faults_in,
    headings_of,
    made_ticket,
    markdown_cells,
    section_text,
    site_tickets,
)

CLOCK = "Configure content type: Clock"
IN_THE_ATTACHMENT = "In the attachment."
SHORT_FORM = "Short form; every column is in the attachment."


def clock() -> MadeTicket:
    (found,) = (made for made in site_tickets("uhrenmuseum") if made.ticket.title == CLOCK)
    return found


def page(**cells: str) -> MadeTicket:
    rows = [field("Page (Content type)", "field_text") | cells]
    return made_ticket(
        "Configure content type: Page", bundles=[bundle("Page", "page")], fields=rows
    )


def large_page(*, rows: int = 60, **cells: str) -> MadeTicket:
    """One bundle with many fields, each with settings and a help text; some are re-used."""
    fields = [
        field("Page (Content type)", f"field_n{number}")
        | {
            "Settings/notes": f"Setting {number}: {'long enough for a table of its own ' * 3}",
            "Help text": f"Help {number}",
            "Form widget": "Text field" if number % 2 else "Textarea",
            "Field type": "Text (plain)" if number % 3 else "Text (plain, long)",
            "Vals.": str(number % 2 + 1),
            "Req'd": "y" if number % 2 else "n",
        }
        | cells
        for number in range(rows)
    ]
    there = [field("News (Content type)", f"field_n{number}", "x") for number in range(0, rows, 2)]
    return made_ticket(
        "Configure content type: Page",
        bundles=[bundle("Page", "page"), bundle("News", "news", x="x")],
        fields=[*fields, *there],
    )


def size_of(rendered: RenderedTicket) -> int:
    """The bytes of a body as it is sent."""
    return compact_json_bytes(rendered.document)


def attachment_text(rendered: RenderedTicket) -> str:
    assert rendered.attachment is not None
    return rendered.attachment[1]


@each("site", ["uhrenmuseum", "uwec"])
def test_every_body_has_its_parts_in_the_documented_order(site: str) -> None:
    """Source: docs/architecture.md."""
    prose = ["User story", "Analysis", "Questions for the specification"]
    wrong = {}
    for made in site_tickets(site):
        tables = [table.title for table in tables_of(made.group)]
        order = [*prose, *tables, "Verification", "Notes", "Dependencies and references"]
        headings = headings_of(made.rendered(body_max_bytes=1_000_000))
        expected = [heading for heading in order if heading in headings]
        if [h for h in headings if h in order] != expected or not {*tables} <= {*headings}:
            wrong[made.ticket.title] = headings

    assert wrong == {}


def test_source_lines_and_estimate_end_the_body_after_a_rule() -> None:
    blocks = blocks_of(clock().rendered())

    assert [block["type"] for block in blocks[-3:]] == ["rule", "paragraph", "paragraph"]
    assert adf_to_text(blocks[-2]).startswith("Source: Uhrenmuseum_Bundles.csv line ")
    assert "Uhrenmuseum_Fields.csv lines " in adf_to_text(blocks[-2])
    assert adf_to_text(blocks[-1]) == (
        "Estimate: 4-12 hours for configuration; extra work in the notes is excluded"
    )


def test_an_estimate_of_the_whole_is_not_said_to_be_of_the_rows() -> None:
    ticket = clock().ticket
    of_the_whole = replace(ticket, revision=replace(ticket.revision, estimated_hours="16-32"))

    rendered = replace(clock(), ticket=of_the_whole).rendered()

    assert adf_to_text(blocks_of(rendered)[-1]) == "Estimate: 16-32 hours"


def test_a_part_without_words_has_no_heading() -> None:
    made = page().saying(questions="", analysis="  ")

    headings = headings_of(made.rendered())

    assert {"Analysis", "Questions for the specification", "Notes"}.isdisjoint(headings)
    assert "User story" in headings


def test_a_body_of_exactly_the_limit_stays_whole() -> None:
    whole = size_of(page().rendered())

    assert page().rendered(body_max_bytes=whole).attachment is None
    assert page().rendered(body_max_bytes=whole - 1).attachment is not None


def test_a_shortened_body_begins_by_naming_the_file() -> None:
    rendered = clock().rendered(body_max_bytes=9_000)

    assert rendered.attachment is not None
    first = blocks_of(rendered)[0]
    assert first["type"] == "panel"
    assert rendered.attachment[0] in adf_to_text(first)


@each(
    ("title", "slug"),
    [
        ("Configure content type: Ämter & Räte", "configure-content-type-mter-r-te"),
        ("時計", "ticket"),
        ("../../etc/passwd", "etc-passwd"),
        ("a" * 255, "a" * 60),
    ],
)
def test_a_file_name_is_safe_whatever_the_title(title: str, slug: str) -> None:
    made = large_page()
    revision = replace(made.ticket.revision, title=title)
    named = replace(made, ticket=replace(made.ticket, revision=revision))

    name = (named.rendered(body_max_bytes=9_000).attachment or ("", ""))[0]

    assert name[:-12] == slug


def test_a_title_is_literal_in_the_attachment() -> None:
    """It was written as it stands, so that `*` and `<b>` became markup."""
    made = large_page()
    revision = replace(made.ticket.revision, title="Configure *page* <b>x</b> `y`")
    named = replace(made, ticket=replace(made.ticket, revision=revision))

    first_line = attachment_text(named.rendered(body_max_bytes=9_000)).splitlines()[0]

    assert first_line == r"# Configure \*page\* \<b\>x\</b\> \`y\`"


@each("limit", [6_000, 1_000_000])
def test_other_prose_around_tables_that_are_kept_gives_what_all_of_it_gives(limit: int) -> None:
    made = clock()
    tables = WrittenTables(made.group)
    edits = [made.saying(notes="<p>One</p>"), made.saying(notes="", analysis="<h2>Two</h2>"), made]

    rendered = [
        render_ticket(one.ticket, tables, groups=one.groups, body_max_bytes=limit) for one in edits
    ]

    assert rendered == [one.rendered(body_max_bytes=limit) for one in edits]
    assert len({one.rendered_hash for one in rendered}) == len(edits)


def test_tasks_of_all_parts_have_local_ids_of_their_own() -> None:
    """Parts are converted one by one, and equal tasks have equal ids."""
    task = '<ul><li><input type="checkbox">Wind it up</li></ul>'
    made = page().saying(analysis=task, verification=task, notes=task)
    written = canonical_json(made.rendered().document)
    local_ids = re.findall(r'"localId":"(\w+)"', written)

    assert len(local_ids) == 6
    assert len(set(local_ids)) == 6


@each(
    "change",
    [{"ready_hash": "a" * 64, "ready_by": "ada"}, {"skipped_reason": "Later."}],
    ids=["ready", "skipped"],
)
def test_what_people_decided_about_a_ticket_does_not_change_its_rendering(
    change: dict[str, Any],
) -> None:
    """A ready mark is bound to the rendered hash: it must not change it."""
    made = page()
    marked = replace(made, ticket=replace(made.ticket, **change))

    before, after = made.rendered(), marked.rendered()

    assert after.rendered_hash == before.rendered_hash
    assert replace(after, ticket=before.ticket) == before


@each(
    "change",
    [
        {"assignee": "ada@example.org"},
        {"sprint": "Sprint 1"},
        {"priority": "High"},
        {"parent": "SBX-1"},
        {"labels": ("drupal",)},
        {"depends_on": ("t1",)},
        {"relates_to": ("t1",)},
        {"source_lines": ()},
    ],
    ids=lambda change: next(iter(change)),
)
def test_whatever_jira_would_get_is_in_the_hash(change: dict[str, Any]) -> None:
    made = page()
    changed = replace(made, ticket=replace(made.ticket, **change))

    assert changed.rendered().rendered_hash != made.rendered().rendered_hash


CELLS = {
    "html": "<em>about 1720</em> &amp; <script>alert(1)</script>",
    "markdown": "**bold** _it_ [x](http://a.example) # no heading",
    "pipes": "a | b || c",
    "backticks": "`code` and ``more`` ```",
    "newlines": "first\nsecond\n\nfourth",
    "umlauts": "Käse, Öl, Übergröße – ß, 時計 🕰",
    "backslashes": "C:\\temp\\| \\\\ \\n",
    "formula": "=HYPERLINK(x) +1 -2 @a",
    "task": "[ ] not a task [x]: either",
    "spaces": "two  spaces   three",
}


@each("text", CELLS.values(), ids=CELLS.keys())
@each("column", ["Help text", "Field label", "Form widget"])
def test_a_cell_is_literal_in_body_and_attachment(column: str, text: str) -> None:
    """Help text is pasted into Drupal: escaped for Markdown it would be another text."""
    made = page(**{column: text})

    whole, shortened = made.rendered(), made.rendered(body_max_bytes=1_500)

    assert text in values_in_document(whole.document)
    attached = attachment_text(shortened)
    assert text in attached
    assert " ".join(text.split()) in {" ".join(cell.split()) for cell in markdown_cells(attached)}


@each("text", CELLS.values(), ids=CELLS.keys())
def test_a_cell_that_is_the_same_for_all_is_literal(text: str) -> None:
    made = large_page(rows=3, **{"Form widget": text})

    whole, shortened = made.rendered(), made.rendered(body_max_bytes=1_500)

    assert text in values_in_document(whole.document)
    assert text in attachment_text(shortened)
    assert ("Form widget", text) in tables_of(made.group)[1].same_for_all


def test_the_comparison_names_a_cell_that_a_body_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The renderer itself is broken here, as a fault of ours would break it."""
    made = page(**{"Help text": "Only once"})
    monkeypatch.setattr(
        "jira_pipeline.tickets.documents.document_tables._table_blocks",
        lambda table: [] if table else None,
    )

    faults = faults_in([made])

    assert any("lacks 'Only once'" in fault for fault in faults)


def stages_of(made: MadeTicket) -> list[dict[str, str]]:
    return [{h: form_of(r, h) for h in headings_of(r)} for r in shrinking(made)]


def shrinking(made: MadeTicket) -> Iterator[RenderedTicket]:
    """Render with the limit just below what the last body took, until it gets no smaller."""
    rendered = made.rendered(body_max_bytes=1_000_000)
    yield rendered
    while check_ticket(
        rendered := made.rendered(body_max_bytes=(limit := size_of(rendered) - 1)),
        body_max_bytes=limit,
    ).is_passed:
        yield rendered


def form_of(rendered: RenderedTicket, heading: str) -> str:
    """Say how a section is shown: away, short or whole."""
    text = section_text(rendered, heading)
    if text == IN_THE_ATTACHMENT:
        return "away"
    return "short" if text.startswith(SHORT_FORM) else "whole"


def first_change(stages: list[dict[str, str]], heading: str, *, to: str) -> int:
    return next(number for number, stage in enumerate(stages) if stage[heading] == to)


def test_sections_give_way_in_the_documented_order() -> None:
    """Tables lose lines and columns first, then notes and help texts leave, then tables, then prose.

    The story of a template is shorter than what would stand in its place.
    """
    stages = stages_of(large_page())

    order = [
        first_change(stages, "Fields to build (60)", to="short"),
        first_change(stages, "Fields to build: notes and help text (60 of 60)", to="away"),
        first_change(stages, "Fields to build (60)", to="away"),
        first_change(stages, "Verification", to="away"),
        first_change(stages, "Analysis", to="away"),
    ]

    assert stages[0] == dict.fromkeys(stages[0], "whole")
    assert order == sorted(set(order))


def test_long_tables_become_lines_of_text_with_every_cell_before_anything_leaves() -> None:
    """Columns and notes were left out of bodies that had room for them."""
    made = large_page()
    heading, notes = "Fields to build (60)", "Fields to build: notes and help text (60 of 60)"
    (table,) = (one for one in tables_of(made.group) if one.title == heading)

    lines = next(r for r in shrinking(made) if "codeBlock" in blocks_after(r, heading)[:2])

    words = section_text(lines, heading).split()
    cells = {word for row in table.rows for cell in row.cells for word in cell.split()}
    assert faults_in([made]) == ()
    assert cells <= set(words)
    assert form_of(lines, notes) == "whole"
    assert adf_to_text(lines.document).startswith(LINES_NOTICE)


def test_what_left_the_body_does_not_come_back_at_a_lower_limit() -> None:
    rank = {"whole": 0, "short": 1, "away": 2}

    for before, after in pairwise(stages_of(large_page(rows=30))):
        assert {h for h in before if rank[after[h]] < rank[before[h]]} == set()


def test_settings_become_lines_before_any_prose_leaves() -> None:
    sections = [f"Setting {number}: value" for number in range(40)]
    made = large_page(rows=25)
    head = replace(made.group.heads[0], cells={**made.group.heads[0].cells, "Settings/notes": " "})
    head = replace(head, cells={**head.cells, **dict.fromkeys(sections, "x" * 30)})
    made = replace(made, group=replace(made.group, heads=(head,)))

    rendered = next(r for r in shrinking(made) if blocks_after(r, "Settings")[0] == "codeBlock")

    assert form_of(rendered, "Analysis") == "whole"
    assert form_of(rendered, "Verification") == "whole"
    assert "Setting 39: value" in section_text(rendered, "Settings")


def blocks_after(rendered: RenderedTicket, heading: str) -> list[str]:
    blocks = blocks_of(rendered)
    place = next(i for i, b in enumerate(blocks) if adf_to_text(b) == heading)
    return [block["type"] for block in blocks[place + 1 :]]


def test_a_form_that_would_be_larger_is_never_taken() -> None:
    """A table of few columns was replaced by itself with a note that columns are missing."""
    rows: list[Row] = [
        {"Style name": f"Style {n}", "Machine name": f"style_{n}", "X": "a", "Notes": f"{n}x{n}"}
        for n in range(80)
    ]
    made = made_ticket("Configure image styles", image_styles=rows)

    forms = [blocks_after(r, "Image styles to build (80)")[:3] for r in shrinking(made)]

    assert ["paragraph", "paragraph", "table"] not in forms
    assert ["paragraph", "paragraph", "codeBlock"] not in forms
    assert ["paragraph", "codeBlock", "heading"] in forms


def test_prose_of_a_word_is_not_replaced_by_longer_words() -> None:
    made = large_page().saying(analysis="<p>Yes.</p>")

    rendered = made.rendered(body_max_bytes=3_000)

    assert section_text(rendered, "Analysis") == "Yes."
    assert size_of(rendered) <= 3_000


def test_long_prose_of_people_moves_into_the_attachment() -> None:
    """Notes were never shortened: such a ticket could not be exported at all."""
    made = page().saying(notes="<p>" + "Long note. " * 4_000 + "</p>")

    rendered = made.rendered()

    assert check_ticket(rendered, body_max_bytes=32_767).is_passed
    assert section_text(rendered, "Notes") == IN_THE_ATTACHMENT
    assert section_text(rendered, "User story") != IN_THE_ATTACHMENT
    assert attachment_text(rendered).count("Long note.") == 4_000


def test_checks_leave_the_body_before_the_analysis() -> None:
    """A reader had to open the file for what to know before starting; 8 checks stayed."""
    made = page().saying(
        analysis=f"<ul>{'<li>Needs Group.</li>' * 30}</ul>",
        verification=f"<ul>{'<li>Saving fails.</li>' * 30}</ul>",
    )

    rendered = made.rendered(body_max_bytes=7_000)

    assert section_text(rendered, "Verification") == IN_THE_ATTACHMENT
    assert "Needs Group." in section_text(rendered, "Analysis")


def test_many_scattered_lines_leave_the_body_but_not_their_files() -> None:
    made = page()
    source = replace(made.ticket.source_lines[0], lines=tuple(range(1, 20_000, 2)))
    scattered = replace(made, ticket=replace(made.ticket, source_lines=(source,)))

    rendered = scattered.rendered()

    assert check_ticket(rendered, body_max_bytes=32_767).is_passed
    assert f"Source: {source.file}; lines in the attachment" in adf_to_text(rendered.document)
    assert "19997, 19999" in attachment_text(rendered)


@each("limit", [1, 500, 1_500])
def test_a_body_that_cannot_fit_is_reported_and_stays_valid(limit: int) -> None:
    rendered = clock().rendered(body_max_bytes=limit)

    check = check_ticket(rendered, body_max_bytes=limit)

    assert not check.is_passed
    assert check.error_message == f"the body has {size_of(rendered)} bytes; Jira accepts {limit}"
    assert check.suggested_fix
    assert validate_adf(rendered.document) == []


def test_relations_with_one_reason_are_listed_once() -> None:
    """Three references to things on hold gave three lines of the same words."""
    names = {"A": "x", "B": "x", "C": "w"}
    rows = [bundle("Page", "page")]
    rows += [bundle(name, name.lower(), "Vocabulary", x=x) for name, x in names.items()]
    fields = [
        field("Page (Content type)", f"field_{name}", ref=f"{name} (Vocabulary)") for name in names
    ]
    made = made_ticket("Configure content type: Page", bundles=rows, fields=fields)
    relations = (
        replace(relation, reason=f"exists already (line {number + 2})")
        for number, relation in enumerate(made.group.relations)
    )
    alike = replace(made, group=replace(made.group, relations=tuple(relations)))

    text, same = (section_text(one.rendered(), "Dependencies") for one in (made, alike))

    lines = text.splitlines()
    assert lines[0] == "Already there"
    assert lines[1].startswith("A (Vocabulary)")
    assert lines[lines.index("On hold") + 1].startswith("C (Vocabulary)")
    assert "A (Vocabulary), B (Vocabulary): exists" in same


def test_below_a_cell_with_line_breaks_a_ticket_cites_rows_beside_lines() -> None:
    """People look in a spreadsheet program; in one site both were up to 7 apart."""
    rows = [bundle("Page", "page"), bundle("Topic", "topic", "Vocabulary")]
    fields = [
        field("Topic (Vocabulary)", "field_name") | {"Help text": "One\ntwo\nthree"},
        field("Page (Content type)", "field_topic", ref="Topic (Vocabulary)", req="y"),
        field("Page (Content type)", "field_size") | {"Field type": "List (text)"},
    ]

    made = made_ticket("Configure content type: Page", bundles=rows, fields=fields)

    shown = adf_to_text(made.rendered().document)
    assert "required by field_topic (line 5 / row 3)" in shown
    assert "fields.csv:6 / row 4 Which values" in shown
    assert "fields.csv lines 5–6 / rows 3–4" in shown
    assert "Line / row" in shown
    assert "5 / 3" in shown
    assert made.ticket.revision.questions[0].record == 4


def test_every_ticket_of_a_large_site_says_all_of_it_in_its_issue() -> None:
    """Three of 84 left out notes and help text, which a developer needs, and kept line numbers."""
    rendered = [made.rendered() for made in site_tickets("uwec")]

    texts = [adf_to_text(one.document) for one in rendered if one.attachment]
    assert [text[:200] for text in texts if not text.startswith(LINES_NOTICE)] == []
