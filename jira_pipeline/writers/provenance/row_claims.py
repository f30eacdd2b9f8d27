"""What a sentence claims of the rows it names, held against their cells.

Belongs here: required, number of values, which name belongs to which label. Does not: whether the
names are in the source at all (`provenance`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from jira_pipeline.domain.entities import Entity, EntityKind
from jira_pipeline.domain.lexicon import number_words
from jira_pipeline.writers.plain_words import normalised
from jira_pipeline.writers.provenance.ticket_source import (
    MARKED,
    QUOTED,
    TicketSource,
    parts_of_quote,
    without_literals,
)
from jira_pipeline.writers.provenance.unfounded import Sentence

_CLAUSES = re.compile(r";|\.\s|, (?:while|and) (?=[`“\"A-Z])|\bbut\b|\bwhile\b")
_NEEDED = r"(?:required|mandatory|compulsory|obligatory)"
_CANNOT = r"(?:cannot|can not|can't|could not|must not|may not|will not|won't|is not|is never)"
_OPTIONAL = re.compile(
    rf"\b(?:optional|not (?:be )?(?:an? )?{_NEEDED}"
    r"|(?:may|can|could) (?:also )?(?:stay|be|remain|be left) (?:empty|blank)"
    r"|(?:may|can|could) (?:also )?be (?:left out|omitted|skipped)(?! (?:of|from|in|on)\b)"
    r"|(?:need not|needn't|do(?:es)? not (?:have|need) to) be (?:filled|completed|provided))\b",
    re.IGNORECASE,
)
_MAY_BE_WITHOUT = re.compile(
    r"\b(?:can|may|could) (?:also )?be (?:saved|left|submitted) without\b|^\W*optional\W",
    re.IGNORECASE,
)
_REQUIRED = re.compile(
    r"\b(?:is|are|as|be|being|becomes?|remains?|stays?) (?:all |both |each |always |an? )?"
    rf"{_NEEDED}\b|\b{_CANNOT} (?:be )?(?:left )?(?:empty|blank|be left out)\b"
    r"|\b(?:must|has to|have to|needs to|need to) (?:always |all |both )?be "
    r"(?:filled(?: in| out)?(?! (?:from|with|by)\b)|completed|provided|supplied)\b",
    re.IGNORECASE,
)
_MUST_HAVE = re.compile(
    rf"^\W*{_NEEDED}\W|\b{_CANNOT} (?:be )?(?:saved?|submit(?:ted)?) without\b"
    r"|\bsaved only with\b|\brefuses? (?:to (?:be )?saved?|saving|to (?:be )?submit(?:ted)?) without\b"
    r"|\b(?:refused|rejected) without\b",
    re.IGNORECASE,
)
"""It comes before the names it is about."""
_ALL_FIELDS = re.compile(
    r"\b(?:all|every|each)(?: of)?(?: the| its| these)? fields?(?= )(.*)", re.IGNORECASE
)
_EXCEPTIONS = re.compile(r"\b(?:except|apart|besides|other|than)\b|[`“\"]", re.IGNORECASE)
_VALUES = r"(?:values|items|entries|references|files|images)"
_UNLIMITED = re.compile(
    rf"\b(?:any number of|unlimited(?: number of)?) {_VALUES}\b|\bunlimited\b", re.IGNORECASE
)
_SEVERAL = re.compile(
    r"(?<!not )(?<!never )(?<!cannot )(?<!can't )\b(?:takes?|accepts?|holds?|allows?|has|have) "
    rf"(?:several|many|multiple|more than one)(?: {_VALUES}| value)\b",
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
_BARE_PLACE = re.compile(
    r"^[\s(]*(?:(?:the|field|fields) ){0,2}|\bwithout (?:(?:an?|the|its) )?", re.IGNORECASE
)
"""In front of a label; elsewhere its words are more often those of the sentence."""
_AROUND_LABEL = "“”\"'\u2018\u2019 .,;:!?"
_JOINT = re.compile(r"[\s,]*(?:(?:and|or|nor|both|the) )?")
_NEXT_CLAUSE = re.compile(r", (?:and|so|as|since|because|when|where|which)\b")
_LIST = re.compile(r"(?:[\s,()`“”\"]|\b(?:and|or|nor|both|the|fields?)\b)*")


def contradictions_in(sentence: Sentence, source: TicketSource) -> Iterator[str]:
    """Return the claims of a sentence that the cells of the rows it names contradict."""
    # Find `Label` in front of a machine name that is another row's.
    plain = normalised(sentence.text)
    for match in MARKED.finditer(plain):
        rows = source.rows_named(match[1])
        label = source.label_before(plain[: match.start()]) if rows else ""
        if label and not any(label.casefold() in row.label.casefold() for row in rows):
            yield f"{label} `{match[1]}`"
    if sentence.where.startswith(("question", "dependency")) or _HEDGED.search(sentence.text):
        return
    for clause in _CLAUSES.split(sentence.text):
        yield from _wrong_claims_on_all(clause, source)
        for name in fields_named(clause, source):
            before, after = name.before, name.after
            rows = (*name.fields, *source.elsewhere_named(name.fields, clause))
            if name.fields and all(
                _is_requirement_wrong(before, after, f) or _is_number_of_values_wrong(after, f)
                for f in rows
            ):
                words = " ".join(f"{before} {after}".replace("`", "").split())
                yield f"{name.shown}: {words}"


def _wrong_claims_on_all(clause: str, source: TicketSource) -> Iterator[str]:
    """Find `all fields are required` where a field to build is not, and the opposite."""
    claim = _ALL_FIELDS.search(clause)
    if claim is None or _EXCEPTIONS.search(clause):
        return
    fields = [row for row in source.facts.to_build if row.kind is EntityKind.FIELD]
    if any(_is_requirement_wrong("", claim[1], field) for field in fields):
        yield claim.group()


def _is_requirement_wrong(before: str, after: str, field: Entity) -> bool:
    is_required = {"y": True, "n": False}.get(field.cell("Req'd").casefold())
    if is_required is None or "requir" in field.note.casefold():
        return False
    if _OPTIONAL.search(after) or _MAY_BE_WITHOUT.search(before):
        return is_required
    is_claimed = _REQUIRED.search(after) or _MUST_HAVE.search(before)
    return bool(is_claimed) and not is_required


def _is_number_of_values_wrong(words: str, field: Entity) -> bool:
    values = field.cell("Vals.").casefold()
    if values in {"", "-"}:
        return False
    if _UNLIMITED.search(words):
        return values not in _UNLIMITED_CELLS
    if _SEVERAL.search(words):
        return values == "1"
    limited = _LIMITED.search(words)
    claimed = _number_in(limited[1].casefold()) if limited else ""
    return claimed not in {"", values}


def _number_in(word: str) -> str:
    if word in _SINGLE:
        return "1"
    return str(number_words()[word]) if word in number_words() else word if word.isdigit() else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedField:
    """A name in a clause, with the rows it may mean."""

    shown: str
    fields: tuple[Entity, ...]
    before: str
    """Without literals, as `after`."""
    after: str


def fields_named(clause: str, source: TicketSource) -> Iterator[NamedField]:
    """Return the fields a clause names.

    A marked name owns the whole clause; a label owns what is beside the list it is in.
    """
    for match in MARKED.finditer(clause):
        rows = source.rows_meant(match[1])
        fields = tuple(row for row in rows if row.kind is EntityKind.FIELD)
        if fields:
            yield NamedField(
                shown=f"`{match[1]}`",
                fields=fields,
                before=without_literals(clause[: match.start()], source),
                after=without_literals(clause[match.end() :], source),
            )
    quoted = [
        match.span()
        for match in QUOTED.finditer(clause)
        if any(_fields_labelled(part, source) for part in parts_of_quote(match))
    ]
    places = [*quoted, *_bare_places(clause, source)]
    names = sorted({*places, *(match.span() for match in MARKED.finditer(clause))})
    for start, end in places:
        before, after = _beside(clause, names, (start, end))
        yield NamedField(
            shown=clause[start:end],
            fields=_fields_labelled(clause[start:end].strip(_AROUND_LABEL), source),
            before=before,
            after=after,
        )


def _fields_labelled(label: str, source: TicketSource) -> tuple[Entity, ...]:
    """Return the fields of a label that nothing else has."""
    rows = source.rows_meant(label)
    return rows if all(row.kind is EntityKind.FIELD for row in rows) else ()


def _bare_places(clause: str, source: TicketSource) -> Iterator[tuple[int, int]]:
    """Return labels at the beginning and after `without`, and those listed with them."""
    for match in _BARE_PLACE.finditer(clause):
        start = match.end()
        while label := source.label_at_start(clause[start:]):
            end = start + len(label)
            if _fields_labelled(label, source):
                yield start, end
            joint = _JOINT.match(clause, end)
            start = joint.end() if joint else end


def _beside(clause: str, names: list[tuple[int, int]], place: tuple[int, int]) -> tuple[str, str]:
    """Return what is in front of and after the list a name is in, up to the next names."""
    first = last = names.index(place)
    while first > 0 and _is_joint(clause, names[first - 1][1], names[first][0]):
        first -= 1
    while last < len(names) - 1 and _is_joint(clause, names[last][1], names[last + 1][0]):
        last += 1
    begin = names[first - 1][1] if first else 0
    end = names[last + 1][0] if last < len(names) - 1 else len(clause)
    after = _NEXT_CLAUSE.split(clause[names[last][1] : end], maxsplit=1)[0]
    return clause[begin : names[first][0]], after


def _is_joint(clause: str, end: int, start: int) -> bool:
    return bool(_LIST.fullmatch(clause[end : max(start, end)]))
