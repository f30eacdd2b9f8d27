"""The columns of the sheets of workflows, of their states and of their transitions."""

from dataclasses import replace

from jira_pipeline.drupal.shared_columns import MACHINE_NAME, label_column
from jira_pipeline.drupal.workflow.applies_to import COLUMN as APPLIES_TO
from jira_pipeline.drupal.workflow.transition import FROM_STATE, TO_STATE
from jira_pipeline.drupal.workflow.type import COLUMN as TYPE
from jira_pipeline.model import columns
from jira_pipeline.model.columns import ID, PEOPLE, UPKEEP_COLUMNS, Column, Holds, Role

WORKFLOW_LABEL = label_column("Label")
WORKFLOW_NOTES = replace(columns.NOTES, loss="which content types a workflow moderates")

WORKFLOW = Column(
    "Workflow", holds=Holds.LABEL, role=Role.OWNER, names="workflow", is_required=True
)
STATE_LABEL = label_column("Label", "State")
PUBLISHED = Column("Published", holds=Holds.FLAG, is_of_tool=False)
DEFAULT_REVISION = replace(PUBLISHED, name="Default revision")
INITIAL_STATE = replace(PUBLISHED, name="Initial state")
STATE_NOTES = replace(columns.NOTES, loss="what states mean")

TRANSITION_LABEL = label_column("Label", "Transition")
TRANSITION_NOTES = replace(
    columns.NOTES, loss="which roles may use transitions, and the dependencies on them"
)

WORKFLOW_COLUMNS = (
    ID,
    WORKFLOW_LABEL,
    MACHINE_NAME,
    *PEOPLE,
    TYPE,
    APPLIES_TO,
    WORKFLOW_NOTES,
)
STATE_COLUMNS = (
    ID,
    WORKFLOW,
    STATE_LABEL,
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
    TRANSITION_LABEL,
    MACHINE_NAME,
    *PEOPLE,
    FROM_STATE,
    TO_STATE,
    TRANSITION_NOTES,
)
"""Each from left to right as in the spreadsheet of the tool."""
TRANSITION_NAMING_COLUMNS = frozenset(
    {
        *UPKEEP_COLUMNS,
        WORKFLOW.name,
        TRANSITION_LABEL.name,
        MACHINE_NAME.name,
        FROM_STATE.name,
        TO_STATE.name,
    }
)
"""What a transition is, whose, and how far: no cell of them lists roles."""
BOXES = (PUBLISHED.name, DEFAULT_REVISION.name)
"""What the form of a state of Content Moderation has beside its name."""
