"""Questions about bundles as wholes: their settings, addresses, and who holds them.

Belongs here: what the rows of bundles lack or contradict. Does not: fields
(`field_questions`), which workflow moderates (`workflow_questions`).
"""

import re
from collections.abc import Iterator, Sequence

from jira_pipeline.domain.entities import BundleType, Entity, EntityKind, Status
from jira_pipeline.domain.lexicon import word_list
from jira_pipeline.domain.note_sentences import comparable, sentences_of
from jira_pipeline.domain.questions.doubts import SUBJECTS, Doubt, marked_subject, plain
from jira_pipeline.domain.questions.question_index import QuestionIndex, name_of
from jira_pipeline.domain.questions.workflow_questions import moderation_doubts
from jira_pipeline.domain.role_notes import roles_named_in

ALIAS = "URL alias pattern"
NOTES = "Settings/notes"
_GONE = frozenset({Status.DELETED, Status.WAITING})
_ITEM = re.compile(r"^(.+) items?$", re.IGNORECASE)


def bundle_doubts(bundle: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Find what the row of a bundle leaves open."""
    yield from moderation_doubts(bundle, index)
    yield from _holder_doubts(bundle, index)
    yield from _people_doubts(bundle, index)
    yield from _source_doubts(bundle, index)
    yield from _source_change_doubts(bundle, index)
    yield from _named_machine_doubts(bundle, index)
    yield from _sender_doubts(bundle, index)
    if not index.is_fields_sheet_read:
        yield Doubt(
            rank=1,
            topic="fields sheet",
            entity=bundle,
            column="Machine name",
            quote="",
            question=f"No fields sheet was uploaded: does {SUBJECTS} have fields?",
            question_for_many=f"No fields sheet was uploaded: do {SUBJECTS} have fields?",
        )


_SOURCE_TYPES = frozenset({"image", "file", "document", "audio", "video"})
"""Types of the field that holds an item of a media type."""
_FILE_OR_ADDRESS = frozenset({"audio", "sound", "video", "videos"})
"""What is as often at an address elsewhere as in a file of the site."""
_REMOTE = re.compile(r"oembed|\bremote[ _]video|\bvideo[ _](?:url|link|address)", re.IGNORECASE)


def _source_doubts(bundle: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Ask for the source of a new media type where neither its row nor a field says it."""
    if bundle.bundle_type is not BundleType.MEDIA or bundle.status is not Status.APPROVED:
        return
    fields = index.specification.members_of.get(bundle.key, ())
    cells = " ".join(bundle.cells.values()).replace("_", " ").replace("(Media type)", "")
    words = set(re.findall(r"[a-z0-9]+", cells.casefold()))
    is_said = words & (word_list("media_sources") - _FILE_OR_ADDRESS)
    types = " ".join(field.cell("Field type") for field in fields).casefold().split()
    is_held = not _SOURCE_TYPES.isdisjoint(types) or remote_source(bundle, index)
    if not is_said and not is_held:
        users = (row for row, _ in index.specification.referrers_of.get(bundle.key, ()))
        rows = (bundle, *fields, *users)
        is_measured = any(_PIXELS.search(cell) for row in rows for cell in row.cells.values())
        yield Doubt(
            rank=21,
            topic=f"media source {is_measured}",
            entity=bundle,
            column="Machine name",
            quote="",
            question=f"Which source has {SUBJECTS}: image, file, video, audio or a remote address? "
            "Drupal cannot change it later.",
            question_for_many=f"Which source has each of {SUBJECTS}: image, file, video, audio or a "
            "remote address? Drupal cannot change it later.",
            suggested_answer="Image" if is_measured else "",
            suggested_because="its rows speak of pixels",
        )


_PIXELS = re.compile(r"\bpixels?\b|\d ?px\b", re.IGNORECASE)


def remote_source(bundle: Entity, index: QuestionIndex) -> Entity | None:
    """Return the field that holds the address of each item of a media type."""
    kept = [f for f in index.specification.members_of.get(bundle.key, ()) if f.status not in _GONE]
    if bundle.bundle_type is not BundleType.MEDIA or any(map(is_source, kept)):
        return None
    return next((f for f in kept if _REMOTE.search(" ".join(f.cells.values()))), None)


def is_source(field: Entity) -> bool:
    """Tell whether a field holds the items of a media type."""
    type_ = field.cell("Field type").casefold()
    return field.bundle_type is BundleType.MEDIA and type_ in _SOURCE_TYPES


def _source_change_doubts(bundle: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Ask about a media type that exists and loses the field of its source."""
    if bundle.bundle_type is not BundleType.MEDIA or bundle.status is Status.APPROVED:
        return
    for field in index.specification.members_of.get(bundle.key, ()):
        if field.status is Status.DELETED and is_source(field):
            yield Doubt(
                rank=21,
                topic="media source changes",
                entity=bundle,
                column="Machine name",
                quote="",
                question=f"{SUBJECTS} loses its field {marked_subject(field)}, and Drupal cannot "
                "change the source of a media type: is a new media type meant, and what becomes "
                "of the items there are?",
            )
            return


_ASKED_FOR = re.compile(
    r"\b(?:order|registration|booking|application|request|sign-?up|enrol(?:l?ment)?)\b",
    re.IGNORECASE,
)
_OF_A_SENDER = frozenset({"name", "applicant", "person", "account", "user"})
"""Words of the element that says who sends a form."""


def _sender_doubts(bundle: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Ask who sends a new form with which people order or register, where no element asks it."""
    if bundle.bundle_type is not BundleType.WEBFORM or bundle.status is not Status.APPROVED:
        return
    rows = index.specification.members_of.get(bundle.key, ())
    asked = re.findall(r"[a-z]+", " ".join(f"{r.label} {r.machine_name}" for r in rows).casefold())
    roles = index.specification.by_kind[EntityKind.USER_ROLE]
    prose = f"{bundle.cell('Description')} {bundle.note}"
    is_said = re.search(r"\bname\b", prose, re.IGNORECASE) or roles_named_in(
        bundle.cell("Description"), roles
    )
    is_for_people = _ASKED_FOR.search(name_of(bundle))
    if rows and is_for_people and not is_said and _OF_A_SENDER.isdisjoint(asked):
        has_mail = not {"mail", "email"}.isdisjoint(asked)
        what = "" if has_mail else " or e-mail address"
        yield Doubt(
            rank=24,
            topic="sender",
            entity=bundle,
            column="Machine name",
            quote="",
            question=f"No element of {SUBJECTS} asks for a name{what}: is that right, or is it missing?",
        )


_ONLY_PEOPLE = re.compile(
    r"\bonly (?:the )?(?P<who>(?!(?:by|for|from|in|of|on|to|with)\b)[a-z]+(?: [a-z]+){0,2}) "
    r"(?:can|may|places?|creates?|edits?|adds?|publishes|deletes?|uses?|sees?)\b",
    re.IGNORECASE,
)


def _people_doubts(bundle: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Ask which role is meant where a sentence lets some people only, whom no sheet knows."""
    roles = index.specification.by_kind[EntityKind.USER_ROLE]
    for column in ("Description", NOTES):
        for sentence in sentences_of(bundle.cell(column)):
            match = _ONLY_PEOPLE.search(sentence)
            words = set(re.findall(r"[a-z]+", match["who"].casefold())) if match else set()
            known = word_list("story_roles") | word_list("role_nouns")
            is_known = any(w in known or w.removesuffix("s") in known for w in words)
            is_known |= match is not None and _is_described(match["who"].casefold(), roles)
            if match and roles and not is_known and not roles_named_in(sentence, roles):
                yield Doubt(
                    rank=22,
                    topic=f"people {comparable(match['who'])}",
                    entity=bundle,
                    column=column,
                    quote=sentence,
                    question=f"No role of the sheets is called “{plain(match['who'])}”: which role "
                    "is meant?",
                )
                return


def _is_described(who: str, roles: Sequence[Entity]) -> bool:
    """Tell whether the description of a role begins with these people, or one role alone names them."""
    naming = [r for r in roles if any(who in cell.casefold() for cell in r.cells.values())]
    return len(naming) == 1 or any(r.cell("Description").casefold().startswith(who) for r in naming)


_FIELD_NAME = re.compile(r"(?<![:\w])field_[a-z0-9_]+\b")
_ALIAS_FIELD = re.compile(r"\[node:((?:field_|body)[a-z0-9_]*)")


def _named_machine_doubts(bundle: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Find what builds on a field no bundle has, or that goes."""
    fields = {f.machine_name: f for f in index.specification.members_of.get(bundle.key, ())}
    named = [(NOTES, s, n) for s in sentences_of(bundle.note) for n in _FIELD_NAME.findall(s)]
    alias = bundle.cell(ALIAS)
    named += [(ALIAS, alias, name) for name in dict.fromkeys(_ALIAS_FIELD.findall(alias))]
    for column, quote, name in named if fields else ():
        field = fields.get(name)
        if field is None and not any(known == name for _, known in index.storages):
            asks = f"{SUBJECTS} has no field `{name}`: which field is meant?"
        elif field is None:
            continue  # that of another bundle
        elif field.status is Status.DELETED and column == ALIAS:
            asks = f"`{name}` is to be removed: what takes its place in {SUBJECTS}?"
        else:
            continue
        yield Doubt(
            rank=22,
            topic=f"named field {name}",
            entity=bundle,
            column=column,
            quote=quote,
            question=asks,
        )
        return


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
