"""What kind of sheet a name is a name of."""

from jira_pipeline.model.entities import EntityKind
from jira_pipeline.sheets.reading.sheet_kinds import SHEET_RULES, is_named
from jira_pipeline_tests.tables import each

ROLE = EntityKind.USER_ROLE


@each(
    ("name", "named"),
    [
        ("Field trips", None),
        ("Reviews", None),
        ("Estates", None),
        ("Display ads", None),
        ("Field list", EntityKind.FIELD),
        ("SiteViews", EntityKind.VIEW),
        ("2 - User roles & rights", ROLE),
        ("Fields of Ferry", EntityKind.FIELD),
    ],
)
def test_a_word_within_a_name_is_none_of_it(name: str, named: EntityKind | None) -> None:
    found = next((rule.kind for rule in SHEET_RULES if is_named(rule, name)), None)

    assert found == named
