"""Questions about what reference fields point at.

Belongs here: targets that are missing, on hold, or contradict the label. Does not: other cells of
a field (`field_questions`), names that are in no sheet (`row_questions`).
"""

import re
from collections.abc import Iterator

from jira_pipeline.domain.entities import BundleType, Entity, Reference
from jira_pipeline.domain.lexicon import word_list
from jira_pipeline.domain.note_sentences import sentences_of
from jira_pipeline.domain.questions.doubts import (
    SUBJECTS,
    Doubt,
    plain,
    why_unknown,
)
from jira_pipeline.domain.questions.question_index import QuestionIndex, name_of, stems_of
from jira_pipeline.domain.questions.workflow_questions import FATES

NOTES = "Settings/notes"


_TARGETS = re.compile(r"\b(?:allowed|enabled)\b.*\b|\bonly\b.*\ballowed\b", re.IGNORECASE)


_ONLY = re.compile(r"\bonly ([a-z ]{3,40}?) (?:is |are )?allowed\b", re.IGNORECASE)


_TYPE_NOUN = re.compile(
    r"\b(?:paragraphs?|bundles?|vocabular(?:y|ies)|(?:content|media|block|paragraph) types?)\b",
    re.IGNORECASE,
)


def target_doubts(field: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Find what the targets of a field leave open."""
    yield from _missing_target_doubts(field, index)
    yield from _label_doubts(field, index)
    yield from _waiting_target_doubts(field, index)


def _missing_target_doubts(field: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    if not _lacks_target(field):
        return
    hints = (t for t in sentences_of(field.note) if _TARGETS.search(t))
    if any(_TYPE_NOUN.search(h) or _ONLY.search(h) for h in hints) or index.is_naming_one(
        field.note
    ):
        return  # the note names them
    if word_list("targets_without_bundles") & stems_of(name_of(field)):
        return  # its module decides
    answer, because = likely_target(field, index)
    yield Doubt(
        rank=20,
        topic="target",
        entity=field,
        column="Ref. bundle",
        quote=field.cell("Ref. bundle"),
        question=f"What may {SUBJECTS} reference? "
        + why_unknown(field, "Ref. bundle", blank="Ref. bundle is empty."),
        suggested_answer=answer,
        suggested_because=because,
    )


def likely_target(field: Entity, index: QuestionIndex) -> tuple[str, str]:
    """Return the target that the sheets make likely for a reference without one, and why.

    What other bundles reference with the same field comes first, then the bundle whose name is
    that of the field, then the one bundle whose name holds all words of it. Both are empty where
    the sheets point to nothing or to several.
    """
    users = index.storage_of(field).live_users.values() if field.machine_name != "-" else ()
    others = {u.cell("Ref. bundle") for u in users if u.owner_key != field.owner_key} - {"", "-"}
    if len(others) == 1:
        return plain(others.pop()), "other users of the field"
    is_paragraph = "revisions" in field.cell("Field type").casefold()
    for name in (field.label, field.machine_name.removeprefix("field_").replace("_", " ")):
        words = stems_of(name)
        candidates = [index.bundles_by_stem.get(word, ()) for word in words]
        shared = [
            bundle
            for bundle in min(candidates, key=len, default=())
            if words <= stems_of(name_of(bundle))
            and bundle.key != field.owner_key
            and (bundle.bundle_type is BundleType.PARAGRAPH or not is_paragraph)
        ]
        same = [bundle for bundle in shared if words == stems_of(name_of(bundle))]
        for found, because in ((same, "same name"), (shared, "same words in its name")):
            if len(found) == 1:
                return plain(found[0].label), because
    return "", ""


def _lacks_target(field: Entity) -> bool:
    is_reference = "reference" in field.cell("Field type").casefold()
    return is_reference and not field.cell("Ref. bundle")


def _label_doubts(field: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    if len(field.references) != 1 or field.references[0].target_key is None:
        return
    reference = field.references[0]
    target = plain(reference.text)
    if field.label.casefold() in target.casefold():
        return
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
            question=f"The sheets have {plain(namesakes[0].label)}, but {SUBJECTS} references "
            f"{target}: which of the two is meant?",
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


def _waiting_target_doubts(field: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    for reference in field.references:
        targets = index.specification.by_key.get(reference.target_key or "", ())
        fate = FATES.get(targets[0].status) if targets else None
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
