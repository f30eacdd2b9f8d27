"""A ticket as one Markdown text that people edit, and what they changed in it.

Belongs here: writing the text, reading it back, refusing changes of what the sheets say, comparing
two revisions line by line. Does not: starting an editor (`cli`), keeping the edit (`editing`).

Lines such as `<!-- part analysis -->` begin a part; whatever is between them is the part. The
tables are last, for reading: a change there is refused with the file, line and column to correct.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher, unified_diff
from functools import lru_cache

from jira_pipeline.adf import adf_to_markdown, html_to_blocks
from jira_pipeline.adf import nodes as adf
from jira_pipeline.documents.configuration_tables import ConfigurationTable, tables_of
from jira_pipeline.documents.rendering import PROSE_LINKS
from jira_pipeline.documents.tables import line_header, table_blocks
from jira_pipeline.errors import InputError
from jira_pipeline.kernel.entities import SourceWord
from jira_pipeline.kernel.entity_groups import EntityGroup
from jira_pipeline.kernel.tickets import (
    ASSIGNABLE_FIELDS,
    PART_NAMES,
    Revision,
    SourceLines,
    Ticket,
    canonical_hash,
)
from jira_pipeline.review.editing import TicketEdit, checked_title, html_of_markdown

PART_TITLES: Mapping[str, str] = {
    "user_story": "User story",
    "analysis": "Analysis",
    "questions": "Questions for the specification",
    "verification": "Verification",
    "notes": "Notes",
}
PARTS_KEPT = 2_000
"""Every page of a ticket shows all its parts as Markdown, and hardly any changed."""
_HEAD = re.compile(
    r"<!-- ticket (?P<number>\d+) of (?P<session>\S+), revision (?P<revision>\d+), "
    r"id (?P<ticket_id>[\w-]+), tables (?P<tables>[0-9a-f]+)\b"
)
_MARK = re.compile(r"<!-- (?:part (?P<part>\w+)|(?P<tables>tables))\b.*-->\s*")
_TITLE = re.compile(r"#\s+(?P<title>.*\S)\s*")
_SEPARATOR_ROW = re.compile(r"\|[\s|:-]+\|?\s*")
_CONTEXT_LINES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class EditedText:
    """What a text says that somebody edited."""

    revision: int
    """The revision the text was written from."""
    edit: TicketEdit


@dataclass(frozen=True, slots=True, kw_only=True)
class _TableLine:
    """One line of the tables as written, and the cells it shows."""

    text: str
    source: SourceLines
    columns: tuple[str, ...]
    """One for each cell of the line; empty where the line is no row."""


@lru_cache(PARTS_KEPT)
def markdown_of_part(html: str) -> str:
    """Write a part as Markdown, without a newline at its end."""
    document = adf.doc(html_to_blocks(html, links=PROSE_LINKS))
    return adf_to_markdown(document, links=PROSE_LINKS).rstrip("\n") if html else ""


def editable_text(ticket: Ticket, group: EntityGroup) -> str:
    """Write title, parts and tables of a ticket as one text."""
    tables = _table_texts(tables_of(group))
    place = f"ticket {ticket.number} of {ticket.session_key}, revision {ticket.revision.number}"
    identity = f"id {ticket.ticket_id}, tables {_hash_of_tables(_lines_in(chr(10).join(tables)))}"
    pieces = [
        f"<!-- {place}, {identity}: edit the title and the parts, keep the lines like this one -->",
        f"# {ticket.title}",
    ]
    for name, title in PART_TITLES.items():
        pieces.append(f"<!-- part {name}: {title} -->")
        pieces.append(markdown_of_part(getattr(ticket.revision.parts, name)))
    pieces.append(
        f"<!-- tables: they come from the {group.source_word}; correct a cell there, not here -->"
    )
    pieces += tables
    return "\n\n".join(piece for piece in pieces if piece) + "\n"


def read_edited_text(text: str, ticket: Ticket, group: EntityGroup) -> EditedText:
    """Read an edited text of a ticket; parts that were not touched are not in the edit.

    Raises:
        InputError: A line that begins a part is gone, it is the text of another ticket, a table
            was changed, or title or a part cannot be kept.
    """
    head, sections, tables = _sections_of(text)
    found = _HEAD.match(head.lstrip("\ufeff \t\r\n"))
    if found is None or (found["ticket_id"], found["session"]) != (
        ticket.ticket_id,
        ticket.session_key,
    ):
        raise InputError(
            f"This is not the text of ticket {ticket.number} of {ticket.session_key}: its first "
            "line does not say so.",
            recovery_actions=("Keep the lines that begin with `<!--` as they are.",),
        )
    if _hash_of_tables(_lines_in(tables)) != found["tables"]:  # other sheets may be there by now
        _refuse_changed_tables(tables, tables_of(group), source_word=group.source_word)
    title, before = _title_in(head), ticket.revision
    return EditedText(
        revision=int(found["revision"]),
        edit=TicketEdit(
            title=checked_title(title) if title != before.title else None,
            parts=changed_parts(sections, before),
        ),
    )


def changed_parts(sections: Mapping[str, str], before: Revision) -> dict[str, str]:
    """Return the sections that say something else than the parts of a revision, as HTML.

    White space at line ends says nothing, nor does another way to write the same Markdown.

    Raises:
        InputError: One cannot be kept.
    """
    changed = {}
    for name, section in sections.items():
        was = markdown_of_part(getattr(before.parts, name))
        old, new = was.strip().splitlines(), section.splitlines()
        if [line.rstrip() for line in new] != [line.rstrip() for line in old]:
            html = html_of_markdown(section, part=name)
            if html != html_of_markdown(was, part=name):
                changed[name] = html
    return changed


def _title_in(head: str) -> str:
    """Return the title above the parts; empty where there is none.

    Raises:
        InputError: There is more: it belongs to no part and would be lost.
    """
    below = [line for line in head.strip().splitlines()[1:] if line.strip()]
    title = _TITLE.fullmatch(below[0]) if below else None
    stray = below[0 if title is None else 1 :]
    if stray:
        raise _broken(
            f"Above the first part is text that belongs to none: {stray[0].strip()[:80]!r}."
        )
    return title["title"] if title else ""


def _sections_of(text: str) -> tuple[str, dict[str, str], str]:
    """Split a text into what is before the parts, the parts, and the tables."""
    head: list[str] = []
    current = head
    sections: dict[str, list[str]] = {}
    for line in text.splitlines():
        mark = _MARK.fullmatch(line)
        if mark is None:
            current.append(line)
            continue
        name = mark["part"] or "tables"
        if name in sections:
            raise _broken(f"The line that begins {name} is there twice.")
        current = sections.setdefault(name, [])
    missing = [name for name in (*PART_NAMES, "tables") if name not in sections]
    if missing:
        raise _broken(f"The line that begins {missing[0]} is gone.")
    unknown = [name for name in sections if name not in {*PART_NAMES, "tables"}]
    if unknown:
        raise _broken(f"There is no part {unknown[0]}.")
    texts = {name: "\n".join(lines).strip() for name, lines in sections.items()}
    tables = texts.pop("tables")
    return "\n".join(head), texts, tables


def _broken(fault: str) -> InputError:
    return InputError(
        fault, recovery_actions=("Keep the lines that begin with `<!--` as they are.",)
    )


def _table_texts(tables: Iterable[ConfigurationTable]) -> list[str]:
    return [adf_to_markdown(adf.doc(list(table_blocks(table)))).rstrip("\n") for table in tables]


def _lines_in(text: str) -> list[str]:
    """Return the lines that say something; white space at their ends says nothing."""
    return [line.rstrip() for line in text.splitlines() if line.strip()]


def _hash_of_tables(lines: Sequence[str]) -> str:
    return canonical_hash(list(lines))[:12]


def _refuse_changed_tables(
    edited: str, tables: Sequence[ConfigurationTable], *, source_word: SourceWord
) -> None:
    """Refuse a text whose tables differ, naming the cell."""
    expected = [line for table in tables for line in _lines_of(table)]
    found = _lines_in(edited)
    if found == [line.text for line in expected]:
        return
    matcher = SequenceMatcher(a=[line.text for line in expected], b=found, autojunk=False)
    for kind, start, end, found_start, found_end in matcher.get_opcodes():
        if kind != "equal":
            lost, put = expected[start:end] or expected[-1:], found[found_start:found_end]
            raise _table_change(lost, put, source_word=source_word)


def _table_change(
    expected: Sequence[_TableLine], found: Sequence[str], *, source_word: SourceWord
) -> InputError:
    place = f"the {source_word}"
    if expected:
        first = expected[0]
        column = _changed_column(first, found[0]) if found else ""
        place = f"{first.source.in_words}{f', column {column}' if column else ''}"
    return InputError(
        f"The tables come from the {source_word} and cannot be edited here; this is about {place}.",
        recovery_actions=(
            f"Correct it in {place} and upload the {source_word} again: your text stays.",
            "Or write what is to be said about it into the notes.",
        ),
    )


def _changed_column(expected: _TableLine, found: str) -> str:
    """Name the column of the first cell that differs; empty where the line is no row."""
    for column, old, new in zip(
        expected.columns, _cells_in(expected.text), _cells_in(found), strict=False
    ):
        if old != new:
            return column
    return ""


def _lines_of(table: ConfigurationTable) -> Iterator[_TableLine]:
    """Yield the written lines of a table with the rows they come from."""
    whole = SourceLines(
        file=table.file,
        lines=tuple(line for row in table.rows for line in row.lines),
        records=tuple(record for row in table.rows for record in row.records),
    )
    rows = iter(_rows_of(table))
    is_headed = not table.is_transposed
    for text in _table_texts([table])[0].splitlines():
        if not text.strip():
            continue
        columns: tuple[str, ...] = ()
        source = whole
        if text.startswith("|") and not _SEPARATOR_ROW.fullmatch(text):
            if is_headed:
                is_headed = False
            else:
                source, columns = next(rows, (whole, ()))
        yield _TableLine(text=text.rstrip(), source=source, columns=columns)


def _rows_of(table: ConfigurationTable) -> Iterator[tuple[SourceLines, tuple[str, ...]]]:
    """Yield where it is and its column names for each row as it is shown."""
    for row in table.rows:
        source = SourceLines(file=table.file, lines=row.lines, records=row.records)
        if table.is_transposed:
            for column in table.columns:
                yield source, (column, column)
        else:
            yield source, (*table.columns, line_header(table))


def _cells_in(line: str) -> list[str]:
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartDifference:
    """One part that differs."""

    part: str
    """`title`, `estimated_hours` or the name of a prose part."""
    lines: tuple[str, ...]
    """Unified diff: ` ` as before, `-` only before, `+` only after, `@@` a place."""


def text_of_parts(ticket: Ticket) -> Mapping[str, str]:
    """Return what people set or write of a ticket as text, by its name."""
    fields = {name: getattr(ticket, name) or "" for name in ASSIGNABLE_FIELDS}
    prose = {name: markdown_of_part(getattr(ticket.revision.parts, name)) for name in PART_NAMES}
    return {"title": ticket.title, **prose, **fields, "labels": ", ".join(ticket.labels)}


def compare_revisions(before: Revision, after: Revision) -> tuple[PartDifference, ...]:
    """Return the parts that differ, the title first, in the order of the ticket."""
    texts = {
        "title": (before.title, after.title),
        **{
            name: (
                markdown_of_part(getattr(before.parts, name)),
                markdown_of_part(getattr(after.parts, name)),
            )
            for name in PART_NAMES
        },
        "estimated_hours": (before.estimated_hours, after.estimated_hours),
    }
    found = []
    for name, (old, new) in texts.items():
        if old != new:
            found.append(PartDifference(part=name, lines=unified_lines(old, new)))
    return tuple(found)


def unified_lines(old: str, new: str) -> tuple[str, ...]:
    """Return a unified difference of two texts, without the heads of files."""
    lines = unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=_CONTEXT_LINES)
    return tuple(lines)[2:]
