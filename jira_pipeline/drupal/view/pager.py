"""How many items a display shows at once, and whether a pager leads to the others.

Source: Drupal core, `pager` of `display_options` and the `@ViewsPager` plugins.
"""

from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.rule import Rule
from jira_pipeline.model.columns import Column, Holds

COLUMN = Column("Items per page", holds=Holds.ANYTHING, is_of_tool=False)
COUNTERPART = Counterpart(
    how=Comparison.WRITTEN,
    where="`pager`, own or inherited",
    form=r"All|\d+(?: \(\w+ pager\))?",
)
RULE: Rule[object] = Rule(key="view.pager", columns=(COLUMN,), counterpart=COUNTERPART)
