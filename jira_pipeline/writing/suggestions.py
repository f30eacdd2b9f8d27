"""Dependencies nobody states: what a cell mentions, and what a model proposes.

Belongs here: which proposals make sense at all. Does not: showing them
(`review/suggestions`), or making them dependencies: only a person does.
"""

import re
from collections.abc import Iterable, Iterator

from jira_pipeline.drupal.note_sentences import sentences_of
from jira_pipeline.kernel.entities import Entity
from jira_pipeline.kernel.entity_groups import GroupAction, GroupRelation, RelationKind
from jira_pipeline.kernel.tickets import DependencySuggestion
from jira_pipeline.writing.group_facts import GONE, GroupFacts, literal

_NOTE_COLUMNS = ("Settings/notes", "Notes")
_EXCEPTION = re.compile(r"\b(?:except|excluding|other than|not used in)\b", re.IGNORECASE)
"""`All paragraphs except Hero` does not wait for Hero."""
_TYPE_IN_BRACKETS = re.compile(r" \([^()]*\)$")


def mentioned_groups(facts: GroupFacts) -> tuple[DependencySuggestion, ...]:
    """Suggest what a cell speaks of by name, quoting the cell; in the order of the rows."""
    if facts.group.action is GroupAction.REMOVE:
        return ()
    return sensible(facts, _mentions(facts))


def sensible(
    facts: GroupFacts, suggestions: Iterable[DependencySuggestion]
) -> tuple[DependencySuggestion, ...]:
    """Keep what could become a dependency: another ticket, none yet, and no circle; once each."""
    proposed = [s for s in suggestions if s.group_key in facts.session.groups]
    if not proposed:
        return ()
    known = {d.group_key for d in facts.group.dependencies} | waiting_for(facts)
    found: dict[str, DependencySuggestion] = {}
    for suggestion in proposed:
        if suggestion.group_key not in known:
            found.setdefault(suggestion.group_key, suggestion)
    return tuple(found.values())


def waiting_for(facts: GroupFacts) -> set[str]:
    """Return the keys of the group and of all that wait for it, over any number of steps."""
    found = {facts.group.key}
    ahead = [facts.group.key]
    while ahead:
        waiting = {group.key for group in facts.session.dependents.get(ahead.pop(), ())}
        ahead += waiting - found
        found |= waiting
    return found


def _mentions(facts: GroupFacts) -> Iterator[DependencySuggestion]:
    for relation in facts.group.relations:
        if relation.kind is RelationKind.RELATED and relation.group_key is not None:
            cell = _mentioning_cell(facts, relation)
            if cell:
                yield DependencySuggestion(group_key=relation.group_key, reason=cell)


def _mentioning_cell(facts: GroupFacts, relation: GroupRelation) -> str:
    """Quote the first cell of a live row that names what a relation is about; empty if none."""
    name = re.escape(_TYPE_IN_BRACKETS.sub("", relation.label))
    named = re.compile(rf"(?<!\w){name}(?!\w)", re.IGNORECASE)
    rows = (r for r in facts.own_rows if r.status not in GONE)
    return next((cell for row in rows if (cell := _quoted(row, named))), "")


def _quoted(row: Entity, named: re.Pattern[str]) -> str:
    for column in _NOTE_COLUMNS:
        for sentence in sentences_of(row.cell(column)):
            found = named.search(sentence)
            if found and not _EXCEPTION.search(sentence[: found.start()]):
                return f"{column} of `{literal(row)}`: “{sentence.rstrip('. ')}”."
    return ""
