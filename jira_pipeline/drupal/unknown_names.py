"""Names of plugins and tables that neither core nor a known module brings: somebody has to look.

Does not belong here: what modules bring (`meaning/modules_and_types`), which names are unknown (the
rules).
"""

from collections.abc import Sequence

from jira_pipeline.drupal.claims import Claim, claims_about, clause
from jira_pipeline.drupal.markup import quoted, text
from jira_pipeline.drupal.meaning.modules_and_types import module_named_in
from jira_pipeline.model.entities import Entity


def unknown_name_claim(
    rows: Sequence[Entity], column: str, noun: str, name: str
) -> tuple[Claim, ...]:
    """Say that nothing known brings what rows name, and with which module's name its own begins."""
    module = module_named_in(name)
    named_after = clause("named_after", module=text(module.label)) if module else ""
    return claims_about(
        "analysis.unknown_plugin",
        rows,
        column,
        values=[name] * len(rows),
        what=f"{text(noun)} {quoted(name)}",
        named=named_after,
    )
