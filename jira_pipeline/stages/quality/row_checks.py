"""What the rows say about a ticket's work and the ticket leaves out: where a reader should look.

Belongs here: rules that guide. They read the ticket's words and the rows, never how a writer made
them, and may be wrong one time in five: each quotes the words to look at. Does not: faults of the
prose itself (`prose_checks`, `reader_checks`), the points (`rubric`).
"""

import re
from collections.abc import Iterator
from textwrap import shorten

from jira_pipeline.domain.entities import (
    NOTE_COLUMNS,
    BundleType,
    Entity,
    EntityKind,
    Status,
)
from jira_pipeline.domain.entity_groups import GroupAction, GroupKind
from jira_pipeline.domain.line_numbers import places_cited
from jira_pipeline.domain.note_sentences import is_informative, sentences_of
from jira_pipeline.domain.questions.question_index import (
    filled_by,
    is_machine_name_given,
    name_of,
)
from jira_pipeline.domain.questions.row_questions import PROSE_COLUMNS, is_open, is_to_build
from jira_pipeline.domain.role_notes import names_all_people, roles_named_in
from jira_pipeline.stages.quality.prose_checks import ReadProse
from jira_pipeline.stages.quality.reader_checks import bare, beginning

QUOTED_CHARACTERS = 160
UNCHECKED_MAX = 3
"""Sentences of notes that may lack a check: of 14 read tickets with more, readers edited 13."""
_ORDER = re.compile(
    r"\b(?:only after|together with|before|once|first|last|redirects?|accepted)\b",
    re.IGNORECASE,
)
"""When something may go, and what goes with it."""
_OF_MIGRATED = re.compile(
    r"\bmigr?(?:ated|ation)?\b|\bimported\b|\bold (?:site|content|items)\b|\btaken over\b",
    re.IGNORECASE,
)
_INTERIM = re.compile(
    r"\b(?:for now|until then|for the time being|in the meantime|left as is|nice to have|not part of|out of scope|says (?:yes|no))\b"
    r"|->|→",
    re.IGNORECASE,
)


def rows_left_out(prose: ReadProse) -> Iterator[str]:
    """Find rules of other rows for this work that the ticket does not bring."""
    found: Iterator[str] = iter(())
    if prose.group.kind is GroupKind.MIGRATION:
        found = _rules_for_migrated(prose)
    elif prose.group.action is GroupAction.REMOVE:
        found = _conditions_of_removal(prose)
    elif prose.group.kind is GroupKind.BUNDLE:
        found = _migrations_unnamed(prose)
    yield from dict.fromkeys(found)


def _rules_for_migrated(prose: ReadProse) -> Iterator[str]:
    index, specification = prose.words.index, prose.words.specification
    for head in prose.group.heads:
        filled = {
            bundle.key: bundle
            for column, cell in head.cells.items()
            if column not in (*PROSE_COLUMNS, "Source")
            for name in filled_by(cell)
            for bundle in index.bundles_called.get(name, ())
        }
        for bundle in filled.values():
            workflow = index.workflow_of(bundle)
            rows = (bundle, *specification.members_of.get(bundle.key, ()), *(workflow or ())[:1])
            for row in rows:
                for sentence in _prose_sentences(row):
                    is_rule = _OF_MIGRATED.search(sentence) and len(sentence.split()) > _RULE_WORDS
                    if is_rule and not _is_brought(prose, sentence):
                        yield _look(row, sentence)


_RULE_WORDS = 2
"""Fewer words, such as `after migration`, are no rule."""


