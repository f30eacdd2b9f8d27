"""Sentences of notes that contradict a cell of their own row, or another sentence beside it.

Belongs here: what a sentence claims of a column (how many, required, type, translated, moderated,
machine name, status) and whether the cell agrees. Does not: sentences that are open by their own
words (`row_questions`), cells that contradict cells (`field_questions`, `storage_questions`).
A claim is read only where its words can mean nothing else; every other sentence is left alone.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from jira_pipeline.domain.entities import Entity, EntityKind, Status
from jira_pipeline.domain.lexicon import number_words
from jira_pipeline.domain.note_sentences import comparable, readable, sentences_of
from jira_pipeline.domain.questions.doubts import (
    SUBJECTS,
    Doubt,
    plain,
)
from jira_pipeline.domain.questions.fact_conflicts import (
    access_conflicts,
    display_conflicts,
    field_conflicts,
    translation_conflicts,
)
from jira_pipeline.domain.questions.field_questions import (
    BOOLEAN,
    LABEL,
    LIST,
    LONG_TEXT,
    REFERENCE,
    REVISIONS,
    TEXT,
    family_of,
    is_required,
)
from jira_pipeline.domain.questions.question_index import (
    QuestionIndex,
    stems_of,
)
from jira_pipeline.domain.questions.row_questions import HELP_TEXT, PROSE_COLUMNS, is_to_build
from jira_pipeline.domain.questions.workflow_questions import taken_out

_PROSE = (*PROSE_COLUMNS, HELP_TEXT)
_WHICH = "which is right?"


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
    for column in _PROSE:
        for sentence in sentences_of(row.cell(column)):
            claim = _claim_of(sentence, row)
            if claim is not None:
                known = _workflow_quotation(row, index) if claim.column == "Mod." else ""
                yield Doubt(
                    rank=22,
                    topic=f"conflict {claim.column} {claim.question} {comparable(sentence)}",
                    entity=row,
                    column=column,
                    quote=sentence,
                    question=f"{claim.question}{known}",
                    disputes=claim.column,
                )
    yield from _sizes_chosen(row, index)
    if row.kind is EntityKind.BUNDLE:
        yield from field_conflicts(row, index)
        yield from translation_conflicts(row, index)
    if row.kind is EntityKind.VIEW:
        yield from access_conflicts(row, index)
    for view in index.specification.by_key.get(row.owner_key or "", ())[:1]:
        if row.kind is EntityKind.VIEW_DISPLAY:
            yield from display_conflicts(row, view, index)


def _workflow_quotation(bundle: Entity, index: QuestionIndex) -> str:
    for workflow in index.workflows:
        if sentence := taken_out(bundle, workflow):
            return f" The note of {plain(workflow.label)} says “{plain(sentence.rstrip('. '))}”."
    return ""


def _claim_of(sentence: str, row: Entity) -> _Claim | None:
    text = readable(sentence)
    if "?" in text:
        return None  # it asks by itself
    found = _field_claim(text, row) if row.kind is EntityKind.FIELD else None
    return found or _switch_claim(text, row) or _status_claim(text, row)


def _field_claim(text: str, field: Entity) -> _Claim | None:
    return _count_claim(text, field) or _required_claim(text, field) or _type_claim(text, field)


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
    r"|.*\b(?:so )?(?:required|mandatory) (?:will|would) (?:block|break|prevent|stop)\b.*"
    r"|.*\b(?:cannot|can't|should not|must not) be (?:required|mandatory)\b.*"
    r"|.*\b(?:may|can) (?:exist|be (?:saved|published|created|there)|live|do) without\b.*"
    r"|not (?:every|all|each)\b.*\b(?:has|have|needs?|gets?|belongs?)\b.*"
    r"|some (?:of \w+ )?(?:\w+ )?(?:have|has|need|belong|are) (?:to )?(?:no|none|without|several|all|for (?:all|the (?:whole|entire)))\b.*",
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
_DECIMAL = re.compile(r"(?<![\w.,])\d+[.,]\d{1,2}(?![\w.,]|\s*%)")
_FORMATTED = re.compile(
    r"^(?!.*\b(?:no|not|never|without)\b).*\b(?:(?:rich|formatted) text|wysiwyg|limited html"
    r"|(?:bold|italics?|links)\b[^.;]*\b(?:allowed|possible|permitted))\b",
    re.IGNORECASE,
)
_RANGE = re.compile(
    r"\b(?:date range|start and (?:an )?end|from and (?:an )?(?:to|until))\b", re.IGNORECASE
)
_TYPE_CLAIMS: Mapping[str, tuple[tuple[re.Pattern[str], str], ...]] = {
    "number (integer)": (
        (_ZEROS, "counts on leading zeros, which a number does not keep"),
        (_DECIMAL, "gives a decimal number"),
    ),
    TEXT: ((_FORMATTED, "speaks of formatting"),),
    "date": ((_RANGE, "speaks of a start and an end"),),
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


@dataclass(frozen=True, slots=True)
class _Switch:
    """A column that says y or n, and the words for what it switches."""

    column: str
    participle: str
    noun: str

    def is_claimed(self, text: str) -> bool | None:
        """Return what a sentence says of the row as a whole; None where it says nothing."""
        if match := re.match(
            r"(?:(?:it|this) )?(?:(?:is|are|must be|should be|to be) )?(?P<no>not |never |un)?"
            rf"(?:{self.participle})(?: (?:with|in|into|to)\b|\W*$|[,;.])",
            text,
            re.IGNORECASE,
        ):
            return match["no"] is None
        match = re.search(
            rf"(?:^|[,;.] )(?:(?P<no>no) (?:{self.noun})(?: here| at all)?\W*(?:$|[,;.])"
            rf"|(?:{self.noun})\W+(?:(?:is|are|to be|must be|should be) )?(?:(?:switched|turned) )?"
            r"(?P<state>y|yes|on|enabled|n|no|off|disabled)\b)",
            text,
            re.IGNORECASE,
        )
        return (
            (match["state"] or "n").casefold() in {"y", "yes", "on", "enabled"} if match else None
        )


_SWITCHES = (
    _Switch("Mod.", "moderated", "moderation"),
    _Switch("Trns.", "translat(?:ed|able)", "translation"),
    _Switch("Cmnt.", "commentable", "comments"),
    _Switch("Migr.", "migrated", "migration"),
    _Switch("Sched.", "scheduled", "scheduling"),
    _Switch("Layout", "built with layout builder", "Layout Builder"),
    _Switch("Srch.", "searchable|indexed", "search"),
)
_META_TAGS = re.compile(r"\bmeta ?tags?\b|\bno-?(?:index|follow)\b", re.IGNORECASE)
_AT_OTHER_TIMES = re.compile(r"\b(?:if|unless|until|when|once)\b", re.IGNORECASE)


def _switch_claim(text: str, row: Entity) -> _Claim | None:
    """Find a setting that the sentence wants on and the cell has off, or the other way round."""
    if row.cell("Meta").casefold() == "n" and _META_TAGS.search(text):
        return _Claim(
            "Meta",
            f"Meta tags are off for {SUBJECTS} in the sheet, this sentence asks for them: should "
            "they be on, or are the tags set in another way?",
        )
    if _AT_OTHER_TIMES.search(text):
        return None
    for switch in _SWITCHES:
        is_on = {"y": True, "yes": True, "n": False, "no": False}.get(
            row.cell(switch.column).casefold()
        )
        claimed = None if is_on is None else switch.is_claimed(text)
        if claimed is not None and claimed != is_on:
            return _Claim(
                switch.column,
                f"The sheet has {switch.noun} {'on' if is_on else 'off'} for {SUBJECTS}, this "
                f"sentence says otherwise: {_WHICH}",
            )
    return None


_THERE_ALREADY = re.compile(
    r"(?:already |was |is )*(?:built|done|there|exists?)(?: already)?\W*$"
    r"|already (?:built|exists?|there|in place)\b",
    re.IGNORECASE,
)
_NOT_WANTED = re.compile(
    r"\b(?:do not|don't) (?:build|add|create) (?:this|it)\b|\bno longer (?:needed|required|wanted)\b"
    r"|\b(?:is|was) dropped\b|^(?:not needed|on hold|dropped|postponed|out of scope)\b",
    re.IGNORECASE,
)


def _status_claim(text: str, row: Entity) -> _Claim | None:
    if row.status is not Status.APPROVED:
        return None
    if _THERE_ALREADY.match(text):
        return _Claim("X", f"The sheet has {SUBJECTS} still to build, its note as built: {_WHICH}")
    if _NOT_WANTED.search(text):
        return _Claim(
            "X", f"The sheet has {SUBJECTS} to build, this sentence does not want it: {_WHICH}"
        )
    return None


_FIXED_SIZE = re.compile(r"\b\d{2,4}x\d{2,4}\b")
_AS_CHOSEN = re.compile(
    r"\b(?:according to|depending on|based on)\b[^.;]*\b(?:select|chos|choos|pick)\w*",
    re.IGNORECASE,
)


def _sizes_chosen(field: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Find a field of one fixed size beside a list from which the size is chosen."""
    sizes = [s for s in sentences_of(field.note) if _FIXED_SIZE.search(s)]
    if field.kind is not EntityKind.FIELD or len(sizes) != 1 or re.search(r"\bif\b", sizes[0]):
        return
    for other in index.specification.members_of.get(field.owner_key or "", ()):
        for sentence in sentences_of(other.note):
            is_list = family_of(other.cell("Field type")) == LIST and is_to_build(other)
            if is_list and _AS_CHOSEN.search(sentence):
                yield Doubt(
                    rank=22,
                    topic=f"size chosen {field.key}",
                    entity=field,
                    column="Settings/notes",
                    quote=sizes[0],
                    question=f"The note on “{plain(other.label)}” says "
                    f"“{plain(sentence.rstrip('. '))}”: which of the two holds for {SUBJECTS}?",
                )
