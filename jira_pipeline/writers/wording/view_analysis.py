"""What is special about a view: its displays, their limits and contexts, who speaks of it.

Belongs here: the bullets of views. Does not: other kinds (`analysis` and its other parts).
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from jira_pipeline.domain.entities import Entity
from jira_pipeline.domain.entity_groups import GroupKind
from jira_pipeline.domain.note_sentences import sentences_of
from jira_pipeline.domain.questions.question_index import is_machine_name_given
from jira_pipeline.domain.questions.row_questions import is_open
from jira_pipeline.writers.group_facts import (
    GroupFacts,
    literal,
    notes_of,
)
from jira_pipeline.writers.wording.english import (
    capitalised,
    count_of,
    is_or_are,
    listed,
    number,
    without_stop,
)
from jira_pipeline.writers.wording.html_fragments import code, quoted, text
from jira_pipeline.writers.wording.note_themes import DISPLAY_CUES
from jira_pipeline.writers.wording.row_wording import codes, scope_bullets
from jira_pipeline.writers.wording.themed_notes import themed_bullets


def view_bullets(facts: GroupFacts) -> Iterator[str]:
    """Say what is special about the displays of a view."""
    displays = facts.to_build
    plugins = Counter(d.cell("Display plugin") or "without a plugin" for d in displays)
    total = capitalised(count_of(len(displays), "display"))
    if len(displays) == 1:
        yield f"One display to build, of type {text(next(iter(plugins)))}."
    elif len(plugins) == 1:
        every = "both" if len(displays) == 2 else "all"  # noqa: PLR2004 - a pair
        yield f"{total} to build, {every} of type {text(next(iter(plugins)))}."
    elif displays:
        told = [f"{number(count)} {text(plugin)}" for plugin, count in plugins.items()]
        yield f"{total} to build: {listed(told)}."
    table = facts.head.cell("Base table")
    if table and table.casefold() != "content":
        yield f"Built on {quoted(table)}, not on Content."
    yield from _listed_content(facts)
    yield from _changes(displays)
    yield from themed_bullets([d for d in displays if not _is_change(d)], cues=DISPLAY_CUES)
    yield from _mentions(facts)
    yield from _head_notes(facts)
    yield from scope_bullets(facts, "display")


def _listed_content(facts: GroupFacts) -> Iterator[str]:
    """Tell which content type the view lists, where its machine name says so."""
    name = facts.head.machine_name
    dependencies = facts.group.dependencies if is_machine_name_given(facts.head) else ()
    for dependency in dependencies:
        group = facts.session.groups.get(dependency.group_key)
        if group is None or group.kind is not GroupKind.BUNDLE:
            continue
        if group.heads[0].machine_name in {name, name.removesuffix("s")}:
            name_of_type = code(group.heads[0].machine_name)
            yield (
                f"Lists {text(group.label)}, which has the machine name of the view."
                if group.heads[0].machine_name == name
                else f"Lists {text(group.label)}: the view is called by its machine name "
                f"{name_of_type} in the plural."
            )


def _mentions(facts: GroupFacts) -> Iterator[str]:
    """Tell which other views name this one in a note."""
    for display, sentence in facts.session.mentions.get(facts.name, ()):
        if display.owner_key != facts.head.key:
            owner = facts.session.index.owner_name(display)
            yield f"{text(owner)} {code(literal(display))} refers to it: {quoted(sentence)}"


def _is_change(row: Entity) -> bool:
    return "already built" in notes_of(row).casefold()


def _changes(displays: Sequence[Entity]) -> Iterator[str]:
    notes: dict[str, list[Entity]] = {}
    for display in displays:
        if _is_change(display):
            notes.setdefault(notes_of(display), []).append(display)
    for note, rows in notes.items():
        yield f"{codes(rows)} {is_or_are(len(rows))} changed, not new: {quoted(note)}"


def _head_notes(facts: GroupFacts) -> Iterator[str]:
    said = [quoted(without_stop(s)) for s in sentences_of(notes_of(facts.head)) if not is_open(s)]
    if said:
        yield f"About {text(facts.name)} as a whole: {listed(said)}."
