"""The source of a media type: what its items are, such as images, files or addresses of videos.

A media type holds its item in one field of its source. Whoever adds the type chooses the source, and
Drupal cannot change it later. Core’s own media types name their source fields after it. A note may
say it, in the form `Media source: Image (field_photo)`.

Source: Drupal core, Media, `MediaTypeForm` and the `@MediaSource` plugins; `media_sources` of
`drupal.toml`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.asked_rows import new_bundles
from jira_pipeline.drupal.bundle.ticket_bundles import TicketBundles, fields_of_bundle
from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.field.type import FIELD_TYPE
from jira_pipeline.drupal.field.widget import COLUMN as WIDGET
from jira_pipeline.drupal.markup import code, named, quoted
from jira_pipeline.drupal.meaning.modules_and_types import facts_of, folded, names_of, types_in
from jira_pipeline.drupal.meaning.notes import one_of
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.drupal.unknown_columns import unexplained_texts
from jira_pipeline.model.columns import NOTE_COLUMNS
from jira_pipeline.model.entities import BundleType, Entity

_WORDS_FOR_SOURCES = "|".join(facts_of("media_sources", "words"))
_SOURCE = re.compile(rf"(?i)\b(?:{_WORDS_FOR_SOURCES})\b|\b{one_of('file_extensions')}\b")
"""What says a source in words: its name, or the files that it takes."""
_NOTED = re.compile(
    r"(?:^|[\n.;] *)(?P<of_media>media )?source:(?P<name>[^\n.;,(]+)(?:\((?P<field>\w+)\))?",
    re.IGNORECASE,
)


# The fact: what the rows of a type and of its fields say of its source.


@dataclass(frozen=True, slots=True)
class MediaSource:
    """One field can hold the item, and it leaves one source."""

    name: str
    field: Entity


@dataclass(frozen=True, slots=True)
class NotedSource:
    """The note of the type says its source, with the machine name of its field or without."""

    name: str
    field_name: str


@dataclass(frozen=True, slots=True)
class SourceInUnknownColumn:
    """A column that nobody knows has the word for a source."""


@dataclass(frozen=True, slots=True)
class NoSource:
    """A media type of which no row says the source, or its fields leave several."""


@dataclass(frozen=True, slots=True)
class NotMedia:
    """A bundle of another type: it has no source."""


MediaSourceFact: TypeAlias = MediaSource | NotedSource | SourceInUnknownColumn | NoSource | NotMedia


def media_source_of(bundle: Entity, fields: Sequence[Entity]) -> MediaSourceFact:
    """Read the source of a media type from its row and those of its fields."""
    if bundle.bundle_type is not BundleType.MEDIA:
        return NotMedia()
    noted = _noted_source(note_of(bundle))
    if noted is not None:
        return noted
    field = _only_field_for_item(fields)
    if field is not None:
        name = _source_name_of(field)
        if name:
            return MediaSource(name, field)
    if any(_SOURCE.search(unexplained_texts(row)) for row in (bundle, *fields)):
        return SourceInUnknownColumn()
    return NoSource()


def _noted_source(note: str) -> NotedSource | None:
    """Return the source that a note names, such as `Media source: Image (field_media_image)`.

    After `Source:` alone, which may be said of anything, it has to be a source of core.
    """
    match = _NOTED.search(note)
    if match is None:
        return None
    name = match["name"].strip()
    if not name or (match["of_media"] is None and folded(name) not in _sources_of_core()):
        return None
    return NotedSource(name, match["field"] or "")


def _sources_of_core() -> frozenset[str]:
    return frozenset(map(folded, facts_of("media_sources", "fields").values()))


def _only_field_for_item(fields: Sequence[Entity]) -> Entity | None:
    """Return the field that holds the item of a media type; None where none can, or several."""
    candidates = [field for field in fields if _can_hold_item(field)]
    of_core = [field for field in candidates if field.machine_name in _source_by_field_of_core()]
    if of_core:  # the others describe the item
        candidates = of_core
    return candidates[0] if len(candidates) == 1 else None


def _can_hold_item(field: Entity) -> bool:
    field_type = folded(field.cell(FIELD_TYPE))
    return field_type not in types_in("media_sources", "never") or _takes_address(field)


def _takes_address(field: Entity) -> bool:
    """Tell whether the form of a field takes the address of something that another site shows."""
    return folded(field.cell(WIDGET.name)) in names_of("media_sources", "widgets")


def _source_name_of(field: Entity) -> str:
    """Return the name of the source whose item a field holds; empty where its row leaves several."""
    if _takes_address(field):
        return "Remote video"
    if field.machine_name in _source_by_field_of_core():
        return _source_by_field_of_core()[field.machine_name]
    return "Image" if folded(field.cell(FIELD_TYPE)) == "image" else ""


def _source_by_field_of_core() -> Mapping[str, str]:
    return facts_of("media_sources", "fields")


# What follows from it.


def say(bundles: TicketBundles) -> Iterator[Claim]:
    """Say which source to choose: `Choose the media source “Image”, with field_media_image as …`."""
    for bundle in bundles.set_up:
        fields = fields_of_bundle(bundle, bundles.ticket.group)
        match media_source_of(bundle, fields):
            case MediaSource(name, field):
                yield from claims_about(
                    "analysis.media_source",
                    (bundle, field),
                    values=(name, name),
                    source=quoted(name),
                    field=code(field.machine_name),
                )
            case NotedSource(name, field_name):
                key = "analysis.media_source" if field_name else "analysis.media_source_alone"
                yield from claims_about(
                    key,
                    (bundle,),
                    *NOTE_COLUMNS,
                    values=(name,),
                    source=quoted(name),
                    field=code(field_name),
                )
            case SourceInUnknownColumn() | NoSource() | NotMedia():
                pass


def check(bundles: TicketBundles) -> Iterator[Claim]:
    """Claim which source a media type has, where its note says it.

    `Edit of the media type “Chart” shows the media source “Image”.`
    """
    for bundle in bundles.set_up:
        match media_source_of(bundle, fields_of_bundle(bundle, bundles.ticket.group)):
            case NotedSource(name, _):
                yield from claims_about(
                    "verification.media_source",
                    (bundle,),
                    *NOTE_COLUMNS,
                    values=(name,),
                    name=named(bundle),
                    source=quoted(name),
                )
            case MediaSource() | SourceInUnknownColumn() | NoSource() | NotMedia():
                pass


def ask(bundle: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask for the source of a media type where neither its row nor its fields tell it.

    `What is the source of “Chart”: image, file, video, audio, a remote address or one that a module
    brings? Drupal cannot change it later.`
    """
    match media_source_of(bundle, fields_of_bundle(bundle, rows.group)):
        case NoSource():
            yield question_about("bundles.media_source", bundle)
        case MediaSource() | NotedSource() | SourceInUnknownColumn() | NotMedia():
            return


def facts(bundles: TicketBundles) -> Iterator[StatedFact]:
    """Yield the source of each bundle, with the row of the field that holds its item."""
    for bundle in bundles.set_up:
        match media_source_of(bundle, fields_of_bundle(bundle, bundles.ticket.group)):
            case MediaSource(field=field) as source:
                yield StatedFact(fact=source, rows=(bundle, field))
            case NotedSource() | SourceInUnknownColumn() | NoSource() | NotMedia() as fact:
                yield StatedFact(fact=fact, rows=(bundle,))


RULE = Rule(
    key="bundle.media_source",
    facts=facts,
    say=say,
    asked_rows=new_bundles,
    ask=ask,
    check=check,
)
