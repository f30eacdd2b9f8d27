"""The columns of the sheets of workflows, of their states and of their transitions."""

from jira_pipeline.drupal.shared_columns import MACHINE_NAME
from jira_pipeline.drupal.workflow.applies_to import COLUMN as APPLIES_TO
from jira_pipeline.drupal.workflow.initial_state import COLUMN as INITIAL_STATE
from jira_pipeline.drupal.workflow.name import COLUMN as WORKFLOW_NAME
from jira_pipeline.drupal.workflow.note import COLUMN as WORKFLOW_NOTES, STATE_COLUMN as STATE_NOTES
from jira_pipeline.drupal.workflow.owner import COLUMN as WORKFLOW
from jira_pipeline.drupal.workflow.publishing import DEFAULT_REVISION, PUBLISHED
from jira_pipeline.drupal.workflow.state_name import COLUMN as STATE_NAME
from jira_pipeline.drupal.workflow.transition import FROM_STATE, TO_STATE
from jira_pipeline.drupal.workflow.transition_name import COLUMN as TRANSITION_NAME
from jira_pipeline.drupal.workflow.transition_roles import COLUMN as TRANSITION_NOTES
from jira_pipeline.drupal.workflow.type import COLUMN as TYPE
from jira_pipeline.model.columns import ID, PEOPLE

WORKFLOW_COLUMNS = (
    ID,
    WORKFLOW_NAME,
    MACHINE_NAME,
    *PEOPLE,
    TYPE,
    APPLIES_TO,
    WORKFLOW_NOTES,
)
STATE_COLUMNS = (
    ID,
    WORKFLOW,
    STATE_NAME,
    MACHINE_NAME,
    *PEOPLE,
    PUBLISHED,
    DEFAULT_REVISION,
    INITIAL_STATE,
    STATE_NOTES,
)
TRANSITION_COLUMNS = (
    ID,
    WORKFLOW,
    TRANSITION_NAME,
    MACHINE_NAME,
    *PEOPLE,
    FROM_STATE,
    TO_STATE,
    TRANSITION_NOTES,
)
"""Each of the three has its columns from left to right, as the spreadsheet of the tool has them."""
