"""The rubric: a good ticket has ten points, and each way to spoil it costs just one of them."""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest

from jira_pipeline.adf import AdfNode
from jira_pipeline.domain.questions.open_questions import OpenQuestion
from jira_pipeline.domain.rendered_tickets import RenderedTicket
from jira_pipeline.domain.tickets import ProseParts
from jira_pipeline.stages.quality.prose_reading import read_fragment
from jira_pipeline.stages.quality.quality_report import quality_object, summary_of
from jira_pipeline.stages.quality.rubric import Criterion, TicketQuality, judge_session
from jira_pipeline_tests.stages.judging import (
    judged,
    judged_as_rendered,
    judged_one,
    retitled,
)
from jira_pipeline_tests.stages.made_specifications import bundle, field
from jira_pipeline_tests.stages.made_tickets import MadeTicket, made_tickets, site_tickets


@cache
def tickets() -> tuple[MadeTicket, ...]:
    """A content type that waits for a vocabulary, with a note that warns."""
    label = "Clock (Content type)"
    return made_tickets(
        bundles=[
            bundle("Clock", "clock")
            | {
                "Description": "Add one clock of the collection",
                "URL alias pattern": "clocks/[node:title]",
            },
            bundle("Maker", "maker", "Vocabulary"),
        ],
        fields=[
            field(label, "field_maker", ref="Maker (Vocabulary)", req="y"),
            field(label, "field_year")
            | {"Settings/notes": "Visible to curators only.", "Vals.": "1"},
            field(label, "field_sound") | {"Help text": "Between 3 and 90 seconds"},
            field("Maker (Vocabulary)", "field_town"),
        ],
    )


def clock() -> MadeTicket:
    """The ticket of the content type."""
    (found,) = (m for m in tickets() if m.ticket.title == "Configure content type: Clock")
    return found


def saying(**parts: Callable[[str], str]) -> MadeTicket:
    """The ticket with prose parts changed."""
    before = clock().ticket.revision.parts
    return clock().saying(**{name: change(getattr(before, name)) for name, change in parts.items()})


def with_item(item: str) -> Callable[[str], str]:
    """Add an item to a list."""
    return lambda html: html.removesuffix("</ul>") + f"<li>{item}</li></ul>"


def asking(question: str) -> MadeTicket:
    """The ticket with one more question of its rules."""
    revision = clock().ticket.revision
    asked = OpenQuestion(
        file="fields.csv", line=2, column="Ref. bundle", quote="", question=question
    )
    changed = replace(revision, questions=(*revision.questions, asked))
    return replace(clock(), ticket=replace(clock().ticket, revision=changed))


def estimated(hours: str) -> MadeTicket:
    """The ticket with another estimate."""
    revision = replace(clock().ticket.revision, estimated_hours=hours)
    return replace(clock(), ticket=replace(clock().ticket, revision=revision))


