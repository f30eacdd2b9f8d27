"""The allowed file extensions of a field: which types of files somebody can upload to it.

They are set for each bundle. By default Drupal takes only txt, for images those that browsers show;
the source fields of core’s media types come with theirs. Of its list core’s Image takes only what its
image toolkit reads: no SVG, whatever the list says.

Source: Drupal core, `file_extensions` of `FileItem` and `ImageItem`, `FileUploadHandler` for an empty
list; `media_sources` and `image_extensions` of `drupal.toml`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from jira_pipeline.drupal.asked_rows import fields_added
from jira_pipeline.drupal.claims import Claim, claims_about, claims_by_value
from jira_pipeline.drupal.comparisons import (
    CellResult,
    Comparison,
    Counterpart,
    KnownNames,
    SheetCell,
)
from jira_pipeline.drupal.field.noted_limits import compare_limit, fields_with_certain_notes
from jira_pipeline.drupal.field.ticket_fields import TicketFields
from jira_pipeline.drupal.field.type import FIELD_TYPE
from jira_pipeline.drupal.markup import listed, text
from jira_pipeline.drupal.meaning.modules_and_types import facts_of, folded, listed_in
from jira_pipeline.drupal.meaning.notes import NONE_SET, modules_in, one_of
from jira_pipeline.drupal.row_notes import FILE_EXTENSIONS, note_of
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.site.site_cells import SiteCell
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.drupal.unknown_columns import unexplained_texts
from jira_pipeline.model.columns import SETTINGS_AND_NOTES
from jira_pipeline.model.entities import Entity

COLUMN = FILE_EXTENSIONS
_KNOWN_EXTENSION = re.compile(rf"(?i)\b{one_of('file_extensions')}\b")
_LIST_IN_NOTE = re.compile(
    r"(?i)\b(?:allowed|accepted) (?:file )?(?:types|formats|extensions)(?: are)?(?:: ?| \(?)"
    r"(?P<types>\w+(?:(?:, ?| )\w+)*)"
)
_EXTENSION = re.compile(r"[a-z0-9]{2,7}|[A-Z0-9]{2,5}")
"""An extension, or a word between two; `Word` is none."""
_BETWEEN_EXTENSIONS = frozenset({"and", "or"})
_EVERY_FILE = frozenset({"any", "all", "every"})
"""Words for no limit: *Allowed file extensions* has to be filled in, so that they answer nothing."""


# The fact: which files the row of a field says that it takes.


@dataclass(frozen=True, slots=True)
class Extensions:
    """Files with these ends of their names, such as `docx, pdf`."""

    text: str
    refused: tuple[str, ...] = ()
    """Those of them that core’s Image refuses, unless a module takes them."""

    @property
    def in_words(self) -> str:
        taken = [name for name in self.text.split(", ") if name not in self.refused]
        if not self.refused:
            return self.text
        with_module = f"with a module for it {', '.join(self.refused)}"
        return f"{', '.join(taken)}, and {with_module}" if taken else with_module


@dataclass(frozen=True, slots=True)
class NoneSet:
    """The list is empty: Drupal then takes the types of files that it takes of every upload."""


@dataclass(frozen=True, slots=True)
class UsualExtensions:
    """Those of its type, such as an image, or of the media type that it comes with."""


@dataclass(frozen=True, slots=True)
class ExtensionsInWords:
    """Some text of the row names types of files, in no form that can be told from prose."""


@dataclass(frozen=True, slots=True)
class NoExtensions:
    """No cell of the row says which files it takes."""


@dataclass(frozen=True, slots=True)
class NoFiles:
    """The field takes no files."""


ExtensionsFact: TypeAlias = (
    Extensions | NoneSet | UsualExtensions | ExtensionsInWords | NoExtensions | NoFiles
)


def allowed_extensions_of(row: Entity) -> ExtensionsFact:
    """Read the allowed file extensions of a field from its own column, else from its texts."""
    if not takes_files(row):
        return NoFiles()
    note = note_of(row)
    extensions = extensions_in(note)
    if extensions == NONE_SET:
        return NoneSet()
    if extensions:
        return Extensions(extensions, refused=_refused_by_core(extensions, row))
    is_of_media_type = row.machine_name in facts_of("media_sources", "fields")
    if folded(row.cell(FIELD_TYPE)) != "file" or is_of_media_type:
        return UsualExtensions()
    if _KNOWN_EXTENSION.search(f"{unexplained_texts(row)} {note} {row.cell('Help text')}"):
        return ExtensionsInWords()
    return NoExtensions()


def _refused_by_core(extensions: str, row: Entity) -> tuple[str, ...]:
    """Return what core’s Image leaves out of its list; nothing of other types, or with a module."""
    if folded(row.cell(FIELD_TYPE)) != "image" or modules_in(note_of(row)):
        return ()
    of_toolkit = listed_in("image_extensions")
    return tuple(name for name in extensions.split(", ") if name not in of_toolkit)


def takes_files(row: Entity) -> bool:
    """Tell whether somebody uploads files to a field: its type is one of files or images."""
    field_type = folded(row.cell(FIELD_TYPE))
    return "file" in field_type or "image" in field_type


def extensions_in(note: str) -> str:
    """Return the extensions that a note lists, in one order whatever its own; empty where none."""
    match = _LIST_IN_NOTE.search(note)
    words = re.findall(r"\w+", match["types"]) if match else []
    if not all(_EXTENSION.fullmatch(word) for word in words):
        return ""
    if any(word.casefold() in _EVERY_FILE for word in words):
        return ""
    return ", ".join(sorted({word.casefold() for word in words} - _BETWEEN_EXTENSIONS))


# What follows from it.


def ask(row: Entity, _: GroupRows) -> Iterator[RowQuestion]:
    """Ask which types of files a field accepts, where no cell of its row says it.

    `Which types of files does “Chart” accept?`
    """
    match allowed_extensions_of(row):
        case NoExtensions():
            yield question_about("bundles.extensions", row)
        case Extensions() | NoneSet() | UsualExtensions() | ExtensionsInWords() | NoFiles():
            return


def say(fields: TicketFields) -> tuple[Claim, ...]:
    """Say which image fields need a module: core refuses a type of file that their rows list.

    `Core’s Image refuses files of the type svg: field_chart takes a module for that.`
    """
    refusing = []
    refused: dict[str, None] = {}
    for row in fields_with_certain_notes(fields):
        match allowed_extensions_of(row):
            case Extensions(refused=names) if names:
                refusing.append(row)
                refused.update(dict.fromkeys(names))
            case _:
                continue
    return claims_about(
        "analysis.refused_images",
        refusing,
        COLUMN.name,
        SETTINGS_AND_NOTES.name,
        types=listed(map(text, refused)),
    )


def check(fields: TicketFields) -> tuple[Claim, ...]:
    """Claim which types of files the fields accept; fields with the same list share a clause.

    `field_chart accepts only files of these types: pdf, png.`
    """
    extensions_by_field = []
    for row in fields_with_certain_notes(fields):
        match allowed_extensions_of(row):
            case Extensions() as extensions:
                extensions_by_field.append((row, (extensions.in_words,)))
            case NoneSet() | UsualExtensions() | ExtensionsInWords() | NoExtensions() | NoFiles():
                continue
    return claims_by_value(
        "verification.extensions", extensions_by_field, COLUMN.name, SETTINGS_AND_NOTES.name
    )


def compare(cell: SheetCell, site_cell: SiteCell, _: KnownNames) -> CellResult:
    """Compare the extensions in any order; a list may be empty on both sides."""
    on_site = site_cell if site_cell.text else replace(site_cell, text=NONE_SET)
    return compare_limit(cell, on_site, extensions_in)


COUNTERPART = Counterpart(
    how=Comparison.SHAPES,
    where="`file_extensions` of the field on its bundle",
    in_note=extensions_in,
    compare=compare,
)


def facts(fields: TicketFields) -> Iterator[StatedFact]:
    """Yield the allowed file extensions of each field to set."""
    return facts_by_row(allowed_extensions_of, fields.set)


RULE = Rule(
    key="field.allowed_extensions",
    columns=(COLUMN,),
    facts=facts,
    say=say,
    asked_rows=fields_added,
    ask=ask,
    check=check,
    counterpart=COUNTERPART,
)
