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
_ITEM = re.compile(r"^(.+) items?$", re.IGNORECASE)


def bundle_doubts(bundle: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Find what the row of a bundle leaves open."""
    yield from workflow_choice(bundle, index)
    yield from moderation_doubts(bundle, index)
    yield from _flag_doubts(bundle)
    yield from _holder_doubts(bundle, index)
    yield from _source_doubts(bundle, index)
    yield from function_doubts(bundle, index)
    if index.is_fields_sheet_read:
        yield from _alias_doubts(bundle, index)
        yield from _empty_doubts(bundle, index)
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


_ENTERED = re.compile(
    r"\b(?:texts?|images?|photos?|pictures?|videos?|links?|files?|headings?|headlines?|titles?"
    r"|quotes?|captions?|buttons?|icons?|logos?)\b",
    re.IGNORECASE,
)
"""What somebody has to enter into a field before it can be shown."""


def _empty_doubts(bundle: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Find a paragraph type without any field whose description speaks of something to enter."""
    match = _ENTERED.search(bundle.cell("Description"))
    is_paragraph = bundle.bundle_type is BundleType.PARAGRAPH
    if match and is_paragraph and not index.specification.members_of.get(bundle.key):
        yield Doubt(
            rank=20,
            topic=f"no field for {bundle.key}",
            entity=bundle,
            column="Description",
            quote=bundle.cell("Description"),
            question=f"The sheets give {SUBJECTS} no field: which one holds the {match[0].casefold()}"
            " of its description?",
        )


_SOURCE_FIELDS = re.compile(r"field_media_(?:image|file|document|audio_file|video_file|oembed\w*)")
"""Machine names that Drupal core gives the field of a media source: they say which it is."""
_OEMBED = re.compile(r"\boembed\b|\bremote video\b|\byoutube\b|\bvimeo\b", re.IGNORECASE)
"""Names that say that a media type takes remote video."""
_MEDIA_SOURCES: Mapping[str, str] = {
    "image": "Image",
    "picture": "Image",
    "photo": "Image",
    "photograph": "Image",
    "portrait": "Image",
    "graphic": "Image",
    "file": "File",
    "document": "File",
    "pdf": "File",
    "audio": "Audio file",
    "sound": "Audio file",
    "video": "Video file",
}
"""Drupal core's media sources, by the type of the field that holds the item or by a name."""


def _source_doubts(bundle: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Ask for the source of a media type: Drupal never lets it be changed afterwards."""
    if bundle.bundle_type is not BundleType.MEDIA or bundle.status is not Status.APPROVED:
        return
    columns = ("media source", "source", "source plugin")
    is_told = any(cell for column, cell in bundle.cells.items() if column.casefold() in columns)
    if is_told or re.search(r"\b(?:media )?source\b", bundle.cell(NOTES), re.IGNORECASE):
        return
    fields = index.specification.members_of.get(bundle.key, ())
    names = " ".join((bundle.label, bundle.machine_name, bundle.cell(NOTES)))
    if _OEMBED.search(names.replace("_", " ")) or any(
        _SOURCE_FIELDS.fullmatch(field.machine_name) for field in fields
    ):
        return
    suggested, because = "", ""
    by_type = {_MEDIA_SOURCES.get(f.cell("Field type").casefold(), "") for f in fields} - {""}
    words = re.findall(r"[a-z]+", names.casefold())
    by_name = {_MEDIA_SOURCES.get(word.removesuffix("s"), "") for word in words} - {""}
    for sources, reason in ((by_type, "type of its field"), (by_name, "its name")):
        if len(sources) == 1 and not suggested:
            suggested, because = sources.pop(), reason
    yield Doubt(
        rank=21,
        topic="media source",
        entity=bundle,
        column="Machine name",
        quote="",
        question=f"Which media source does {SUBJECTS} have? It cannot be changed later.",
        question_for_many=f"Which media sources do {SUBJECTS} have? They cannot be changed later.",
        suggested_answer=suggested,
        suggested_because=because,
    )


_FUNCTION = re.compile(
    r"\b(?:gets?|receives?|sends?|sent|triggers?)\b[^.;]{0,40}"
    r"\b(?:e-?mails?|mails?|sms|invitations?|reminders?|notifications?|newsletters?)\b"
    r"|\b(?:notify|notified|notifies|e-?mailed|reminded|invited)\b|^(?:e-?)?mails? to\b"
    r"|\b(?:imported|import|synchroni[sz]ed|synced|pushed|pulled|fed)\b[^.;]{0,20}"
    r"\b(?:by|from|with)\b"
    r"|\b(?:paid|payments?)\b"
    r"|\b(?:publish|archiv|delet|expir)\w*\b[^.;]{0,20}\b(?:automatically|by itself)\b"
    r"|\bautomatically (?:un)?(?:publish|archiv|delet)\w*",
    re.IGNORECASE,
)
"""What a bundle does beyond its fields: mail, import, payment, automatic steps."""
_MEANS = re.compile(
    r"\b(?:module|document|script|template|scheduler|webform|see)\b"
    r"|\b(?:via|through|using|with) (?:the )?[A-Z]\w+",
    re.IGNORECASE,
)
"""Words that say how that is done."""


def function_doubts(row: Entity, _: QuestionIndex) -> Iterator[Doubt]:
    """Ask how a note's mail, import or payment is made: no cell carries it."""
    for column in ("Description", NOTES, "Notes"):
        for sentence in sentences_of(row.cell(column)):
            carried = row.cell("Migr.").casefold() == "y" and "import" in sentence.casefold()
            if _FUNCTION.search(sentence) and not (
                _MEANS.search(sentence) or carried or is_open(sentence)
            ):
                yield Doubt(
                    rank=27,
                    topic=f"function {comparable(sentence)}",
                    entity=row,
                    column=column,
                    quote=sentence,
                    question="No row of the sheets provides for this: is it part of this ticket, "
                    "and how is it done?",
                )
                return


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
