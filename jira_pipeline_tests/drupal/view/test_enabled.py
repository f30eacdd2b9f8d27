"""Whether a view is enabled."""

from jira_pipeline.drupal.site.site_cells import SiteCell
from jira_pipeline.drupal.view.enabled import (
    COLUMN,
    COUNTERPART,
    Enabled,
    enabled_of,
    is_disabled,
    status_clause,
)
from jira_pipeline.model.site_verifications import Verdict
from jira_pipeline_tests.drupal.made_views import compared, view, view_row
from jira_pipeline_tests.tables import each

ENABLED = SiteCell(text="Enabled", yaml="")


@each(
    ("cell", "fact", "clause"),
    [
        ("Enabled", Enabled.YES, " as enabled"),
        ("Disabled", Enabled.NO, " as disabled"),
        ("", Enabled.UNSAID, ""),
        ("perhaps", Enabled.UNSAID, ""),
    ],
)
def test_a_view_is_enabled_disabled_or_nobody_says_it(
    cell: str, fact: Enabled, clause: str
) -> None:
    row = view_row(view(status=cell))

    assert enabled_of(row) is fact
    assert is_disabled(row) is (fact is Enabled.NO)
    assert status_clause(row) == clause


@each(
    ("cell", "verdict"),
    [
        ("Enabled", Verdict.MET),
        ("y", Verdict.MET),
        ("Disabled", Verdict.DIFFERS),
        ("perhaps", Verdict.NOT_COMPARABLE),
    ],
)
def test_a_status_is_compared_in_any_spelling(cell: str, verdict: Verdict) -> None:
    assert compared(view(status=cell), COUNTERPART, COLUMN.name, ENABLED) is verdict
