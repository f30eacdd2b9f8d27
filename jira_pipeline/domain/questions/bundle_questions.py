"""Questions about bundles as wholes: their settings, addresses, and who holds them.

Belongs here: what the bundles sheet leaves open or contradicts. Does not: fields
(`field_questions`), which workflow moderates (`workflow_questions`).
"""

import re
from collections.abc import Iterator, Mapping

from jira_pipeline.domain.entities import BundleType, Entity, EntityKind, Status
from jira_pipeline.domain.note_sentences import comparable, sentences_of
from jira_pipeline.domain.questions.doubts import SUBJECTS, Doubt, plain
from jira_pipeline.domain.questions.question_index import QuestionIndex, name_of
from jira_pipeline.domain.questions.row_questions import is_open
from jira_pipeline.domain.questions.workflow_questions import moderation_doubts, workflow_choice

ALIAS = "URL alias pattern"
NOTES = "Settings/notes"
_GONE = frozenset({Status.DELETED, Status.WAITING})
FLAG_COLUMNS = ("Mod.", "Layout", "Trns.", "Cmnt.", "Migr.", "Meta", "Sched.", "Srch.")
"""Settings of a bundle that are either on or off."""
_ALIAS_FIELD = re.compile(r"\[node:((?:field_|body)[a-z0-9_]*)")
_FLAG_WORDS: Mapping[str, re.Pattern[str]] = {
    column: re.compile(pattern, re.IGNORECASE)
    for column, pattern in (
        ("Mod.", r"\bmoderat"),
        ("Layout", r"\blayout builder\b"),
        ("Trns.", r"\btranslat"),
        ("Cmnt.", r"\bcomments?\b"),
        ("Migr.", r"\bmigrat"),
        ("Meta", r"\bmeta ?tags?\b|\bno-?(?:index|follow)\b"),
        ("Sched.", r"\bschedul"),
        ("Srch.", r"\bsearch(?:ed|able)?\b"),
    )
}
"""Words of notes that speak of what a column switches."""
_ITEM = re.compile(r"^(.+) items?$", re.IGNORECASE)


