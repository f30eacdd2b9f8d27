"""The title of a display, by which the edit page of a view names it; visitors do not see it.

Source: Drupal core, `display_title` of `views.view.*.display.*`.
"""

from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.rule import Rule
from jira_pipeline.model.columns import Column, Holds, Role

COLUMN = Column(
    "Title",
    ("Display title", "Display name", "Display"),
    Holds.LABEL,
    Role.LABEL,
    loss="the titles of displays",
)
COUNTERPART = Counterpart(
    how=Comparison.WORDING,
    where="`display_title`",
    is_wording=True,
)
RULE: Rule[object] = Rule(key="view.display_title", columns=(COLUMN,), counterpart=COUNTERPART)
