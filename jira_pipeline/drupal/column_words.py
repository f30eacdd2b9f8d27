"""What the columns of sheets are called on pages, for people who know neither Drupal nor its tools.

Belongs here: for each column a plain name, with Drupal's word in brackets where developers need it, one
line of help, what it is about, and whether pages offer it first; kinds of types. Does not: the columns
themselves (`columns`), what tickets call them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from jira_pipeline.drupal.columns import columns_of
from jira_pipeline.model.entities import BundleType


class Topic(StrEnum):
    """What a column is about, as pages group them."""

    NAME = "What it is called"
    INFORMATION = "What it is"
    RULES = "Rules"
    PLACE = "Where it is shown"
    NOTES = "Notes"
    UPKEEP = "About the list itself"


@dataclass(frozen=True, slots=True)
class ColumnWords:
    """A column in words of people."""

    label: str
    help: str = ""
    topic: Topic = Topic.NOTES
    is_usual: bool = False
    """Pages offer it first; others wait behind *More*."""


def _usual(topic: Topic, label: str, help_line: str = "") -> ColumnWords:
    return ColumnWords(label, help_line, topic, is_usual=True)


def _seldom(topic: Topic, label: str, help_line: str = "") -> ColumnWords:
    return ColumnWords(label, help_line, topic)


_STATUS_HELP = "to build, exists already, on hold, to be removed"
_SHARED: Mapping[str, ColumnWords] = {
    "ID": _seldom(Topic.UPKEEP, "Number or code"),
    "Machine name": _seldom(
        Topic.NAME, "Machine name", "the name for developers, in small letters and _"
    ),
    "X": _usual(Topic.RULES, "How far it is (status)", _STATUS_HELP),
    "Dev": _seldom(Topic.UPKEEP, "Who builds it"),
    "QA": _seldom(Topic.UPKEEP, "Who tests it"),
    "Epic": _seldom(Topic.UPKEEP, "Larger piece of work that it is part of (epic)"),
    "Description": _usual(Topic.NOTES, "What it is for (description)"),
    "Notes": _usual(Topic.NOTES, "Notes", "whatever else developers should know"),
    "Remarks": _seldom(Topic.NOTES, "Remarks"),
}
"""Of columns that are the same in every sheet."""

_SHEETS: Mapping[str, Mapping[str, ColumnWords]] = {
    "bundle": {
        "Name": _usual(
            Topic.NAME, "Name of the type", "such as News article, Event, Accordion, Topics"
        ),
        "Machine name": _usual(Topic.NAME, "Machine name of the type"),
        "Type": _usual(
            Topic.INFORMATION,
            "Which kind of type it is",
            "page (content type), building block (paragraph), list of terms (vocabulary), media, …",
        ),
        "Description": _usual(Topic.NOTES, "What the type is for (description)"),
        "Settings/notes": _usual(Topic.NOTES, "Notes about the type"),
        "URL alias pattern": _usual(
            Topic.PLACE, "Web address of its pages (URL alias)", "such as /news/[title]"
        ),
        "Terms": _usual(Topic.INFORMATION, "Terms that editors choose from", "of a vocabulary"),
        "Terms below": _usual(Topic.INFORMATION, "Words that are below the word to their left"),
        "Parent term": _usual(Topic.INFORMATION, "The word that it is below (parent)"),
        "Details of the term": _usual(Topic.NOTES, "More about the word of the row"),
        "X": _usual(Topic.RULES, "How far the type is (status)", _STATUS_HELP),
        "Mod.": _seldom(Topic.RULES, "Is checked before it is published (moderated)"),
        "Layout": _seldom(Topic.RULES, "Editors arrange its pages (Layout Builder)"),
        "Trns.": _seldom(Topic.RULES, "The type can be translated"),
        "Cmnt.": _seldom(Topic.RULES, "Visitors may comment"),
        "Migr.": _seldom(Topic.RULES, "Content is taken over from the old site (migrated)"),
        "Meta": _seldom(Topic.RULES, "Has texts for search engines (meta tags)"),
        "Sched.": _seldom(Topic.RULES, "Can be published at a set time (scheduled)"),
        "Srch.": _seldom(Topic.RULES, "Is found by the site’s search"),
        "Example(s)": _seldom(Topic.NOTES, "Example"),
    },
    "field": {
        "Field label": _usual(
            Topic.NAME, "Name of the field (label)", "what editors fill in: Headline, Date, Picture"
        ),
        "Machine name": _usual(Topic.NAME, "Machine name of the field"),
        "Bundle": _usual(
            Topic.NAME, "Which type the field belongs to", "the page type, block or list it is on"
        ),
        "Bundle type": _seldom(Topic.INFORMATION, "Which kind of type the field belongs to"),
        "Bundle machine name": _seldom(Topic.NAME, "Machine name of the type the field belongs to"),
        "Field type": _usual(
            Topic.INFORMATION,
            "Kind of information (field type)",
            "text, date, picture, link, choice from a list, reference, …",
        ),
        "Ref. bundle": _usual(
            Topic.INFORMATION,
            "What the field refers to (target)",
            "the type, list of terms or media that editors choose from",
        ),
        "Allowed values": _usual(
            Topic.INFORMATION, "Options that editors choose from (allowed values)"
        ),
        "Req'd": _usual(Topic.RULES, "Must be filled in (required)", "yes or no"),
        "Vals.": _usual(Topic.RULES, "How many values", "one, a number, any number"),
        "Help text": _usual(Topic.NOTES, "Help for editors (help text)"),
        "Settings/notes": _usual(Topic.NOTES, "Notes about the field"),
        "X": _usual(Topic.RULES, "How far the field is (status)", _STATUS_HELP),
        "Reused Field": _seldom(Topic.RULES, "Exists on another type, too (reused)"),
        "Field group": _seldom(Topic.PLACE, "Tab or group on the form (field group)"),
        "Form widget": _seldom(
            Topic.PLACE, "How editors enter it (form widget)", "select list, checkboxes, …"
        ),
        "Trns.": _seldom(Topic.RULES, "The field can be translated"),
        "Default value": _seldom(Topic.RULES, "What it is when nothing is entered (default)"),
        "Maximum length": _seldom(Topic.RULES, "How long a text may be"),
        "Allowed file extensions": _seldom(
            Topic.RULES, "Which kinds of file may be uploaded", "jpg, pdf, …"
        ),
        "Maximum upload size": _seldom(Topic.RULES, "How large a file may be"),
        "Other forms": _seldom(
            Topic.PLACE, "What other forms have of it (form modes)", "grant: Text area; edit: –"
        ),
    },
    "view": {
        "View name": _usual(
            Topic.NAME, "Name of the listing (view)", "such as All news, Events calendar"
        ),
        "Machine name": _usual(Topic.NAME, "Machine name of the view"),
        "Base table": _usual(Topic.INFORMATION, "What is listed (base table)", "content, media, …"),
        "Description": _usual(Topic.NOTES, "What the listing shows (description)"),
        "Notes": _usual(Topic.NOTES, "Notes about the listing"),
        "X": _usual(Topic.RULES, "How far the listing is (status)", _STATUS_HELP),
        "Status": _seldom(Topic.RULES, "Whether the view is enabled"),
    },
    "view_display": {
        "View": _usual(Topic.NAME, "Which listing it belongs to (view)"),
        "Title": _usual(Topic.NAME, "Title of this page, block or feed (display)"),
        "Machine name": _usual(Topic.NAME, "Machine name of the display"),
        "View ID": _seldom(Topic.NAME, "Machine name of the view it belongs to"),
        "Display plugin": _usual(
            Topic.INFORMATION, "Page, block or feed (kind of display)", "one of these words"
        ),
        "Lists": _usual(Topic.INFORMATION, "What is listed here"),
        "Shows": _usual(Topic.INFORMATION, "What is shown of each entry"),
        "Path or place": _usual(Topic.PLACE, "Where it is: web address or region"),
        "Filters": _usual(Topic.RULES, "Filters"),
        "Sort": _usual(Topic.RULES, "In which order (sort)"),
        "Items per page": _usual(Topic.RULES, "How many on a page (pager)"),
        "Access": _seldom(Topic.RULES, "Who may see it (access)"),
        "When empty": _seldom(Topic.RULES, "What is shown when nothing is found"),
        "Notes": _usual(Topic.NOTES, "Notes about this page, block or feed"),
        "X": _usual(Topic.RULES, "How far the display is (status)", _STATUS_HELP),
    },
    "image_style": {
        "Style name": _usual(Topic.NAME, "Name of the picture size (image style)"),
        "Machine name": _usual(Topic.NAME, "Machine name of the image style"),
        "Notes": _usual(Topic.INFORMATION, "Sizes and effects"),
    },
    "image_effect": {
        "Image style": _usual(Topic.NAME, "Which picture size it belongs to (image style)"),
        "Effect": _usual(Topic.NAME, "What is done to the picture (effect)"),
        "Summary": _usual(Topic.INFORMATION, "Size or value of the effect (summary)"),
        "Notes": _usual(Topic.NOTES, "Notes about the effect"),
        "X": _seldom(Topic.RULES, "How far it is (status)", _STATUS_HELP),
    },
    "responsive_image_style": {
        "Responsive style": _usual(Topic.NAME, "Name (responsive image style)"),
        "Machine name": _usual(Topic.NAME, "Machine name of the responsive style"),
        "Breakpoint Group": _usual(Topic.INFORMATION, "Group of screen widths (breakpoint group)"),
        "Breakpoints Used": _usual(Topic.INFORMATION, "Screen widths (breakpoints)"),
        "Fallback Style": _usual(Topic.INFORMATION, "Size for all other cases (fallback)"),
        "Image Style Group(s)": _usual(Topic.INFORMATION, "Picture sizes it uses (image styles)"),
        "Fallback machine name": _seldom(Topic.NAME, "Machine name of the fallback style"),
        "Notes": _usual(Topic.NOTES, "Notes about the responsive style"),
    },
    "view_mode": {
        "View Modes": _usual(Topic.NAME, "Way of showing content (view mode)", "Teaser, Card, …"),
        "Machine name": _usual(Topic.NAME, "Machine name of the view mode"),
        "Entity Type": _usual(Topic.INFORMATION, "What it shows: content, media, …"),
        "Entities Used On": _usual(Topic.PLACE, "Which types are shown so (used on)"),
        "Format": _seldom(Topic.PLACE, "Format"),
        "Notes": _usual(Topic.NOTES, "What it shows (notes)"),
    },
    "user_role": {
        "Name": _usual(Topic.NAME, "Name of the role", "such as Editor, Member of the web team"),
        "Machine name": _usual(Topic.NAME, "Machine name of the role"),
        "Description": _usual(Topic.NOTES, "Who they are (description)"),
        "Notes": _usual(Topic.RULES, "What they may do (permissions)"),
        "X": _usual(Topic.RULES, "How far the role is (status)", _STATUS_HELP),
    },
    "workflow": {
        "Label": _usual(Topic.NAME, "Name of the workflow", "such as Editorial workflow"),
        "Machine name": _usual(Topic.NAME, "Machine name of the workflow"),
        "Type": _seldom(Topic.INFORMATION, "Kind of workflow"),
        "Applies to": _usual(Topic.PLACE, "Which types go through it"),
        "Notes": _usual(Topic.NOTES, "Notes about the workflow"),
        "X": _seldom(Topic.RULES, "How far the workflow is (status)", _STATUS_HELP),
    },
    "workflow_state": {
        "Label": _usual(Topic.NAME, "Name of the state", "such as Draft, Being checked, Published"),
        "Machine name": _usual(Topic.NAME, "Machine name of the state"),
        "Workflow": _usual(Topic.NAME, "Which workflow the state belongs to"),
        "Published": _usual(Topic.RULES, "Visitors see it (published)", "yes or no"),
        "Default revision": _usual(
            Topic.RULES, "Becomes the version that counts (default revision)"
        ),
        "Initial state": _usual(Topic.RULES, "New content starts here (initial state)"),
        "Notes": _usual(Topic.NOTES, "What the state means (notes)"),
        "X": _seldom(Topic.RULES, "How far the state is (status)", _STATUS_HELP),
    },
    "workflow_transition": {
        "Label": _usual(
            Topic.NAME, "Name of the step (transition)", "such as Hand over to be checked"
        ),
        "Machine name": _usual(Topic.NAME, "Machine name of the transition"),
        "Workflow": _usual(Topic.NAME, "Which workflow the step belongs to"),
        "From state": _usual(Topic.INFORMATION, "State it starts from"),
        "To state": _usual(Topic.INFORMATION, "State it leads to"),
        "Notes": _usual(Topic.RULES, "Who may take the step, and notes"),
        "X": _seldom(Topic.RULES, "How far the step is (status)", _STATUS_HELP),
    },
    "migration": {
        "Migration": _usual(Topic.NAME, "Name of what is taken over (migration)"),
        "Machine name": _usual(Topic.NAME, "Machine name of the migration"),
        "Source": _usual(
            Topic.INFORMATION,
            "Where it comes from (source)",
            "such as articles of the old site, a list of members",
        ),
        "Destination": _usual(
            Topic.INFORMATION, "What it becomes (destination)", "the type that it fills"
        ),
        "Depends on": _usual(Topic.RULES, "Which other migrations run before it (dependencies)"),
        "Description": _usual(Topic.NOTES, "What is taken over (description)"),
        "Notes": _usual(Topic.NOTES, "Notes about the migration"),
    },
    "migration_mapping": {
        "Migration": _usual(Topic.NAME, "Which migration it belongs to"),
        "Source field": _usual(Topic.NAME, "Field of the old site (source)"),
        "Destination field": _usual(
            Topic.INFORMATION, "Field that gets it (destination)", "- where nothing does"
        ),
        "Process": _usual(Topic.RULES, "What happens to it on the way (process)"),
        "Notes": _usual(Topic.NOTES, "Notes about the field"),
        "X": _seldom(Topic.RULES, "How far it is (status)", _STATUS_HELP),
    },
}
"""By kind of sheet, as in `columns`."""


def words_of(kind: str, column: str) -> ColumnWords:
    """Return what a column of a kind of sheet is called on pages; its own name where nobody said it."""
    words = _SHEETS.get(kind, {}).get(column) or _SHARED.get(column)
    return words or ColumnWords(column)


def label_of(kind: str, column: str) -> str:
    """Return the plain name of a column: `How many values`."""
    return words_of(kind, column).label


def label_anywhere(column: str) -> str:
    """Return the plain name of a column of which only the name is known: that of the first such one."""
    for kind in _SHEETS:
        if any(of_kind.name == column for of_kind in columns_of(kind)):
            return label_of(kind, column)
    return column


TYPE_WORDS: Mapping[BundleType, str] = {
    BundleType.CONTENT: "Page (content type)",
    BundleType.PARAGRAPH: "Building block of pages (paragraph type)",
    BundleType.VOCABULARY: "List of terms (vocabulary)",
    BundleType.MEDIA: "Picture, video or file (media type)",
    BundleType.BLOCK: "Block beside pages (custom block type)",
    BundleType.WEBFORM: "Form that visitors send (webform)",
    BundleType.USER: "What is known of a user (user account)",
    BundleType.COMMENT: "Comment of visitors (comment type)",
    BundleType.GROUP: "Group of people and pages (group type)",
    BundleType.PROFILE: "Profile of a user (profile type)",
    BundleType.PRODUCT: "Product of a shop (product type)",
    BundleType.PRODUCT_VARIATION: "Variation of a product, such as a size (product variation type)",
    BundleType.MESSAGE: "Message to users (message template)",
    BundleType.CONFIG_PAGE: "Page of settings for editors (config page)",
}
"""What one type of each kind is called on pages."""
