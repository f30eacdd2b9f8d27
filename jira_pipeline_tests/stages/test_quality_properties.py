"""Tables read back from the document of any ticket hold what its rows hold, and nothing else."""

from hypothesis import HealthCheck, given, settings

from jira_pipeline_tests.long_form import examples
from jira_pipeline_tests.stages.judging import judged
from jira_pipeline_tests.stages.made_specifications import Row, specification_of
from jira_pipeline_tests.stages.made_tickets import tickets_for
from jira_pipeline_tests.writers.test_any_sheets import SHEETS


@settings(
    max_examples=examples(60),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(sheets=SHEETS)
def test_every_table_is_perfect_whatever_the_cells(sheets: dict[str, list[Row]]) -> None:
    made = tickets_for(specification_of(**sheets), include_waiting=True)

    quality = judged(made)

    assert {t.title: t.shortcomings for t in quality.tickets if not t.is_table_perfect} == {}
