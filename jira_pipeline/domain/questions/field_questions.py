"""Questions that rows of the fields sheet raise.

Belongs here: lists, widgets, hidden fields. Does not: targets (`target_questions`); notes that
contradict cells (`note_conflicts`); storage shared between bundles (`storage_questions`); cue words and names,
which any row has (`row_questions`).
Source: shared facts on the sheets, "Questions for the specification".
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from jira_pipeline.domain.entities import BundleType, Entity, Status
from jira_pipeline.domain.lexicon import lexicon
from jira_pipeline.domain.note_sentences import comparable, readable, sentences_of
from jira_pipeline.domain.questions.doubts import SUBJECTS, Doubt, plain, why_unknown
from jira_pipeline.domain.questions.question_index import (
    QuestionIndex,
    is_base_field,
    is_machine_name_given,
    name_of,
    stems_of,
)
from jira_pipeline.domain.questions.row_questions import is_open, is_to_build
from jira_pipeline.domain.questions.storage_questions import storage_doubts
from jira_pipeline.domain.questions.target_questions import NOTES, target_doubts

_LISTED_MIN = 2
_ITEM_WORDS_MAX = 2
_OPTIONS = re.compile(r"\boptions?\b|\bvalues?:", re.IGNORECASE)


TEXT, LONG_TEXT, LIST, REFERENCE, REVISIONS, BOOLEAN = (
    "text",
    "long text",
    "list",
    "reference",
    "paragraphs",
    "boolean",
)


LABEL = "entity label"
"""The field type of titles and names, which Drupal requires."""
WIDGET_FAMILIES: Mapping[str, frozenset[str]] = {
    "textfield": frozenset({TEXT, LABEL}),
    "text area (multiple rows)": frozenset({LONG_TEXT}),
    "text area with a summary": frozenset({LONG_TEXT}),
    "select list": frozenset({LIST, REFERENCE, BOOLEAN, "webform"}),
    "check boxes/radio buttons": frozenset({LIST, REFERENCE, BOOLEAN}),
    "autocomplete": frozenset({REFERENCE, "webform"}),
    "media library": frozenset({REFERENCE}),
    "single on/off checkbox": frozenset({BOOLEAN}),
    "paragraphs stable": frozenset({REVISIONS}),
    "layout paragraphs": frozenset({REVISIONS}),
}
"""Field types each core widget can edit; a widget that is not listed is never doubted."""


_HIDDEN_ON_FORM = re.compile(
    r"\bhidden\b[^.;]{0,40}?\b(?:on|from|in)\b[^.;]{0,40}?\bform\b"
    r"|\bnot (?:be )?(?:shown|displayed|visible) (?:on|in) (?:the )?(?:\w+ )?form\b",
    re.IGNORECASE,
)
_SOMETIMES = re.compile(r"\b(?:unless|if|when|until)\b", re.IGNORECASE)


def hidden_sentence(field: Entity) -> str:
    """Return the sentence of a note that keeps a field off the form always, else nothing."""
    found = (s for s in sentences_of(field.note) if _HIDDEN_ON_FORM.search(s))
    return next((s for s in found if not _SOMETIMES.search(s)), "")


def field_doubts(field: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Find everything a row of the fields sheet leaves open."""
    if not is_to_build(field):
        return
    yield from target_doubts(field, index)
    lists, widgets = (tuple(rule(field, index)) for rule in (_list_doubts, _widget_doubts))
    if any(doubt.topic == "options" for doubt in lists) and widgets:
        asked = (
            f"{widgets[0].question.rstrip('?')}, and which values does the list offer if it is one?"
        )
        lists, widgets = (), (replace(widgets[0], question=asked, question_for_many=""),)
    yield from (*lists, *widgets)
    yield from storage_doubts(field, index)
    yield from _existing_doubts(field, index)


def is_required(field: Entity) -> bool:
    """Tell whether the sheet says that a field must be filled in."""
    return field.cell("Req'd").casefold() in {"y", "yes", "required"}


