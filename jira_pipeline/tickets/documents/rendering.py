"""A ticket as Jira will get it: prose parts and tables become one ADF document.

Belongs here: the order of the body, the prose parts and the relations to other tickets in it, and
the attachment that holds the whole. Does not: fields other than summary and description
(`export/issue_fields`).
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import NamedTuple

from jira_pipeline.jira.adf import (
    AdfNode,
    LinkPolicy,
    adf_to_markdown,
    adf_to_text,
    html_to_blocks,
    nodes as adf,
)
from jira_pipeline.jira.adf.nodes import distinguish_local_ids
from jira_pipeline.model.entity_groups import (
    EntityGroup,
    GroupAction,
    GroupDependency,
    GroupRelation,
    NamedGroup,
    RelationKind,
)
from jira_pipeline.model.grouped import group_by, group_pairs
from jira_pipeline.model.line_numbers import lines_text, without_lines
from jira_pipeline.model.open_questions import OpenQuestion
from jira_pipeline.model.rendered_tickets import RenderedTicket, hashed_file_name
from jira_pipeline.model.revisions import HOURS_BY_ROWS
from jira_pipeline.model.sheet_names import PACKAGE_SUFFIX, containing_file
from jira_pipeline.model.ticket_hashes import (
    approved_hash_of,
    approved_rows_hash_of,
    rendered_hash_of,
)
from jira_pipeline.model.ticket_links import SCHEME, groups_linked, href_of, with_titles
from jira_pipeline.model.tickets import (
    Answer,
    SourceLines,
    Ticket,
    canonical_json,
    row_ids_of,
    row_names_of,
    ticket_id_of,
)
from jira_pipeline.tickets.documents.configuration_tables import ConfigurationTable, tables_of
from jira_pipeline.tickets.documents.document_tables import (
    Section,
    ShrinkRank,
    document_bytes,
    document_json,
    part_section,
    see_attachment,
    shortened_forms,
    table_section,
    upkeep_section,
)

LITERAL_HEADING = "## Cells to copy, exactly as they stand in the sheets"
"""In the name of a file that may be attached already: it never changes."""
QUESTIONS = "Questions for the specification"
ANSWERS = "Answers to questions"
ASSUMED = "Assumed unless you object"
PIECES_KEPT = 2_000
"""Parts of prose and tables, of the tickets that were rendered last; a ticket has some ten."""
ESTIMATE = "Estimate: "
"""What the paragraph with the hours begins with."""
_OF_ROWS = " for configuration; extra work in the notes is excluded"
"""Added to an estimate that only the number of rows gives."""
PROSE_LINKS = LinkPolicy(schemes=frozenset({"http", "https", "mailto", SCHEME}))
"""What prose may link to: other tickets, too."""
REFERENCES_TITLE = "Dependencies and references"
PAGE_LINKS = LinkPolicy(is_relative_allowed=True)
"""What a page of ours may link to: its own places, too."""
_TASKS = '"taskList"'
_BEGUN, _, _ENDED = document_json([]).partition("[]")
"""Of a document as text, around the list of its blocks."""
_BY_HAND = "set in the review"
_UPDATED_LATER = "Exists already, updated later"
_RELATION_HEADINGS: Mapping[RelationKind, str] = {
    RelationKind.DEFERRED: "Deferred references",
    RelationKind.SATISFIED: "Already there",
    RelationKind.ON_HOLD: "On hold",
    RelationKind.REMOVAL: "Goes with a removal",
    RelationKind.RECOMMENDED: "Recommended with it",
    RelationKind.PREREQUISITE: "Must exist on the target",
    RelationKind.RELATED: "Related",
}


class WrittenTables:
    """The tables of a group as text: who keeps them renders other prose around the same rows."""

    def __init__(self, group: EntityGroup) -> None:
        self.group = group
        self.tables = tables_of(group)
        self.sections = tuple(map(table_section, self.tables))
        """One for each table, in their order."""
        self.upkeep = upkeep_section(self.tables)

    @cached_property
    def approved_rows_hash(self) -> str:
        """What an approval covers of the rows."""
        return approved_rows_hash_of(self.group)

    @cached_property
    def cells_apart(self) -> tuple[tuple[str, str], ...]:
        """The cells that their Markdown does not have as they are, each after its place."""
        written = (*self.sections, self.upkeep)
        shown = "\n\n".join(_whole_text(section.forms[0].json)[0] for section in written)
        return tuple(placed for placed in _literal_cells(self.tables) if placed[1] not in shown)


def render_ticket(
    ticket: Ticket,
    tables: WrittenTables,
    *,
    groups: Mapping[str, EntityGroup | NamedGroup],
    body_max_bytes: int,
) -> RenderedTicket:
    """Render one ticket; what does not fit the body goes whole into a Markdown attachment."""
    sections = _sections(ticket, groups, tables)
    forms = [section.forms[0] for section in sections]
    attachment: tuple[str, str] | None = None
    whole_characters = 0
    if document_bytes(forms) > body_max_bytes:
        written = [_whole_text(form.json) for form in forms if form.json]
        whole_characters = len("".join(text for _, text in written).strip("\n"))
        attachment = _attachment_of(ticket, tables, [markdown for markdown, _ in written])
        forms = shortened_forms(sections, file_name=attachment[0], body_max_bytes=body_max_bytes)
    document = document_json(forms)
    return RenderedTicket(
        ticket=ticket,
        summary=ticket.title,
        kept_text=document,
        attachment=attachment,
        whole_characters=whole_characters,
        rendered_hash=rendered_hash_of(ticket, document, attachment=attachment),
        approved_hash=approved_hash_of(ticket, tables.approved_rows_hash),
    )


class ShorterPart(NamedTuple):
    """A part of a ticket that the body does not hold whole."""

    title: str
    is_left_out: bool
    """The body only says that it is in the attachment."""


class WholePart(NamedTuple):
    """Some blocks of a document in a row."""

    blocks: list[AdfNode]
    table: ConfigurationTable | None
    """What they show, where it is one of the tables."""


class WholeDocument(NamedTuple):
    """Everything a ticket says, whatever an issue can hold."""

    text: str
    """The document as canonical JSON: links to other tickets name their groups."""
    shorter: tuple[ShorterPart, ...] = ()
    """What the body of the issue has in a shorter form, in the order of the document."""

    def parts(self, tables: WrittenTables) -> Iterator[WholePart]:
        left = self.text.removeprefix(_BEGUN).removesuffix(_ENDED)
        for section, table in zip(tables.sections, tables.tables, strict=True):
            before, written, after = left.partition(section.forms[0].json or _ENDED)
            if written:
                yield WholePart(_blocks_in(before), None)
                yield WholePart(_blocks_in(written), table)
                left = after
        yield WholePart(_blocks_in(left), None)


def whole_document(
    ticket: Ticket,
    tables: WrittenTables,
    *,
    groups: Mapping[str, EntityGroup | NamedGroup],
    file_name: str,
    body_max_bytes: int,
) -> WholeDocument:
    """Render what body and attachment of a ticket are made of; `groups` are those it names."""
    sections = _sections(ticket, groups, tables)
    text = document_json([section.forms[0] for section in sections])
    _, *chosen = shortened_forms(sections, file_name=file_name, body_max_bytes=body_max_bytes)
    shorter = tuple(
        ShorterPart(_title_in(section.forms[0].json), form is section.forms[-1])
        for section, form in zip(sections, chosen, strict=True)
        if not section.is_whole(section.forms.index(form))
    )
    return WholeDocument(text, shorter)


def _blocks_in(blocks_json: str) -> list[AdfNode]:
    blocks: list[AdfNode] = json.loads(f"[{blocks_json.strip('[,]')}]")
    return blocks


def _title_in(blocks_json: str) -> str:
    first = _blocks_in(blocks_json)[0]
    return str(first.get("attrs", {}).get("title", "")) or adf_to_text(adf.doc([first])) or "Source"


def tickets_named(ticket: Ticket, group: EntityGroup) -> frozenset[str]:
    """Return the ids of the tickets that a document may name."""
    parts = ticket.revision.parts
    prose = (parts.user_story, ticket.analysis, parts.questions, parts.verification, parts.notes)
    stated = {d.group_key for d in group.dependencies}
    stated |= {r.group_key for r in group.relations if r.group_key is not None}
    keys = stated.union(*map(groups_linked, prose))
    named = {ticket_id_of(ticket.session_key, key) for key in keys}
    return frozenset(named.union(ticket.depends_on, ticket.relates_to))


def character_reduction(rendered: RenderedTicket) -> int:
    """Count by how many characters of text the body is shorter than the whole; markup is no text.

    Negative where short forms of tables write labels that the tables do not repeat.
    """
    if rendered.attachment is None:
        return 0
    return rendered.whole_characters - len(adf_to_text(rendered.document))


def _sections(
    ticket: Ticket, groups: Mapping[str, EntityGroup | NamedGroup], tables: WrittenTables
) -> list[Section]:
    story, analysis, questions, verification, notes = _prose_sections(ticket, groups)
    # What people decided is read before the cells that it is about.
    answers = _written_part(ANSWERS, [*_answer_blocks(ticket)], ShrinkRank.NOTES)
    items = [_item(one.assumption) for one in ticket.assumed]
    assumed = [adf.bullet_list(items)] if items else []
    return [
        story,
        analysis,
        questions,
        answers,
        _written_part(ASSUMED, assumed, ShrinkRank.QUESTIONS),
        *tables.sections,
        verification,
        notes,
        relations_section(ticket, tables.group, groups),
        tables.upkeep,
        _sources_section(ticket.source_lines, hours=ticket.revision.estimated_hours),
    ]


def _prose_sections(
    ticket: Ticket, groups: Mapping[str, EntityGroup | NamedGroup]
) -> list[Section]:
    """Write the prose of a ticket, part by part; of a part that is known nothing is converted."""
    parts = ticket.revision.parts
    prose = tuple(
        (title, with_titles(html, groups), rank)
        for title, html, rank in (
            ("User story", parts.user_story, ShrinkRank.USER_STORY),
            ("Analysis", ticket.analysis, ShrinkRank.ANALYSIS),
            (QUESTIONS, parts.questions, ShrinkRank.QUESTIONS),
            ("Verification", parts.verification, ShrinkRank.VERIFICATION),
            ("Notes", parts.notes, ShrinkRank.NOTES),
        )
    )
    written = [
        _written_part(title, _unanswered_blocks(ticket, html), rank)
        if title == QUESTIONS and _is_questions_part_changed(ticket)
        else _written_prose(title, html, rank)
        for title, html, rank in prose
    ]
    if sum(_TASKS in section.forms[0].json for section in written) <= 1:
        return written
    # Tasks of one document have local ids of their own, whatever part they are in.
    blocks = {
        title: _unanswered_blocks(ticket, html) if title == QUESTIONS else _prose_blocks(html)
        for title, html, _ in prose
    }
    distinguish_local_ids(block for several in blocks.values() for block in several)
    return [_written_part(title, blocks[title], rank) for title, _, rank in prose]


@lru_cache(maxsize=PIECES_KEPT)
def _written_prose(title: str, html: str, shrink_rank: ShrinkRank) -> Section:
    return _written_part(title, _prose_blocks(html), shrink_rank)


def _prose_blocks(html: str) -> list[AdfNode]:
    return html_to_blocks(html, links=PROSE_LINKS)


def _written_part(title: str, blocks: list[AdfNode], shrink_rank: ShrinkRank) -> Section:
    distinguish_local_ids(blocks)
    return part_section(title, blocks, shrink_rank=shrink_rank)


def _is_questions_part_changed(ticket: Ticket) -> bool:
    """Tell whether a ticket asks other questions than its text has."""
    is_extended = any(question.is_below_text for question in ticket.revision.questions)
    return bool(ticket.answers or ticket.rows_elsewhere or is_extended)


def _unanswered_blocks(ticket: Ticket, html: str) -> list[AdfNode]:
    """Return the questions part without the questions that have an answer or are asked elsewhere.

    As generated it is one list with an item for each question; what people made of it stays whole,
    and so does an item into which they wrote. What new rows ask comes below a text of people, then
    assumptions that somebody objects to.
    """
    blocks = _prose_blocks(html)
    still_open = ticket.unanswered
    added = [
        _item(question.question)
        for question in still_open
        if question.is_below_text or question.assumption
    ]
    questions = [question for question in ticket.revision.questions if not question.is_below_text]
    items = _items_of_one_list(blocks)
    if items and len(items) == len(questions):
        written = _written_items(ticket)
        # Two questions of a text may be equal; what is open are questions of the text themselves.
        open_ids = {id(question) for question in still_open}
        staying = []
        for list_item, question in zip(items, questions, strict=True):
            is_of_people = written is not None and adf_to_text(list_item) not in written
            if id(question) in open_ids or is_of_people:
                staying.append(list_item)
        return [adf.ordered_list([*staying, *added])] if staying or added else []
    return [*blocks, adf.ordered_list(added)] if added else blocks


def _items_of_one_list(blocks: Sequence[AdfNode]) -> list[AdfNode]:
    """Return the items of blocks that are one numbered list; none where they are anything else."""
    if len(blocks) != 1 or blocks[0]["type"] != "orderedList":
        return []
    return [*blocks[0].get("content", [])]


def _written_items(ticket: Ticket) -> set[str] | None:
    """Return the texts of the question items that writers wrote; None: all of the text is theirs."""
    if ticket.written_questions is None:
        return None
    return {
        adf_to_text(list_item)
        for block in _prose_blocks(ticket.written_questions)
        for list_item in block.get("content", [])
    }


def _answer_blocks(ticket: Ticket) -> Iterator[AdfNode]:
    """Write what was answered, once where it holds for all rows of a question, else with theirs.

    The form of a view shows what was answered in its cells; where the sheets have no such cell any
    more, or fill it in, the answer stays here.
    """
    given = [answer for answer in ticket.answers if not answer.is_in_form]
    if len(given) < len(ticket.answers):
        cell_ids = {cell.cell_id for cell in ticket.revision.asked_cells}
        given = [
            answer
            for answer in ticket.answers
            if not answer.is_of_site and answer.question_id not in cell_ids
        ]
    alike = group_by(given, lambda answer: answer.as_given)
    for answer, each in alike.items():
        rows = _rows_of(each, ticket.revision.left_open)
        yield adf.paragraph(
            [
                *_with_code(answer.question, [adf.STRONG]),
                adf.text(" "),
                *_with_code(f"{', '.join(rows)}: {answer.answer}" if rows else answer.answer),
                adf.text(f" ({answer.answered_by}, {answer.answered_at:%F})", [adf.EM]),
            ]
        )


def _rows_of(answers: Sequence[Answer], questions: Iterable[OpenQuestion]) -> list[str]:
    """Name the rows that these answers are of; none where they are of all that is asked about."""
    names = {answer.question_id: answer.row_name for answer in answers}
    for question in questions:
        row_ids = row_ids_of(question)
        # Words of earlier may name rows that the question is not about any more.
        if names.keys() == {*row_ids} and question.question == answers[0].question:
            return []
        if question.keys:
            names_now = zip(row_ids, row_names_of(question.keys), strict=True)
            names |= {row_id: name for row_id, name in names_now if row_id in names}
    return [name for name in names.values() if name]


def _item(text: str) -> AdfNode:
    return adf.list_item([adf.paragraph(_with_code(text))])


def _with_code(text: str, marks: Sequence[adf.AdfMark] = ()) -> list[AdfNode]:
    return [
        node
        for place, piece in enumerate(re.split(r"`([^`\n]+)`", text))
        for node in adf.text_with_breaks(piece, [adf.CODE] if place % 2 else marks)
    ]


def _sources_section(source_lines: Sequence[SourceLines], *, hours: str) -> Section:
    """Name files and lines; the short form names files only."""
    places = " · ".join(
        s.file if containing_file(s.file).casefold().endswith(PACKAGE_SUFFIX) else s.citation
        for s in source_lines
    )
    files = " · ".join(s.file for s in source_lines)
    of_rows = _OF_ROWS if hours in HOURS_BY_ROWS else ""
    estimate = [adf.text(ESTIMATE, [adf.STRONG]), adf.text(f"{hours} hours{of_rows}")]
    forms = [
        (adf.rule(), adf.paragraph([adf.text("Source: ", [adf.STRONG]), adf.text(source)]))
        for source in (places or "the sheets", f"{files}; lines in the attachment")
    ]
    last = (adf.paragraph(estimate),) if hours else ()
    return Section.of(*((*form, *last) for form in forms), ranks=(ShrinkRank.SOURCES,))


@lru_cache(maxsize=PIECES_KEPT)
def _whole_text(blocks_json: str) -> tuple[str, str]:
    """Write blocks that begin a line of their own wherever they are: as Markdown and as text."""
    blocks = json.loads(f"[{blocks_json}]")
    between = adf.paragraph("-")  # ends of a document lose their line breaks
    text = adf_to_text(adf.doc([between, *blocks, between]))
    return adf_to_markdown(adf.doc(blocks)).removesuffix("\n"), text[2:-1]


def _attachment_of(
    ticket: Ticket, tables: WrittenTables, written: Sequence[str]
) -> tuple[str, str]:
    """Return name and text of the file that says everything the whole document says.

    It is Markdown, with cells that Markdown must escape once more as they are.
    """
    title = adf_to_markdown(adf.doc([adf.heading(1, ticket.title)])).removesuffix("\n")
    text = "\n\n".join([title, *written]).rstrip() + "\n"
    blocks = [
        f"{place}:\n\n{fenced(value)}\n" for place, value in tables.cells_apart if value not in text
    ]
    if blocks:
        text = f"{text}\n{LITERAL_HEADING}\n\n{chr(10).join(blocks)}"
    letters = "".join(c if c.isascii() and c.isalnum() else "-" for c in ticket.title.casefold())
    slug = "-".join(part for part in letters.split("-") if part)[:60] or "ticket"
    return hashed_file_name(f"{slug}.md", text), text


def _literal_cells(tables: Sequence[ConfigurationTable]) -> Iterator[tuple[str, str]]:
    """Yield every cell of tables after its file, lines and column."""
    for table in tables:
        lines = tuple(line for row in table.rows for line in row.lines)
        records = tuple(record for row in table.rows for record in row.records)
        own = ((r.lines, r.records, zip(table.columns, r.cells, strict=True)) for r in table.rows)
        for of_lines, of_records, pairs in ((lines, records, table.same_for_all), *own):
            place = f"{table.file}, {lines_text(of_lines, of_records)}"
            yield from ((f"{place}, {column}", value) for column, value in pairs if value)


def fenced(value: str) -> str:
    """Put text between fences longer than any run of backticks in it."""
    longest = max((len(run) for run in re.findall("`+", value)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{value}\n{fence}"


class _Entry(NamedTuple):
    """What a ticket waits for or mentions."""

    names: list[AdfNode]
    reason: str


def relations_section(
    ticket: Ticket, group: EntityGroup, groups: Mapping[str, EntityGroup | NamedGroup]
) -> Section:
    """List what the sheets say a ticket waits for and mentions, and what people changed of it."""
    title = adf.heading(3, REFERENCES_TITLE)
    depends = [
        _Entry(_title_of(d.group_key, groups), "; ".join(d.reasons))
        for d in group.dependencies
        if not d.is_linked or ticket_id_of(ticket.session_key, d.group_key) in ticket.depends_on
    ]
    depends += _by_hand(ticket, ticket.depends_on, group.dependencies, groups)
    found = [(_heading_of(r, groups), _relation_entry(r, groups)) for r in group.relations]
    by_hand = _by_hand(ticket, ticket.relates_to, group.relations, groups)
    related = group_pairs(
        [*found, *((_RELATION_HEADINGS[RelationKind.RELATED], e) for e in by_hand)]
    )
    headings = (_UPDATED_LATER, *_RELATION_HEADINGS.values())
    each = ((heading, _each_once(related.get(heading, []))) for heading in headings)
    listed = [
        (heading, entries) for heading, entries in (("Depends on", depends), *each) if entries
    ]
    if not listed:
        return Section.of(())
    full = [b for heading, entries in listed for b in _titled_list(heading, entries)]
    short = [b for heading, entries in listed for b in _titled_names(heading, entries)]
    ranks = (ShrinkRank.RELATIONS, ShrinkRank.LAST)
    return Section.of((title, *full), (title, *short), (title, see_attachment()), ranks=ranks)


def _by_hand(
    ticket: Ticket,
    others: Sequence[str],
    stated: Iterable[GroupDependency | GroupRelation],
    groups: Mapping[str, EntityGroup | NamedGroup],
) -> list[_Entry]:
    """Name the tickets among others that the sheets don't name: people set them."""
    keys = (of.group_key for of in stated if of.group_key is not None)
    known = {ticket_id_of(ticket.session_key, key) for key in keys}
    added = set(others) - known
    if not added:
        return []
    by_id = {ticket_id_of(ticket.session_key, key): key for key in groups}
    known_here = (by_id[i] for i in others if i in added and i in by_id)
    return [_Entry(_title_of(key, groups), _BY_HAND) for key in known_here]


