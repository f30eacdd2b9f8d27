"""Questions that rows of the fields sheet raise.

Belongs here: targets, storage shared between bundles, lists, widgets, contradicting cells.
Does not: cue words and names, which any row can have (`row_questions`).
Source: shared facts on the sheets, "Questions for the specification"; Drupal's field storage.
"""

import re
from collections.abc import Iterator, Mapping

from jira_pipeline.domain.doubts import SUBJECTS, Doubt, plain
from jira_pipeline.domain.entities import BundleType, Entity, Reference, Status
from jira_pipeline.domain.note_sentences import sentences_of
from jira_pipeline.domain.question_index import QuestionIndex, is_machine_name_given, name_of
from jira_pipeline.domain.row_questions import HELP_TEXT, is_to_build

NOTES = "Settings/notes"
_SEVERAL = re.compile(
    r"\b(?:select|choose|pick|enter|upload)\b[^.]{0,40}"
    r"\b(?:multiple|several|all desired|more than one|as many)\b",
    re.IGNORECASE,
)
_TARGETS = re.compile(r"\b(?:allowed|enabled)\b.*\b|\bonly\b.*\ballowed\b", re.IGNORECASE)
_ONLY = re.compile(r"\bonly ([a-z ]{3,40}?) (?:is |are )?allowed\b", re.IGNORECASE)
_OPTIONS = re.compile(r"\boptions?\b|\bvalues?:", re.IGNORECASE)
_NAMED_AT_MOST = 2
_FATES: Mapping[Status, str] = {Status.WAITING: "on hold", Status.DELETED: "to be removed"}
_STORAGE_WORDS: Mapping[str, str] = {
    "Field type": "one type",
    "Vals.": "one limit",
}
_WORD = re.compile(r"[a-z]{3,}")

_TEXT, _LONG_TEXT, _LIST, _REFERENCE, _REVISIONS, _BOOLEAN = (
    "text",
    "long text",
    "list",
    "reference",
    "paragraphs",
    "boolean",
)
WIDGET_FAMILIES: Mapping[str, frozenset[str]] = {
    "textfield": frozenset({_TEXT}),
    "text area (multiple rows)": frozenset({_LONG_TEXT}),
    "text area with a summary": frozenset({_LONG_TEXT}),
    "select list": frozenset({_LIST, _REFERENCE, _BOOLEAN}),
    "check boxes/radio buttons": frozenset({_LIST, _REFERENCE, _BOOLEAN}),
    "autocomplete": frozenset({_REFERENCE}),
    "media library": frozenset({_REFERENCE}),
    "single on/off checkbox": frozenset({_BOOLEAN}),
    "paragraphs stable": frozenset({_REVISIONS}),
    "layout paragraphs": frozenset({_REVISIONS}),
}
"""Field types each core widget can edit; a widget that is not listed is never doubted."""


