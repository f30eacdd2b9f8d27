"""The description of a thing, as the story of its ticket quotes it."""

import re

from jira_pipeline.drupal.claims import clause
from jira_pipeline.drupal.markup import text
from jira_pipeline.drupal.shared_columns import DESCRIPTION
from jira_pipeline.model.entities import Entity

_FIRST_PARAGRAPH = re.compile(r"<p>([^<]+)</p>")


def description_clause(head: Entity) -> str:
    """Quote the first paragraph of a description; one with markup inside is only in the table.

    Empty where the row has none.
    """
    cell = head.cell(DESCRIPTION.name)
    paragraph = _FIRST_PARAGRAPH.match(cell)
    description = text((paragraph[1] if paragraph else cell).strip())
    if not description.strip("- ") or "&lt;" in description:
        return ""
    stop = "" if description.endswith((".", "!", "?")) else "."
    return clause("description", text=description, stop=stop)
