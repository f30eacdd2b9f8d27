"""Who may see a display: everybody, or people with a permission or a role.

Source: Drupal core, `access` of `display_options` and the `@ViewsAccess` plugins.
"""

from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.rule import Rule
from jira_pipeline.model.columns import Column, Holds

COLUMN = Column("Access", holds=Holds.ANYTHING, is_of_tool=False)
COUNTERPART = Counterpart(
    how=Comparison.WRITTEN,
    where="`access`, own or inherited",
    form=r"Everybody|(?:permission|roles) [a-z].*",
)
RULE: Rule[object] = Rule(key="view.access", columns=(COLUMN,), counterpart=COUNTERPART)
