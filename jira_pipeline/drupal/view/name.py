"""The name of a view, by which people find it in the list of views, under *Structure*.

Source: Drupal core, `label` of `views.view.*`.
"""

from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.rule import Rule
from jira_pipeline.drupal.shared_columns import label_column

COLUMN = label_column("View name")
COUNTERPART = Counterpart(how=Comparison.WORDING, where="label of the view", is_wording=True)
RULE: Rule[object] = Rule(key="view.name", columns=(COLUMN,), counterpart=COUNTERPART)
