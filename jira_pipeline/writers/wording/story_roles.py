"""Whose story a bundle's is: who may add to it, where its note says that only some may.

Belongs here: reading that role out of a note, and roles as ordinary nouns. Does not: the rest of
the story (`bundle_story`, `user_story`), how access is tried (`acceptance`).
"""

import re
from collections.abc import Sequence

from jira_pipeline.domain.entities import Entity, EntityKind
from jira_pipeline.domain.note_sentences import sentences_of
from jira_pipeline.domain.questions.row_questions import is_open
from jira_pipeline.domain.role_notes import roles_named_in
from jira_pipeline.writers.group_facts import GroupFacts, notes_of
from jira_pipeline.writers.wording.english import lowered, with_article, without_stop

EDITOR = "an editor"
"""Who works with content of which no note says more."""
_ONLY = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"only (?P<who>[\w ,&]+?) (?:can|may) (?P<what>[\w/, ]+)",
        r"(?P<who>[\w ,&]+?) (?:can|may) (?P<what>[\w/, ]+) only",
        r"[\w ]*\b(?P<what>created|added|edited|placed|maintained|managed) by (?P<who>[\w ,&]+?) only",
        r"(?P<who>[\w ,&]+?)(?P<what>) only",
    )
)
"""Sentences that let some people do something and nobody else."""
_CREATING = re.compile(
    r"^$|\b(?:add|creat|edit|us|access|work|plac|insert|maintain|manag)(?:e|ed|ing|s)?\b",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(r"\s*,\s*(?:(?:and|or)\s+)?|\s+(?:and|or|&)\s+", re.IGNORECASE)
_ROLE = re.compile(
    r"\b(?:admin(?:istrator)?|editor|manager|curator|registrar|author|moderator|publisher)s?$",
    re.IGNORECASE,
)
"""Words for people with a role, where the roles sheet calls it something else."""


def role_of(facts: GroupFacts) -> str:
    """Return who may add to a bundle, with article; an editor where no note restricts that."""
    roles = facts.session.specification.by_kind[EntityKind.USER_ROLE]
    for sentence in sentences_of(notes_of(facts.head)):
        people = [] if is_open(sentence) else _people_in(without_stop(sentence), roles)
        if people:
            return with_article(" or ".join(people))
    return EDITOR


def role_phrase(label: str) -> str:
    """Return the label of a role as an ordinary noun; acronyms keep their capitals."""
    return " ".join(lowered(word) for word in label.split())


def _people_in(sentence: str, roles: Sequence[Entity]) -> list[str]:
    """Return who alone may create, each in the singular; nobody where it names no roles."""
    for pattern in _ONLY:
        match = pattern.match(sentence)
        if match is None or not _CREATING.search(match["what"]):
            continue
        parts = [part for part in _SEPARATOR.split(match["who"].strip()) if part]
        if all(_ROLE.search(part) or roles_named_in(part, roles) for part in parts):
            return [role_phrase(_singular(part)) for part in parts]
    return []


def _singular(people: str) -> str:
    return people.removesuffix("s")
