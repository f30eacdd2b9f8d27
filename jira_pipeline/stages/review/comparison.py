"""What two revisions of a ticket differ in.

Belongs here: the comparison, line by line of the Markdown people read. Does not: colours (`cli`).
"""

from dataclasses import dataclass
from difflib import unified_diff

from jira_pipeline.domain.tickets import (
    PART_NAMES,
    Revision,
)
from jira_pipeline.stages.review.editable_text import markdown_of_part

_CONTEXT_LINES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class PartDifference:
    """One part that differs."""

    part: str
    """`title`, `estimated_hours` or the name of a prose part."""
    lines: tuple[str, ...]
    """Unified diff: ` ` as before, `-` only before, `+` only after, `@@` a place."""


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
    return tuple(
        PartDifference(part=name, lines=_difference(old, new))
        for name, (old, new) in texts.items()
        if old != new
    )


def _difference(before: str, after: str) -> tuple[str, ...]:
    lines = unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=_CONTEXT_LINES)
    return tuple(lines)[2:]
