"""Facts that two rows state about one thing and that differ: asked once, not built twice.

Belongs here: reading number, order, access and required out of a sentence, and comparing a view
with its displays, a note with the fields it speaks of. Does not: a row against its own cells
(`note_conflicts`), workflows against roles (`workflow_questions`).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from jira_pipeline.domain.entities import Entity, EntityKind
from jira_pipeline.domain.lexicon import number_words
from jira_pipeline.domain.note_sentences import readable, sentences_of
from jira_pipeline.domain.questions.doubts import SUBJECTS, Doubt, marked_subject, plain
from jira_pipeline.domain.questions.field_questions import is_required
from jira_pipeline.domain.questions.question_index import QuestionIndex, name_of, stems_of
from jira_pipeline.domain.questions.row_questions import PROSE_COLUMNS, is_to_build
from jira_pipeline.domain.role_notes import roles_named_in
from jira_pipeline.domain.view_displays import access_of, plugin_of


class _Statement(NamedTuple):
    """A fact with the words that state it."""

    value: object
    words: str


_NUMBER = rf"(?P<number>\d{{1,3}}|one|{'|'.join(number_words())})"
_ITEMS = tuple(
    re.compile(pattern.replace("#", _NUMBER), re.IGNORECASE)
    for pattern in (
        r"\b# ?(?:[a-z]+ )?(?:per|a|each|/) ?(?:page|pg)\b",
        r"\b(?:latest|newest|next|first|last|top|only|pager:?|limit:?) #\b",
        r"\b# (?:items|results|entries|teasers|cards|rows)\b",
    )
)
_DIRECTIONS = {
    r"\b(?:newest|latest|most \w+(?: \w+)?|last \w+) first\b|\bdescending\b": "newest",
    r"\b(?:oldest|earliest|soonest|next) first\b|\bascending\b": "oldest",
    r"\bA ?(?:-|–|to) ?Z\b": "A",
    r"\bZ ?(?:-|–|to) ?A\b": "Z",
}
_OPPOSITE = {"newest": "oldest", "oldest": "newest", "A": "Z", "Z": "A"}


def _count(word: str) -> int:
    return int(word) if word.isdecimal() else number_words().get(word.casefold(), 1)


def _items(sentence: str) -> object:
    found = (m for pattern in _ITEMS if (m := pattern.search(sentence)))
    return _count(m["number"]) if (m := next(found, None)) else None


def _direction(sentence: str) -> object:
    found = {v for p, v in _DIRECTIONS.items() if re.search(p, sentence, re.IGNORECASE)}
    return found.pop() if len(found) == 1 else None


def _first(row: Entity, read: Callable[[str], object]) -> _Statement | None:
    """Return the first fact of a kind in the notes of a row."""
    found = ((read(readable(s)), s) for s in sentences_of(row.note))
    return next((_Statement(value, s) for value, s in found if value is not None), None)


def display_conflicts(display: Entity, view: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Find how many items, or which order, a display says otherwise than its view."""
    siblings = [r for r in index.specification.members_of.get(view.key, ()) if is_to_build(r)]
    for sentence in sentences_of(view.note):
        for read in (_items, _direction) if _is_meant(sentence, display, siblings) else ():
            there, stated = read(readable(sentence)), _first(display, read)
            wanted = _OPPOSITE.get(str(there))
            is_other = stated and (stated.value == wanted if wanted else stated.value != there)
            if there is not None and stated and is_other:
                yield _which(
                    display, stated.words, f"the view says “{plain(sentence.rstrip('. '))}”"
                )


