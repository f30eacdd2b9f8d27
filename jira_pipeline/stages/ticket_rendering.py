"""A ticket as Jira will get it: prose parts and tables become one ADF document.

Belongs here: the order of the body, the tables as ADF, what moves into the attachment when the
body is too large. Does not: which tables there are (`domain/configuration_tables`), the document
language (`adf`), fields other than summary and description (`stages/jira_export`).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from jira_pipeline.adf import (
    AdfNode,
    adf_to_markdown,
    adf_to_text,
    compact_json_bytes,
    html_to_blocks,
)
from jira_pipeline.adf import nodes as adf
from jira_pipeline.domain.configuration_tables import (
    ConfigurationTable,
    TablePurpose,
    TableRow,
    tables_of,
)
from jira_pipeline.domain.entity_groups import (
    EntityGroup,
    GroupDependency,
    GroupRelation,
    RelationKind,
)
from jira_pipeline.domain.line_numbers import line_ranges, said_lines
from jira_pipeline.domain.rendered_tickets import RenderedTicket, hashed_file_name
from jira_pipeline.domain.tickets import Answer, SourceLines, Ticket, canonical_hash, ticket_id_of

SAME_FOR_ALL = "Same for all: "
"""Begins the paragraph that tells the columns with one value; labels in it are strong."""
LITERAL_HEADING = "## Cells to copy, exactly as they stand in the sheets"
SLIM_COLUMNS = 5
"""Columns a table keeps in the body when the whole of it moves into the attachment."""
_SECOND_COLUMNS = frozenset(
    {"Reused Field", "Field group", "Form widget", "Trns.", "X", "Dev", "QA", "ID"}
)
"""Columns a short form does without first: how to build a row, not what it is."""

_PROSE_TABLE_RANK = 1
_MEMBERS_RANK = 2
_SETTINGS_RANK = 3
_RELATIONS_RANK = 4
_MEMBERS_AWAY_RANK = 5
"""What is special about a ticket matters more than a list of what is in its attachment."""
_ANALYSIS_RANK = 7
_VERIFICATION_RANK = 8
_QUESTIONS_RANK = 9
_LAST_RANK = 100
"""Of the settings' and the relations' last form."""
_NOTES_RANK = 101
_USER_STORY_RANK = 102
_SOURCES_RANK = 103
_LINES_IN_REASON = re.compile(r" \(lines? [\d–, ]+\)")

_BY_HAND = "set in the review"
_RELATION_HEADINGS: Mapping[RelationKind, str] = {
    RelationKind.DEFERRED: "Deferred references",
    RelationKind.SATISFIED: "Already there",
    RelationKind.ON_HOLD: "On hold",
    RelationKind.REMOVAL: "Goes with a removal",
    RelationKind.RELATED: "Related",
}


class _LiteralCell(NamedTuple):
    """A cell of a table with where it stands."""

    file: str
    lines: tuple[int, ...]
    column: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Section:
    """One part of the body with its shorter forms, the full one first."""

    forms: tuple[tuple[AdfNode, ...], ...]
    shrink_rank: int = _LAST_RANK
    """Sections with a lower rank are shortened first."""
    away_rank: int = _LAST_RANK
    """When the last of several shorter forms comes, which leaves nothing of it in the body."""


def render_ticket(
    ticket: Ticket,
    group: EntityGroup,
    *,
    groups: Mapping[str, EntityGroup],
    body_max_bytes: int,
) -> RenderedTicket:
    """Render one ticket; what does not fit the body goes whole into a Markdown attachment."""
    sections = _sections(ticket, group, groups)
    document = _whole_document(sections)
    attachment: tuple[str, str] | None = None
    whole_characters = 0
    if compact_json_bytes(document) > body_max_bytes:
        text = _attachment_text(ticket, group, document)
        whole_characters = len(adf_to_text(document))
        name = hashed_file_name(f"{_slug(ticket.title)}.md", text)
        attachment = (name, text)
        document = _shortened(sections, file_name=name, body_max_bytes=body_max_bytes)
    return RenderedTicket(
        ticket=ticket,
        summary=ticket.title,
        description_adf=document,
        attachment=attachment,
        whole_characters=whole_characters,
        rendered_hash=canonical_hash(
            {
                "summary": ticket.title,
                "description": document,
                "attachment": attachment,
                "fields": [ticket.assignee, ticket.sprint, ticket.priority, ticket.parent],
                "labels": sorted(ticket.labels),
                "links": [ticket.depends_on, ticket.relates_to],
            }
        ),
    )


def render_whole_document(
    ticket: Ticket, group: EntityGroup, *, groups: Mapping[str, EntityGroup]
) -> AdfNode:
    """Render everything a ticket says, whatever its size: what body and attachment are made of."""
    return _whole_document(_sections(ticket, group, groups))


def character_reduction(rendered: RenderedTicket) -> int:
    """Count by how many characters of text the body is shorter than the whole; markup is no text.

    Negative where short forms of tables write labels that the tables do not repeat.
    """
    if rendered.attachment is None:
        return 0
    return rendered.whole_characters - len(adf_to_text(dict(rendered.description_adf)))


def _attachment_text(ticket: Ticket, group: EntityGroup, document: AdfNode) -> str:
    """Write the whole ticket as Markdown, with cells that Markdown must escape once more as is."""
    titled = adf.doc([adf.heading(1, ticket.title), *document["content"]])
    text = f"{adf_to_markdown(titled).rstrip()}\n"
    escaped_cells = [cell for cell in _literal_cells(group) if cell.value not in text]
    if not escaped_cells:
        return text
    blocks = [
        f"{cell.file}, {said_lines(cell.lines)}, {cell.column}:\n\n{_fenced(cell.value)}\n"
        for cell in escaped_cells
    ]
    return f"{text}\n{LITERAL_HEADING}\n\n{chr(10).join(blocks)}"


def _literal_cells(group: EntityGroup) -> Iterator[_LiteralCell]:
    for table in tables_of(group):
        every_line = tuple(sorted({line for row in table.rows for line in row.lines}))
        for column, value in table.same_for_all:
            yield _LiteralCell(table.file, every_line, column, value)
        for row in table.rows:
            for column, value in zip(table.columns, row.cells, strict=True):
                if value:
                    yield _LiteralCell(table.file, row.lines, column, value)


def _fenced(value: str) -> str:
    """Put text between fences longer than any run of backticks in it."""
    longest = max((len(run) for run in re.findall("`+", value)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{value}\n{fence}"


def _sections(
    ticket: Ticket, group: EntityGroup, groups: Mapping[str, EntityGroup]
) -> list[_Section]:
    parts = ticket.revision.parts
    return [
        _prose("User story", parts.user_story, shrink_rank=_USER_STORY_RANK),
        _prose("Analysis", parts.analysis, shrink_rank=_ANALYSIS_RANK),
        _part(
            "Questions for the specification",
            _unanswered_blocks(ticket),
            shrink_rank=_QUESTIONS_RANK,
        ),
        *(_table_section(table) for table in tables_of(group)),
        _prose("Verification", parts.verification, shrink_rank=_VERIFICATION_RANK),
        _part(
            "Notes",
            [*html_to_blocks(parts.notes), *_answer_blocks(ticket.answers)],
            shrink_rank=_NOTES_RANK,
        ),
        _relations_section(ticket, group, groups),
        _sources_section(ticket.source_lines, hours=ticket.revision.estimated_hours),
    ]


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
    return [
        adf.paragraph(
            [
                *_with_code(answer.question),
                adf.text(" "),
                *adf.text_with_breaks(answer.answer),
                adf.text(f" ({answer.answered_by}, {answer.answered_at:%F})", [adf.EM]),
            ]
        )
        for answer in answers
    ]


def _with_code(question: str) -> list[AdfNode]:
    """Show a question in strong type, what stands between backticks as code."""
    return [
        adf.text(piece, [adf.CODE if place % 2 else adf.STRONG])
        for place, piece in enumerate(question.split("`"))
        if piece
    ]


def _prose(title: str, html: str, *, shrink_rank: int) -> _Section:
    return _part(title, html_to_blocks(html), shrink_rank=shrink_rank)


def _part(title: str, blocks: Sequence[AdfNode], *, shrink_rank: int) -> _Section:
    if not blocks:
        return _Section(forms=((),))
    heading = adf.heading(3, title)
    return _Section(
        forms=((heading, *blocks), (heading, _see_attachment())), shrink_rank=shrink_rank
    )


def _see_attachment() -> AdfNode:
    return adf.paragraph([adf.text("In the attachment.", [adf.EM])])


def table_blocks(table: ConfigurationTable) -> tuple[AdfNode, ...]:
    """Return a table whole: its heading, what is the same for all, its rows."""
    return (adf.heading(3, table.title), *_same_for_all(table), *_table_blocks(table))


def _table_section(table: ConfigurationTable) -> _Section:
    title = adf.heading(3, table.title)
    full = table_blocks(table)
    away = (title, _see_attachment())
    match table.purpose:
        case TablePurpose.PROSE:
            return _Section(forms=(full, away), shrink_rank=_PROSE_TABLE_RANK)
        case TablePurpose.SETTINGS:
            lines = (title, *_same_for_all(table), *_setting_lines(table))
            return _Section(forms=(full, lines, away), shrink_rank=_SETTINGS_RANK)
        case TablePurpose.MEMBERS:
            slim = _slimmed(table)
            forms = (
                full,
                (title, _short_form_note(), *_same_for_all(table), *_table_blocks(slim)),
                (title, _short_form_note(), *_same_for_all(table), *_aligned_lines(slim)),
                away,
            )
            return _Section(forms=forms, shrink_rank=_MEMBERS_RANK, away_rank=_MEMBERS_AWAY_RANK)


def _same_for_all(table: ConfigurationTable) -> list[AdfNode]:
    if not table.same_for_all:
        return []
    inline = [adf.text(SAME_FOR_ALL, [adf.STRONG])]
    for index, (column, value) in enumerate(table.same_for_all):
        separator = " · " if index else ""
        inline.append(adf.text(f"{separator}{column} ", [adf.STRONG]))
        inline += adf.text_with_breaks(value)
    return [adf.paragraph(inline)]


def _table_blocks(table: ConfigurationTable) -> list[AdfNode]:
    if not table.rows:
        return []
    if table.is_transposed:
        rows = [
            adf.table_row([_header(column), adf.table_cell(value)])
            for row in table.rows
            for column, value in zip(table.columns, row.cells, strict=True)
        ]
        return [adf.table(rows)]
    header = adf.table_row([*(_header(column) for column in table.columns), _header("Line")])
    return [adf.table([header, *(_table_row(row) for row in table.rows)])]


def _table_row(row: TableRow) -> AdfNode:
    cells = [adf.table_cell(value) for value in row.cells]
    return adf.table_row([*cells, adf.table_cell(line_ranges(row.lines))])


def _header(column: str) -> AdfNode:
    return adf.table_header([adf.paragraph([adf.text(column, [adf.STRONG])])])


def _slimmed(table: ConfigurationTable) -> ConfigurationTable:
    """Keep the columns that say what a row is, in their order."""
    first = [i for i, name in enumerate(table.columns) if name not in _SECOND_COLUMNS]
    second = [i for i, name in enumerate(table.columns) if name in _SECOND_COLUMNS]
    kept = sorted([*first, *second][:SLIM_COLUMNS])
    return replace(
        table,
        columns=tuple(table.columns[i] for i in kept),
        rows=tuple(
            TableRow(cells=tuple(row.cells[i] for i in kept), lines=row.lines) for row in table.rows
        ),
    )


def _aligned_lines(table: ConfigurationTable) -> list[AdfNode]:
    """Show a table as lines of text in aligned columns: a tenth of the size of a table."""
    rows = [table.columns, *(row.cells for row in table.rows)]
    cells = [[" ".join(cell.split()) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(table.columns))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]
    return [adf.code_block("\n".join(lines))] if table.rows else []


def _setting_lines(table: ConfigurationTable) -> list[AdfNode]:
    """Show settings as lines of text: one a column for a single head, else aligned columns."""
    if not table.is_transposed:
        return _aligned_lines(_slimmed(table))
    pairs = [pair for row in table.rows for pair in zip(table.columns, row.cells, strict=True)]
    width = max(len(column) for column, _ in pairs)
    lines = [f"{column.ljust(width)}  {' '.join(value.split())}" for column, value in pairs]
    return [adf.code_block("\n".join(lines))]


def _short_form_note() -> AdfNode:
    return adf.paragraph([adf.text("Short form; every column is in the attachment.", [adf.EM])])


def _relations_section(
    ticket: Ticket, group: EntityGroup, groups: Mapping[str, EntityGroup]
) -> _Section:
    """List what the sheets say a ticket waits for and mentions, and what people changed of it."""
    title = adf.heading(3, "Dependencies and references")
    depends = [
        _dependency_texts(d, groups)
        for d in group.dependencies
        if not d.is_linked or ticket_id_of(ticket.session_key, d.group_key) in ticket.depends_on
    ]
    stated = [d.group_key for d in group.dependencies]
    depends += _by_hand(ticket, ticket.depends_on, stated, groups)
    mentioned = [r.group_key for r in group.relations if r.group_key is not None]
    related = _by_hand(ticket, ticket.relates_to, mentioned, groups)
    listed = [("Depends on", depends)]
    for kind, heading in _RELATION_HEADINGS.items():
        entries = [_relation_texts(r, groups) for r in group.relations if r.kind is kind]
        if kind is RelationKind.RELATED:
            entries += related
        listed.append((heading, _told_once(entries)))
    full = [b for heading, entries in listed for b in _titled_list(heading, entries)]
    if not full:
        return _Section(forms=((),))
    short = [b for heading, entries in listed for b in _titled_names(heading, entries)]
    away = (title, _see_attachment())
    return _Section(forms=((title, *full), (title, *short), away), shrink_rank=_RELATIONS_RANK)


def _by_hand(
    ticket: Ticket,
    others: Sequence[str],
    stated: Sequence[str],
    groups: Mapping[str, EntityGroup],
) -> list[tuple[str, str]]:
    """Name the tickets among others that the sheets don't name: people set them."""
    known = {ticket_id_of(ticket.session_key, key) for key in stated}
    added = set(others) - known
    if not added:
        return []
    by_id = {ticket_id_of(ticket.session_key, key): key for key in groups}
    return [(_title_of(by_id[i], groups), _BY_HAND) for i in others if i in added and i in by_id]


