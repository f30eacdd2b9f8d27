"""The parts of a ticket as Markdown that people edit, and what they changed in them.

Belongs here: writing a part, reading it back, what becomes of a text that was typed on an earlier
revision, comparing two revisions line by line. Does not: starting an editor (`cli/tickets`),
keeping the edit (`revisions`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import unified_diff
from functools import lru_cache

from jira_pipeline.jira.adf import adf_to_markdown, html_to_blocks, nodes
from jira_pipeline.model.errors import InputError
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.tickets import ISSUE_FIELDS, PART_NAMES, Revision, Ticket
from jira_pipeline.review.revisions import TicketEdit, checked_title, html_of_text
from jira_pipeline.tickets.documents.rendering import PROSE_LINKS

TITLE_PART = "title"
PART_TITLES: Mapping[str, str] = {
    "user_story": "User story",
    "analysis": "Analysis",
    "questions": "Questions for the specification",
    "verification": "Verification",
    "notes": "Notes",
}
PARTS_KEPT = 2_000
"""Every page of a ticket shows all its parts as Markdown, and hardly any changed."""
EDITED_PARTS = (TITLE_PART, *PART_NAMES)
"""What of a ticket people write, in its order."""
_CONTEXT_LINES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class PartConflict:
    """A part that somebody else changed since a text of it was begun."""

    part: str
    typed: str
    current: str
    """What the part says now, as people edit it."""

    @property
    def lines(self) -> tuple[str, ...]:
        """How what was typed differs from that, as a unified difference."""
        return unified_lines(self.current, self.typed)


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedTexts:
    """What the texts that somebody typed for parts come to."""

    edit: TicketEdit
    conflicts: tuple[PartConflict, ...]
    faults: Mapping[str, str]
    """Why a text cannot be kept, by its part."""

    @property
    def changed(self) -> frozenset[str]:
        """The parts whose text says something new."""
        title = {TITLE_PART} if self.edit.title is not None else set()
        conflicts = {one.part for one in self.conflicts}
        return frozenset({*title, *self.edit.parts, *conflicts, *self.faults})


@lru_cache(PARTS_KEPT)
def markdown_of_part(html: str) -> str:
    """Write a part as Markdown, without a newline at its end."""
    document = nodes.doc(html_to_blocks(html, links=PROSE_LINKS))
    return adf_to_markdown(document, links=PROSE_LINKS).rstrip("\n") if html else ""


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
            html = html_of_text(section, part=name)
            if html != html_of_text(was, part=name):
                changed[name] = html
    return changed


def text_of_part(revision: Revision, part: str) -> str:
    """Return a part, or the title, as people edit it."""
    held = _held(revision, part)
    return held if part == TITLE_PART else markdown_of_part(held)


def merge_texts(
    typed: Mapping[str, str], *, base: Revision | None, current: Revision
) -> MergedTexts:
    """Bring texts of parts, typed on a base, into the current revision.

    Each counts for its part alone: what others wrote meanwhile in another part stays. Where nobody
    knows the base, whatever the ticket does not say already conflicts.
    """
    title: str | None = None
    parts: dict[str, str] = {}
    faults: dict[str, str] = {}
    conflicts = []
    for part, text in typed.items():
        try:
            wanted = _wanted(part, text, beside=base or current)
            if base is not None and wanted == _held(base, part):
                continue
            if _wanted(part, text, beside=current) == _held(current, part):
                continue
        except InputError as error:
            faults[part] = error.message
            continue
        if base is None or _held(base, part) != _held(current, part):
            said = text_of_part(current, part)
            conflicts.append(PartConflict(part=part, typed=text, current=said))
        elif part == TITLE_PART:
            title = wanted
        else:
            parts[part] = wanted
    edit = TicketEdit(title=title, parts=parts)
    return MergedTexts(edit=edit, conflicts=tuple(conflicts), faults=faults)


def _wanted(part: str, text: str, *, beside: Revision) -> str:
    """Return a text as it would be kept; what a revision says, where that is the same."""
    if part == TITLE_PART:
        return checked_title(text)
    return changed_parts({part: text.strip()}, beside).get(part, _held(beside, part))


def _held(revision: Revision, part: str) -> str:
    return revision.title if part == TITLE_PART else str(getattr(revision.parts, part))


@json_fields("part lines")
@dataclass(frozen=True, slots=True, kw_only=True)
class PartDifference:
    part: str
    """`title`, `estimated_hours` or the name of a prose part."""
    lines: tuple[str, ...]
    """Unified diff: ` ` as before, `-` only before, `+` only after, `@@` a place."""


def text_of_parts(ticket: Ticket) -> Mapping[str, str]:
    """Return what people set or write of a ticket as text, by its name."""
    written = {name: text_of_part(ticket.revision, name) for name in EDITED_PARTS}
    fields = {name: getattr(ticket, name) or "" for name in ISSUE_FIELDS}
    return {**written, **fields, "labels": ", ".join(ticket.labels)}


def compare_revisions(before: Revision, after: Revision) -> tuple[PartDifference, ...]:
    """Return the parts that differ, the title first, in the order of the ticket."""
    texts = {
        **{name: (text_of_part(before, name), text_of_part(after, name)) for name in EDITED_PARTS},
        "estimated_hours": (before.estimated_hours, after.estimated_hours),
    }
    return tuple(
        PartDifference(part=name, lines=unified_lines(old, new))
        for name, (old, new) in texts.items()
        if old != new
    )


def unified_lines(old: str, new: str) -> tuple[str, ...]:
    """Return a unified difference of two texts, without the heads of files."""
    lines = unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=_CONTEXT_LINES)
    return tuple(lines)[2:]
