"""What a sentence claims of the rows it names, held against their cells.

Belongs here: required, number of values, which name belongs to which label. Does not: whether the
names stand in the source at all (`provenance`).
"""

import re
from collections.abc import Iterator

from jira_pipeline.domain.entities import Entity, EntityKind
from jira_pipeline.writers.group_facts import notes_of
from jira_pipeline.writers.provenance.plain_words import normalised
from jira_pipeline.writers.provenance.prose_words import NUMBER_WORDS
from jira_pipeline.writers.provenance.told_source import MARKED, TicketSource, without_literals
from jira_pipeline.writers.provenance.unfounded import Sentence

_CLAUSES = re.compile(r";|\.\s|, (?:while|and) (?=`)|\bbut\b|\bwhile\b")
_OPTIONAL = re.compile(
    r"\b(?:optional|not (?:be )?required|(?:may|can|could) (?:stay|be|remain|be left) "
    r"(?:empty|blank))\b",
    re.IGNORECASE,
)
_MAY_BE_WITHOUT = re.compile(
    r"\b(?:can|may|could) be (?:saved|left) without\b|^\W*optional\W", re.IGNORECASE
)
_REQUIRED = re.compile(
    r"\b(?:is|are|as|be|being) (?:all |both |each )?(?:required|mandatory)\b"
    r"|\b(?:cannot|can not|can't|must not) be (?:left )?(?:empty|blank)\b",
    re.IGNORECASE,
)
_MUST_HAVE = re.compile(
    r"^\W*required\W|\b(?:cannot|can not|can't) be saved without\b|\bsaved only with\b"
    r"|\brefuses to save without\b",
    re.IGNORECASE,
)
"""What stands before the names it is said of."""
_UNLIMITED = re.compile(
    r"\b(?:any number of|unlimited(?: number of)?) (?:values|items|entries)\b|\bunlimited\b",
    re.IGNORECASE,
)
_LIMITED = re.compile(
    r"\b(?:takes?|accepts?|holds?|allows?|up to|at most|exactly|only)"
    r" (?:up to |at most |exactly |only )?(?:a )?(\w+) (?:values?|items?|entries|entry)\b",
    re.IGNORECASE,
)
_SINGLE = frozenset({"one", "single", "1"})
_HEDGED = re.compile(r"\b(?:although|yet|contradict|help text|says|note)\b", re.IGNORECASE)
_UNLIMITED_CELLS = frozenset({"*", "unlimited"})


def contradictions_in(sentence: Sentence, source: TicketSource) -> Iterator[str]:
    """Return the claims of a sentence that the cells of the rows it names contradict."""
    yield from _misnamed(sentence.text, source)
    if sentence.where.startswith(("question", "dependency")) or _HEDGED.search(sentence.text):
        return
    for clause in _CLAUSES.split(sentence.text):
        for match in MARKED.finditer(clause):
            fields = [r for r in source.rows_named(match[1]) if r.kind is EntityKind.FIELD]
            before = without_literals(clause[: match.start()], source)
            behind = without_literals(clause[match.end() :], source)
            if fields and all(_is_contradicted(before, behind, field) for field in fields):
                words = " ".join(f"{before} {behind}".replace("`", "").split())
                yield f"`{match[1]}`: {words}"


def _is_contradicted(before: str, behind: str, field: Entity) -> bool:
    return _is_requirement_wrong(before, behind, field) or _is_number_of_values_wrong(behind, field)


def _is_requirement_wrong(before: str, behind: str, field: Entity) -> bool:
    is_required = {"y": True, "n": False}.get(field.cell("Req'd").casefold())
    if is_required is None or "requir" in notes_of(field).casefold():
        return False
    if _OPTIONAL.search(behind) or _MAY_BE_WITHOUT.search(before):
        return is_required
    is_said = _REQUIRED.search(behind) or _MUST_HAVE.search(before)
    return bool(is_said) and not is_required


def _is_number_of_values_wrong(words: str, field: Entity) -> bool:
    values = field.cell("Vals.").casefold()
    if values in {"", "-"}:
        return False
    if _UNLIMITED.search(words):
        return values not in _UNLIMITED_CELLS
    limited = _LIMITED.search(words)
    said = _number_said(limited[1].casefold()) if limited else ""
    return said not in {"", values}


def _number_said(word: str) -> str:
    if word in _SINGLE:
        return "1"
    return str(NUMBER_WORDS[word]) if word in NUMBER_WORDS else word if word.isdigit() else ""


def _misnamed(text: str, source: TicketSource) -> Iterator[str]:
    """Find `Label` in front of a machine name that is another row's."""
    plain = normalised(text)
    for match in MARKED.finditer(plain):
        rows = source.rows_named(match[1])
        label = source.label_before(plain[: match.start()]) if rows else ""
        if label and not any(label.casefold() in row.label.casefold() for row in rows):
            yield f"{label} `{match[1]}`"
