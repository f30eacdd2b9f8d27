"""What is unusual about a bundle, told once for the rows that share it.

Belongs here: the bullets of content, paragraph, media and block types and vocabularies. Does not:
other kinds (`analysis`), what is open (`domain/questions/open_questions`).
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import islice

from jira_pipeline.domain.entities import BundleType, Entity, Status
from jira_pipeline.domain.entity_groups import GroupAction
from jira_pipeline.domain.note_sentences import sentences_of
from jira_pipeline.domain.questions.question_index import is_machine_name_given, name_of
from jira_pipeline.domain.questions.row_questions import is_open
from jira_pipeline.writers.english import (
    capitalised,
    is_or_are,
    listed,
    number,
    plural,
    without_stop,
)
from jira_pipeline.writers.group_facts import GroupFacts, bundle_noun
from jira_pipeline.writers.html_fragments import code, packed, quoted, text
from jira_pipeline.writers.note_themes import (
    ROW_CUES,
    Theme,
    ThemeCues,
    ToldOnce,
    theme_of,
    told_apart,
    told_once,
)
from jira_pipeline.writers.row_wording import codes

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


_COMMON_FIELD_USERS_MIN = 50
"""A field on more bundles than this says nothing about likeness (and would cost square time)."""


_LIKENESS_FIELDS_MIN = 8


_LIKENESS_SHARE_MIN = 0.7
"""On the UWEC sheets this leaves library types, list paragraphs, and pages of one family."""


def bundle_bullets(facts: GroupFacts) -> Iterator[str]:
    """Say what somebody who builds this bundle must know beside its tables."""
    yield from _update(facts)
    yield from _title(facts)
    yield from _bundle_notes(facts)
    yield from themed_bullets(facts.to_build, skip=frozenset({Theme.TITLE}))
    yield from _flags(facts)
    yield from _likeness(facts)
    yield from _shared_storage(facts)
    yield from _scope(facts)


def _update(facts: GroupFacts) -> Iterator[str]:
    if facts.group.action is not GroupAction.UPDATE:
        return
    there = facts.with_status(Status.IMPLEMENTED)
    told = f"The {bundle_noun(facts.head.bundle_type)} exists already"
    told += f" with {codes(there)}" if there else ""
    if facts.to_build:
        told += f"; new {is_or_are(len(facts.to_build))} {codes(facts.to_build)}"
    yield f"{told}."


def _scope(facts: GroupFacts) -> Iterator[str]:
    there = facts.with_status(Status.IMPLEMENTED)
    if there and facts.group.action is not GroupAction.UPDATE:
        verb = is_or_are(len(there))
        yield f"{codes(there)} {verb} there already and not part of this work."
    if waiting := facts.with_status(Status.WAITING):
        yield f"On hold, do not build yet: {codes(waiting)}."
    if leaving := facts.with_status(Status.DELETED):
        them = "it is" if len(leaving) == 1 else "they are"
        yield f"Dropped from the specification, remove if {them} there: {codes(leaving)}."


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


def themed_bullets(
    rows: Sequence[Entity], *, skip: frozenset[StrEnum] = frozenset(), cues: ThemeCues = ROW_CUES
) -> Iterator[str]:
    """Tell the notes of rows theme by theme, each sentence once with all rows that share it."""
    themes: dict[StrEnum, list[ToldOnce]] = {}
    for told in told_once(rows):
        theme = theme_of(told.sentence, cues)
        if theme is not None and theme not in skip:
            themes.setdefault(theme, []).append(told)
    for theme in dict.fromkeys(member for cue, _ in cues for member in type(cue)):
        if theme in themes:
            said = told_apart(theme, themes[theme], lambda told: statements(told, among=len(rows)))
            yield from (f"{one}." for one in said)


def statements(told: Sequence[ToldOnce], *, among: int) -> str:
    """Join what notes say, the sentences of one row after its name."""
    by_rows: dict[str, list[str]] = {}
    for one in told:
        is_all = len(one.rows) == among > _NAMED_ROWS_MAX
        who = f"all {number(among)}" if is_all else codes(one.rows)
        by_rows.setdefault(who, []).append(quoted(without_stop(one.sentence)))
    return "; ".join(
        f"{who}{':' if who.endswith('”') else ''} {listed(said)}" for who, said in by_rows.items()
    )


def _flags(facts: GroupFacts) -> Iterator[str]:
    cells = {column: facts.head.cell(column).casefold() for column in _FLAGS}
    on = [_FLAGS[c][0] for c, value in cells.items() if value == "y"]
    off = [_FLAGS[c][1] for c, value in cells.items() if value == "n"]
    if facts.head.bundle_type is BundleType.CONTENT:
        told = [listed(part) for part in (on, off) if part]
        if told:
            yield f"{capitalised('; '.join(told))}."
    elif on == [_FLAGS["Migr."][0]]:
        yield f"Existing content will be migrated into this {bundle_noun(facts.head.bundle_type)}."
    elif on:
        yield f"{capitalised(listed(on))}."
    for column, value in cells.items():
        if value not in {"", "-", "y", "n"}:
            yield f"{column} is {quoted(facts.head.cell(column))}, which the format does not explain."


def _likeness(facts: GroupFacts) -> Iterator[str]:
    """Tell which bundle has most of these fields too, and what only this one has."""
    named_rows = [row for row in facts.to_build if is_machine_name_given(row)]
    sharers: Counter[str] = Counter()
    for row in named_rows:
        users = facts.session.index.storage_of(row).live_users
        if len(users) <= _COMMON_FIELD_USERS_MIN:
            sharers.update(key for key in users if key != row.owner_key)
    if not sharers or len(named_rows) < _LIKENESS_FIELDS_MIN:
        return
    closest = sharers.most_common(1)[0][0]
    theirs = {
        (field.machine_name, field.cell("Field type"))
        for field in facts.session.specification.members_of.get(closest, ())
        if field.status not in {Status.DELETED, Status.WAITING}
    }
    own = [r for r in named_rows if (r.machine_name, r.cell("Field type")) not in theirs]
    same = len(named_rows) - len(own)
    if same < _LIKENESS_SHARE_MIN * len(named_rows):
        return
    name = text(name_of(facts.session.specification.by_key[closest][0]))
    told = f"Much like {name}, which has {number(same)} of these {number(len(named_rows))} fields"
    only = f"; only here {is_or_are(len(own))} {codes(own, at_most=_NAMED_ROWS_MAX)}" if own else ""
    yield f"{told}{only}."


def _shared_storage(facts: GroupFacts) -> Iterator[str]:
    sharers: dict[str, list[Entity]] = {}
    for row in facts.to_build:
        if where := _sharing_bundles(facts, row):
            sharers.setdefault(where, []).append(row)
    kinds = plural(bundle_noun(facts.head.bundle_type))
    if len(sharers) == 1:
        where, rows = next(iter(sharers.items()))
        verb = "shares" if len(rows) == 1 else "share"
        what = f"{number(int(where))} other {kinds}" if where.isdigit() else where
        yield f"{codes(rows)} {verb} field storage with {what}: add the field that is there already."
    elif sharers:
        told = [f"{codes(rows)} ({where})" for where, rows in sharers.items()]
        for run in packed(told):
            yield (
                f"Field storage shared with other {kinds} (named or counted): "
                f"{'; '.join(told[run.start : run.stop])}."
            )
        yield "Where another bundle has the storage already, add the existing field."


def _sharing_bundles(facts: GroupFacts, row: Entity) -> str:
    index = facts.session.index
    users = index.storage_of(row).live_users
    count = len(users) - (row.owner_key in users)
    if count > _NAMED_SHARERS_MAX:
        return str(count)
    others = (user for key, user in users.items() if key != row.owner_key)
    return listed([text(index.owner_name(user)) for user in islice(others, _NAMED_SHARERS_MAX)])