def _titled_list(title: str, entries: Sequence[tuple[str, str]]) -> list[AdfNode]:
    if not entries:
        return []
    items = [adf.list_item(f"{name}: {reason}" if reason else name) for name, reason in entries]
    return [adf.paragraph([adf.text(title, [adf.STRONG])]), adf.bullet_list(items)]


def _titled_names(title: str, entries: Sequence[tuple[str, str]]) -> list[AdfNode]:
    if not entries:
        return []
    names = " · ".join(dict.fromkeys(name for name, _ in entries))
    return [adf.paragraph([adf.text(f"{title}: ", [adf.STRONG]), adf.text(names)])]


def _dependency_texts(
    dependency: GroupDependency, groups: Mapping[str, EntityGroup]
) -> tuple[str, str]:
    """Name what must be built first, and say why."""
    return _title_of(dependency.group_key, groups), "; ".join(dependency.reasons)


def _relation_texts(relation: GroupRelation, groups: Mapping[str, EntityGroup]) -> tuple[str, str]:
    """Name what is related, and say how."""
    key = relation.group_key
    return relation.label if key is None else _title_of(key, groups), relation.reason


def _told_once(entries: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Join the names of entries that give the same reason, save for its lines."""
    by_reason: dict[str, list[tuple[str, str]]] = {}
    for name, reason in entries:
        by_reason.setdefault(_LINES_IN_REASON.sub("", reason), []).append((name, reason))
    return [
        same[0] if len(same) == 1 else (", ".join(name for name, _ in same), reason)
        for reason, same in by_reason.items()
    ]


def _title_of(group_key: str, groups: Mapping[str, EntityGroup]) -> str:
    group = groups[group_key]
    return f"{group.title} (ticket {group.number})"


def _sources_section(source_lines: Sequence[SourceLines], *, hours: str) -> _Section:
    """Name files and lines; the short form names files only."""
    places = " · ".join(f"{s.file} {said_lines(s.lines)}" for s in source_lines)
    files = " · ".join(s.file for s in source_lines)
    estimate = [adf.text("Estimate: ", [adf.STRONG]), adf.text(f"{hours} hours")]
    forms = [
        (adf.rule(), adf.paragraph([adf.text("Source: ", [adf.STRONG]), adf.text(said)]))
        for said in (places or "the sheets", f"{files}; lines in the attachment")
    ]
    last = (adf.paragraph(estimate),) if hours else ()
    return _Section(forms=tuple((*form, *last) for form in forms), shrink_rank=_SOURCES_RANK)


def _whole_document(sections: Sequence[_Section]) -> AdfNode:
    return _document(sections, dict.fromkeys(range(len(sections)), 0))


def _document(
    sections: Sequence[_Section], chosen: Mapping[int, int], *, notice: AdfNode | None = None
) -> AdfNode:
    blocks: list[AdfNode] = [notice] if notice else []
    for index, section in enumerate(sections):
        blocks.extend(section.forms[chosen[index]])
    return adf.doc(blocks)


def _shortened(sections: Sequence[_Section], *, file_name: str, body_max_bytes: int) -> AdfNode:
    """Shorten section after section, least essential first, until the body fits."""
    notice = adf.panel(
        "info",
        [
            adf.paragraph(
                [
                    adf.text(
                        "This ticket is longer than an issue can hold. The whole of it is in "
                    ),
                    adf.text(file_name, [adf.CODE]),
                    adf.text("."),
                ]
            )
        ],
    )
    sizes = [[_blocks_bytes(form) for form in section.forms] for section in sections]
    chosen = dict.fromkeys(range(len(sections)), 0)
    total = compact_json_bytes(adf.doc([notice])) + sum(forms[0] for forms in sizes)
    for index, form in _shrink_steps(sections, sizes):
        if total <= body_max_bytes:
            break
        saved = sizes[index][chosen[index]] - sizes[index][form]
        if saved > 0:
            total -= saved
            chosen[index] = form
    return _document(sections, chosen, notice=notice)


def _blocks_bytes(blocks: Sequence[AdfNode]) -> int:
    """Count what blocks add to a document: their JSON and a comma each."""
    return sum(compact_json_bytes(block) + 1 for block in blocks)


def _shrink_steps(
    sections: Sequence[_Section], sizes: Sequence[Sequence[int]]
) -> list[tuple[int, int]]:
    """Name sections in the order they are shortened, each with the number of its next form.

    By rank, within a rank form by form, longest section first.
    """
    steps = [
        (
            section.away_rank if 1 < form == len(section.forms) - 1 else section.shrink_rank,
            form,
            -sizes[index][0],
            index,
        )
        for index, section in enumerate(sections)
        for form in range(1, len(section.forms))
    ]
    return [(index, form) for _, form, _, index in sorted(steps)]


def _slug(title: str) -> str:
    kept = "".join(c if c.isascii() and c.isalnum() else "-" for c in title.casefold())
    return "-".join(part for part in kept.split("-") if part)[:60] or "ticket"
