"""The columns of a specification's sheets, each declared once.

Belongs here: names and spellings, what cells hold, what a column is for, and the lists that follow:
which cells write prose again when they change.
Does not: which headers make a sheet (`sheets/reading/sheet_kinds`), reading a cell
(`sheets/reading/cells`), what a site is compared by (`verification/counterparts`).

A new column is one entry in `_SHEETS`; its words in other languages are in `translations.toml`.

Source: Acquia Drupal Spec Tool, documentation of the spreadsheet's generator, and exports of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto
from functools import cache

from jira_pipeline.model.forms_in_text import FORM_COLUMNS


class Holds(Enum):
    """What the cells of a column are."""

    STATUS = "status"
    MACHINE_NAME = "machine name"
    FIELD_TYPE = "field type"
    WIDGET = "widget"
    BUNDLE_TYPE = "bundle type"
    BUNDLE = "bundle with its type, in every row"
    REFERENCE = "bundle with its type"
    ALIAS = "alias with tokens"
    DISPLAY_PLUGIN = "display plugin"
    BASE_TABLE = "base table"
    SWITCH = "enabled or disabled"
    MODERATION = "kind of workflow"
    COUNT = "number of values"
    FLAG = "yes or no"
    LABEL = "name, in every row"
    NAME = "name"
    PROSE = "prose"
    ANYTHING = "anything"


HOLDS_OF_FEW_WORDS = frozenset(
    {Holds.STATUS, Holds.FLAG, Holds.COUNT, Holds.FIELD_TYPE, Holds.BUNDLE_TYPE}
)
"""What cells hold of which a ticket asks where they say that nobody decided."""


class Role(Enum):
    LABEL = auto()
    """It names the row for people."""
    KEY = auto()
    """With the label it tells which of its kind the row is."""
    OWNER = auto()
    """It says what the row belongs to."""
    STATUS = auto()
    UPKEEP = auto()
    """It is about the sheet: nothing is built by it."""
    NOTE = auto()
    """It holds whatever else the row says, for developers."""
    SETTING = auto()


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    spellings: tuple[str, ...] = ()
    """Other headers that mean it."""
    holds: Holds = Holds.NAME
    role: Role = Role.SETTING
    names: str = ""
    """The kind of what its cells name, …"""
    names_several: bool = False
    """… one or a list of them."""
    is_required: bool = False
    """Nothing can be built without it."""
    loss: str = ""
    """What tickets lack where a sheet usually has it and this one does not."""
    is_second: bool = False
    """How to build a row, not what it is: a short form of a table does without it first."""
    is_shared: bool = False
    """Every sheet may have it."""
    is_of_tool: bool = True
    """The spreadsheet of the Drupal Spec Tool has it."""
    asks: tuple[str, ...] = ()
    """Headers that may mean it: people are asked."""
    loosely: tuple[str, ...] = ()
    """Headers that mean it only where something else says which sheet it is."""
    shape: str = ""
    """How a note says the same: with the `{text}`, the `{lines}` or the `{words}` of a cell."""


CUSTOM_LABEL_COLUMNS = ("Name", "Title", "Label")
"""Which of its columns names the rows of a sheet that is none of these."""

_ID = Column("ID", ("No.",), holds=Holds.ANYTHING, role=Role.UPKEEP, is_second=True, is_shared=True)
_X = Column(
    *("X", ("Implementation status",), Holds.STATUS, Role.STATUS),
    is_second=True,
    is_shared=True,
    asks=(
        *("Status", "State", "Stage", "Phase", "Sprint", "Build", "Built", "Done", "Progress"),
        *("Implemented", "Ready", "Release", "Milestone", "To do", "Approved", "Build status"),
    ),
)
_DEV = replace(_ID, name="Dev", spellings=("Developer",))
_QA = replace(_ID, name="QA", spellings=("Tester",))
_MACHINE = Column(
    "Machine name",
    (
        *("Machine-readable name", "Machine", "Internal name", "Technical name"),
        *("Dev name", "Developer name", "Machine ID", "Name for developers"),
    ),
    Holds.MACHINE_NAME,
    Role.KEY,
    is_required=True,
    is_shared=True,
)
_EPIC = Column("Epic", holds=Holds.ANYTHING, role=Role.UPKEEP, is_second=True, is_of_tool=False)
_NOTES = Column("Notes", ("Note", "Settings/notes"), Holds.PROSE, Role.NOTE, is_shared=True)
_REMARKS = Column(
    "Remarks", ("Remark", "Comments", "Comment"), role=Role.NOTE, is_shared=True, is_of_tool=False
)
_PEOPLE = (_X, _DEV, _QA)
_SHARED = (*_PEOPLE, _ID, _MACHINE, _NOTES, _REMARKS)

_DESCRIPTION = Column(
    "Description", holds=Holds.PROSE, loss="the descriptions that user stories quote"
)
_OWN_NOTES = replace(_NOTES, name="Settings/notes", spellings=(), is_shared=False)
_TRANSLATABLE = Column("Trns.", ("Trans.", "Translatable"), Holds.FLAG, is_second=True)
_WORKFLOW = Column(
    "Workflow", holds=Holds.LABEL, role=Role.OWNER, names="workflow", is_required=True
)


def _label(name: str, *spellings: str) -> Column:
    loosely = (*CUSTOM_LABEL_COLUMNS, name.partition(" ")[0])
    return Column(name, spellings, Holds.LABEL, Role.LABEL, is_required=True, loosely=loosely)


def _flag(name: str, *spellings: str, loss: str) -> Column:
    return Column(name, spellings, Holds.FLAG, loss=loss)


def _noted(name: str, shape: str, *spellings: str) -> Column:
    return Column(name, spellings, Holds.ANYTHING, is_of_tool=False, shape=shape)


def _losing(column: Column, loss: str) -> Column:
    return replace(column, loss=loss)


_SHEETS: Mapping[str, tuple[Column, ...]] = {
    "bundle": (
        replace(_ID, spellings=("No.", "Code", "Short code", "Abbreviation", "Abbrev.", "Abbr.")),
        replace(_label("Name", "Bundle name"), loosely=("Label", "Title", "Component")),
        *(_MACHINE, *_PEOPLE),
        replace(_DESCRIPTION, spellings=("What is it for", "What it is for", "Purpose")),
        _flag(
            "Mod.",
            "Moderation",
            "Moderated",
            "Goes through workflow",
            loss="which content types are moderated",
        ),
        _flag("Layout", "Layout Builder", loss="which bundles use Layout Builder"),
        _losing(_TRANSLATABLE, "which bundles are translatable"),
        Column("Cmnt.", ("Comments",), Holds.FLAG, is_of_tool=False),
        _flag("Migr.", "Migrated", "Migrate", loss="which bundles receive migrated content"),
        _flag("Meta", "Metatags", loss="which bundles have meta tags"),
        _flag("Sched.", "Scheduled", "Scheduling", loss="which bundles can be scheduled"),
        _flag("Srch.", "Search", "Searchable", loss="which bundles are searched"),
        Column(
            *("Type", ("Bundle type",), Holds.BUNDLE_TYPE, Role.KEY),
            is_required=True,
            loosely=("Entity type", "Entity"),
        ),
        Column(
            "URL alias pattern",
            ("URL alias", "Path pattern", "Alias pattern", "URL pattern", "Pathauto pattern"),
            Holds.ALIAS,
            loss="the URL aliases",
            loosely=("URL", "Path", "Alias", "Web address"),
        ),
        _losing(_OWN_NOTES, "the notes, with the restrictions and questions in them"),
        *(Column("Example(s)", ("Example",), Holds.PROSE, is_second=True, is_of_tool=False), _EPIC),
    ),
    "field": (
        _ID,
        Column(
            "Bundle",
            ("Content type", "Vocabulary", "Paragraph type", "Media type", "Block type"),
            Holds.BUNDLE,
            Role.OWNER,
            names="bundle",
            is_required=True,
            loosely=("Paragraph", "Block", "Component", "Page type", "Type of page"),
        ),
        Column(
            "Bundle type",
            ("Entity type", "Entity", "Kind of entity", "Type of bundle", "Content entity"),
            Holds.BUNDLE_TYPE,
            Role.KEY,
            is_of_tool=False,
        ),
        replace(_label("Field label"), loosely=(*CUSTOM_LABEL_COLUMNS, "Field", "Field name")),
        replace(
            _MACHINE,
            spellings=(*_MACHINE.spellings, "Field machine name", "Field machine names"),
        ),
        Column(
            "Reused Field",
            ("Reused", "Re-used field"),
            Holds.FLAG,
            loss="which fields already exist on another bundle",
            is_second=True,
        ),
        *_PEOPLE,
        Column(
            "Field group",
            ("Fieldset", "Field set", "Form tab"),
            loosely=("Tab", "Group"),
            loss="the field groups on the form",
            is_second=True,
        ),
        Column(
            "Field type",
            (
                *("Type of field", "Kind of field", "What kind of field", "Kind of input"),
                *("Type of input", "Input type", "Data type"),
            ),
            Holds.FIELD_TYPE,
            is_required=True,
            loosely=("Type", "Kind", "Field kind"),
        ),
        Column(
            "Ref. bundle",
            (
                *("Reference bundle", "Referenced bundle", "Ref. bundles", "Target bundle"),
                *("Target bundles", "Refers to", "References", "Links to", "Target", "Targets"),
                "Points to",
            ),
            Holds.REFERENCE,
            names="bundle",
            names_several=True,
            loss="what reference fields refer to, and the dependencies between tickets",
        ),
        _flag(
            "Req'd",
            *("Required", "Req.", "Mandatory", "Must be filled in", "Must", "Must have"),
            *("Compulsory", "Obligatory", "Mand."),
            loss="which fields are required, and which references must come first",
        ),
        Column(
            "Vals.",
            (
                *("Values", "Cardinality", "Number of values", "Allowed number of values"),
                *(
                    "How many",
                    "How many values",
                    "Card.",
                    "No. of values",
                    "Max. values",
                    "Qty",
                    "Quantity",
                ),
            ),
            Holds.COUNT,
            loss="how many values fields take",
        ),
        Column("Form widget", ("Widget",), Holds.WIDGET, loss="the form widgets", is_second=True),
        _losing(_TRANSLATABLE, "which fields are translatable"),
        _losing(
            replace(_OWN_NOTES, spellings=("Field settings", "Settings", "Settings/comments")),
            "the notes, with the options, restrictions and questions in them",
        ),
        Column(
            "Help text",
            (
                *("Help", "Help for editors", "Editor help", "Guidance", "Instructions"),
                *("Help text for editor", "Help text for editors", "Hint", "Hint for editors"),
            ),
            Holds.PROSE,
            loss="the help texts",
        ),
        _noted(
            "Allowed values",
            "Options: {lines}",
            *("Options", "Choices", "List values", "List options", "Possible values", "Value list"),
            *("Option list", "Allowed options", "Select options", "Available options"),
            *("Allowed values list", "Permitted values", "Values list"),
        ),
        _noted("Default value", "Default: {text}", "Default", "Default values", "Initial value"),
        _noted(
            "Maximum length",
            "Max length {text}",
            *("Max length", "Maximum characters", "Max characters", "Character limit", "Max chars"),
            *("Maximum number of characters", "Max length (characters)", "Length", "Length limit"),
        ),
        _noted(
            "Allowed file extensions",
            "Allowed types: {words}",
            *("File extensions", "Allowed extensions", "Allowed file types", "File types"),
            *("Extensions", "File formats", "Allowed formats", "Accepted file types"),
            *("Accepted formats", "Allowed types", "Permitted file types"),
        ),
        _noted(
            "Maximum upload size",
            "Max size {text}",
            *("Max file size", "File size", "Max upload size", "Maximum file size"),
            *("Max size", "File size limit"),
        ),
        Column("Bundle machine name", (), Holds.MACHINE_NAME, Role.OWNER, loosely=(_MACHINE.name,)),
    ),
    "view": (
        *(_ID, _label("View name"), _MACHINE, *_PEOPLE),
        Column(
            "Base table",
            ("Base",),
            Holds.BASE_TABLE,
            loss="what views list, and their dependencies on content types",
        ),
        Column("Status", holds=Holds.SWITCH, loss="which views are enabled"),
        replace(_DESCRIPTION, spellings=("What it shows", "Shows", "Purpose")),
        *(_losing(_NOTES, "the notes, with the restrictions and questions in them"), _EPIC),
    ),
    "view_display": (
        _ID,
        Column("View", ("View name",), Holds.LABEL, Role.OWNER, names="view", is_required=True),
        Column(
            "Title",
            ("Display title", "Display name", "Display"),
            Holds.LABEL,
            Role.LABEL,
            loss="the titles of displays",
        ),
        *(_MACHINE, *_PEOPLE),
        Column(
            *("Display plugin", ("Display type", "Type of display"), Holds.DISPLAY_PLUGIN),
            loosely=("Type",),
        ),
        _losing(_NOTES, "what displays show, filter and sort"),
        Column("View ID", ("View machine name",), Holds.MACHINE_NAME, Role.OWNER),
        *(Column(name, holds=Holds.ANYTHING, is_of_tool=False) for name in FORM_COLUMNS),
    ),
    "image_style": (
        *(_ID, _label("Style name", "Image style name"), _MACHINE, *_PEOPLE),
        _losing(
            replace(_NOTES, spellings=(*_NOTES.spellings, "Effects", "Effect")),
            "the effects and sizes of image styles",
        ),
    ),
    "responsive_image_style": (
        *(_ID, _label("Responsive style", "Responsive image style"), _MACHINE),
        Column("Breakpoint Group", loss="the breakpoint groups"),
        Column("Breakpoints Used", ("Breakpoints",), loss="the breakpoints"),
        Column(
            "Fallback Style",
            ("Fallback image style",),
            names="image_style",
            loss="the fallback styles",
        ),
        Column(
            "Image Style Group(s)",
            ("Image styles",),
            names="image_style",
            names_several=True,
            loss="the image styles they use, and the dependencies on them",
        ),
        *_PEOPLE,
        _losing(_NOTES, "the notes, with what applies at which breakpoint"),
        Column("Fallback machine name", (), Holds.MACHINE_NAME),
    ),
    "view_mode": (
        *(_ID, _label("View Modes", "View mode")),
        Column("Entity Type", (), Holds.BUNDLE_TYPE, Role.KEY, is_required=True),
        *_PEOPLE,
        Column(
            "Entities Used On",
            ("Used on", "Used by", "Used in", "Used for"),
            names="bundle",
            names_several=True,
            loss="which bundles use a view mode",
        ),
        _losing(_NOTES, "what view modes show"),
        Column("Format", holds=Holds.ANYTHING),
    ),
    "user_role": (
        *(_ID, _label("Name", "Role", "Role name"), _MACHINE, *_PEOPLE),
        Column("Description", holds=Holds.PROSE, is_of_tool=False),
        Column(
            "Notes",
            (
                "Permissions",
                "Permissions/notes",
                "Permissions and notes",
                "May do",
                "Can do",
                "Rights",
            ),
            Holds.PROSE,
            Role.NOTE,
            loss="the roles' permissions",
        ),
    ),
    "workflow": (
        *(_ID, _label("Label"), _MACHINE, *_PEOPLE),
        Column("Type", holds=Holds.MODERATION, role=Role.KEY),
        Column(
            "Applies to",
            ("This workflow applies to", "Bundles", "Content types", "Used on", "Moderates"),
            names="bundle",
            names_several=True,
            is_of_tool=False,
        ),
        _losing(_NOTES, "which content types a workflow moderates"),
    ),
    "workflow_state": (
        *(_ID, _WORKFLOW, _label("Label", "State"), _MACHINE, *_PEOPLE),
        *(
            Column(name, (), Holds.FLAG, is_of_tool=False)
            for name in ("Published", "Default revision", "Initial state")
        ),
        _losing(_NOTES, "what states mean"),
    ),
    "workflow_transition": (
        *(_ID, _WORKFLOW, _label("Label", "Transition"), _MACHINE, *_PEOPLE),
        *(
            Column(
                *(name, (), Holds.LABEL, Role.KEY, "workflow_state"),
                is_required=True,
                loosely=(name.removesuffix(" state"),),
            )
            for name in ("From state", "To state")
        ),
        _losing(_NOTES, "which roles may use transitions, and the dependencies on them"),
    ),
    "migration": (
        *(_ID, _label("Migration", "Migration name"), *_PEOPLE, _DESCRIPTION),
        _losing(_NOTES, "the notes, with the restrictions and questions in them"),
    ),
}
"""By the value of `EntityKind`, from left to right as in the spreadsheet of the tool."""

_EVERY = (*(column for sheet in _SHEETS.values() for column in sheet), *_SHARED)
STATUS_COLUMN = _X.name
STATUS_HEADERS = frozenset(_X.asks)
"""What may say how far a row is, and says nothing else of it."""
BLANK = frozenset({"", "-"})
"""What a cell holds that says nothing."""
MACHINE_NAME_COLUMN = _MACHINE.name


@cache
def columns_of(kind: str) -> tuple[Column, ...]:
    """Return the columns of a kind of sheet; at the end what any sheet may have beside them."""
    own = _SHEETS.get(kind, ())
    names = {column.name for column in own}
    others = (column for column in _SHARED if column.name not in names)
    return (*own, *(replace(column, is_required=False, is_of_tool=False) for column in others))


def label_column_of(kind: str) -> str | None:
    """Return the column that names the rows of a sheet; none of custom sheets and packages."""
    own = (column.name for column in _SHEETS.get(kind, ()) if column.role is Role.LABEL)
    return next(own, None)


REMARK_LINE = "Remark"
"""The only column of a sheet whose lines say something of things that other sheets describe."""
QUESTION_LINE = "Open question"
"""The only column of a sheet whose lines are open questions, most of them about such things."""
LINE_COLUMNS = frozenset({REMARK_LINE, QUESTION_LINE})


def owner_column_of(kind: str) -> Column | None:
    """Return the column that says what the rows of a sheet belong to, as people name it."""
    own = _SHEETS.get(kind, ())
    return next((c for c in own if c.role is Role.OWNER and c.is_required), None)


def columns_for(*roles: Role) -> tuple[str, ...]:
    """Return the names of columns with a role in any sheet, once each."""
    return tuple(dict.fromkeys(column.name for column in _EVERY if column.role in roles))


def columns_holding(*kinds: Holds) -> tuple[str, ...]:
    """Return the names of columns whose cells are of a kind in any sheet, once each."""
    return tuple(dict.fromkeys(column.name for column in _EVERY if column.holds in kinds))


UPKEEP_COLUMNS = tuple(c.name for c in _SHARED if c.role in {Role.STATUS, Role.UPKEEP})
"""About the sheet and not the thing, in the order of the tables of tickets."""
EPIC_COLUMN = _EPIC.name
PEOPLE_COLUMNS = (_DEV.name, _QA.name)
SILENT_COLUMNS = frozenset(columns_for(Role.UPKEEP))
"""No sentence of a ticket says their cells, unless a sentence slipped there."""
NOTE_COLUMNS = columns_for(Role.NOTE)
"""Of any sheet, prose for developers; exports have one of them, or several."""
CHANGED_COLUMNS = "Changed: "
"""A note that begins so names the columns that changed, and asks for nothing beside them."""
SHAPED_COLUMNS = {column.name: column.shape for column in _SHEETS["field"] if column.shape}
"""Of fields, what notes say too: how they do."""
OWNER_COLUMNS = columns_for(Role.OWNER)
LABEL_COLUMNS = columns_for(Role.LABEL)
NAMING_COLUMNS = frozenset({*UPKEEP_COLUMNS, *columns_for(Role.LABEL, Role.KEY, Role.OWNER)})
"""What a row is, whose, and how far: it asks for nothing by them."""
PROSE_COLUMNS = columns_holding(Holds.PROSE)
FLAG_COLUMNS = frozenset(columns_holding(Holds.FLAG))
OWNER_COLUMNS_AND_SILENT = SILENT_COLUMNS.union(OWNER_COLUMNS)
LONGEST_NAMES = {c.name: max((c.name, *c.spellings), key=len) for c in _EVERY}
"""Of headers that a sheet shortens, for people."""
SECOND_COLUMNS = frozenset(column.name for column in _EVERY if column.is_second)
REFERENCE_COLUMNS = frozenset(column.name for column in _EVERY if column.names)
LIST_COLUMNS = frozenset(column.name for column in _EVERY if column.names_several)
