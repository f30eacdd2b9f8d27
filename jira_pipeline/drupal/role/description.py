"""The description of a role: what somebody with it does, in words.

Drupal has no place for it. A role that may do everything may say so there (`permission`).
"""

from jira_pipeline.drupal.rule import Rule
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model.columns import Column, Holds

COLUMN = Column("Description", holds=Holds.PROSE, is_of_tool=False)
RULE: Rule[TicketRows] = Rule(key="role.description", columns=(COLUMN,))
