"""The sheets of a Drupal specification and how to recognise them.

Belongs here: the table of kinds with their headers, keys and labels, and the choice among them.
Does not: reading bytes (`reader`) or making entities (`entities`).

Source: Acquia Drupal Spec Tool, documentation of the spreadsheet's generator, and exports of it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from jira_pipeline.domain.entities import SHEET_NAMES, EntityKind

_PUNCTUATION = re.compile(r"[\W_]+")

STATUS_COLUMN = "X"
MACHINE_NAME_COLUMN = "Machine name"

SHARED_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "ID": (),
    "X": ("Implementation status",),
    "Dev": ("Developer",),
    "QA": ("Tester",),
    "Machine name": ("Machine-readable name", "Machine"),
    "Notes": ("Note", "Settings/notes"),
    "Remarks": (),
}


def normalised(header: str) -> str:
    """Reduce a header to its letters and digits, in lower case: `Req'd` becomes `reqd`."""
    return _PUNCTUATION.sub("", header.casefold())


HeaderMapping = Mapping[str, str]
"""Headers of a file, as `mapping_key` reduces them, to the column that people say they are."""
NO_HEADERS_MAPPED: HeaderMapping = {}


def mapping_key(header: str) -> str:
    """Reduce a header as `normalised` does, but keep one that has no letter or digit."""
    return normalised(header) or header.strip()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SheetRule:
    """What one kind of sheet looks like; column names are canonical."""

    kind: EntityKind
    columns: Mapping[str, tuple[str, ...]]
    """Columns of its own to the other spellings known for them; shared ones are added."""
    signatures: tuple[tuple[str, ...], ...]
    """Any of these sets of columns makes the sheet this kind …"""
    excluded: tuple[str, ...] = ()
    """… unless it has one of these headers."""
    label_column: str
    required: tuple[str, ...]
    """Columns without which nothing can be built."""
    identifying: tuple[str, ...]
    """A row in which all of these are blank is a separator."""
    file_words: tuple[str, ...] = field(default=())
    """Words in a file's name that break a tie."""