SPOILED: dict[str, tuple[Callable[[], MadeTicket], Criterion]] = {
    "a title without a verb": (
        lambda: retitled(clock(), "The content type Clock"),
        Criterion.TITLE,
    ),
    "a title of something else": (
        lambda: retitled(clock(), "Configure content type: Watch"),
        Criterion.TITLE,
    ),
    "a title longer than Jira takes": (
        lambda: retitled(clock(), f"Configure content type: Clock {'x' * 250}"),
        Criterion.TITLE,
    ),
    "an estimate that is no range": (lambda: estimated("soon"), Criterion.FORMAT),
    "an estimate that is missing": (lambda: estimated(""), Criterion.FORMAT),
    "an estimate that nobody can plan with": (lambda: estimated("10-90"), Criterion.FORMAT),
    "a statement that is there twice": (
        lambda: saying(
            verification=lambda html: with_item("It saves")(with_item("It saves")(html))
        ),
        Criterion.VERIFICATION,
    ),
    "more statements than people check": (
        lambda: saying(
            verification=lambda html: (
                html.removesuffix("</ul>")
                + "".join(f"<li>Clock saves in way {'i' * n}</li>" for n in range(1, 13))
                + "</ul>"
            )
        ),
        Criterion.VERIFICATION,
    ),
    "a story without a wish": (
        lambda: saying(user_story=lambda _: "<p>As an editor, clocks are shown.</p>"),
        Criterion.USER_STORY,
    ),
    "a story of whoever builds it": (
        lambda: saying(user_story=lambda s: s.replace("an editor", "a developer")),
        Criterion.USER_STORY,
    ),
    "a story that is too long": (
        lambda: saying(
            user_story=lambda s: s.replace("Clock content", "Clock content" + ", and more" * 30)
        ),
        Criterion.USER_STORY,
    ),
    "a field that is in no sheet": (
        lambda: saying(analysis=with_item("Add <code>field_chime</code> as well.")),
        Criterion.NAMES,
    ),
    "a field that is in no sheet, not marked as code": (
        lambda: saying(verification=with_item("The form shows field_chime first")),
        Criterion.NAMES,
    ),
    "an address that is in no sheet": (
        lambda: saying(analysis=with_item("See https://example.org/clocks for more.")),
        Criterion.NAMES,
    ),
    "a number that is in no sheet": (
        lambda: saying(verification=with_item("The list shows 250 clocks on a page")),
        Criterion.NAMES,
    ),
    "a line that no row begins in": (
        lambda: saying(analysis=with_item("More of it in fields.csv:977.")),
        Criterion.NAMES,
    ),
    "a verification of one statement": (
        lambda: saying(verification=lambda _: "<ul><li>Clock exists</li></ul>"),
        Criterion.VERIFICATION,
    ),
    "a statement that nobody can check": (
        lambda: saying(verification=with_item("Everything works as expected")),
        Criterion.VERIFICATION,
    ),
    "a verification that does not name what is built": (
        lambda: saying(
            verification=lambda _: "<ul><li>It is there</li><li>It opens</li><li>It saves</li></ul>"
        ),
        Criterion.VERIFICATION,
    ),
    "a verification that does not name a required field": (
        lambda: saying(
            verification=lambda _: (
                "<ul><li>Clock exists</li><li>It has three fields</li><li>It saves</li></ul>"
            )
        ),
        Criterion.VERIFICATION,
    ),
    "more bullets than people read": (
        lambda: saying(
            analysis=lambda html: (
                html.removesuffix("</ul>")
                + "".join(f"<li>Clock has way {'i' * n}.</li>" for n in range(1, 10))
                + "</ul>"
            )
        ),
        Criterion.ANALYSIS,
    ),
    "a bullet nobody reads to its end": (
        lambda: saying(analysis=with_item("Clock" + " goes on" * 31)),
        Criterion.ANALYSIS,
    ),
    "a heap of quotations": (
        lambda: saying(
            analysis=with_item("“Visible to curators only”, “clock” and “maker” and “year”.")
        ),
        Criterion.ANALYSIS,
    ),
    "a statement of absence": (
        lambda: saying(analysis=with_item("No note restricts any of these rows.")),
        Criterion.ANALYSIS,
    ),
    "a description in the place of a noun": (
        lambda: saying(
            user_story=lambda s: s.replace("to create and maintain Clock", "a represents one clock")
        ),
        Criterion.USER_STORY,
    ),
    "a shouted note in the place of a noun": (
        lambda: saying(
            user_story=lambda s: s.replace("to create and maintain Clock", "a WARNING: ask first")
        ),
        Criterion.USER_STORY,
    ),
    "a benefit that restates the fields": (
        lambda: saying(
            user_story=lambda s: s.replace(
                "content.", "content, so that each holds Year and Sound."
            )
        ),
        Criterion.USER_STORY,
    ),
    "a check that cannot fail": (
        lambda: saying(verification=with_item("<code>clock</code> exists and shows content")),
        Criterion.VERIFICATION,
    ),
    "a check that names no object": (
        lambda: saying(verification=with_item("The page looks as agreed")),
        Criterion.VERIFICATION,
    ),
    "a question its own cells answer": (
        lambda: asking("What may “Maker” reference? Ref. bundle is empty."),
        Criterion.QUESTIONS,
    ),
    "a quotation that no cell says": (
        lambda: saying(analysis=with_item("The notes say “Editors can delete clocks”.")),
        Criterion.NOTHING_INVENTED,
    ),
    "markup that stays open": (
        lambda: saying(analysis=with_item("Mind the <strong>makers.")),
        Criterion.FORMAT,
    ),
    "leftovers of Markdown": (
        lambda: saying(analysis=with_item("Mind the **makers**.")),
        Criterion.FORMAT,
    ),
    "an analysis that is one block": (
        lambda: saying(
            analysis=lambda _: "<p>Nothing.</p>",
            questions=lambda _: "<ol><li>“Between 3 and 90 seconds”: also in lists?</li></ol>",
        ),
        Criterion.FORMAT,
    ),
}


def test_markup_that_a_cell_says_is_no_fault_of_the_ticket() -> None:
    """Notes hold HTML, and tickets show it literally."""
    made = made_tickets(
        roles=[
            {"Name": n, "Machine name": n.casefold(), "X": "a", "Notes": "Uses <b>all</b> of it"}
            for n in ("Curator", "Registrar")
        ]
    )

    assert [t.missing for t in judged(made).tickets] == [()]


