"""Where a ticket states as a fact what it asks, or tells the story of somebody a note excludes.

Belongs here: sentences of one ticket held against its questions and its notes. Does not: the
points (`rubric`), other rules for prose (`prose_checks`).
"""

import re
from collections.abc import Iterator

from jira_pipeline.domain.entity_groups import EntityGroup, GroupKind
from jira_pipeline.domain.note_sentences import sentences_of
from jira_pipeline.stages.quality.prose_reading import ReadFragment
from jira_pipeline.stages.quality.source_words import NAME

_NOTES = "Settings/notes"
_QUOTE = re.compile(r"“([^”]*)”")
_ON_STORAGE = re.compile(r"share one field storage|is called new in|are called new in")
_STORAGE_FACT = re.compile(r"do(?:es)? not create|not to create|\breused? (?:on|these)\b")
_ON_HOLD = re.compile(r"on hold: build the fields? now, wait, or leave")
_HOLD_FACT = re.compile(r"\bleave (?:the )?references?\b")
_SETTINGS = tuple(
    (re.compile(asked, re.IGNORECASE), re.compile(fact, re.IGNORECASE))
    for asked, fact in (
        (r"\bmeta ?tags?\b|\bno-?index\b", r"\bwith(?:out)? meta tags\b"),
        (r"\bschedul", r"\bpublished on schedule\b|\bnot scheduled\b"),
        (r"\btranslat", r"\btranslatable\b"),
        (r"\bmigrat", r"\bfilled by migration\b|\bnot migrated\b"),
    )
)
"""What a question on the note of a bundle may be about, and the fact it leaves open."""
_ROLE = re.compile(r"^As an? (.+?), I ")
_ALONE = re.compile(
    r"^only ([\w ,&]+?) (?:can|may) (?:create|add|use|access|edit)\b"
    r"|^([\w ,&]+?) (?:can|may) (?:create|add|use|access|edit)[\w/]* only\b",
    re.IGNORECASE,
)
_ANYBODY = re.compile(r"\bwho may\b|\bwith permission\b")
"""A role that names nobody."""
_STEM_CHARACTERS = 5
"""`Admins` and `administrator` are the same people."""
_PEOPLE = re.compile(r"\w{4,}")


def facts_asked_about(
    group: EntityGroup, *, analysis: ReadFragment, questions: ReadFragment
) -> Iterator[str]:
    """Find what the analysis states although a question of the same ticket asks it."""
    notes = {_folded(head.cell(_NOTES)) for head in group.heads}
    for question in questions.items:
        for fact in analysis.items:
            if _is_of_storage(question, fact, group):
                yield f"“{fact[:80]}” is asked about: {question[:80]}"
            elif _ON_HOLD.search(question) and _HOLD_FACT.search(fact):
                yield f"“{fact[:80]}” answers a question of the ticket"
            elif _is_of_setting(question, fact, notes):
                yield f"“{fact[:80]}” is a fact here and a question below"


def excluded_roles(group: EntityGroup, *, story: ReadFragment) -> Iterator[str]:
    """Find the story of somebody who may not do what it wants, by the note of a bundle."""
    match = _ROLE.match(" ".join(story.text.split()))
    if match is None or group.kind is not GroupKind.BUNDLE or _ANYBODY.search(match[1]):
        return
    for sentence in sentences_of(group.heads[0].cell(_NOTES)):
        alone = _ALONE.match(sentence)
        if alone is not None and not _people(match[1]) & _people(alone[1] or alone[2]):
            yield f"the story is that of {match[1]}, but the note says “{sentence}”"


def _is_of_storage(question: str, fact: str, group: EntityGroup) -> bool:
    if not _ON_STORAGE.search(question) or not _STORAGE_FACT.search(fact):
        return False
    asked = {row.machine_name for row in group.members if f"“{row.label}”" in question}
    return not asked.isdisjoint(NAME.findall(fact))


def _is_of_setting(question: str, fact: str, notes: set[str]) -> bool:
    quotes = [_folded(quote) for quote in _QUOTE.findall(question)]
    is_of_note = any(quote in note for quote in quotes for note in notes)
    own = _QUOTE.sub(" ", fact)
    return is_of_note and any(
        asked.search(question) and stated.search(own) and not own.startswith("Open until")
        for asked, stated in _SETTINGS
    )


def _people(words: str) -> set[str]:
    return {word.casefold()[:_STEM_CHARACTERS] for word in _PEOPLE.findall(words)}


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
