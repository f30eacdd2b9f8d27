"""Sentences of notes that contradict a cell: of their own row, or of a field they speak of.

Belongs here: what a sentence claims of a field (how many, required, type) and whether the cell
agrees; fields to translate in a bundle that is not. Does not: sentences that are open by their own
words (`row_questions`), cells that contradict cells (`field_questions`, `storage_questions`).
A claim is read only where its words can mean nothing else; every other sentence is left alone.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from jira_pipeline.domain.entities import Entity, EntityKind
from jira_pipeline.domain.lexicon import number_words
from jira_pipeline.domain.note_sentences import comparable, readable, sentences_of
from jira_pipeline.domain.questions.doubts import (
    SUBJECTS,
    Doubt,
    marked_subject,
    plain,
)
from jira_pipeline.domain.questions.field_questions import (
    BOOLEAN,
    LABEL,
    LONG_TEXT,
    REFERENCE,
    REVISIONS,
    TEXT,
    family_of,
    is_required,
)
from jira_pipeline.domain.questions.question_index import (
    QuestionIndex,
    name_of,
    stems_of,
)
from jira_pipeline.domain.questions.row_questions import HELP_TEXT, PROSE_COLUMNS, is_to_build

_PROSE = (*PROSE_COLUMNS, HELP_TEXT)


@dataclass(frozen=True, slots=True)
class _Claim:
    """What a sentence says against a cell."""

    column: str
    """Whose cell it contradicts."""
    question: str


def conflict_doubts(row: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Find the sentences of a row that say something else than its cells, each once."""
    if not is_to_build(row):
        return
    for column in _PROSE if row.kind is EntityKind.FIELD else ():
        for sentence in sentences_of(row.cell(column)):
            claim = _claim_of(sentence, row)
            if claim is not None:
                yield Doubt(
                    rank=22,
                    topic=f"conflict {claim.column} {claim.question} {comparable(sentence)}",
                    entity=row,
                    column=column,
                    quote=sentence,
                    question=claim.question,
                    disputes=claim.column,
                )
    if row.kind is EntityKind.BUNDLE:
        yield from field_conflicts(row, index)
        yield from translation_conflicts(row, index)


def _claim_of(sentence: str, row: Entity) -> _Claim | None:
    text = readable(sentence)
    if "?" in text:
        return None  # it asks by itself
    return _count_claim(text, row) or _required_claim(text, row) or _type_claim(text, row)


_NUMBER = rf"(?P<number>\d{{1,3}}|one|{'|'.join(number_words())})"
_UP_TO = re.compile(
    rf"\b(?:up to|at most|no(?:t)? more than|max(?:imum)?(?: of)?|limit(?:ed)? to|exactly)\W+{_NUMBER}"
    rf"\b(?P<after>[^.;,()]*)",
    re.IGNORECASE,
)
_AT_LEAST = re.compile(
    rf"\b(?:at least|min(?:imum)?(?: of)?)\W+{_NUMBER}\b(?P<after>[^.;,()]*)", re.IGNORECASE
)
_ONE_ONLY = re.compile(r"\b(?:only|just) (?:one|1)\b(?! of)(?P<after>[^.;,()]*)", re.IGNORECASE)
_ONE_AFTER = re.compile(r"(?:^|, ?)(?:one|1) only\b", re.IGNORECASE)
_SEVERAL = re.compile(
    r"\b(?:add|select|choose|pick|enter|upload)\b[^.]{0,40}"
    r"\b(?:multiple|several|all desired|more than one|as many)\b"
    r"|\b(?:multiple|several|more than one)\b[^.;,]{0,30}\b(?:can|may|must) be\b"
    r"|^(?:choose|select|pick|add) (?:every|all|each)\b"
    r"|^(?:multiple|several) \w+$",
    re.IGNORECASE,
)
_POSSIBLE = re.compile(
    rf"(?<!\bno )(?<!\bnot )(?<!\bnever )\b(?P<number>{'|'.join(number_words())}|both|[2-9])\W+"
    r"(?P<after>(?:[\w-]+ ){1,2}?)"
    r"(?:(?:must|may|can|should) be|(?:is|are)) (?:also )?"
    r"(?:possible|allowed|permitted|entered|added|chosen|selected|named)\b",
    re.IGNORECASE,
)
"""So many values that somebody may give: `two keepers must be possible`."""
_OF_ANOTHER_TIME = re.compile(
    r"^\W*(?:if|when)\b|\b(?:was|were|had|used to|formerly|previously|until now|so far)\b",
    re.IGNORECASE,
)
"""What says how many there are sometimes, or were once."""
_ANY = frozenset({"*", "unlimited"})
_UNCOUNTED = frozenset({BOOLEAN, LONG_TEXT, LABEL, "number (integer)", "number (decimal)"})
_THINGS = stems_of("value entry item reference image picture photo link file document")
"""What values are called, whatever the field is labelled."""


def _count_claim(text: str, field: Entity) -> _Claim | None:
    """Find another number of values than the cell has."""
    cell = field.cell("Vals.").casefold()
    if family_of(field.cell("Field type")) in _UNCOUNTED or not (cell in _ANY or cell.isdecimal()):
        return None
    has = math.inf if cell in _ANY else int(cell)
    if _OF_ANOTHER_TIME.search(text):
        return None
    wanted = _counted(_UP_TO, text, field)
    least = _counted(_AT_LEAST, text, field) or _counted(_POSSIBLE, text, field)
    is_one = _ONE_AFTER.search(text) is not None or _is_counted(_ONE_ONLY.search(text), field)
    is_other = (
        (wanted is not None and wanted != has)
        or (least is not None and least > has)
        or (is_one and has != 1)
        or (has == 1 and _SEVERAL.search(text) is not None)
    )
    if not is_other:
        return None
    allowed = (
        "any number of values" if has == math.inf else f"{cell} value{'' if has == 1 else 's'}"
    )
    return _Claim(
        "Vals.",
        f"The sheet allows {allowed} of {SUBJECTS}, this sentence says otherwise: how many are "
        "allowed?",
    )