def _titled_list(title: str, entries: Sequence[_Entry]) -> list[AdfNode]:
    items = [
        [*entry.names, *adf.text_with_breaks(f": {entry.reason}" if entry.reason else "")]
        for entry in entries
    ]
    listed = adf.bullet_list(adf.list_item([adf.paragraph(item)]) for item in items)
    return [adf.paragraph([adf.text(title, [adf.STRONG])]), listed]


def _titled_names(title: str, entries: Sequence[_Entry]) -> list[AdfNode]:
    names = list(dict.fromkeys(canonical_json(entry.names) for entry in entries))
    listed = _joined([json.loads(name) for name in names], " · ")
    return [adf.paragraph([adf.text(f"{title}: ", [adf.STRONG]), *listed])]


def _heading_of(relation: GroupRelation, groups: Mapping[str, EntityGroup | NamedGroup]) -> str:
    other = groups.get(relation.group_key or "")
    is_there = other is not None and other.action is GroupAction.UPDATE
    is_deferred = relation.kind is RelationKind.DEFERRED
    return _UPDATED_LATER if is_deferred and is_there else _RELATION_HEADINGS[relation.kind]


def _relation_entry(
    relation: GroupRelation, groups: Mapping[str, EntityGroup | NamedGroup]
) -> _Entry:
    key = relation.group_key
    names = adf.text_with_breaks(relation.label) if key is None else _title_of(key, groups)
    return _Entry(names, relation.reason)


def _each_once(entries: Sequence[_Entry]) -> list[_Entry]:
    """Join the names of entries that give the same reason, save for its lines."""
    by_reason = group_by(entries, lambda entry: without_lines(entry.reason))
    return [
        same[0]
        if len(same) == 1
        else _Entry(_joined([entry.names for entry in same], ", "), reason)
        for reason, same in by_reason.items()
    ]


def _joined(names: Sequence[list[AdfNode]], between: str) -> list[AdfNode]:
    first, *others = names
    return [*first, *(node for name in others for node in (adf.text(between), *name))]


def _title_of(group_key: str, groups: Mapping[str, EntityGroup | NamedGroup]) -> list[AdfNode]:
    return [adf.text(groups[group_key].title, [adf.link(href_of(group_key))])]
