"""The table of counterparts: which column of which sheet a configuration can judge, and how.

Belongs here: the table, and what it says in docs/site.md. Does not: comparing (`compared_cells`),
where a configuration keeps a setting (`drupal_config`), spellings of names (`drupal.toml`).

Source: the configuration schema of Drupal core 10 and 11, Pathauto, Field group, Metatag,
Scheduler, as `drush config:export` writes it; measured against two sites, docs/site.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from jira_pipeline.model.entities import EntityKind


class Comparison(StrEnum):
    """How the cells of a column are compared; the value is what people read."""

    KEY = "the row is found by it"
    WORDING = "as text, without tags, entities, kinds of quotation marks and spaces"
    FLAG = "as yes or no, in every spelling of them; enabled is yes"
    COUNT = "as a number; `*`, Unlimited and -1 are one"
    NAME = "by machine name, in every spelling known for it"
    NAMES = "as a set of machine names; the names in the cell are resolved among the rows first"
    ONE_OF = "the state it names is one of those the site has"
    BREAKPOINTS = "as a set of breakpoints with their multipliers"
    ADDRESS = "as text, without slashes at its ends; `-` is none"
    GROUP = "as text, with the label of any group around the field"
    SHAPES = "`Options:` and `Max length` only"
    EFFECTS = "effects with their sizes, quality and file type, as far as the cell names them"
    PATH = "`Path:` only"
    PERMISSIONS = (
        "permissions where the cell holds nothing else; of a number only another one differs"
    )
    PERMISSION_LIST = "`Permissions:`, and what came and went by `Changed:`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterpart:
    """How a column is compared."""

    how: Comparison
    where: str
    """What of the configuration it is compared with, for people."""
    is_wording: bool = False
    """Nothing but what people read depends on it."""
    beside: str = ""
    """The column beside whose place on the site it is compared, if not its own."""
    pointing: tuple[str, ...] = ()
    """Columns whose references say what it names, where its own does not."""


def _wording(where: str) -> Counterpart:
    return Counterpart(how=Comparison.WORDING, where=where, is_wording=True)


def _key(where: str) -> Counterpart:
    return Counterpart(how=Comparison.KEY, where=where)


def _flag(where: str) -> Counterpart:
    return Counterpart(how=Comparison.FLAG, where=where)


def _name(where: str) -> Counterpart:
    return Counterpart(how=Comparison.NAME, where=where)


_MACHINE_NAME = _key("the name of its file, or its key within one")
COUNTERPARTS: Mapping[EntityKind, Mapping[str, Counterpart]] = {
    EntityKind.BUNDLE: {
        "Name": _wording("label of the bundle"),
        "Machine name": _MACHINE_NAME,
        "Type": _key("the name of its file"),
        "Description": _wording("description of the bundle"),
        "Mod.": _flag("`entity_types` of the workflows"),
        "Layout": _flag("Layout Builder, enabled in any of its view displays"),
        "Trns.": _flag("`language.content_settings`, translation enabled"),
        "Meta": _flag("a field of type metatag"),
        "Sched.": _flag("third-party settings of Scheduler, publishing or unpublishing"),
        "Srch.": _flag("the indexes of Search API that take it"),
        "Cmnt.": _flag("a field of type comment"),
        "URL alias pattern": Counterpart(
            how=Comparison.ADDRESS, where="the patterns of Pathauto that select it"
        ),
    },
    EntityKind.FIELD: {
        "Bundle": _key("the name of its file"),
        "Bundle machine name": _key("the name of its file"),
        "Machine name": _MACHINE_NAME,
        "Field label": _wording("label of the field on its bundle"),
        "Help text": _wording("description of the field on its bundle"),
        "Field type": _name("type of the storage"),
        "Vals.": Counterpart(how=Comparison.COUNT, where="cardinality of the storage"),
        "Ref. bundle": Counterpart(
            how=Comparison.NAMES,
            where="`target_bundles` of the selection handler, `negate` included; of no view; "
            "beside those of the cell, bundles that the site does not have are ignored",
        ),
        "Req'd": _flag("`required` of the field on its bundle"),
        "Trns.": _flag("`translatable` of the field on its bundle"),
        "Form widget": _name("the default form display; absent there is disabled"),
        "Field group": Counterpart(
            how=Comparison.GROUP,
            where="groups of Field group in the default form display",
            is_wording=True,
        ),
        "Settings/notes": Counterpart(
            how=Comparison.SHAPES, where="`allowed_values` and `max_length` of the storage"
        ),
    },
    EntityKind.VIEW: {
        "View name": _wording("label of the view"),
        "Machine name": _MACHINE_NAME,
        "Base table": _name("`base_table`"),
        "Status": _flag("`status`"),
        "Description": _wording("description of the view"),
    },
    EntityKind.VIEW_DISPLAY: {
        "View": _key("the name of its file"),
        "View ID": _key("the name of its file"),
        "Machine name": _MACHINE_NAME,
        "Title": _wording("`display_title`"),
        "Display plugin": _name("`display_plugin`"),
        "Notes": Counterpart(how=Comparison.PATH, where="`path` of the display"),
    },
    EntityKind.IMAGE_STYLE: {
        "Style name": _wording("label of the style"),
        "Machine name": _MACHINE_NAME,
        "Notes": Counterpart(how=Comparison.EFFECTS, where="`effects`"),
    },
    EntityKind.RESPONSIVE_IMAGE_STYLE: {
        "Responsive style": _wording("label of the style"),
        "Machine name": _MACHINE_NAME,
        "Breakpoint Group": _name("`breakpoint_group`"),
        "Breakpoints Used": Counterpart(
            how=Comparison.BREAKPOINTS, where="`image_style_mappings`, breakpoints and multipliers"
        ),
        "Fallback Style": Counterpart(
            how=Comparison.NAMES,
            where="`fallback_image_style`",
            pointing=("Fallback machine name",),
        ),
        "Fallback machine name": Counterpart(how=Comparison.NAMES, where="`fallback_image_style`"),
        "Image Style Group(s)": Counterpart(
            how=Comparison.NAMES, where="`image_style_mappings`, every style in them"
        ),
    },
    EntityKind.VIEW_MODE: {
        "View Modes": _key("label of the view mode"),
        "Entity Type": _key("the name of its file"),
        "Machine name": _MACHINE_NAME,
        "Entities Used On": Counterpart(
            how=Comparison.NAMES, where="the bundles with an enabled view display of that mode"
        ),
    },
    EntityKind.USER_ROLE: {
        "Name": _wording("label of the role"),
        "Machine name": _MACHINE_NAME,
        "Notes": Counterpart(how=Comparison.PERMISSIONS, where="`permissions`"),
        "Remarks": Counterpart(
            how=Comparison.PERMISSION_LIST, where="`permissions`", beside="Notes"
        ),
    },
    EntityKind.WORKFLOW: {
        "Label": _wording("label of the workflow"),
        "Machine name": _MACHINE_NAME,
        "Type": _name("`type`"),
        "Applies to": Counterpart(how=Comparison.NAMES, where="`entity_types`"),
    },
    EntityKind.WORKFLOW_STATE: {
        "Workflow": _key("the name of its file"),
        "Machine name": _MACHINE_NAME,
        "Label": _wording("label of the state"),
    },
    EntityKind.WORKFLOW_TRANSITION: {
        "Workflow": _key("the name of its file"),
        "Machine name": _MACHINE_NAME,
        "Label": _wording("label of the transition"),
        "From state": Counterpart(how=Comparison.ONE_OF, where="`from`"),
        "To state": Counterpart(how=Comparison.NAMES, where="`to`"),
    },
}
"""Kinds of sheets and their columns; what is not in it is never compared."""

NEVER: Mapping[str, str] = {
    "X": "it says what the row asks for; the verdict follows it",
    "ID": "a reference of the sheet",
    "Dev": "initials of people",
    "QA": "initials of people",
    "Reused Field": "a property of the sheet: every bundle has a field of its own on the site",
    "Migr.": "what is migrated is no configuration",
    "Settings/notes": "prose",
    "Notes": "prose",
    "Remarks": "prose",
    "Format": "prose",
    "Description": "prose: the site keeps none for this kind",
}
"""Columns without a counterpart, and why."""
UNKNOWN_COLUMN = "no column that a configuration has a counterpart for"
NOT_APPLICABLE = "not applicable"
"""Of a cell that holds a dash: it asks for nothing."""
NO_KIND = "a configuration holds nothing of this kind"
"""Of migrations, custom sheets and packages."""


def reason_against(column: str) -> str:
    """Say why a column is not compared."""
    return NEVER.get(column, UNKNOWN_COLUMN)
