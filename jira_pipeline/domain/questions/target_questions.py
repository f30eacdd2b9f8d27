"""Questions about what reference fields point at.

Belongs here: targets that are missing, on hold, or contradict the label. Does not: other cells of
a field (`field_questions`), names that are in no sheet (`row_questions`).
"""

import re
from collections.abc import Iterator, Mapping

from jira_pipeline.domain.entities import BundleType, Entity, Reference, Status
from jira_pipeline.domain.note_sentences import sentences_of
from jira_pipeline.domain.questions.doubts import SUBJECTS, Doubt, plain, said_without
from jira_pipeline.domain.questions.question_index import QuestionIndex, name_of
from jira_pipeline.domain.questions.row_questions import is_to_build

NOTES = "Settings/notes"


_TARGETS = re.compile(r"\b(?:allowed|enabled)\b.*\b|\bonly\b.*\ballowed\b", re.IGNORECASE)


_ONLY = re.compile(r"\bonly ([a-z ]{3,40}?) (?:is |are )?allowed\b", re.IGNORECASE)


_FATES: Mapping[Status, str] = {Status.WAITING: "on hold", Status.DELETED: "to be removed"}


_PRESET_TERM = re.compile(r"^(.{3,40}?) terms? selected by default", re.IGNORECASE)
_PRESET_PARAGRAPH = re.compile(r"(?:^|, )((?!no )[^,]{3,40}?) default paragraph\b", re.IGNORECASE)
_WORD = re.compile(r"[a-z]{3,}")


def target_doubts(field: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Find what the targets of a field leave open."""
    yield from _missing_target_doubts(field, index)
    yield from _label_doubts(field, index)
    yield from _waiting_target_doubts(field, index)
    yield from _preset_doubts(field, index)


def asked_sentences(field: Entity, index: QuestionIndex) -> frozenset[str]:
    """Return what questions about the targets and presets of a field quote."""
    return frozenset(doubt.quote for doubt in target_doubts(field, index))


def _missing_target_doubts(field: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    if not _lacks_target(field):
        return
    hint = target_sentence(field)
    known = (
        f"Ref. bundle of {SUBJECTS} is empty"
        if field.has_column("Ref. bundle")
        else f"No column Ref. bundle says what {SUBJECTS} may reference"
    )
    if target := _only_target(hint, index):
        yield Doubt(
            rank=21,
            topic=f"target {hint.casefold()}",
            entity=field,
            column=NOTES,
            quote=hint,
            question=f"{known}: is {plain(target.label)} its only target?",
            question_for_many=f"{known}: is {plain(target.label)} their only target?",
        )
        return
    if hint:
        yield Doubt(
            rank=21,
            topic=f"target {hint.casefold()}",
            entity=field,
            column=NOTES,
            quote=hint,
            question=f"{known}: does this sentence of its note name exactly what may be "
            "referenced?",
        )
        return
    yield Doubt(
        rank=20,
        topic="target",
        entity=field,
        column="Ref. bundle",
        quote=field.cell("Ref. bundle"),
        question=f"What may {SUBJECTS} reference? "
        + said_without(field, "Ref. bundle", blank="Ref. bundle is empty."),
    )


def target_sentence(field: Entity) -> str:
    """Return the sentence that may name the targets of a reference without any, else nothing."""
    hints = [s for s in sentences_of(field.cell(NOTES)) if _TARGETS.search(s)]
    found = (s for s in reversed(hints) if "collapse" not in s)
    return next(found, "") if _lacks_target(field) else ""


def _lacks_target(field: Entity) -> bool:
    is_reference = "reference" in field.cell("Field type").casefold()
    return is_reference and field.cell("Ref. bundle") in {"", "-"}


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


def _preset_doubts(field: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Find presets that name another bundle than the one they are on, or point at."""
    owner = index.owner_name(field)
    for sentence in sentences_of(field.cell(NOTES)):
        term, paragraph = _PRESET_TERM.search(sentence), _PRESET_PARAGRAPH.search(sentence)
        if term and not _stems(term[1]) & _stems(owner) and _is_bundle_word(term[1], field, index):
            yield _preset_doubt(field, sentence, f"is on {plain(owner)}")
        elif paragraph and _is_other_bundle(paragraph[1].casefold(), field, index):
            told = ", ".join(plain(r.text) for r in field.references)
            yield _preset_doubt(field, sentence, f"references {told}")


def _is_other_bundle(name: str, field: Entity, index: QuestionIndex) -> bool:
    """Tell whether a name is that of a bundle no target of the field begins with."""
    targets = [reference.text.casefold() for reference in field.references]
    is_target = any(target.startswith(name) for target in targets)
    return name in index.bundles_by_name and bool(targets) and not is_target


def _preset_doubt(field: Entity, sentence: str, fact: str) -> Doubt:
    return Doubt(
        rank=24,
        topic=f"preset {field.machine_name}",
        entity=field,
        column=NOTES,
        quote=sentence,
        question=f"{SUBJECTS} {fact}: is this preset right?",
    )


def _is_bundle_word(term: str, field: Entity, index: QuestionIndex) -> bool:
    """Tell whether a word is the beginning of the name of a bundle of the same type."""
    first = term.split(maxsplit=1)[0].casefold()
    return any(
        b.bundle_type is field.bundle_type for b in index.bundles_by_first_word.get(first, ())
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
