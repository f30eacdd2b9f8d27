"""Words by which a row says that its field is the title every item has anyway.

Belongs here: which words say so, and that they say nothing more once the field is the title. Does not:
which rows are offered, and what a layout becomes (`title_rows`).
"""

from collections.abc import Iterable

from jira_pipeline.drupal.columns import columns_of
from jira_pipeline.model.columns import Holds
from jira_pipeline.model.entities import EntityKind
from jira_pipeline.sheets.layouts.drafts import DraftRow
from jira_pipeline.sheets.reading.translations import plain_letters

TITLE_TYPE = "Entity label"
"""The type of a field that every item has: nothing is built by it."""
TYPE_COLUMN = "Field type"
_SAYS_SO = frozenset(
    {"thetitle", "isthetitle", "thisisthetitle", "title", "thisistitle", "pagetitle", "nodetitle"}
    | {"thepagetitle", "thetitleofthepage", "thisisthetitleofthepage", "usedasthetitle"}
)
"""All that a cell says whose row is the title, as `plain_letters` reduces it."""
_HOLDS_OF_WORDS = frozenset({Holds.MACHINE_NAME, Holds.COUNT, Holds.FLAG, Holds.STATUS})


def says_it_is_title(text: str) -> bool:
    return plain_letters(text) in _SAYS_SO


def drop_words_of_titles(drafts: Iterable[DraftRow]) -> None:
    """Let `!title` be no machine name, number or flag of a field that is the title, in place."""
    for draft in drafts:
        if draft.kind != EntityKind.FIELD or draft.texts.get(TYPE_COLUMN) != TITLE_TYPE:
            continue
        for column in columns_of(EntityKind.FIELD):
            text = draft.texts.get(column.name, "")
            # `title` as it stands is the machine name that the title of a page has.
            is_name = column.holds is Holds.MACHINE_NAME and text == plain_letters(text)
            if column.holds in _HOLDS_OF_WORDS and says_it_is_title(text) and not is_name:
                draft.texts[column.name] = ""