SHEET_RULES: tuple[SheetRule, ...] = (
    SheetRule(
        kind=EntityKind.BUNDLE,
        columns={
            "Name": ("Bundle name",),
            "Description": (),
            "Mod.": ("Moderation", "Moderated"),
            "Layout": ("Layout Builder",),
            "Trns.": ("Trans.", "Translatable"),
            "Cmnt.": ("Comments",),
            "Migr.": ("Migrated", "Migrate"),
            "Meta": ("Metatags",),
            "Sched.": ("Scheduled", "Scheduling"),
            "Srch.": ("Search", "Searchable"),
            "Type": ("Bundle type",),
            "URL alias pattern": ("URL alias", "Path pattern"),
            "Settings/notes": (),
        },
        signatures=(("URL alias pattern",), ("Name", "Type")),
        excluded=("Field label", "View name", "Display plugin", "Migration", "Migration name"),
        label_column="Name",
        required=("Name", "Machine name", "Type"),
        identifying=("Name", "Machine name"),
        file_words=("bundle",),
    ),
    SheetRule(
        kind=EntityKind.FIELD,
        columns={
            "Bundle": (),
            "Field label": (),
            "Reused Field": ("Reused", "Re-used field"),
            "Field group": (),
            "Field type": (),
            "Ref. bundle": ("Reference bundle", "Referenced bundle", "Ref. bundles"),
            "Req'd": ("Required", "Req."),
            "Vals.": ("Values", "Cardinality", "Number of values"),
            "Form widget": ("Widget",),
            "Trns.": ("Trans.", "Translatable"),
            "Settings/notes": (),
            "Help text": (),
            "Bundle machine name": (),
        },
        signatures=(("Field label",),),
        label_column="Field label",
        required=("Bundle", "Field label", "Machine name", "Field type"),
        identifying=("Field label", "Machine name"),
        file_words=("field",),
    ),
    SheetRule(
        kind=EntityKind.VIEW,
        columns={
            "View name": (),
            "Base table": ("Base",),
            "Status": (),
            "Description": ("What it shows", "Shows", "Purpose"),
        },
        signatures=(("View name",),),
        excluded=("Display plugin",),
        label_column="View name",
        required=("View name", "Machine name"),
        identifying=("View name", "Machine name"),
        file_words=("views",),
    ),
    SheetRule(
        kind=EntityKind.VIEW_DISPLAY,
        columns={
            "View": ("View name",),
            "Title": ("Display title", "Display name", "Display"),
            "Display plugin": (),
            "View ID": ("View machine name",),
        },
        signatures=(("Display plugin",),),
        label_column="Title",
        required=("View", "Machine name"),
        identifying=("Title", "Machine name"),
        file_words=("display",),
    ),
    SheetRule(
        kind=EntityKind.IMAGE_STYLE,
        columns={"Style name": ("Image style name",)},
        signatures=(("Style name",),),
        label_column="Style name",
        required=("Style name", "Machine name"),
        identifying=("Style name", "Machine name"),
        file_words=("imagestyle",),
    ),
    SheetRule(
        kind=EntityKind.RESPONSIVE_IMAGE_STYLE,
        columns={
            "Responsive style": ("Responsive image style",),
            "Breakpoint Group": (),
            "Breakpoints Used": ("Breakpoints",),
            "Fallback Style": ("Fallback image style",),
            "Image Style Group(s)": ("Image styles",),
            "Fallback machine name": (),
        },
        signatures=(("Responsive style",),),
        label_column="Responsive style",
        required=("Responsive style", "Machine name"),
        identifying=("Responsive style", "Machine name"),
        file_words=("responsive",),
    ),
    SheetRule(
        kind=EntityKind.VIEW_MODE,
        columns={
            "View Modes": ("View mode",),
            "Entity Type": (),
            "Entities Used On": ("Used on",),
            "Format": (),
        },
        signatures=(("View Modes",),),
        label_column="View Modes",
        required=("View Modes", "Entity Type"),
        identifying=("View Modes",),
        file_words=("viewmode",),
    ),
    SheetRule(
        kind=EntityKind.USER_ROLE,
        columns={
            "Name": ("Role", "Role name"),
            "Description": (),
            "Notes": ("Permissions", "Permissions/notes", "Permissions and notes"),
        },
        signatures=(("Name", "Machine name"),),
        excluded=("Type", "URL alias pattern", "Migration", "Migration name"),
        label_column="Name",
        required=("Name", "Machine name"),
        identifying=("Name", "Machine name"),
        file_words=("role",),
    ),
    SheetRule(
        kind=EntityKind.WORKFLOW,
        columns={
            "Label": (),
            "Type": (),
            "Applies to": (
                "This workflow applies to",
                "Bundles",
                "Content types",
                "Used on",
                "Moderates",
            ),
        },
        signatures=(("Label", "Type"),),
        excluded=("Workflow",),
        label_column="Label",
        required=("Label", "Machine name"),
        identifying=("Label", "Machine name"),
        file_words=("workflow",),
    ),
    SheetRule(
        kind=EntityKind.WORKFLOW_STATE,
        columns={"Workflow": (), "Label": ()},
        signatures=(("Workflow", "Label"),),
        excluded=("From state",),
        label_column="Label",
        required=("Workflow", "Label", "Machine name"),
        identifying=("Label", "Machine name"),
        file_words=("state",),
    ),
    SheetRule(
        kind=EntityKind.WORKFLOW_TRANSITION,
        columns={"Workflow": (), "Label": (), "From state": (), "To state": ()},
        signatures=(("From state",),),
        label_column="Label",
        required=("Workflow", "Label", "Machine name", "From state", "To state"),
        identifying=("Label", "Machine name"),
        file_words=("transition",),
    ),
    SheetRule(
        kind=EntityKind.MIGRATION,
        columns={"Migration": ("Migration name",), "Description": ()},
        signatures=(("Migration",),),
        label_column="Migration",
        required=("Migration",),
        identifying=("Migration",),
        file_words=("migration",),
    ),
)

