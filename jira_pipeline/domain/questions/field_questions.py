"""Questions that rows of the fields sheet raise.

Belongs here: storage shared between bundles, lists, widgets, contradicting cells.
Does not: targets (`target_questions`); cue words and names, which any row has (`row_questions`).
Source: shared facts on the sheets, "Questions for the specification"; Drupal's field storage.
"""

import re
from collections.abc import Iterator, Mapping

from jira_pipeline.domain.entities import Entity
from jira_pipeline.domain.note_sentences import sentences_of
from jira_pipeline.domain.questions.doubts import SUBJECTS, Doubt, plain
from jira_pipeline.domain.questions.question_index import QuestionIndex, is_machine_name_given
from jira_pipeline.domain.questions.row_questions import HELP_TEXT, is_to_build
from jira_pipeline.domain.questions.target_questions import NOTES, target_doubts

_SEVERAL = re.compile(
    r"\b(?:select|choose|pick|enter|upload)\b[^.]{0,40}"
    r"\b(?:multiple|several|all desired|more than one|as many)\b",
    re.IGNORECASE,
)


_OPTIONS = re.compile(r"\boptions?\b|\bvalues?:", re.IGNORECASE)


_NAMED_AT_MOST = 2


_STORAGE_WORDS: Mapping[str, str] = {
    "Field type": "one type",
    "Vals.": "one limit",
}


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
    yield from target_doubts(field, index)
    yield from _cardinality_doubts(field)
    yield from _list_doubts(field)
    yield from _widget_doubts(field)
    if is_machine_name_given(field):
        yield from _reuse_doubts(field, index)
        yield from _storage_doubts(field, index)


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
