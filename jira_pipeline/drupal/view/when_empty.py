"""What a display shows where it has no item to list.

Source: Drupal core, `empty` of `display_options` and the `@ViewsArea` plugins.
"""

from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.rule import Rule
from jira_pipeline.model.columns import Column, Holds

COLUMN = Column("When empty", holds=Holds.ANYTHING, is_of_tool=False)
COUNTERPART = Counterpart(
    how=Comparison.WRITTEN,
    where="`empty`, own or inherited",
    is_wording=True,
)
RULE: Rule[object] = Rule(key="view.when_empty", columns=(COLUMN,), counterpart=COUNTERPART)