@pytest.mark.parametrize(
    ("html", "faults"),
    [
        ("<p>Sound.</p>", ()),
        ("<ul><li>One<br>line</li></ul>", ()),
        ("<p>Never <strong>closed</p>", ("<strong> stays open",)),
        ("<p>Closed twice.</p></p>", ("</p> closes nothing",)),
        ("<ul><li>Last", ("<ul> stays open", "<li> stays open")),
    ],
)
def test_markup_that_does_not_close_is_seen(html: str, faults: tuple[str, ...]) -> None:
    assert read_fragment(html).faults == faults


def test_what_a_writer_says_itself_is_distinguished_from_code_quotations_and_citations() -> None:
    read = read_fragment(
        "<ul><li><strong>fields.csv:12, 14 …</strong> “Max 8” on <code>field_8</code>, twice 9 "
        "(lines 2–4)</li></ul>"
    )

    assert read.codes == ("field_8",)
    assert read.quotations == ("Max 8",)
    assert read.citations == ("fields.csv:12, 14 …", "lines 2–4")
    assert [word for word in read.uncited.split() if word.isdigit()] == ["9"]


def twin() -> tuple[MadeTicket, ...]:
    """The tickets with the title of the second one given to the first."""
    return tuple(retitled(m, tickets()[0].ticket.title) for m in tickets())


def test_good_tickets_have_ten_points() -> None:
    quality = judged(tickets())

    assert {t.title: t.shortcomings for t in quality.tickets if t.shortcomings} == {}
    assert [t.points for t in quality.tickets] == [10, 10]
    assert quality.is_passed


@pytest.mark.parametrize("spoiled", SPOILED)
def test_a_spoiled_ticket_loses_just_that_point(spoiled: str) -> None:
    make, criterion = SPOILED[spoiled]

    found = judged_one(make(), tickets())

    assert found.missing == (criterion,)
    assert found.points == 9


def test_two_tickets_with_one_title_both_lose_the_point() -> None:
    quality = judged(twin())

    assert [Criterion.TITLE in ticket.missing for ticket in quality.tickets] == [True, True]


def changed(document: AdfNode, change: Callable[[str], str | None]) -> AdfNode:
    """Change the texts of all table cells of a document; None leaves the row out."""
    return {**document, "content": [_changed_block(block, change) for block in document["content"]]}


def _changed_block(block: AdfNode, change: Callable[[str], str | None]) -> AdfNode:
    if block["type"] != "table":
        return block
    rows = [[(cell, change(_text(cell))) for cell in row["content"]] for row in block["content"]]
    kept = [
        {"type": "tableRow", "content": [_with_text(cell, text or "") for cell, text in row]}
        for row in rows
        if all(text is not None for _, text in row)
    ]
    return {**block, "content": kept}


def _text(cell: AdfNode) -> str:
    return "".join(n.get("text", "") for block in cell["content"] for n in block.get("content", ()))


def _with_text(cell: AdfNode, text: str) -> AdfNode:
    content = [{"type": "text", "text": text}] if text else []
    return {**cell, "content": [{"type": "paragraph", "content": content}]}


def judged_with_cells(change: Callable[[str], str | None]) -> TicketQuality:
    """Judge the ticket with other cells in its document."""
    rendered = [_with_cells(m, change) for m in tickets()]
    quality = judged_as_rendered(rendered, tickets())
    (found,) = (t for t in quality.tickets if t.ticket_id == clock().ticket.ticket_id)
    return found


def _with_cells(made: MadeTicket, change: Callable[[str], str | None]) -> RenderedTicket:
    rendered = made.rendered()
    if made.ticket.ticket_id != clock().ticket.ticket_id:
        return rendered
    return replace(rendered, description_adf=changed(rendered.document, change))


def test_a_row_that_is_left_out_costs_the_complete_table() -> None:
    found = judged_with_cells(lambda text: None if text == "field_year" else text)

    assert found.missing == (Criterion.TABLE_COMPLETE,)
    assert not found.is_table_perfect
    assert not found.is_passed


def test_a_cell_that_is_shown_otherwise_costs_both_points_of_the_table() -> None:
    found = judged_with_cells(lambda text: "field_years" if text == "field_year" else text)

    assert found.missing == (Criterion.TABLE_COMPLETE, Criterion.NOTHING_INVENTED)
    assert not found.is_table_perfect


def test_a_cell_that_is_filled_without_a_row_is_invented() -> None:
    found = judged_with_cells(lambda text: text or "by the way")

    assert found.missing == (Criterion.NOTHING_INVENTED,)
    assert not found.is_table_perfect