def _conditions_of_removal(prose: ReadProse) -> Iterator[str]:
    going = [row for row in prose.group_rows if row.status is Status.DELETED]
    specification = prose.words.specification
    for row in going:
        for sentence in _prose_sentences(row):
            if _ORDER.search(sentence) and not _is_brought(prose, sentence):
                yield _look(row, sentence)
    own = {row.source for row in prose.group_rows}
    names = {name_of(row) for row in prose.group.heads}
    for row in specification.entities:
        if row.source in own or row.status is not Status.DELETED:
            continue
        is_named = any(
            _names(sentence, name_of(row)) for r in going for sentence in _prose_sentences(r)
        )
        for sentence in _prose_sentences(row):
            is_about = is_named or any(_names(sentence, name) for name in names)
            if is_about and _ORDER.search(sentence) and not _is_brought(prose, sentence):
                yield _look(row, sentence)


def _migrations_unnamed(prose: ReadProse) -> Iterator[str]:
    names = [
        name_of(row)
        for row in prose.group.heads
        if row.bundle_type is BundleType.CONTENT or " " in name_of(row)
    ]
    for row in prose.words.specification.by_kind[EntityKind.MIGRATION]:
        if row.status in {Status.DELETED, Status.IMPLEMENTED}:
            continue
        cells = [row.cell(column) for column in row.cells if row.cell(column) != row.label]
        is_naming = any(_names(cell, name) for name in names for cell in cells)
        if is_naming and not _is_named(prose, row):
            yield f"the migration {row.label} ({_place(row)}) names it, and the ticket does not say so"


def _look(row: Entity, sentence: str) -> str:
    return f"it leaves out what {row.label} says ({_place(row)}): “{_cut(sentence)}”"


def _place(row: Entity) -> str:
    return places_cited([row.source])


def _cut(sentence: str) -> str:
    return shorten(sentence, QUOTED_CHARACTERS, placeholder=" …")


def _names(text: str, name: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text) is not None


def _is_named(prose: ReadProse, row: Entity) -> bool:
    names = [row.label, *([row.machine_name] if is_machine_name_given(row) else ())]
    return any(name and name.casefold() in prose.shown for name in names)


def _is_brought(prose: ReadProse, sentence: str) -> bool:
    return beginning(sentence) in prose.shown


def _prose_sentences(row: Entity) -> Iterator[str]:
    for column in PROSE_COLUMNS:
        yield from sentences_of(row.cell(column))


def open_points(prose: ReadProse) -> Iterator[str]:
    """Find notes that say themselves that something is open and that no question quotes."""
    asked = bare(prose.questions.text)
    for row in prose.group_rows:
        if not is_to_build(row):
            continue
        for column in NOTE_COLUMNS:
            if _INTERIM.search(row.cell(column)):
                continue
            for sentence in sentences_of(row.cell(column)):
                if is_open(sentence) and beginning(sentence) not in asked:
                    yield f"a note leaves a point open and nobody asks: “{_cut(sentence)}”"


def unchecked_notes(prose: ReadProse) -> Iterator[str]:
    """Find tickets whose notes ask for more than their checks try."""
    if prose.group.action is GroupAction.REMOVE or prose.group.kind in _CHECKED_BY_ROWS:
        return
    checked = bare(prose.verification.text)
    asked = bare(prose.questions.text)
    if _REST_IN_TABLE.search(checked):
        return
    found = [
        sentence
        for row in prose.group_rows
        if is_to_build(row)
        for column in NOTE_COLUMNS
        for sentence in sentences_of(row.cell(column))
        if len(sentence.split()) > 1
        and "|" not in sentence
        and is_informative(sentence)
        and beginning(sentence) not in checked
        and beginning(sentence) not in asked
    ]
    if len(found) > UNCHECKED_MAX:
        longest = _cut(max(found, key=len))
        yield f"{len(found)} sentences of notes have no check of their own, such as “{longest}”"


_REST_IN_TABLE = re.compile(r"\bas (?:the|(?:its note|their notes) in the) table says?\b")
"""A check of all notes for which the list has no room."""
_CHECKED_BY_ROWS = frozenset(
    {GroupKind.IMAGE_STYLES, GroupKind.RESPONSIVE_IMAGE_STYLES, GroupKind.WORKFLOW}
)
"""Each of their rows has its check; the notes beside them explain."""


