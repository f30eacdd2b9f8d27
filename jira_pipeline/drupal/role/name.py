"""The name of a role, by which people give it to others on *People*.

Source: Drupal core, `label` in `user.role.*`.
"""

from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.rule import Rule
from jira_pipeline.drupal.shared_columns import label_column
from jira_pipeline.drupal.ticket_rows import TicketRows

COLUMN = label_column("Name", "Role", "Role name")
COUNTERPART = Counterpart(how=Comparison.WORDING, where="label of the role", is_wording=True)
RULE: Rule[TicketRows] = Rule(key="role.name", columns=(COLUMN,), counterpart=COUNTERPART)
