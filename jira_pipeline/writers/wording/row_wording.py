"""Rows in a sentence: by machine name, by label, by what is left of them to do.

Belongs here: what the parts of all kinds of tickets share when they name rows. Does not: what is
special about the rows (`analysis` and its parts).
"""

from collections.abc import Iterator, Mapping, Sequence

from jira_pipeline.domain.entities import Entity, Status
from jira_pipeline.domain.questions.question_index import is_machine_name_given, name_of
from jira_pipeline.writers.group_facts import (
    GroupFacts,
    literal,
)
from jira_pipeline.writers.wording.english import (
    capitalised,
    count_of,
    is_or_are,
    listed,
)
from jira_pipeline.writers.wording.html_fragments import code, quoted, text

SWITCHES: Mapping[str, str] = {
    "Mod.": "moderation",
    "Layout": "Layout Builder",
    "Trns.": "translation",
    "Cmnt.": "comments",
}
"""Columns of the bundles sheet that stand for a switch in the settings of the bundle."""
_NAMED_MAX = 12


def codes(rows: Sequence[Entity], *, at_most: int | None = None) -> str:
    """Name rows in a sentence, once each: by machine name, by label where there is none."""
    return listed(list(dict.fromkeys(named(row) for row in rows)), at_most=at_most)


def named(row: Entity) -> str:
    """Name one row: its machine name as code, its label in quotation marks without one."""
    name = literal(row)
    return code(name) if is_machine_name_given(row) else quoted(name)


def label_and_name(row: Entity) -> str:
    """Name one row by its label, and by its machine name where it has one."""
    label = text(name_of(row))
    return f"{label} {code(row.machine_name)}" if is_machine_name_given(row) else label


def with_machine_name(row: Entity) -> str:
    """Return the words for a machine name, empty where the sheet gives none."""
    return f" with machine name {code(row.machine_name)}" if is_machine_name_given(row) else ""


def listed_cell(cell: str) -> str:
    """Return what a cell lists between commas as a sentence lists it."""
    return listed([text(part) for part in cell.split(",") if part.strip()])


def scope_bullets(facts: GroupFacts, noun: str) -> Iterator[str]:
    """Say which rows are there already, on hold or to be removed."""
    if there := facts.with_status(Status.IMPLEMENTED):
        count = _names_in(there)
        yield (
            f"{capitalised(count_of(count, noun))} {is_or_are(count)} there already and "
            f"not part of this work: {codes(there, at_most=_NAMED_MAX)}."
        )
    if waiting := facts.with_status(Status.WAITING):
        yield f"On hold, do not build yet: {codes(waiting, at_most=_NAMED_MAX)}."
    if leaving := facts.with_status(Status.DELETED):
        count = _names_in(leaving)
        them = "it is" if count == 1 else "they are"
        yield (
            f"{capitalised(count_of(count, noun))} dropped from the specification, remove "
            f"if {them} there: {codes(leaving, at_most=_NAMED_MAX)}."
        )


def _names_in(rows: Sequence[Entity]) -> int:
    return len(dict.fromkeys(literal(row) for row in rows))
