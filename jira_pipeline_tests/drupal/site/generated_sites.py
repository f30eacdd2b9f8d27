"""Every kind of generated site, and making one of a kind from its seed.

Does not belong here: what a kind has (`generated_exports`, `generated_settings`).
"""

from collections.abc import Callable, Mapping
from random import Random

from jira_pipeline_tests.drupal.site import generated_exports, generated_settings
from jira_pipeline_tests.drupal.site.generated_exports import Export

KINDS: Mapping[str, Callable[[Export], None]] = {
    **generated_exports.KINDS,
    **generated_settings.KINDS,
}
"""What fills an export, by kind."""


def generated(kind: str, seed: int) -> Export:
    """Return a small site with configuration of one kind, the same for a seed."""
    export = Export(random=Random(f"{kind} {seed}"))  # noqa: S311 - a seed
    KINDS[kind](export)
    return export
