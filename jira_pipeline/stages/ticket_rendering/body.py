"""The body of an issue: its sections, and how they are shortened until it fits.

Belongs here: a section with its shorter forms, which is shortened first. Does not: what is in
a section (`rendering`, `tables`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from jira_pipeline.adf import AdfNode, compact_json_bytes
from jira_pipeline.adf import nodes as adf


class ShrinkRank(IntEnum):
    """What a body gives up first, when it is too large."""

    PROSE_TABLE = 1
    MEMBERS = 2
    SETTINGS = 3
    RELATIONS = 4
    MEMBERS_AWAY = 5
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
    shrink_rank: ShrinkRank = ShrinkRank.LAST
    """Sections with a lower rank are shortened first."""
    away_rank: ShrinkRank = ShrinkRank.LAST
    """When the last of several shorter forms comes, which leaves nothing of it in the body."""


def part_section(title: str, blocks: Sequence[AdfNode], *, shrink_rank: ShrinkRank) -> Section:
    """Return a section that is there whole, or in the attachment; without blocks it is nothing."""
    if not blocks:
        return Section(forms=((),))
    heading = adf.heading(3, title)
    return Section(forms=((heading, *blocks), (heading, see_attachment())), shrink_rank=shrink_rank)


def see_attachment() -> AdfNode:
    """Say where to find what is left out here."""
    return adf.paragraph([adf.text("In the attachment.", [adf.EM])])


def whole_document(sections: Sequence[Section]) -> AdfNode:
    """Return the document in which every section has its full form."""
    return _document(sections, dict.fromkeys(range(len(sections)), 0))


def shortened_document(
    sections: Sequence[Section], *, file_name: str, body_max_bytes: int
) -> AdfNode:
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
    sizes = [
        [sum(compact_json_bytes(block) + 1 for block in form) for form in section.forms]
        for section in sections
    ]
    chosen = dict.fromkeys(range(len(sections)), 0)
    total = compact_json_bytes(adf.doc([notice])) + sum(forms[0] for forms in sizes)
    # The order in which sections are shortened: by rank, within a rank form by form, the longest
    # section first; each with the number of its next form.
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
    for _, form, _, index in sorted(steps):
        if total <= body_max_bytes:
            break
        saved = sizes[index][chosen[index]] - sizes[index][form]
        if saved > 0:
            total -= saved
            chosen[index] = form
    return _document(sections, chosen, notice=notice)


def _document(
    sections: Sequence[Section], chosen: Mapping[int, int], *, notice: AdfNode | None = None
) -> AdfNode:
    blocks: list[AdfNode] = [notice] if notice else []
    for index, section in enumerate(sections):
        blocks.extend(section.forms[chosen[index]])
    return adf.doc(blocks)
