"""What is unusual about a bundle, told once for the rows that share it.

Belongs here: the bullets of content, paragraph, media and block types and vocabularies. Does not:
other kinds (`analysis`), what is open (`domain/open_questions`).
"""

from collections.abc import Iterator, Mapping, Sequence

from jira_pipeline.domain.entities import BundleType, Entity, Status
from jira_pipeline.domain.entity_groups import GroupAction
from jira_pipeline.domain.note_sentences import sentences_of
from jira_pipeline.domain.row_questions import is_open
from jira_pipeline.writers.english import (
    capitalised,
    count_of,
    is_or_are,
    listed,
    number,
    plural,
    without_stop,
)
from jira_pipeline.writers.group_facts import GroupFacts, bundle_noun, literal
from jira_pipeline.writers.html_fragments import code, quoted, text
from jira_pipeline.writers.note_themes import Theme, ToldOnce, theme_of, told_once

_FLAGS: Mapping[str, tuple[str, str]] = {
    "Mod.": ("moderated", "not moderated"),
    "Layout": ("laid out with Layout Builder", "without Layout Builder"),
    "Trns.": ("translatable", "not translatable"),
    "Cmnt.": ("open for comments", "without comments"),
    "Migr.": ("filled by migration", "not migrated"),
    "Meta": ("with meta tags", "without meta tags"),
    "Sched.": ("published on schedule", "not scheduled"),
    "Srch.": ("in the search", "not in the search"),
}
_NAMED_ROWS_MAX = 8
_NAMED_SHARERS_MAX = 2


def bundle_bullets(facts: GroupFacts) -> Iterator[str]:
    """Say what somebody who builds this bundle must know beside its tables."""
    yield from _scope(facts)
    yield from _title(facts)
    yield from _bundle_notes(facts)
    yield from themed_bullets(facts.to_build, skip=frozenset({Theme.TITLE}))
    yield from _flags(facts)
    yield from _shared_storage(facts)


def _scope(facts: GroupFacts) -> Iterator[str]:
    if facts.group.action is GroupAction.UPDATE:
        noun = bundle_noun(facts.head.bundle_type)
        there = facts.with_status(Status.IMPLEMENTED)
        told = f"The {noun} exists already"
        if there:
            told += f" with {count_of(len(there), 'field')} of these sheets ({codes(there)})"
        if facts.to_build:
            told += f"; new {is_or_are(len(facts.to_build))} {codes(facts.to_build)}"
        yield f"{told}."
    elif there := facts.with_status(Status.IMPLEMENTED):
        verb = "is" if len(there) == 1 else "are"
        yield f"Already built and not part of this work {verb} {codes(there)}."
    if waiting := facts.with_status(Status.WAITING):
        yield f"On hold, do not build yet: {codes(waiting)}."
    if leaving := facts.with_status(Status.DELETED):
        them = "it is" if len(leaving) == 1 else "they are"
        yield f"Dropped from the specification, remove if {them} there: {codes(leaving)}."


def codes(rows: Sequence[Entity], *, at_most: int | None = None) -> str:
    """Name rows in a sentence by machine name, once each."""
    return listed([code(n) for n in dict.fromkeys(literal(r) for r in rows)], at_most=at_most)


def _title(facts: GroupFacts) -> Iterator[str]:
    alias = facts.head.cell("URL alias pattern")
    about = [s for s in sentences_of(facts.head.cell("Settings/notes")) if _is_title(s)]
    told = [
        f"{quoted(without_stop(t.sentence))} ({codes(t.rows)})"
        for t in told_once(facts.to_build)
        if theme_of(t.sentence) is Theme.TITLE
    ]
    said = [quoted(without_stop(s)) for s in about] + told
    if said and "[node:title]" in alias:
        yield (
            f"The title is not typed in as usual: {listed(said)}. "
            f"The alias {code(alias)} is made from that title."
        )
    elif said:
        yield f"About the title: {listed(said)}."


def _is_title(sentence: str) -> bool:
    return theme_of(sentence) is Theme.TITLE and not is_open(sentence)


