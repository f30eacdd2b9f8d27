"""What is unusual about a bundle, told once for the rows that share it.

Belongs here: the bullets of content, paragraph, media and block types and vocabularies. Does not:
other kinds (`analysis`), what is open (`domain/questions/open_questions`).
"""

from collections import Counter
from collections.abc import Iterator, Mapping

from jira_pipeline.domain.entities import BundleType, Entity, Status
from jira_pipeline.domain.entity_groups import GroupAction
from jira_pipeline.domain.note_sentences import sentences_of
from jira_pipeline.domain.questions.bundle_questions import asked_flags
from jira_pipeline.domain.questions.question_index import is_machine_name_given, name_of
from jira_pipeline.domain.questions.row_questions import is_open
from jira_pipeline.domain.workflow_notes import Meaning
from jira_pipeline.writers.group_facts import GroupFacts, bundle_noun
from jira_pipeline.writers.wording.english import (
    capitalised,
    is_or_are,
    listed,
    number,
    without_stop,
)
from jira_pipeline.writers.wording.field_acceptance import FIELDS_TOLD_SINGLY
from jira_pipeline.writers.wording.html_fragments import code, quoted, text
from jira_pipeline.writers.wording.note_themes import (
    Theme,
    theme_of,
    told_once,
)
from jira_pipeline.writers.wording.row_wording import codes
from jira_pipeline.writers.wording.storage_wording import storage_bullets
from jira_pipeline.writers.wording.themed_notes import themed_bullets, unthemed_bullets

_FLAG_NOUNS: Mapping[str, str] = {
    "Mod.": "moderation",
    "Layout": "Layout Builder",
    "Trns.": "translation",
    "Cmnt.": "comments",
    "Migr.": "migration",
    "Meta": "meta tags",
    "Sched.": "scheduled publishing",
    "Srch.": "search",
}
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
    if len(facts.to_build) > FIELDS_TOLD_SINGLY:
        yield from unthemed_bullets(facts.to_build)
    yield from _flags(facts)
    yield from _workflow(facts)
    yield from _likeness(facts)
    yield from storage_bullets(facts)
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
    about = title_sentences(facts.head)
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


def title_sentences(bundle: Entity) -> list[str]:
    """Return what the notes on a bundle say about the titles of its items."""
    return [s for s in sentences_of(bundle.cell("Settings/notes")) if _is_title(s)]


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


def _flags(facts: GroupFacts) -> Iterator[str]:
    asked = asked_flags(facts.head)
    cells = {c: facts.head.cell(c).casefold() for c in _FLAGS if c not in asked}
    on = [_FLAGS[c][0] for c, value in cells.items() if value == "y"]
    off = [_FLAGS[c][1] for c, value in cells.items() if value == "n"]
    if facts.head.bundle_type is BundleType.CONTENT:
        told = [listed(part) for part in (on, off) if part]
        if told:
            yield f"{capitalised('; '.join(told))}."
    elif on == [_FLAGS["Migr."][0]]:
        yield f"Existing content will be migrated into {text(facts.name)}."
    elif on:
        yield f"{capitalised(listed(on))}."
    unsettled = [
        f"{_FLAG_NOUNS[c]} ({c} is {text(facts.head.cell(c))})" for c in asked if facts.head.cell(c)
    ]
    if unsettled:
        yield f"Open until the question on it is settled: {listed(unsettled)}."


def _workflow(facts: GroupFacts) -> Iterator[str]:
    """Tell which workflow moderates this content type, by which note."""
    index = facts.session.index
    found = index.workflow_of(facts.head)
    if found is None:
        return
    workflow, meaning = found
    note = quoted(without_stop(workflow.cell("Notes")))
    if meaning is Meaning.NAMED:
        yield f"Moderated by {text(workflow.label)}, whose note names it."
    elif meaning is Meaning.BY_LABEL:
        yield f"Moderated by {text(workflow.label)}, by its label: {note}."
    else:
        others = [w for w in index.workflows if w.key != workflow.key]
        said = [f"{text(w.label)}, {quoted(without_stop(w.cell('Notes')))}" for w in others]
        rest = f"; not by {listed(said)}" if said else ""
        yield f"Moderated by {text(workflow.label)}: {note}{rest}."


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