def _counted(claim: re.Pattern[str], text: str, field: Entity) -> int | None:
    match = claim.search(text)
    if match is None or not _is_counted(match, field):
        return None
    word = match["number"].casefold()
    return int(word) if word.isdecimal() else 2 if word == "both" else number_words().get(word, 1)


def _is_counted(match: re.Match[str] | None, field: Entity) -> bool:
    """Tell whether a number counts values of the field: not characters, pixels or something else.

    Without a noun it does where values can only be counted: references, links, files.
    """
    if match is None:
        return False
    after = match["after"].split()
    if not after:
        family = family_of(field.cell("Field type"))
        return family in {REFERENCE, REVISIONS, "link", "file", "image"}
    names = f"{field.label} {field.machine_name.replace('_', ' ')} {field.cell('Ref. bundle')}"
    return not stems_of(" ".join(after[:3])).isdisjoint(stems_of(names) | _THINGS)


_CLAUSE = re.compile(r"[;,.()]| - ")
_MAY_BE_EMPTY = re.compile(
    r"(?:(?:this |it )?is |this field is )?(?:optional|not (?:required|mandatory|compulsory))"
    r"|(?:(?:this|it) )?(?:may|can) (?:be|stay|remain) (?:left )?(?:empty|blank)\b.*"
    r"|leave (?:this |it |the field )?(?:empty|blank)\b.*"
    r"|optionally \w+.*|optional field"
    r"|.*\b(?:may|can) (?:exist|be (?:saved|published|created|there)|live|do) without\b.*",
    re.IGNORECASE,
)
_MUST_BE_FILLED = re.compile(
    r"(?:(?:this |it )?is |this field is )?(?:required|mandatory|compulsory)(?: field)?"
    r"|(?:(?:this|it) )?must (?:always )?be (?:filled|given)(?: in)?"
    r"|(?:please )?(?:choose|select|pick|enter|add|give|name|fill in) (?:at least|a minimum of) \w+(?: [\w-]+){0,3}",
    re.IGNORECASE,
)


def _required_claim(text: str, field: Entity) -> _Claim | None:
    clauses = [clause.strip() for clause in _CLAUSE.split(text)]
    is_empty_allowed = any(map(_MAY_BE_EMPTY.fullmatch, clauses))
    if is_required(field) and is_empty_allowed:
        return _Claim(
            "Req'd",
            f"The sheet requires {SUBJECTS}, this sentence says otherwise: is an empty value allowed?",
        )
    is_filling_asked = any(map(_MUST_BE_FILLED.fullmatch, clauses))
    if field.cell("Req'd").casefold() in {"n", "no", "optional"} and is_filling_asked:
        return _Claim(
            "Req'd",
            f"The sheet has {SUBJECTS} as optional, this sentence says otherwise: is a value required?",
        )
    return None


_ZEROS = re.compile(r"\bleading zeros?\b|(?<![\w.,:/-])0\d{2,}(?![\w.,:/-])", re.IGNORECASE)
_FORMATTED = re.compile(
    r"^(?!.*\b(?:no|not|never|without)\b).*\b(?:(?:rich|formatted) text|wysiwyg|limited html"
    r"|(?:bold|italics?|links)\b[^.;]*\b(?:allowed|possible|permitted))\b",
    re.IGNORECASE,
)
_TYPE_CLAIMS: Mapping[str, tuple[tuple[re.Pattern[str], str], ...]] = {
    "number (integer)": ((_ZEROS, "counts on leading zeros, which a number does not keep"),),
    TEXT: ((_FORMATTED, "speaks of formatting"),),
}
"""What values of a type cannot be, by type or family of types, with what the sentence does."""


def _type_claim(text: str, field: Entity) -> _Claim | None:
    type_ = field.cell("Field type").casefold()
    family = family_of(type_)
    if family in {TEXT, LONG_TEXT}:
        family = TEXT if "plain" in type_ else type_
    for pattern, words in _TYPE_CLAIMS.get(family, ()):
        if pattern.search(text):
            return _Claim(
                "Field type",
                f"The sheet has {SUBJECTS} as {plain(field.cell('Field type'))}, this sentence "
                f"{words}: which field type is right?",
            )
    return None


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
            r"(?:^.* )?(?:stays?|remains?|is kept) (?:an? )?(?:draft|unpublished|hidden) until .* (?:its|the|an?) #",
            False,
        ),
    )
)
_PART = re.compile(r"[;,.():]|\band\b")


def field_conflicts(bundle: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Find fields that a note of their bundle, or of a field beside, calls required or lets be empty."""
    fields = [f for f in index.specification.members_of.get(bundle.key, ()) if is_to_build(f)]
    known = {frozenset(stems_of(f.label)): f for f in fields if f.cell("Req'd") not in {"", "-"}}
    for noted in (bundle, *fields):
        prose = PROSE_COLUMNS if noted is bundle else PROSE_COLUMNS[1:]
        for sentence in chain.from_iterable(sentences_of(noted.cell(c)) for c in prose):
            for clause in map(str.strip, _PART.split(readable(sentence))):
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
