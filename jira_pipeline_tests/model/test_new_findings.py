"""Which findings of a version of the sheets are new, and which are those of the version before."""

import pytest

from jira_pipeline.model.new_findings import new_findings
from jira_pipeline_tests.contracts import stored_values


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Shop v1.xlsx:Roles", "Shop v2 (final).xlsx:Roles"),
        ("Shop v1.xlsx", "Shop v2 (final).xlsx"),
        ("Shop v1 - Roles.csv", "Shop v2 - Roles.csv"),
        ("Roles.csv", "Roles.csv"),
    ],
)
def test_a_finding_is_the_same_in_a_file_of_another_name(before: str, after: str) -> None:
    """With the name of the file as part of it, a renamed workbook had 69 new ones and none as before."""
    earlier = stored_values.a_finding(
        file=before, line=4, value="", message=f"{before} has no rows."
    )
    later = stored_values.a_finding(file=after, line=9, value="", message=f"{after} has no rows.")

    assert new_findings([later], [earlier]) == ()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Shop v1.xlsx:Roles", "Shop v2.xlsx:Views"),
        ("Shop v1.xlsx:News - Fields", "Shop v2.xlsx:Events - Fields"),
    ],
)
def test_the_same_value_in_another_worksheet_is_a_new_finding(before: str, after: str) -> None:
    earlier = stored_values.a_finding(file=before, value="maybe")
    later = stored_values.a_finding(file=after, value="maybe")

    assert new_findings([later], [earlier]) == (later,)


def test_the_second_of_two_findings_alike_is_new_where_there_was_one() -> None:
    finding = stored_values.a_finding(file="Shop v1.xlsx:Roles", value="maybe")

    assert new_findings([finding, finding], [finding]) == (finding,)