def unchecked_roles(prose: ReadProse) -> Iterator[str]:
    """Find roles that only the list of roles names: nobody checks what they may do."""
    if prose.group.kind is not GroupKind.USER_ROLES:
        return
    items = [bare(item) for item in prose.verification.items]
    asked = [bare(item) for item in prose.questions.items if _PERMITTED.search(item)]
    for head in prose.group.heads:
        names = [bare(n) for n in (head.machine_name, head.label) if n]
        says = [
            s
            for c in head.cells
            for s in sentences_of(head.cell(c))
            if len(s.split()) > _RULE_WORDS
        ]
        is_asked = any(name in item for name in names for item in asked)
        if not is_to_build(head) or is_asked or not any(map(is_informative, says)):
            continue
        if sum(any(name in item for name in names) for item in items) < _NAMINGS_MIN:
            yield f"no check says what {head.label} may do: “{_cut(max(says, key=len))}”"


_NAMINGS_MIN = 2
"""The list of all roles is one."""
_PERMITTED = re.compile(r"\bpermissions?\b|\bmay\b|\bcan\b")


_CREATED = re.compile(r"(?P<names>[^.;:]{0,300}?) (?:is|are) (?:first )?created (?:here|in ticket)")
_ADDED = re.compile(r"(?P<names>[^.;:]{0,300}?) (?:is|are) on the site already; (?:add|reuse)")
_EXISTS = re.compile(r"\bstorage exists\b|\bexists? (?:already|from)\b", re.IGNORECASE)


def contradicted_storage(prose: ReadProse) -> Iterator[str]:
    """Find fields that are said to be created or added although a row has them already."""
    rows = prose.words.specification.by_kind[EntityKind.FIELD]
    own = {row.source for row in prose.group.members}
    same_type = prose.group.heads[0].bundle_type if prose.group.heads else None
    for item in prose.analysis.items:
        found = [*_CREATED.finditer(item), *_ADDED.finditer(item)]
        for match in found:
            is_added = match.re is _ADDED
            for row in rows:
                is_own = row.source in own
                is_there = row.status in _THERE and (is_own or not is_added)
                is_there |= is_own and not is_added and _EXISTS.search(row.note) is not None
                is_same = row.bundle_type is same_type
                if is_there and is_same and _names(match["names"], row.machine_name):
                    yield f"“{_cut(match.group())}”, and {row.machine_name} is there ({_place(row)})"


_THERE = frozenset({Status.CHANGED, Status.IMPLEMENTED})
_MADE = "built|created|edited|entered|maintained|placed|posted|started|written"
_MAKES = re.compile(
    r"\b(?:adds?|builds?|creates?|edits?|enters?|maintains?|places?|posts?|writes?)\b",
    re.IGNORECASE,
)


def unmet_people(prose: ReadProse) -> Iterator[str]:
    """Find stories without a purpose, and of an editor where the rows name who does it."""
    story = " ".join(prose.story.text.split())
    if prose.group.kind is GroupKind.MIGRATION and "so that" not in story:
        yield f"the story says no more than the title: “{story}”"
    if not story.startswith("As an editor"):
        return
    roles = prose.words.specification.by_kind[EntityKind.USER_ROLE]
    for head in prose.group.heads:
        for column in PROSE_COLUMNS:
            for sentence in sentences_of(head.cell(column)):
                named = roles_named_in(sentence, roles)
                is_done_by = any(
                    re.search(
                        rf"\b(?:{_MADE}) by (?:the )?{re.escape(r.label)}", sentence, re.IGNORECASE
                    )
                    for r in named
                )
                is_theirs = _MAKES.search(sentence) and names_all_people(sentence, named)
                if (is_done_by or (named and is_theirs)) and not any(
                    "editor" in r.label.casefold() for r in named
                ):
                    yield (
                        f"the story is an editor's, and its note names {named[0].label}: "
                        f"“{_cut(sentence)}”"
                    )