_FLAG = re.compile(r"[a-z]|yes|no|n/a|required|optional|mandatory|true|false|[-–]", re.IGNORECASE)
CODED_COLUMNS: Mapping[str, re.Pattern[str]] = {
    STATUS_COLUMN: re.compile(
        r"[acdwx–-]|approved|changed|implemented|wait(ing)?|deleted?", re.IGNORECASE
    ),
    MACHINE_NAME_COLUMN: re.compile(r"\S+"),
    "Vals.": re.compile(r"\d+|\*|n/a|unlimited|[-–]", re.IGNORECASE),
    **dict.fromkeys(("Reused Field", "Req'd", "Mod.", "Layout", "Trns.", "Cmnt."), _FLAG),
    **dict.fromkeys(("Migr.", "Meta", "Sched.", "Srch."), _FLAG),
}
"""Columns whose cells hold a code, and what a code of theirs looks like."""

CUSTOM_LABEL_COLUMNS = ("Name", "Title", "Label")


@cache
def known_columns(rule: SheetRule | None) -> Mapping[str, str]:
    """Map every normalised spelling of a column of this sheet to its canonical name.

    Custom sheets know only the columns that all sheets share.
    """
    own: Mapping[str, tuple[str, ...]] = {} if rule is None else rule.columns
    found: dict[str, str] = {}
    for name, aliases in (*own.items(), *SHARED_COLUMNS.items()):
        for spelling in (name, *aliases):
            found.setdefault(normalised(spelling), name)
    return found


@cache
def rule_of(kind: EntityKind) -> SheetRule | None:
    """Return the rule of a kind; None for custom sheets."""
    return next((rule for rule in SHEET_RULES if rule.kind is kind), None)


def recognise(
    headers: Sequence[str], *, file: str, mapped: HeaderMapping = NO_HEADERS_MAPPED
) -> SheetRule | None:
    """Choose the kind of sheet by its headers; the file's name only breaks a tie."""
    present = {normalised(header) for header in headers}
    present |= {normalised(mapped[key]) for key in map(mapping_key, headers) if key in mapped}
    matching = [rule for rule in SHEET_RULES if _matches(rule, present)]
    if not matching:
        return None
    name = normalised(file)

    def fitness(rule: SheetRule) -> tuple[int, bool]:
        known = sum(1 for header in present if header in known_columns(rule))
        return known, any(word in name for word in rule.file_words)

    return max(matching, key=fitness)


def _matches(rule: SheetRule, present: set[str]) -> bool:
    spellings = known_columns(rule)
    columns = {spellings[header] for header in present if header in spellings}
    if any(normalised(header) in present for header in rule.excluded):
        return False
    return any(columns.issuperset(signature) for signature in rule.signatures)


def canonical_columns(
    rule: SheetRule | None, headers: Sequence[str], *, mapped: HeaderMapping = NO_HEADERS_MAPPED
) -> tuple[str, ...]:
    """Name known columns canonically, keep the others; of two for one name the first wins.

    A header that is the canonical name itself goes first, then one that people mapped to it, then
    one that is only another spelling.
    """
    spellings = known_columns(rule)
    names = [spellings.get(normalised(header)) for header in headers]
    is_exact = [
        name is not None and normalised(name) == normalised(header)
        for name, header in zip(names, headers, strict=True)
    ]
    targets = [spellings.get(normalised(mapped.get(mapping_key(h), ""))) for h in headers]
    taken: dict[str, int] = {}
    positions: dict[int, str] = {}
    for candidates in (
        [name if exact else None for name, exact in zip(names, is_exact, strict=True)],
        targets,
        names,
    ):
        for position, name in enumerate(candidates):
            if name is not None and position not in positions and name not in taken:
                taken[name] = position
                positions[position] = name
    return tuple(positions.get(position, header) for position, header in enumerate(headers))


@cache
def expected_headers() -> str:
    """Tell, in one sentence for people, which headers make which sheet."""
    parts = [
        f"{SHEET_NAMES[rule.kind]}: {' or '.join(' + '.join(s) for s in rule.signatures)}"
        for rule in SHEET_RULES
    ]
    return "; ".join(parts)


@cache
def all_known_headers() -> frozenset[str]:
    """Every normalised spelling of every column of every sheet."""
    return frozenset(spelling for rule in SHEET_RULES for spelling in known_columns(rule))
