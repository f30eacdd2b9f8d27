"""Where the queue of a home was: the `dagster.yaml` of an older home still names it here.

Belongs here: the name. Does not: what it is (`dagster_port/queue`).
"""

from jira_pipeline.dagster_port.queue import AttributedQueue

__all__ = ["AttributedQueue"]
