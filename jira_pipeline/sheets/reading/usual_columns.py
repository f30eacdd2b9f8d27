"""Columns that each kind of sheet usually has, and what tickets lack without them.

Belongs here: the table, and the columns in the order of the tool's own spreadsheet. Does not: the
findings about a sheet that lacks one (`missing_columns`), how a sheet is recognised (`sheets`).
"""

from collections.abc import Mapping

from jira_pipeline.kernel.entities import EntityKind
from jira_pipeline.sheets.reading.sheets import SheetRule

LOSSES: Mapping[EntityKind, Mapping[str, str]] = {
    EntityKind.BUNDLE: {
        "Description": "the descriptions that user stories quote",
        "Mod.": "which content types are moderated",
        "Layout": "which bundles use Layout Builder",
        "Trns.": "which bundles are translatable",
        "Migr.": "which bundles get migrated content",
        "Meta": "which bundles have meta tags",
        "Sched.": "which bundles can be scheduled",
        "Srch.": "which bundles are searched",
        "URL alias pattern": "the URL aliases",
        "Settings/notes": "the notes, with the restrictions and questions in them",
    },
    EntityKind.FIELD: {
        "Reused Field": "which fields exist on another bundle already",
        "Field group": "the groups of fields on the form",
        "Ref. bundle": "what reference fields refer to, and the dependencies between tickets",
        "Req'd": "which fields are required, and which references must come first",
        "Vals.": "how many values fields take",
        "Form widget": "the form widgets",
        "Trns.": "which fields are translatable",
        "Settings/notes": "the notes, with the options, restrictions and questions in them",
        "Help text": "the help texts",
        "Bundle machine name": "which of several bundles of one name a field is of",
    },
    EntityKind.VIEW: {
        "Base table": "what views list, and their dependencies on content types",
        "Status": "which views are enabled",
        "Description": "the descriptions that user stories quote",
        "Notes": "the notes, with the restrictions and questions in them",
    },
    EntityKind.VIEW_DISPLAY: {
        "Title": "the titles of displays",
        "Notes": "what displays show, filter and sort",
        "View ID": "the machine names of views; displays join them by label",
    },
    EntityKind.IMAGE_STYLE: {"Notes": "the effects and sizes of image styles"},
    EntityKind.RESPONSIVE_IMAGE_STYLE: {
        "Breakpoint Group": "the breakpoint groups",
        "Breakpoints Used": "the breakpoints",
        "Fallback Style": "the fallback styles",
        "Image Style Group(s)": "the image styles they use, and the dependency on those",
        "Notes": "the notes, with what applies at which breakpoint",
        "Fallback machine name": "the machine names of fallback styles, which are found by label",
    },
    EntityKind.VIEW_MODE: {
        "Entities Used On": "which bundles use a view mode",
        "Notes": "what view modes show",
    },
    EntityKind.USER_ROLE: {"Notes": "the permissions of roles"},
    EntityKind.WORKFLOW: {"Notes": "which content types a workflow moderates"},
    EntityKind.WORKFLOW_STATE: {"Notes": "what states mean"},
    EntityKind.WORKFLOW_TRANSITION: {
        "Notes": "which roles may use transitions, and the dependency on those roles",
    },
    EntityKind.MIGRATION: {
        "Description": "the descriptions that user stories quote",
        "Notes": "the notes, with the restrictions and questions in them",
    },
}
"""Usual columns of each kind of sheet, and what tickets lack without them.

Source: headers of the Drupal Spec Tool. Columns that a sheet cannot do without are in its rule.
Nothing is made of ID, Dev, QA and Format; Cmnt. is not in every version of the tool.
"""


_TEMPLATES: Mapping[EntityKind, str] = {
    EntityKind.BUNDLE: "ID|Name|Machine name|X|Dev|QA|Description|Mod.|Layout|Trns.|Migr.|Meta|Sched."
    "|Srch.|Type|URL alias pattern|Settings/notes",
    EntityKind.FIELD: "ID|Bundle|Field label|Machine name|Reused Field|X|Dev|QA|Field group"
    "|Field type|Ref. bundle|Req'd|Vals.|Form widget|Trns.|Settings/notes|Help text"
    "|Bundle machine name",
    EntityKind.VIEW: "ID|View name|Machine name|X|Dev|QA|Base table|Status|Description|Notes",
    EntityKind.VIEW_DISPLAY: "ID|View|Title|Machine name|X|Dev|QA|Display plugin|Notes|View ID",
    EntityKind.IMAGE_STYLE: "ID|Style name|Machine name|X|Dev|QA|Notes",
    EntityKind.RESPONSIVE_IMAGE_STYLE: "ID|Responsive style|Machine name|Breakpoint Group"
    "|Breakpoints Used|Fallback Style|Image Style Group(s)|X|Dev|QA|Notes|Fallback machine name",
    EntityKind.VIEW_MODE: "ID|View Modes|Entity Type|X|Dev|QA|Entities Used On|Notes|Format",
    EntityKind.USER_ROLE: "ID|Name|Machine name|X|Dev|QA|Notes",
    EntityKind.WORKFLOW: "ID|Label|Machine name|X|Dev|QA|Type|Notes",
    EntityKind.WORKFLOW_STATE: "ID|Workflow|Label|Machine name|X|Dev|QA|Notes",
    EntityKind.WORKFLOW_TRANSITION: "ID|Workflow|Label|Machine name|X|Dev|QA|From state|To state"
    "|Notes",
    EntityKind.MIGRATION: "ID|Migration|X|Dev|QA|Description|Notes",
}
"""The columns of each sheet of the Drupal Spec Tool."""


def template_of(rule: SheetRule) -> tuple[str, ...]:
    """Return the columns of a sheet from left to right, as the tool has them."""
    return tuple(_TEMPLATES[rule.kind].split("|"))
