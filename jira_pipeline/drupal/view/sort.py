"""In which order a display lists its items.

Source: Drupal core, `sorts` of `display_options`.
"""

from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.rule import Rule
from jira_pipeline.model.columns import Column, Holds

COLUMN = Column("Sort", holds=Holds.ANYTHING, is_of_tool=False)
COUNTERPART = Counterpart(
    how=Comparison.WRITTEN,
    where="`sorts`, own or inherited",
    form=r"None|(?:[a-z]\w* \((?:asc|desc)\)(?:; |$))+",
)
RULE: Rule[object] = Rule(key="view.sort", columns=(COLUMN,), counterpart=COUNTERPART)