_BECOMES_REQUIRED = re.compile(
    r"\b(?:becomes?|(?:is )?now) (?:required|mandatory|obligatory)|\b(?:required|req'd|mandatory) now\b"
    r"|\bwas (?:optional|not required)\b",
    re.IGNORECASE,
)
_WAS_OF_TYPE = re.compile(
    r"\bwas (?:(?:typed|written|entered|kept|held|stored) (?:in|into|as) )?(?:an? )?(?:plain |free |formatted |rich )*(?P<type>list|text|number|date|link|file|image)\b",
    re.IGNORECASE,
)


def _existing_doubts(field: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Ask what becomes of the items there are, where a field changes its type or must be filled in."""
    bundle = next(iter(index.specification.by_key.get(field.owner_key or "", ())), None)
    if bundle is None or bundle.status not in {Status.IMPLEMENTED, Status.CHANGED}:
        return
    name, stems = plain(name_of(bundle)), stems_of(field.label)
    items = "terms" if bundle.bundle_type is BundleType.VOCABULARY else "items"
    own = [s for s in sentences_of(bundle.note) if stems & stems_of(s) or "by hand" in s]
    is_said = any(map(lexicon().giving_values.search, (*own, field.note)))
    is_said |= lexicon().just_installed.search(bundle.note) is not None
    is_said |= is_base_field(field) or field.bundle_type is BundleType.WEBFORM
    if is_said or not is_machine_name_given(field) or field.cell("Dev").casefold() == "x":
        return
    is_changed = field.status is Status.CHANGED
    was = _WAS_OF_TYPE.search(field.note) if is_changed else None
    if was and was["type"].casefold() not in field.cell("Field type").casefold():
        yield Doubt(
            rank=25,
            topic=f"other type {field.machine_name}",
            entity=field,
            column="X",
            quote=field.cell("X"),
            question=f"Drupal cannot change the type of {SUBJECTS} while it holds values: are those "
            f"of the existing {items} of {name} taken over into a new field, or dropped?",
        )
    is_newly_required = is_required(field) and (
        not is_changed or _BECOMES_REQUIRED.search(field.note)
    )
    is_filled = (
        name.casefold() in index.filled_names or family_of(field.cell("Field type")) == BOOLEAN
    )
    rows = index.specification.members_of.get(bundle.key, ())
    is_media = bundle.bundle_type is BundleType.MEDIA
    is_asked = is_media and any(row.status is Status.DELETED for row in rows)
    if is_newly_required and not is_filled and not is_asked:
        yield Doubt(
            rank=26,
            topic="newly required",
            entity=field,
            column="X",
            quote=field.cell("X"),
            question=f"{SUBJECTS} must be filled in from now on: what do existing {items} of {name} "
            "get, or do they stay without until somebody edits them?",
        )


def _list_doubts(field: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Ask for the options of a list of which no note says anything."""
    is_list = field.cell("Field type").casefold().startswith("list")
    if not is_list or _is_given_elsewhere(field, index):
        return
    if field.note:
        owed = next((s for s in sentences_of(field.note) if _KEPT_ELSEWHERE.search(s)), "")
        if owed and not is_open(owed):
            yield Doubt(
                rank=23,
                topic=f"options kept elsewhere {comparable(owed)}",
                entity=field,
                column=NOTES,
                quote=owed,
                question=f"Please send the values of the list {SUBJECTS}: the note says only where "
                "they are.",
                question_for_many=f"Please send the values of the lists {SUBJECTS}: the note says "
                "only where they are.",
            )
        return
    known = why_unknown(field, NOTES, blank="No options are given.")
    yield Doubt(
        rank=23,
        topic="options",
        entity=field,
        column="Field type",
        quote=field.cell("Field type"),
        question=f"Which values does the list {SUBJECTS} offer? {known}",
        question_for_many=f"Which values do the lists {SUBJECTS} offer? {known}",
    )


_KEPT_ELSEWHERE = re.compile(
    r"\b(?:keys|values|options|codes|labels)\b[^.;]*\b(?:from|by|in|as in|see) (?:the )?[^.;]*"
    r"\b(?:file|list|table|spreadsheet|document|guide|designer)\b",
    re.IGNORECASE,
)
"""What a note says instead of the values of a list: `keys from the designer's file`."""


def gives_items(sentence: str) -> bool:
    """Tell whether a sentence gives the items of a list: by name, as keys or as codes."""
    is_given = _OPTIONS.search(sentence) or "|" in sentence or _CODED.search(sentence)
    return bool(is_given) or _lists(sentence) or _SHORT_CODES.fullmatch(sentence) is not None


_CODED = re.compile(
    r"(?:^|[ ,;])\w{1,12}=\w|(?<![\w-])(?:[A-Z]{1,4}[ ,/]+){2,}[A-Z]{1,4}(?![\w-])"
    r"|(?<![\w.-])\d+ ?(?:to|-|–) ?\d+(?![\w.-])"
)
"""Keys with their labels, three codes in a row, numbers from one to another."""
_SHORT_CODES = re.compile(r"(?:\w{1,3}[ ,/+|&]+){2,}\w{1,4}\W*")
"""A sentence of nothing but codes: `en fr it + LAT`."""


def _is_given_elsewhere(field: Entity, index: QuestionIndex) -> bool:
    """Tell whether the options of a list are those of another bundle, or in a note of its own."""
    users = index.storage_of(field).live_users.values()
    owners = index.specification.by_key.get(field.owner_key or "", ())
    sentences = [
        s for owner in owners for c in (NOTES, "Description") for s in sentences_of(owner.cell(c))
    ]
    prose = (
        s for user in users for c in (user.note, user.cell("Help text")) for s in sentences_of(c)
    )
    return any(map(gives_items, prose)) or any(
        ":" in sentence and _lists(sentence.partition(":")[2]) for sentence in sentences
    )


def _lists(sentence: str) -> bool:
    """Tell whether a sentence is a list of short items: `information, warning, danger`."""
    plain_words = re.sub(r"\([^)]{0,1000}\)", "", readable(sentence))
    items = re.split(r",|;|\||/| or | and ", plain_words.strip(" ."))
    words = [len(item.split()) for item in items if item.strip()]
    return len(words) >= _LISTED_MIN and max(words) <= _ITEM_WORDS_MAX


def _widget_doubts(field: Entity, index: QuestionIndex) -> Iterator[Doubt]:
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
            answered_by=_ASKS_TYPE.search,
        )
        return
    has_no_widget = is_base_field(field) or field.bundle_type is BundleType.WEBFORM
    is_base = has_no_widget or not is_machine_name_given(field)
    families = None if is_base else WIDGET_FAMILIES.get(widget.casefold())
    is_wrong = families is not None and family_of(field_type) not in families
    if is_wrong and families == frozenset({REVISIONS}) and _targets_paragraphs(field, index):
        return  # such a field is of type Entity reference revisions
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