def access_conflicts(view: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Find a view for other people than the one type it lists."""
    roles = index.specification.by_kind[EntityKind.USER_ROLE]
    for bundle in bundles if len(bundles := index.listed_by(view)) == 1 else ():
        for sentence in sentences_of(bundle.note):
            theirs = roles_named_in(sentence, roles) if _ONLY_THEY.fullmatch(sentence) else ()
            own = roles_named_in(access_of(view), roles)
            if own and theirs and {r.key for r in own} != {r.key for r in theirs}:
                other = (
                    f"the note on {plain(name_of(bundle))} says “{plain(sentence.rstrip('. '))}”"
                )
                yield _which(view, access_of(view), other)


_ONLY_THEY = re.compile(
    r"(?:only )?[\w ,&+/-]{3,60} only\W*|only (?:for )?[\w ,&+/-]{3,60}", re.IGNORECASE
)


def _which(row: Entity, quote: str, other: str) -> Doubt:
    return Doubt(
        rank=22,
        topic=f"conflict {row.key} {quote}",
        entity=row,
        column="Notes",
        quote=quote,
        question=f"{SUBJECTS} says “{plain(quote.rstrip('. '))}”, {other}: which is right?",
    )


def _is_meant(sentence: str, display: Entity, siblings: Sequence[Entity]) -> bool:
    """Tell whether a sentence of a view speaks of a display: by its kind or name, or of all."""
    words_of_note = re.sub(r"\b(?:per|a|each) page\b", " ", sentence.casefold())

    def names(row: Entity) -> bool:
        words = {plugin_of(row), row.label.casefold(), row.machine_name.casefold()} - {""}
        return any(re.search(rf"\b{re.escape(word)}s?\b", words_of_note) for word in words)

    named = [row for row in siblings if names(row)]
    if named or re.search(r"\b(?:page|block|feed|attachment)s?\b", words_of_note):
        return display in named
    alike = [row for row in siblings if plugin_of(row) == "page"] or siblings
    return len(alike) == 1 and display in alike


_NAME = r"(?P<name>[\w /-]{2,40}?)"
_REQUIRED = tuple(
    (re.compile(pattern.replace("#", _NAME), re.IGNORECASE), is_wanted)
    for pattern, is_wanted in (
        (r"# (?:(?:is|are|must be) )?(?:always )?(?:required|mandatory|compulsory)", True),
        (r"# (?:(?:is|are) )?(?:always )?optional", False),
        (r"(?:the )?# (?:(?:is|are) left|stays?|remains?) (?:empty|blank)", False),
        (
            r"(?:each|every) [\w ]{2,30}? (?:always )?(?:has|needs|gets|carries) (?:an?|one|its|at least one) #",
            True,
        ),
        (
            r"(?:[\w ]{2,30} )?always (?:has|have|needs?|carries|carry|shows?) (?:an?|one|its|at least one) #",
            True,
        ),
        (r"(?:no [\w ]{2,30}|never (?:\w+ )?)without (?:an? |its )?#", True),
        (r"not (?:every|all) [\w ]{2,30}? (?:has|have|needs?) (?:an? )?#", False),
        (
            r"(?:.* )?(?:stays?|remains?|is kept) (?:an? )?(?:draft|unpublished|hidden) until .* (?:its|the|an?) #",
            False,
        ),
    )
)
_CLAUSE = re.compile(r"[;,.():]|\band\b")


def field_conflicts(bundle: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Find fields that a note of their bundle, or of a field beside, calls required or lets be empty."""
    fields = [f for f in index.specification.members_of.get(bundle.key, ()) if is_to_build(f)]
    known = {frozenset(stems_of(f.label)): f for f in fields if f.cell("Req'd") not in {"", "-"}}
    for noted in (bundle, *fields):
        prose = PROSE_COLUMNS if noted is bundle else PROSE_COLUMNS[1:]
        for sentence in chain.from_iterable(sentences_of(noted.cell(c)) for c in prose):
            for clause in map(str.strip, _CLAUSE.split(readable(sentence))):
                patterns = _REQUIRED if noted is bundle else _REQUIRED[2:]
                for pattern, is_wanted in patterns if "?" not in sentence else ():
                    match = pattern.fullmatch(clause)
                    field = known.get(frozenset(stems_of(match["name"]))) if match else None
                    if field is None or field is noted:
                        continue
                    if is_required(field) is not is_wanted:
                        yield _required_doubt(field, noted, clause)


def _required_doubt(field: Entity, noted: Entity, clause: str) -> Doubt:
    name = plain(name_of(noted)) if noted.kind is EntityKind.BUNDLE else marked_subject(noted)
    state = f"requires {SUBJECTS}" if is_required(field) else f"has {SUBJECTS} as optional"
    return Doubt(
        rank=22,
        topic=f"required {field.key}",
        entity=field,
        column="Req'd",
        quote=field.cell("Req'd"),
        question=f"The sheet {state}, the note on {name} says “{plain(clause)}”: which is right?",
        disputes="Req'd",
    )


def translation_conflicts(bundle: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Find fields to translate in a bundle that is not translated."""
    if bundle.cell("Trns.").casefold() not in {"n", "no"}:
        return
    for field in index.specification.members_of.get(bundle.key, ()):
        if is_to_build(field) and field.cell("Trns.").casefold() in {"y", "yes"}:
            yield Doubt(
                rank=24,
                topic=f"translated {bundle.key}",
                entity=field,
                column="Trns.",
                quote=field.cell("Trns."),
                question=f"{SUBJECTS} is to be translated, {plain(name_of(bundle))} is not (Trns. n): "
                "is the type translated?",
                question_for_many=f"{SUBJECTS} are to be translated, {plain(name_of(bundle))} is not "
                "(Trns. n): is the type translated?",
                disputes="Trns.",
            )