def bundle_doubts(bundle: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Find what the row of a bundle leaves open."""
    yield from workflow_choice(bundle, index)
    yield from moderation_doubts(bundle, index)
    yield from _flag_doubts(bundle)
    yield from _meta_doubts(bundle)
    yield from _holder_doubts(bundle, index)
    yield from _source_doubts(bundle, index)
    if index.is_fields_sheet_read:
        yield from _alias_doubts(bundle, index)
    else:
        yield Doubt(
            rank=1,
            topic="fields sheet",
            entity=bundle,
            column="Machine name",
            quote="",
            question=f"No fields sheet was uploaded: does {SUBJECTS} have fields?",
            question_for_many=f"No fields sheet was uploaded: do {SUBJECTS} have fields?",
        )


def _flag_doubts(bundle: Entity) -> Iterator[Doubt]:
    """Find settings of a bundle that say neither yes nor no; the words name no bundle."""
    for column in FLAG_COLUMNS:
        value = bundle.cell(column)
        if value.casefold() not in {"", "-", "y", "n", "yes", "no"}:
            yield Doubt(
                rank=45,
                topic=f"flag {column} {comparable(value)}",
                entity=bundle,
                column=column,
                quote=value,
                question=f"What does “{plain(value)}” in the column {column} stand for? The format "
                "knows y and n.",
            )


_OEMBED = re.compile(r"\boembed\b|\bremote video\b|\byoutube\b|\bvimeo\b", re.IGNORECASE)
"""Names that say that a media type takes remote video."""
_MEDIA_SOURCES: Mapping[str, str] = {"image": "Image", "file": "File"}
"""Drupal core's media sources by the type of the field that holds the item."""


def _source_doubts(bundle: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Ask for the source of a media type: Drupal never lets it be changed afterwards."""
    if bundle.bundle_type is not BundleType.MEDIA or bundle.status is not Status.APPROVED:
        return
    columns = ("media source", "source", "source plugin")
    is_told = any(cell for column, cell in bundle.cells.items() if column.casefold() in columns)
    if is_told or re.search(r"\b(?:media )?source\b|\boembed\b", bundle.cell(NOTES), re.IGNORECASE):
        return
    fields = index.specification.members_of.get(bundle.key, ())
    said = f"{bundle.label} {bundle.machine_name} {' '.join(f.machine_name for f in fields)}"
    if _OEMBED.search(said.replace("_", " ")):
        return
    sources = {_MEDIA_SOURCES.get(f.cell("Field type").casefold(), "") for f in fields} - {""}
    yield Doubt(
        rank=21,
        topic="media source",
        entity=bundle,
        column="Machine name",
        quote="",
        question=f"Which media source does {SUBJECTS} have? It cannot be changed later.",
        question_for_many=f"Which media sources do {SUBJECTS} have? They cannot be changed later.",
        suggested_answer=sources.pop() if len(sources) == 1 else "",
        suggested_because="type of its field",
    )


def _alias_doubts(bundle: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    fields = {f.machine_name: f for f in index.specification.members_of.get(bundle.key, ())}
    for name in dict.fromkeys(_ALIAS_FIELD.findall(bundle.cell(ALIAS))):
        field = fields.get(name)
        if field is None:
            problem = f"the content type has no field `{name}`: which field is meant?"
        elif field.status is Status.DELETED:
            problem = f"`{name}` is to be removed: what takes its place?"
        elif field.has_column("Req'd") and field.cell("Req'd").casefold() != "y":
            problem = f"`{name}` is optional: what is the URL while it is empty?"
        else:
            continue
        yield Doubt(
            rank=26,
            topic=f"alias {name}",
            entity=bundle,
            column=ALIAS,
            quote=bundle.cell(ALIAS),
            question=f"The alias of {SUBJECTS} uses `{name}`, but {problem}".replace(
                f"uses `{name}`, but `{name}`", f"uses `{name}`, which"
            ),
        )


def is_about_meta_tags(sentence: str) -> bool:
    """Tell whether a sentence speaks of meta tags, or of what only they can say."""
    return _FLAG_WORDS["Meta"].search(sentence) is not None


def meta_sentence(bundle: Entity) -> str:
    """Return the sentence of a note that asks for meta tags where Meta is n, else nothing."""
    if bundle.cell("Meta").casefold() != "n":
        return ""
    found = (s for s in sentences_of(bundle.cell(NOTES)) if is_about_meta_tags(s))
    return next((s for s in found if not is_open(s)), "")


def asked_flags(bundle: Entity) -> tuple[str, ...]:
    """Return the columns of settings that a question about the notes of a bundle is about."""
    asked = [s for s in sentences_of(bundle.cell(NOTES)) if is_open(s)]
    return tuple(
        column
        for column, words in _FLAG_WORDS.items()
        if any(words.search(s) for s in asked) or (column == "Meta" and meta_sentence(bundle))
    )


def _meta_doubts(bundle: Entity) -> Iterator[Doubt]:
    if sentence := meta_sentence(bundle):
        yield Doubt(
            rank=26,
            topic=f"meta {comparable(sentence)}",
            entity=bundle,
            column=NOTES,
            quote=sentence,
            question=f"Meta of {SUBJECTS} is n, but this note asks for meta tags: should Meta be "
            "y, or are the tags set in another way?",
        )


def holder_of(bundle: Entity, index: QuestionIndex) -> Entity | None:
    """Return the paragraph type whose items a paragraph type is by its name: `Rope Item`, `Ropes`."""
    match = _ITEM.match(name_of(bundle))
    if match is None or bundle.bundle_type is not BundleType.PARAGRAPH:
        return None
    name = match[1].casefold()
    return next(
        (
            holder
            for spelling in (name, f"{name}s", f"{name}es")
            for holder in index.bundles_by_name.get(spelling, ())
            if holder.bundle_type is BundleType.PARAGRAPH and holder.status not in _GONE
        ),
        None,
    )


def _holder_doubts(bundle: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    holder = holder_of(bundle, index) if index.is_fields_sheet_read else None
    referrers = index.specification.referrers_of.get(bundle.key, ())
    if holder is None or any(
        row.kind is EntityKind.FIELD and row.status not in _GONE for row, _ in referrers
    ):
        return
    yield Doubt(
        rank=20,
        topic=f"holder {holder.key}",
        entity=bundle,
        column="Name",
        quote=name_of(bundle),
        question=f"No field refers to {SUBJECTS}: which field of {plain(name_of(holder))} holds "
        "its items?",
    )