_ASKS_TYPE = re.compile(r"\b(?:text|number|list|date|link|type)\b.*\?", re.IGNORECASE)
"""A note that asks for the type itself: `text or date?`."""


def _targets_paragraphs(field: Entity, index: QuestionIndex) -> bool:
    """Tell whether a reference leads to paragraph types only."""
    targets = [
        bundle.bundle_type
        for reference in field.references
        if reference.column == "Ref. bundle"
        for bundle in index.specification.by_key.get(reference.target_key or "", ())
    ]
    is_reference = family_of(field.cell("Field type")) == REFERENCE
    return is_reference and set(targets) == {BundleType.PARAGRAPH}


def family_of(field_type: str) -> str:
    """Return the family of field types that share their widgets."""
    name = field_type.casefold()
    starts = (
        ("list", LIST),
        ("entity reference revisions", REVISIONS),
        ("entity reference", REFERENCE),
        ("boolean", BOOLEAN),
        (LABEL, LABEL),
        ("title", LABEL),
    )
    for start, family in starts:
        if name.startswith(start):
            return family
    if name.startswith("text"):
        return LONG_TEXT if "long" in name else TEXT
    if name.endswith("reference"):  # such as Media reference, Term reference
        return REVISIONS if name.startswith("paragraph") else REFERENCE
    return name