def field_doubts(field: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Find everything a row of the fields sheet leaves open."""
    if not is_to_build(field):
        return
    yield from _target_doubts(field, index)
    yield from _cardinality_doubts(field)
    yield from _list_doubts(field)
    yield from _widget_doubts(field)
    yield from _label_doubts(field, index)
    yield from _waiting_target_doubts(field, index)
    if is_machine_name_given(field):
        yield from _reuse_doubts(field, index)
        yield from _storage_doubts(field, index)


def _target_doubts(field: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    if "reference" not in field.cell("Field type").casefold():
        return
    if field.cell("Ref. bundle") not in {"", "-"}:
        return
    hints = [s for s in sentences_of(field.cell(NOTES)) if _TARGETS.search(s)]
    hint = next((s for s in reversed(hints) if "collapse" not in s), "")
    if target := _only_target(hint, index):
        yield Doubt(
            rank=21,
            topic=f"target {hint.casefold()}",
            entity=field,
            column=NOTES,
            quote=hint,
            question=f"Ref. bundle of {SUBJECTS} is empty: is {plain(target.label)} its only "
            "target?",
            question_for_many=f"Ref. bundle of {SUBJECTS} is empty: is {plain(target.label)} "
            "their only target?",
        )
        return
    if hint:
        yield Doubt(
            rank=21,
            topic=f"target {hint.casefold()}",
            entity=field,
            column=NOTES,
            quote=hint,
            question=f"Ref. bundle of {SUBJECTS} is empty: does this sentence of its note name "
            "exactly what may be referenced?",
        )
        return
    yield Doubt(
        rank=20,
        topic="target",
        entity=field,
        column="Ref. bundle",
        quote=field.cell("Ref. bundle"),
        question=f"What may {SUBJECTS} reference? Ref. bundle is empty.",
    )


def _only_target(sentence: str, index: QuestionIndex) -> Entity | None:
    """Return the one bundle a sentence such as `Only heroes allowed` names."""
    match = _ONLY.search(sentence)
    if match is None:
        return None
    name = match.group(1).casefold()
    found = [
        bundle
        for spelling in dict.fromkeys((name, name.removesuffix("s"), name.removesuffix("es")))
        for bundle in index.bundles_by_name.get(spelling, ())
    ]
    return found[0] if len(found) == 1 else None


def _cardinality_doubts(field: Entity) -> Iterator[Doubt]:
    if field.cell("Vals.") != "1":
        return
    for sentence in sentences_of(field.cell(HELP_TEXT)):
        if _SEVERAL.search(sentence):
            yield Doubt(
                rank=22,
                topic="several",
                entity=field,
                column=HELP_TEXT,
                quote=sentence,
                question=f"Vals. of {SUBJECTS} is 1 but its help text speaks of several values: "
                "how many are allowed?",
                question_for_many=f"Vals. of {SUBJECTS} is 1 but their help texts speak of "
                "several values: how many are allowed?",
            )
            return


def _list_doubts(field: Entity) -> Iterator[Doubt]:
    if not field.cell("Field type").casefold().startswith("list"):
        return
    if _OPTIONS.search(field.cell(NOTES)):
        return
    yield Doubt(
        rank=23,
        topic="options",
        entity=field,
        column="Field type",
        quote=field.cell("Field type"),
        question=f"Which values does the list {SUBJECTS} offer? No options are given.",
        question_for_many=f"Which values do the lists {SUBJECTS} offer? No options are given.",
    )


def _widget_doubts(field: Entity) -> Iterator[Doubt]:
    field_type, widget = field.cell("Field type"), field.cell("Form widget")
    if not field_type:
        yield Doubt(
            rank=20,
            topic="field type",
            entity=field,
            column="Field type",
            quote="",
            question=f"Of which field type is {SUBJECTS}? The cell is empty.",
            question_for_many=f"Of which field types are {SUBJECTS}? The cells are empty.",
        )
        return
    families = WIDGET_FAMILIES.get(widget.casefold())
    is_wrong = families is not None and family_of(field_type) not in families
    if is_wrong or widget.isdigit():
        yield Doubt(
            rank=24,
            topic=f"widget {field_type} {widget}",
            entity=field,
            column="Form widget",
            quote=widget,
            question=f"{SUBJECTS} is of type {plain(field_type)} but its form widget is "
            f"“{plain(widget)}”: which of the two is right?",
            question_for_many=f"{SUBJECTS} are of type {plain(field_type)} but their form widget "
            f"is “{plain(widget)}”: which of the two is right?",
        )


def family_of(field_type: str) -> str:
    """Return the family of field types that share their widgets."""
    name = field_type.casefold()
    starts = (
        ("list", _LIST),
        ("entity reference revisions", _REVISIONS),
        ("entity reference", _REFERENCE),
        ("boolean", _BOOLEAN),
        ("entity label", _TEXT),
    )
    for start, family in starts:
        if name.startswith(start):
            return family
    if name.startswith("text"):
        return _LONG_TEXT if "long" in name else _TEXT
    return name


def _label_doubts(field: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    if len(field.references) != 1 or field.references[0].target_key is None:
        return
    reference = field.references[0]
    target = plain(reference.text)
    namesakes = index.bundles_by_name.get(field.label.casefold(), ())
    if any(b.bundle_type is _type_of(reference, index) for b in namesakes) and all(
        b.key != reference.target_key for b in namesakes
    ):
        yield Doubt(
            rank=22,
            topic=f"label {field.machine_name}",
            entity=field,
            column="Ref. bundle",
            quote=reference.text,
            question=f"{SUBJECTS} is labelled “{plain(field.label)}” but references {target}: "
            "which of the two is meant?",
        )
    elif reference.target_key == field.owner_key and field.bundle_type is BundleType.PARAGRAPH:
        yield Doubt(
            rank=22,
            topic="self-reference",
            entity=field,
            column="Ref. bundle",
            quote=reference.text,
            question=f"{SUBJECTS} references its own paragraph type, {target}: is that intended?",
        )
    else:
        yield from _twin_doubts(field, reference, index)


def _waiting_target_doubts(field: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    for reference in field.references:
        targets = index.specification.by_key.get(reference.target_key or "", ())
        fate = _FATES.get(targets[0].status) if targets else None
        if fate is not None:
            target = plain(reference.text)
            yield Doubt(
                rank=20,
                topic=f"target {fate} {reference.target_key}",
                entity=field,
                column=reference.column,
                quote=reference.text,
                question=f"{SUBJECTS} is approved but its target {target} is {fate}: build the "
                "field now, wait, or leave it out?",
                question_for_many=f"{SUBJECTS} are approved but their target {target} is {fate}: "
                "build the fields now, wait, or leave them out?",
            )


def _type_of(reference: Reference, index: QuestionIndex) -> BundleType | None:
    targets = index.specification.by_key.get(reference.target_key or "", ())
    return targets[0].bundle_type if targets else None


def _twin_doubts(field: Entity, reference: Reference, index: QuestionIndex) -> Iterator[Doubt]:
    if _type_of(reference, index) is not BundleType.VOCABULARY:
        return
    target = name_of(index.specification.by_key[reference.target_key or ""][0])
    if _share_a_word(field, target):
        return
    for sibling in index.specification.members_of.get(field.owner_key or "", ()):
        if not is_to_build(sibling) or not _share_a_word(sibling, target):
            continue
        if any(r.target_key == reference.target_key for r in sibling.references):
            yield Doubt(
                rank=22,
                topic=f"twin {field.machine_name}",
                entity=field,
                column="Ref. bundle",
                quote=reference.text,
                question=f"{SUBJECTS} (“{plain(field.label)}”) references {plain(reference.text)}, "
                f"as `{plain(sibling.machine_name)}` does: is that intended?",
            )
            return


def _share_a_word(field: Entity, target: str) -> bool:
    return bool(_stems(f"{field.label} {field.machine_name.replace('_', ' ')}") & _stems(target))


def _stems(text: str) -> set[str]:
    return {re.sub(r"(?:ies|y|es|s)$", "", word) for word in _WORD.findall(text.casefold())}


def _reuse_doubts(field: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    if field.cell("Reused Field").casefold() != "y" or len(index.storage_of(field).users) > 1:
        return
    kind = str(field.bundle_type or "bundle").casefold()
    yield Doubt(
        rank=60,
        topic="reused",
        entity=field,
        column="Reused Field",
        quote=field.cell("Reused Field"),
        question=f"Reused is y, but no other {kind} in these sheets has {SUBJECTS}: "
        "where does the field exist already?",
        question_for_many=f"Reused is y, but no other {kind} in these sheets has {SUBJECTS}: "
        "where do the fields exist already?",
    )


def _storage_doubts(field: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Ask in the ticket of the odd one out; where there is none, in all of them."""
    storage = index.storage_of(field)
    for column, words in _STORAGE_WORDS.items():
        here = field.cell(column)
        others = {
            value: rows
            for (of, value), rows in storage.by_value.items()
            if of == column and value != here
        }
        agreeing = len(storage.by_value.get((column, here), ()))
        if others and agreeing <= max(len(rows) for rows in others.values()):
            told = [f"“{plain(v)}” in {_where(rows, index)}" for v, rows in others.items()]
            yield Doubt(
                rank=25,
                topic=f"storage {column} {field.machine_name}",
                entity=field,
                column=column,
                quote=here,
                question=f"{column} of {SUBJECTS} is “{plain(here)}” here but "
                f"{', '.join(told)}; they share one field storage with {words}: "
                "which one is right?",
            )
            return


def _where(rows: list[Entity], index: QuestionIndex) -> str:
    named = [f"{plain(index.owner_name(r))} (line {r.source.line})" for r in rows[:_NAMED_AT_MOST]]
    rest = len(rows) - len(named)
    return ", ".join(named) + (f" and {rest} more" if rest else "")
