"""The body of an issue: its sections, and how they are shortened until it fits.

Belongs here: a section with its shorter forms, how it is written, which is shortened first. Does
not: what is in a section (`rendering`, `document_tables`).

Sections are written one by one and put together as text: what did not change of a ticket is not
written again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from jira_pipeline.jira.adf import AdfNode, compact_json_bytes
from jira_pipeline.jira.adf import nodes as adf
from jira_pipeline.model.tickets import canonical_json

LONGER_NOTICE = "This ticket is too long for a Jira issue. The complete version is in"
LINES_NOTICE = "Long tables are lines of text here, so that all of it fits. Tables:"
"""Shorter than the words before, which a body was measured with."""


class ShrinkRank(IntEnum):
    """What a body gives up first, when it is too large."""

    LINES = 0
    """Of a table as lines of text, which lacks nothing."""
    PLACES = 1
    """What no developer needs: the lines of rows, ids and times."""
    MEMBERS = 2
    SETTINGS = 3
    RELATIONS = 4
    PROSE_TABLE = 5
    """Notes and help text are what a developer needs of a row."""
    MEMBERS_AWAY = 6
    """What is special about a ticket matters more than a list of what is in its attachment."""
    ANALYSIS = 7
    VERIFICATION = 8
    QUESTIONS = 9
    LAST = 100
    """Of the settings' and the relations' last form."""
    NOTES = 101
    USER_STORY = 102
    SOURCES = 103


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One part of the body with its shorter forms, the full one first."""

    forms: tuple[tuple[AdfNode, ...], ...]
    ranks: tuple[ShrinkRank, ...] = ()
    """When each shorter form comes: those with a lower rank, of all sections, first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenForm:
    """The blocks of one form as text."""

    json: str
    """Canonical, parted by commas; empty where there are none."""
    size_bytes: int
    """Of all of them, each with a comma."""


@dataclass(frozen=True, slots=True)
class WrittenSection:
    """A section with its forms as text."""

    forms: tuple[WrittenForm, ...]
    ranks: tuple[ShrinkRank, ...]

    def is_whole(self, form: int) -> bool:
        """Tell whether a form lacks nothing."""
        return form == 0 or self.ranks[form - 1] is ShrinkRank.LINES


def part_section(title: str, blocks: Sequence[AdfNode], *, shrink_rank: ShrinkRank) -> Section:
    """Return a section that is there whole, or in the attachment; without blocks it is nothing."""
    if not blocks:
        return Section(forms=((),))
    heading = adf.heading(3, title)
    return Section(forms=((heading, *blocks), (heading, see_attachment())), ranks=(shrink_rank,))


def see_attachment() -> AdfNode:
    """Say where to find what is left out here."""
    return adf.paragraph([adf.text("In the attachment.", [adf.EM])])


def written_section(section: Section) -> WrittenSection:
    """Write a section in each of its forms."""
    return WrittenSection(tuple(map(_written_form, section.forms)), section.ranks)


def _written_form(blocks: Sequence[AdfNode]) -> WrittenForm:
    written = [canonical_json(block) for block in blocks]
    return WrittenForm(
        json=",".join(written),
        size_bytes=sum(len(one.encode("utf-8", "surrogatepass")) + 1 for one in written),
    )


def document_json(forms: Sequence[WrittenForm]) -> str:
    return f'{{"content":[{",".join(f.json for f in forms if f.json)}],"type":"doc","version":1}}'


def document_bytes(forms: Sequence[WrittenForm]) -> int:
    """Count the bytes of the same document as it is sent."""
    blocks_bytes = sum(form.size_bytes for form in forms)
    return compact_json_bytes(adf.doc([])) + max(0, blocks_bytes - 1)


def shortened_forms(
    sections: Sequence[WrittenSection], *, file_name: str, body_max_bytes: int
) -> list[WrittenForm]:
    """Shorten section after section, least essential first, until the body fits."""
    begun = _notice(LONGER_NOTICE, file_name)
    chosen = [0] * len(sections)
    total = document_bytes([begun, *(section.forms[0] for section in sections)])
    # The order in which sections are shortened: by rank, within a rank form by form, the longest
    # section first; each with the number of its next form.
    steps = [
        (rank, form, -section.forms[0].size_bytes, index)
        for index, section in enumerate(sections)
        for form, rank in enumerate(section.ranks, start=1)
    ]
    for _, form, _, index in sorted(steps):
        if total <= body_max_bytes:
            break
        forms = sections[index].forms
        saved = forms[chosen[index]].size_bytes - forms[form].size_bytes
        if saved > 0:
            total -= saved
            chosen[index] = form
    if all(section.is_whole(form) for section, form in zip(sections, chosen, strict=True)):
        begun = _notice(LINES_NOTICE, file_name)
    return [begun, *(s.forms[form] for s, form in zip(sections, chosen, strict=True))]


def _notice(words: str, file_name: str) -> WrittenForm:
    text = [adf.text(f"{words} "), adf.text(file_name, [adf.CODE]), adf.text(".")]
    return _written_form([adf.panel("info", [adf.paragraph(text)])])
