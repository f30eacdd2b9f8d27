"""Where the storage of a home was: the `dagster.yaml` of an older home still names it here.

Belongs here: the name. Does not: what it is (`dagster_port/home`).
"""

from jira_pipeline.dagster_port.home import HomeStorage

__all__ = ["HomeStorage"]