def test_a_dependency_that_is_not_named_costs_its_point() -> None:
    silent = [m.saying(analysis=re.sub("<a .*?</a>", "it", _analysis(m))) for m in tickets()]
    rendered = [
        replace(m.rendered(), description_adf=_without_section(m, "Dependencies and references"))
        for m in silent
    ]

    quality = judged_as_rendered(rendered, tickets())

    (found,) = (t for t in quality.tickets if t.ticket_id == clock().ticket.ticket_id)
    assert found.missing == (Criterion.DEPENDENCIES,)


def _analysis(made: MadeTicket) -> str:
    return made.ticket.revision.parts.analysis


def _without_section(made: MadeTicket, heading: str) -> AdfNode:
    document = made.rendered().document
    blocks = document["content"]
    assert isinstance(blocks, list)
    starts = [i for i, b in enumerate(blocks) if b["type"] == "heading" and _title(b) == heading]
    if not starts:
        return document
    ends = (i for i, b in enumerate(blocks) if i > starts[0] and b["type"] in {"heading", "rule"})
    return {**document, "content": [*blocks[: starts[0]], *blocks[next(ends) :]]}


def _title(heading: AdfNode) -> str:
    return "".join(node["text"] for node in heading["content"])


def test_a_document_that_jira_refuses_costs_the_format() -> None:
    quality = judged(tickets(), body_max_bytes=900)

    assert [t.missing for t in quality.tickets] == [(Criterion.FORMAT,), (Criterion.FORMAT,)]


def test_a_ticket_whose_document_was_never_checked_lacks_the_point_of_format() -> None:
    quality = judge_session(
        [m.rendered() for m in tickets()],
        groups=clock().groups,
        specification=clock().specification,
        validated={},
    )

    assert [t.missing for t in quality.tickets] == [(Criterion.FORMAT,), (Criterion.FORMAT,)]


def test_what_people_add_as_notes_is_not_judged() -> None:
    noted = clock().saying(notes="<table><tr><td>field_chime 977</td></tr></table>")

    assert judged_one(noted, tickets()).points == 10


def test_a_table_in_a_prose_part_is_not_taken_for_one_of_the_rows() -> None:
    table = "<table><tr><th>Name</th><th>Line</th></tr><tr><td>Clock</td><td>2</td></tr></table>"
    noted = saying(analysis=lambda html: html + table)

    assert judged_one(noted, tickets()).is_table_perfect


def test_skipped_tickets_are_not_judged() -> None:
    skipped = replace(clock(), ticket=replace(clock().ticket, skipped_reason="later"))

    quality = judged([skipped if m.group.key == skipped.group.key else m for m in tickets()])

    assert [t.title for t in quality.tickets] == ["Configure vocabulary: Maker"]


def test_the_worst_ticket_comes_first_and_good_ones_are_left_out() -> None:
    parts = ProseParts(user_story="", analysis="", questions="", verification="")
    empty = replace(
        clock(),
        ticket=replace(clock().ticket, revision=replace(clock().ticket.revision, parts=parts)),
    )

    quality = judged([empty if m.group.key == empty.group.key else m for m in tickets()])

    assert [t.title for t in quality.worst] == ["Configure content type: Clock"]
    assert quality.worst[0].missing == (
        Criterion.USER_STORY,
        Criterion.VERIFICATION,
        Criterion.FORMAT,
    )
    assert not quality.is_passed
    assert summary_of(quality) == (
        "Look at 1 before you sign; in the other 1 nothing was found that a reader would change. "
        "1 of 2 tickets have at least 9 of 10 points, 1 at least 8; 2 have perfect tables."
    )


def test_a_session_without_tickets_lacks_nothing() -> None:
    quality = judged(())

    assert quality_object(quality)["share_with_9"] == 1.0
    assert summary_of(quality) == "There are no tickets to judge."


@pytest.mark.parametrize("name", ["uwec", "uhrenmuseum"])
def test_nearly_every_ticket_of_a_whole_site_has_nine_points(name: str) -> None:
    quality = judged(site_tickets(name))

    assert {t.title: t.shortcomings for t in quality.tickets if not t.is_table_perfect} == {}
    assert quality.share_with(9) >= 0.95


def test_shortened_bodies_are_judged_by_the_whole_ticket() -> None:
    made = site_tickets("uhrenmuseum")
    shortened = [m for m in made if m.rendered(body_max_bytes=5_000).attachment is not None]

    quality = judged(made, body_max_bytes=5_000)

    assert len(shortened) > 5
    assert quality.perfect_tables == len(made)
