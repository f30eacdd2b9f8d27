"""Whether a column that nobody knows says something of the states of a workflow."""

from collections.abc import Sequence

from jira_pipeline.model.entities import Entity


def is_stated_in_column(states: Sequence[Entity], *header_starts: str) -> bool:
    """Tell whether some state says something in a column whose header begins so."""
    for state in states:
        for column in state.cells:
            if state.states(column) and column.casefold().startswith(header_starts):
                return True
    return False
