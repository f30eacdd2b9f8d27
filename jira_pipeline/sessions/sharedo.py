"""What people do with ShareDo: environments, export jobs, packages.

Belongs here: which client is made of which settings, the use cases of export jobs. Does not: the
protocol (`sharedo_client`), when a job is created or watched (`stages/sharedo_export`).
"""

from collections.abc import Mapping

from jira_pipeline.settings import Settings
from jira_pipeline.sharedo_client.environments import Environment, read_environments


def configured_environments(settings: Settings) -> Mapping[str, Environment]:
    """Return the environments by name, in the order of their file.

    Raises:
        ConfigurationError: The file cannot be used.
    """
    path = settings.sharedo_environments_path
    return read_environments(path, is_named=settings.sharedo_environments is not None)