def _bundle_notes(facts: GroupFacts) -> Iterator[str]:
    noun = bundle_noun(facts.head.bundle_type)
    sentences = [
        s
        for s in sentences_of(facts.head.cell("Settings/notes"))
        if not is_open(s) and not _is_title(s)
    ]
    access = [s for s in sentences if theme_of(s) is Theme.ACCESS]
    others = [s for s in sentences if s not in access]
    if access:
        yield f"Who may work with it: {listed([quoted(without_stop(s)) for s in access])}."
    if others:
        yield f"For the {noun} as a whole: {listed([quoted(without_stop(s)) for s in others])}."


_INTRODUCTIONS: Mapping[Theme, str] = {
    Theme.WIDGET: "Widget settings",
    Theme.FILLED: "Filled from elsewhere, not by hand",
    Theme.HIDDEN: "Kept out of sight",
    Theme.ACCESS: "Access",
    Theme.CONDITION: "Depends on other values",
    Theme.SEARCH: "Search and meta tags",
    Theme.THEME_WORK: "Needs theme or module work beside configuration",
    Theme.RESTRICTION: "What may be entered",
    Theme.DEFAULT: "Preset values",
    Theme.RENDERING: "Rendering",
    Theme.TITLE: "Title",
}


def themed_bullets(rows: Sequence[Entity], *, skip: frozenset[Theme]) -> Iterator[str]:
    """Tell the notes of rows theme by theme, each sentence once with all rows that share it."""
    themes: dict[Theme, list[ToldOnce]] = {}
    for told in told_once(rows):
        theme = theme_of(told.sentence)
        if theme is not None and theme not in skip:
            themes.setdefault(theme, []).append(told)
    for theme in Theme:
        if theme in themes:
            statements = [_statement(told, among=len(rows)) for told in themes[theme]]
            yield f"{_INTRODUCTIONS[theme]}: {'; '.join(statements)}."


def _statement(told: ToldOnce, *, among: int) -> str:
    sentence = quoted(without_stop(told.sentence))
    if len(told.rows) == among > _NAMED_ROWS_MAX:
        return f"{sentence} for all {number(among)}"
    return f"{codes(told.rows)} {sentence}"


def _flags(facts: GroupFacts) -> Iterator[str]:
    cells = {column: facts.head.cell(column).casefold() for column in _FLAGS}
    on = [_FLAGS[c][0] for c, value in cells.items() if value == "y"]
    off = [_FLAGS[c][1] for c, value in cells.items() if value == "n"]
    odd = [f"{text(c)} is {quoted(facts.head.cell(c))}" for c, v in cells.items() if v not in "yn"]
    odd = [
        o
        for c, o in zip([c for c, v in cells.items() if v not in "yn"], odd, strict=True)
        if cells[c] != "-"
    ]
    if facts.head.bundle_type is BundleType.CONTENT and (on or off):
        told = capitalised(listed(on)) if on else ""
        told += (("; " if on else "") + listed(off, word="and")) if off else ""
        yield f"{capitalised(told)}."
    elif on:
        yield f"{capitalised(listed(on))}."
    if odd:
        yield f"{capitalised(listed(odd))} in the bundles sheet, a value the format does not explain."


def _shared_storage(facts: GroupFacts) -> Iterator[str]:
    index = facts.session.index
    sharers: dict[str, list[Entity]] = {}
    for row in facts.to_build:
        users = [u for key, u in index.storage_of(row).users.items() if key != row.owner_key]
        if not users:
            continue
        names = [text(index.owner_name(user)) for user in users]
        others = f"{number(len(names))} other {plural(bundle_noun(row.bundle_type))}"
        where = listed(names) if len(names) <= _NAMED_SHARERS_MAX else others
        sharers.setdefault(where, []).append(row)
    if sharers:
        told = "; ".join(f"{codes(rows)} with {where}" for where, rows in sharers.items())
        yield (
            f"Shared field storage: {told}. Add the existing field where one of them has it already."
        )
