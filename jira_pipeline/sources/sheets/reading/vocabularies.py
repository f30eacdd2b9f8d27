"""Words that cells take from a closed list, and the one a slip of the pen was meant to be.

Belongs here: the lists and the measure of nearness. Does not: findings about a cell (`row_rules`,
`rows`). Contributed modules bring types and widgets of their own: an unknown word that is near
nothing is no fault.

Source: Drupal core 11, labels of its field types and widgets, displays and base tables of views;
Acquia's dst-entity-generate, `supported-entities.rst`; labels of modules that specifications name
often. Read 2026-11.
"""

from collections.abc import Iterable

from jira_pipeline.model.entities import BundleType
from jira_pipeline.sources.sheets.reading.labels import alphanumeric

FIELD_TYPES = (
    *("Boolean", "Comments", "Date", "Date range", "Date and time", "Timestamp", "Email", "File"),
    *("Image", "Link", "Entity reference", "Entity reference revisions", "Layout section"),
    *("List (float)", "List (integer)", "List (text)", "Selection list", "Telephone number"),
    *("Number (decimal)", "Number (float)", "Number (integer)", "Plain text", "Formatted text"),
    *("Text (plain)", "Text (plain, long)", "Text (formatted)", "Text (formatted, long)"),
    "Text (formatted, long, with summary)",
    "Entity Reference Revisions (paragraphs)",
    *("Entity label", "Meta tags", "Address", "Geolocation", "Geofield", "Office hours"),
    *("Smart date range", "Webform", "Paragraphs", "Views reference"),
)
WIDGETS = (
    *("Autocomplete", "Autocomplete (Tags style)", "Check boxes/radio buttons", "Checkbox"),
    *("Checkboxes", "Radio buttons", "Single on/off checkbox", "Select list", "Text field"),
    *("Text area", "Text area (multiple rows)", "Text area with a summary", "Number field"),
    *("Email", "Telephone number", "Link", "File", "Image", "Date and time"),
    *("Date and time range", "Datetime timestamp", "Language select", "Media library"),
    *("Paragraphs (stable)", "Paragraphs (classic)", "Layout paragraphs", "Address field"),
    *("Inline entity form - Simple", "Inline entity form - Complex", "Entity browser"),
    *("Image (Focal Point)", "Advanced meta tags form", "Office hours"),
)
BUNDLE_TYPES = (*BundleType, "Content", "Paragraph", "Vocabularies", "Taxonomy", "Media", "Block")
ENTITY_TYPES = (*BUNDLE_TYPES, "Taxonomy term", "Comment", "Files")
DISPLAY_PLUGINS = (
    *("Page", "Block", "Feed", "Attachment", "Embed", "Default", "Master", "REST export"),
    *("Entity reference", "Entity browser", "Data export"),
)
BASE_TABLES = (
    *("Content", "Content revisions", "Users", "Media", "Files", "Taxonomy terms", "Comments"),
    *("Custom blocks", "Content blocks", "Webform submissions", "Log entries"),
)

_SHORT_MIN_LETTERS, _LONG_MIN_LETTERS = 5, 9
"""Words of 5 letters and more may have one slip, of 9 and more two: then no word of these lists is
near another one, nor is any cell in the 661 rows of fields of two specifications."""


def nearly(text: str, known: Iterable[str]) -> str | None:
    """Return the known word that a text was meant to be; None where it is one, or near none.

    Case, spaces and punctuation do not matter. A word with something after it (a plural, another
    language) and one with other digits are words of their own.
    """
    letters = alphanumeric(text)
    candidates = {alphanumeric(word): word for word in known}
    if letters.removesuffix("s") in {each.removesuffix("s") for each in candidates}:
        return None
    for candidate, word in candidates.items():
        shorter = min(len(letters), len(candidate))
        slips = 0 if shorter < _SHORT_MIN_LETTERS else 1 if shorter < _LONG_MIN_LETTERS else 2
        if abs(len(letters) - len(candidate)) > slips or letters.startswith(candidate):
            continue
        if _digits(letters) == _digits(candidate) and _edits(letters, candidate) <= slips:
            return word
    return None


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


def _edits(one: str, other: str) -> int:
    """Count letters left out, added, changed, or swapped with their neighbour."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        before, above, row = row, before, [i]
        for j, wanted in enumerate(other, start=1):
            least = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                least = min(least, above[j - 2] + 1)
            row.append(least)
    return row[-1]
