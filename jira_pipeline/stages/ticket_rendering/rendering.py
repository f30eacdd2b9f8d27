"""A ticket as Jira will get it: prose parts and tables become one ADF document.

Belongs here: the order of the body, the prose parts in it, when the whole becomes an attachment.
Does not: fields other than summary and description (`stages/jira_export`).
"""

from collections.abc import Mapping, Sequence

from jira_pipeline.adf import AdfNode, adf_to_text, compact_json_bytes, html_to_blocks
from jira_pipeline.adf import nodes as adf
from jira_pipeline.domain.configuration_tables import tables_of
from jira_pipeline.domain.entity_groups import EntityGroup
from jira_pipeline.domain.line_numbers import said_lines
from jira_pipeline.domain.rendered_tickets import RenderedTicket, rendered_hash_of
from jira_pipeline.domain.tickets import Answer, SourceLines, Ticket
from jira_pipeline.stages.ticket_rendering.attachment import attachment_of
from jira_pipeline.stages.ticket_rendering.body import (
    Section,
    ShrinkRank,
    part_section,
    shortened_document,
    whole_document,
)
from jira_pipeline.stages.ticket_rendering.relations import relations_section
from jira_pipeline.stages.ticket_rendering.tables import table_section


def render_ticket(
    ticket: Ticket,
    group: EntityGroup,
    *,
    groups: Mapping[str, EntityGroup],
    body_max_bytes: int,
) -> RenderedTicket:
    """Render one ticket; what does not fit the body goes whole into a Markdown attachment."""
    sections = _sections(ticket, group, groups)
    document = whole_document(sections)
    attachment: tuple[str, str] | None = None
    whole_characters = 0
    if compact_json_bytes(document) > body_max_bytes:
        whole_characters = len(adf_to_text(document))
        attachment = attachment_of(ticket, group, document)
        document = shortened_document(
            sections, file_name=attachment[0], body_max_bytes=body_max_bytes
        )
    return RenderedTicket(
        ticket=ticket,
        summary=ticket.title,
        description_adf=document,
        attachment=attachment,
        whole_characters=whole_characters,
        rendered_hash=rendered_hash_of(ticket, document=document, attachment=attachment),
    )


def render_whole_document(
    ticket: Ticket, group: EntityGroup, *, groups: Mapping[str, EntityGroup]
) -> AdfNode:
    """Render everything a ticket says, whatever its size: what body and attachment are made of."""
    return whole_document(_sections(ticket, group, groups))


def character_reduction(rendered: RenderedTicket) -> int:
    """Count by how many characters of text the body is shorter than the whole; markup is no text.

    Negative where short forms of tables write labels that the tables do not repeat.
    """
    if rendered.attachment is None:
        return 0
    return rendered.whole_characters - len(adf_to_text(dict(rendered.description_adf)))


def _sections(
    ticket: Ticket, group: EntityGroup, groups: Mapping[str, EntityGroup]
) -> list[Section]:
    parts = ticket.revision.parts
    return [
        _prose("User story", parts.user_story, shrink_rank=ShrinkRank.USER_STORY),
        _prose("Analysis", parts.analysis, shrink_rank=ShrinkRank.ANALYSIS),
        part_section(
            "Questions for the specification",
            _unanswered_blocks(ticket),
            shrink_rank=ShrinkRank.QUESTIONS,
        ),
        *(table_section(table) for table in tables_of(group)),
        _prose("Verification", parts.verification, shrink_rank=ShrinkRank.VERIFICATION),
        part_section(
            "Notes",
            [*html_to_blocks(parts.notes), *_answer_blocks(ticket.answers)],
            shrink_rank=ShrinkRank.NOTES,
        ),
        relations_section(ticket, group, groups),
        _sources_section(ticket.source_lines, hours=ticket.revision.estimated_hours),
    ]


def _prose(title: str, html: str, *, shrink_rank: ShrinkRank) -> Section:
    return part_section(title, html_to_blocks(html), shrink_rank=shrink_rank)


def _unanswered_blocks(ticket: Ticket) -> list[AdfNode]:
    """Return the questions part without the questions that have an answer.

    As generated it is one list with an item for each question; what people made of it stays whole.
    """
    blocks = html_to_blocks(ticket.revision.parts.questions)
    questions = ticket.revision.questions
    if not ticket.answers or len(blocks) != 1 or "content" not in blocks[0]:
        return blocks
    items = blocks[0]["content"]
    if blocks[0]["type"] != "orderedList" or len(items) != len(questions):
        return blocks
    still_open = set(ticket.unanswered)
    left = [item for item, asked in zip(items, questions, strict=True) if asked in still_open]
    return [{**blocks[0], "content": left}] if left else []


def _answer_blocks(answers: Sequence[Answer]) -> list[AdfNode]:
    """Return a paragraph for each answered question, with who answered and when."""
    # Show a question in strong type, what stands between backticks as code.
    return [
        adf.paragraph(
            [
                *[
                    adf.text(piece, [adf.CODE if place % 2 else adf.STRONG])
                    for place, piece in enumerate(answer.question.split("`"))
                    if piece
                ],
                adf.text(" "),
                *adf.text_with_breaks(answer.answer),
                adf.text(f" ({answer.answered_by}, {answer.answered_at:%F})", [adf.EM]),
            ]
        )
        for answer in answers
    ]


def _sources_section(source_lines: Sequence[SourceLines], *, hours: str) -> Section:
    """Name files and lines; the short form names files only."""
    places = " · ".join(f"{s.file} {said_lines(s.lines)}" for s in source_lines)
    files = " · ".join(s.file for s in source_lines)
    estimate = [adf.text("Estimate: ", [adf.STRONG]), adf.text(f"{hours} hours")]
    forms = [
        (adf.rule(), adf.paragraph([adf.text("Source: ", [adf.STRONG]), adf.text(said)]))
        for said in (places or "the sheets", f"{files}; lines in the attachment")
    ]
    last = (adf.paragraph(estimate),) if hours else ()
    return Section(forms=tuple((*form, *last) for form in forms), shrink_rank=ShrinkRank.SOURCES)
