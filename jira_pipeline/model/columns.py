"""What a column of a sheet is, and the columns that are no matter of Drupal.

Belongs here: the value `Column`, what cells hold, what a column is for; the columns of status, people,
notes, epics and upkeep, which rooms below `drupal` read, too; what a blank cell holds.
Does not: the columns of bundles, fields, views, … (`drupal/<kind>/columns`), all of them together
(`drupal/columns`), which headers make a sheet (`sheets/reading/sheet_kinds`), reading a cell
(`sheets/reading/cells`).

Source: Acquia Drupal Spec Tool, documentation of the spreadsheet's generator, and exports of it.
"""

from dataclasses import dataclass, replace
from enum import Enum, auto


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
    also_in: str = ""
    """The kind of sheet whose rows say the same: where there is one, nothing is lacking."""
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

ID = Column("ID", ("No.",), holds=Holds.ANYTHING, role=Role.UPKEEP, is_second=True, is_shared=True)
DEVELOPER = replace(ID, name="Dev", spellings=("Developer",))
TESTER = replace(ID, name="QA", spellings=("Tester",))
EPIC = Column("Epic", holds=Holds.ANYTHING, role=Role.UPKEEP, is_second=True, is_of_tool=False)
STATUS = Column(
    "X",
    ("Implementation status",),
    Holds.STATUS,
    Role.STATUS,
    is_second=True,
    is_shared=True,
    asks=(
        "Status",
        "State",
        "Stage",
        "Phase",
        "Sprint",
        "Build",
        "Built",
        "Done",
        "Progress",
        "Implemented",
        "Ready",
        "Release",
        "Milestone",
        "To do",
        "Approved",
        "Build status",
    ),
)
PEOPLE = (STATUS, DEVELOPER, TESTER)
"""How far a row is and who works on it; they are side by side in every sheet."""
NOTES = Column("Notes", ("Note", "Settings/notes"), Holds.PROSE, Role.NOTE, is_shared=True)
SETTINGS_AND_NOTES = replace(NOTES, name="Settings/notes", spellings=(), is_shared=False)
REMARKS = Column(
    "Remarks", ("Remark", "Comments", "Comment"), role=Role.NOTE, is_shared=True, is_of_tool=False
)

STATUS_COLUMN = STATUS.name
STATUS_HEADERS = frozenset(STATUS.asks)
"""What may say how far a row is, and says nothing else of it."""
EPIC_COLUMN = EPIC.name
PEOPLE_COLUMNS = (DEVELOPER.name, TESTER.name)
UPKEEP_COLUMNS = (STATUS.name, DEVELOPER.name, TESTER.name, ID.name)
"""About the sheet and not the thing, in the order of the tables of tickets."""
SILENT_COLUMNS = frozenset({ID.name, DEVELOPER.name, TESTER.name, EPIC.name})
"""No sentence of a ticket says their cells, unless a sentence slipped there."""
NOTE_COLUMNS = (SETTINGS_AND_NOTES.name, NOTES.name, REMARKS.name)
"""Of any sheet, prose for developers; exports have one of them, or several."""
BLANK = frozenset({"", "-"})
"""What a cell holds that says nothing."""
CHANGED_COLUMNS = "Changed: "
"""A note that begins so names the columns that changed, and asks for nothing beside them."""
REMARK_LINE = "Remark"
"""The only column of a sheet whose lines say something of things that other sheets describe."""
QUESTION_LINE = "Open question"
"""The only column of a sheet whose lines are open questions, most of them about such things."""
LINE_COLUMNS = frozenset({REMARK_LINE, QUESTION_LINE})
