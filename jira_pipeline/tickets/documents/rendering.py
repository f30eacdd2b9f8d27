"""A ticket as Jira will get it: prose parts and tables become one ADF document.

Belongs here: the order of the body, the prose parts and the relations to other tickets in it, and
the attachment that holds the whole. Does not: fields other than summary and description
(`export/issue_fields`).
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import chain
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
from jira_pipeline.model.grouped import group_by
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
    ShorterForm,
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


class PlacedCell(NamedTuple):
    """A cell of a table."""

    place: str
    """File, lines and column."""
    text: str


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
    def cells_apart(self) -> tuple[PlacedCell, ...]:
        """The cells that their Markdown does not have as they are."""
        markdown = []
        for section in (*self.sections, self.upkeep):
            markdown.append(_whole_text(section.forms[0].json).markdown)
        shown = "\n\n".join(markdown)
        return tuple(cell for cell in _literal_cells(self.tables) if cell.text not in shown)


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
        whole_characters = len("".join(blocks.text for blocks in written).strip("\n"))
        attachment = _attachment_of(ticket, tables, [blocks.markdown for blocks in written])
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
        """Yield the blocks of the document, in order, cut so that each table is a part of its own."""
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
    shorter = []
    for section, form in zip(sections, chosen, strict=True):
        if not section.is_whole(section.forms.index(form)):
            title = _title_in(section.forms[0].json)
            shorter.append(ShorterPart(title, is_left_out=form is section.forms[-1]))
    return WholeDocument(text, tuple(shorter))


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
    keys = {dependency.group_key for dependency in group.dependencies}
    for relation in group.relations:
        if relation.group_key is not None:
            keys.add(relation.group_key)
    for html in prose:
        keys.update(groups_linked(html))
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
    """Return the parts of a ticket in the order of the document; an empty part has no blocks."""
    story, analysis, questions, verification, notes = _prose_sections(ticket, groups)
    answers = _written_part(ANSWERS, list(_answer_blocks(ticket)), ShrinkRank.NOTES)
    assumptions = [_item(question.assumption) for question in ticket.assumed]
    assumed_list = [adf.bullet_list(assumptions)] if assumptions else []
    assumed = _written_part(ASSUMED, assumed_list, ShrinkRank.QUESTIONS)
    relations = relations_section(ticket, tables.group, groups)
    sources = _sources_section(ticket.source_lines, hours=ticket.revision.estimated_hours)

    # What people decided is read before the cells that it is about.
    sections = [story, analysis, questions, answers, assumed]
    sections += tables.sections
    sections += [verification, notes, relations, tables.upkeep, sources]
    return sections


def _prose_sections(
    ticket: Ticket, groups: Mapping[str, EntityGroup | NamedGroup]
) -> list[Section]:
    """Write the prose of a ticket, part by part; of a part that is known nothing is converted."""
    parts = ticket.revision.parts
    prose = [
        ("User story", parts.user_story, ShrinkRank.USER_STORY),
        ("Analysis", ticket.analysis, ShrinkRank.ANALYSIS),
        (QUESTIONS, parts.questions, ShrinkRank.QUESTIONS),
        ("Verification", parts.verification, ShrinkRank.VERIFICATION),
        ("Notes", parts.notes, ShrinkRank.NOTES),
    ]
    sections = []
    for title, html, rank in prose:
        if title == QUESTIONS and _is_questions_part_changed(ticket):
            blocks = _unanswered_blocks(ticket, with_titles(html, groups))
            sections.append(_written_part(title, blocks, rank))
        else:
            sections.append(_written_prose(title, with_titles(html, groups), rank))
    if sum(_TASKS in section.forms[0].json for section in sections) <= 1:
        return sections

    # Tasks of one document have local ids of their own, whatever part they are in.
    blocks_by_title = {}
    for title, html, _ in prose:
        named_html = with_titles(html, groups)
        if title == QUESTIONS:
            blocks_by_title[title] = _unanswered_blocks(ticket, named_html)
        else:
            blocks_by_title[title] = _prose_blocks(named_html)
    distinguish_local_ids(chain.from_iterable(blocks_by_title.values()))
    return [_written_part(title, blocks_by_title[title], rank) for title, _, rank in prose]


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
    added = []
    for question in still_open:
        if question.is_below_text or question.assumption:
            added.append(_item(question.question))
    questions = [question for question in ticket.revision.questions if not question.is_below_text]
    items = _items_of_one_list(blocks)
    if items and len(items) == len(questions):
        # Two questions of a text may be equal; what is open are questions of the text themselves.
        open_ids = {id(question) for question in still_open}
        is_open = [id(question) in open_ids for question in questions]
        items_left = [*_items_staying(ticket, items, is_open), *added]
        return [adf.ordered_list(items_left)] if items_left else []
    return [*blocks, adf.ordered_list(added)] if added else blocks


def _items_staying(
    ticket: Ticket, items: Sequence[AdfNode], is_open: Sequence[bool]
) -> Iterator[AdfNode]:
    """Yield the items of questions that are open, and those that people wrote."""
    written = _written_items(ticket)
    for list_item, is_item_open in zip(items, is_open, strict=True):
        is_of_people = written is not None and adf_to_text(list_item) not in written
        if is_item_open or is_of_people:
            yield list_item


def _items_of_one_list(blocks: Sequence[AdfNode]) -> list[AdfNode]:
    """Return the items of blocks that are one numbered list; none where they are anything else."""
    if len(blocks) != 1 or blocks[0]["type"] != "orderedList":
        return []
    return [*blocks[0].get("content", [])]


def _written_items(ticket: Ticket) -> set[str] | None:
    """Return the texts of the question items that writers wrote; None: all of the text is theirs."""
    if ticket.written_questions is None:
        return None
    texts = set()
    for block in _prose_blocks(ticket.written_questions):
        for list_item in block.get("content", []):
            texts.add(adf_to_text(list_item))
    return texts


def _answer_blocks(ticket: Ticket) -> Iterator[AdfNode]:
    """Write what was answered, once where it holds for all rows of a question, else with theirs.

    The form of a view shows what was answered in its cells; where the sheets have no such cell any
    more, or fill it in, the answer stays here.
    """
    answers = ticket.answers
    if any(answer.is_in_form for answer in answers):
        cell_ids = {cell.cell_id for cell in ticket.revision.asked_cells}
        answers_here = []
        for answer in answers:
            if not answer.is_of_site and answer.question_id not in cell_ids:
                answers_here.append(answer)
        answers = tuple(answers_here)
    answers_by_words = group_by(answers, lambda answer: answer.as_given)
    for as_given, same_answers in answers_by_words.items():
        rows = _rows_of(same_answers, ticket.revision.left_open)
        words = f"{', '.join(rows)}: {as_given.answer}" if rows else as_given.answer
        question = _with_code(as_given.question, [adf.STRONG])
        by_whom = adf.text(f" ({as_given.answered_by}, {as_given.answered_at:%F})", [adf.EM])
        yield adf.paragraph([*question, adf.text(" "), *_with_code(words), by_whom])


def _rows_of(answers: Sequence[Answer], questions: Iterable[OpenQuestion]) -> list[str]:
    """Return the names of the rows that these answers are for; none where they are for all rows."""
    names = {answer.question_id: answer.row_name for answer in answers}
    for question in questions:
        row_ids = row_ids_of(question)
        # An earlier wording of the question may name rows that it is not about any more.
        if names.keys() == {*row_ids} and question.question == answers[0].question:
            return []
        if question.keys:
            names_now = zip(row_ids, row_names_of(question.keys), strict=True)
            names |= {row_id: name for row_id, name in names_now if row_id in names}
    return [name for name in names.values() if name]


def _item(text: str) -> AdfNode:
    return adf.list_item([adf.paragraph(_with_code(text))])


def _with_code(text: str, marks: Sequence[adf.AdfMark] = ()) -> list[AdfNode]:
    """Write text with what is between backticks as code."""
    nodes: list[AdfNode] = []
    for place, piece in enumerate(re.split(r"`([^`\n]+)`", text)):
        is_code = place % 2 == 1  # what the pattern captures comes between the rest
        nodes += adf.text_with_breaks(piece, [adf.CODE] if is_code else marks)
    return nodes


def _sources_section(source_lines: Sequence[SourceLines], *, hours: str) -> Section:
    """Name files and lines; the short form names files only."""
    places = []
    for lines in source_lines:
        is_package = containing_file(lines.file).casefold().endswith(PACKAGE_SUFFIX)
        places.append(lines.file if is_package else lines.citation)
    files = " · ".join(lines.file for lines in source_lines)
    full = _source_blocks(" · ".join(places) or "the sheets", hours)
    short = _source_blocks(f"{files}; lines in the attachment", hours)
    return Section.of(full, ShorterForm(ShrinkRank.SOURCES, short))


def _source_blocks(source: str, hours: str) -> tuple[AdfNode, ...]:
    """Write where a ticket comes from and, where it is known, how long it takes."""
    named = adf.paragraph([adf.text("Source: ", [adf.STRONG]), adf.text(source)])
    if not hours:
        return (adf.rule(), named)
    of_rows = _OF_ROWS if hours in HOURS_BY_ROWS else ""
    estimate = [adf.text(ESTIMATE, [adf.STRONG]), adf.text(f"{hours} hours{of_rows}")]
    return (adf.rule(), named, adf.paragraph(estimate))


class _WrittenBlocks(NamedTuple):
    """Blocks of a document as people read them."""

    markdown: str
    text: str


@lru_cache(maxsize=PIECES_KEPT)
def _whole_text(blocks_json: str) -> _WrittenBlocks:
    """Write blocks that begin a line of their own wherever they are."""
    blocks = json.loads(f"[{blocks_json}]")
    between = adf.paragraph("-")  # ends of a document lose their line breaks
    text = adf_to_text(adf.doc([between, *blocks, between]))
    markdown = adf_to_markdown(adf.doc(blocks)).removesuffix("\n")
    return _WrittenBlocks(markdown=markdown, text=text[2:-1])


def _attachment_of(
    ticket: Ticket, tables: WrittenTables, written: Sequence[str]
) -> tuple[str, str]:
    """Return name and text of the file that says everything the whole document says.

    It is Markdown, with cells that Markdown must escape once more as they are.
    """
    title = adf_to_markdown(adf.doc([adf.heading(1, ticket.title)])).removesuffix("\n")
    text = "\n\n".join([title, *written]).rstrip() + "\n"
    blocks = []
    for cell in tables.cells_apart:
        if cell.text not in text:
            blocks.append(f"{cell.place}:\n\n{fenced(cell.text)}\n")
    if blocks:
        cells = "\n".join(blocks)
        text = f"{text}\n{LITERAL_HEADING}\n\n{cells}"
    return hashed_file_name(f"{_slug_of(ticket.title)}.md", text), text


def _slug_of(title: str) -> str:
    """Return a title as part of a file name: `configure-content-type-boat`."""
    words = re.findall(r"[a-z0-9]+", title.casefold())
    return "-".join(words)[:60] or "ticket"


def _literal_cells(tables: Sequence[ConfigurationTable]) -> Iterator[PlacedCell]:
    """Yield every cell of tables that is not blank."""
    for table in tables:
        lines: list[int] = []
        records: list[int] = []
        for row in table.rows:
            lines += row.lines
            records += row.records
        place_of_all = f"{table.file}, {lines_text(lines, records)}"
        for column, value in table.same_for_all:
            if value:
                yield PlacedCell(f"{place_of_all}, {column}", value)
        for row in table.rows:
            place = f"{table.file}, {lines_text(row.lines, row.records)}"
            for column, value in zip(table.columns, row.cells, strict=True):
                if value:
                    yield PlacedCell(f"{place}, {column}", value)


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
    listed = _related(ticket, group, groups)
    if not listed:
        return Section.of(())
    full = []
    short = []
    for heading, entries in listed.items():
        full += _titled_list(heading, entries)
        short += _titled_names(heading, entries)
    return Section.of(
        (title, *full),
        ShorterForm(ShrinkRank.RELATIONS, (title, *short)),
        ShorterForm(ShrinkRank.LAST, (title, see_attachment())),
    )


def _related(
    ticket: Ticket, group: EntityGroup, groups: Mapping[str, EntityGroup | NamedGroup]
) -> dict[str, list[_Entry]]:
    """Return what a ticket waits for, then what it mentions, by the headings of the document."""
    depends = []
    for dependency in group.dependencies:
        ticket_id = ticket_id_of(ticket.session_key, dependency.group_key)
        if not dependency.is_linked or ticket_id in ticket.depends_on:
            names = _title_of(dependency.group_key, groups)
            depends.append(_Entry(names, "; ".join(dependency.reasons)))
    depends += _by_hand(ticket, ticket.depends_on, group.dependencies, groups)

    mentioned: dict[str, list[_Entry]] = {}
    for heading in (_UPDATED_LATER, *_RELATION_HEADINGS.values()):
        mentioned[heading] = []
    for relation in group.relations:
        entry = _relation_entry(relation, groups)
        mentioned[_heading_of(relation, groups)].append(entry)
    by_hand = _by_hand(ticket, ticket.relates_to, group.relations, groups)
    mentioned[_RELATION_HEADINGS[RelationKind.RELATED]] += by_hand

    listed = {"Depends on": depends}
    for heading, entries in mentioned.items():
        listed[heading] = _each_once(entries)
    return {heading: entries for heading, entries in listed.items() if entries}


def _by_hand(
    ticket: Ticket,
    others: Sequence[str],
    stated: Iterable[GroupDependency | GroupRelation],
    groups: Mapping[str, EntityGroup | NamedGroup],
) -> list[_Entry]:
    """Return the entries of the tickets among others that people set: the sheets do not name them."""
    ids_in_sheets = set()
    for connection in stated:
        if connection.group_key is not None:
            ids_in_sheets.add(ticket_id_of(ticket.session_key, connection.group_key))
    if ids_in_sheets.issuperset(others):
        return []
    key_by_id = {ticket_id_of(ticket.session_key, key): key for key in groups}
    entries = []
    for ticket_id in others:
        if ticket_id not in ids_in_sheets and ticket_id in key_by_id:
            entries.append(_Entry(_title_of(key_by_id[ticket_id], groups), _BY_HAND))
    return entries


def _titled_list(title: str, entries: Sequence[_Entry]) -> list[AdfNode]:
    """Return entries as a list with a title, each with its reason."""
    items = []
    for entry in entries:
        reason = f": {entry.reason}" if entry.reason else ""
        line = adf.paragraph([*entry.names, *adf.text_with_breaks(reason)])
        items.append(adf.list_item([line]))
    return [adf.paragraph([adf.text(title, [adf.STRONG])]), adf.bullet_list(items)]


def _titled_names(title: str, entries: Sequence[_Entry]) -> list[AdfNode]:
    names_once = {canonical_json(entry.names): entry.names for entry in entries}
    listed = _joined([*names_once.values()], " · ")
    return [adf.paragraph([adf.text(f"{title}: ", [adf.STRONG]), *listed])]


def _heading_of(relation: GroupRelation, groups: Mapping[str, EntityGroup | NamedGroup]) -> str:
    other = groups.get(relation.group_key or "")
    is_there = other is not None and other.action is GroupAction.UPDATE
    if relation.kind is RelationKind.DEFERRED and is_there:
        return _UPDATED_LATER
    return _RELATION_HEADINGS[relation.kind]


def _relation_entry(
    relation: GroupRelation, groups: Mapping[str, EntityGroup | NamedGroup]
) -> _Entry:
    key = relation.group_key
    names = adf.text_with_breaks(relation.label) if key is None else _title_of(key, groups)
    return _Entry(names, relation.reason)


def _each_once(entries: Sequence[_Entry]) -> list[_Entry]:
    """Join the names of entries that give the same reason, save for its lines."""
    once = []
    for reason, same in group_by(entries, lambda entry: without_lines(entry.reason)).items():
        if len(same) == 1:
            once += same
        else:
            once.append(_Entry(_joined([entry.names for entry in same], ", "), reason))
    return once


def _joined(names: Sequence[list[AdfNode]], between: str) -> list[AdfNode]:
    first, *others = names
    joined = [*first]
    for name in others:
        joined += [adf.text(between), *name]
    return joined


def _title_of(group_key: str, groups: Mapping[str, EntityGroup | NamedGroup]) -> list[AdfNode]:
    return [adf.text(groups[group_key].title, [adf.link(href_of(group_key))])]
