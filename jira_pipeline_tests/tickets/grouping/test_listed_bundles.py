"""Which bundles the column of a workflow names."""

from jira_pipeline.drupal.workflow.applies_to import bundles_listed
from jira_pipeline.model.entities import EntityKind
from jira_pipeline_tests.sheets.made_specifications import bundle, specification_of
from jira_pipeline_tests.tables import each


@each(
    ("cell", "is_meant"),
    [
        ("Quay, Lock gate", True),
        ("Quay; lock_gate", True),
        ("Content types: Lock gate and quay", True),
        ("Lock gate (Content type)", True),
        ("node: lock_gate", True),
        ("Gate", False),
        ("Main lock gate", False),
        ("", False),
    ],
)
def test_a_column_lists_bundles_by_name_label_or_machine_name(cell: str, *, is_meant: bool) -> None:
    specification = specification_of(
        bundles=[bundle("Lock gate", "lock_gate")],
        workflows=[{"Label": "Yard", "Machine name": "yard", "Applies to": cell}],
    )
    (workflow,) = specification.by_kind[EntityKind.WORKFLOW]

    assert is_meant is bool(bundles_listed(workflow, specification))
