"""Every kind of generated site, and making one of a kind from its seed.

Does not belong here: what a kind has (`generated_exports`, `generated_settings`).
"""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from jira_pipeline.drupal.site.configuration import SiteConfiguration, read_configuration
from jira_pipeline_tests.drupal.site import generated_exports, generated_settings
from jira_pipeline_tests.drupal.site.generated_exports import Export

KINDS: Mapping[str, Callable[[Export], None]] = {
    **generated_settings.KINDS,
    **generated_exports.KINDS,
}
"""What fills an export, by kind."""


def generated(kind: str, seed: int) -> Export:
    """Return a small site with configuration of one kind, the same for a seed."""
    export = Export(random=Random(f"{kind} {seed}"))  # noqa: S311 - a seed
    KINDS[kind](export)
    return export


@cache
def generated_configurations() -> Mapping[str, SiteConfiguration]:
    """Return an export of each kind as it is read, each written and read once in a process."""
    configurations = {}
    with TemporaryDirectory() as folder:
        for kind in KINDS:
            generated(kind, 0).write(Path(folder, kind))
            configurations[kind] = read_configuration(Path(folder, kind))
    return configurations
