"""Writing grows with the tickets, not with their square."""

from collections import Counter
from pathlib import Path
from types import CodeType

from benchmarks.specifications import multiply, read_site
from jira_pipeline.drupal.ticket_rows import SessionRows
from jira_pipeline.tickets.grouping.grouping import group_entities
from jira_pipeline.tickets.questions.found_questions import ticket_rows
from jira_pipeline.tickets.template import TemplateWriter
from jira_pipeline_tests.growth import called_too_often, calls_of
from jira_pipeline_tests.projects import EXAMPLE


def calls_of_writing(folder: Path, times: int) -> Counter[CodeType]:
    """Count the calls while so many times the example is written."""
    multiply(EXAMPLE, times, folder)
    specification = read_site(folder, is_as_new=False)
    groups = {group.key: group for group in group_entities(specification).groups}
    facts = SessionRows(
        specification=specification, groups=groups, site_name="Museum", site_description=""
    )
    briefs = [ticket_rows(group, facts) for group in facts.index.groups]
    return calls_of(lambda: list(TemplateWriter().write_all(briefs, session_key="museum")))


def test_no_rule_looks_at_all_rows_for_each_row(tmp_path: Path) -> None:
    small, large = (calls_of_writing(tmp_path / str(times), times) for times in (2, 6))

    assert called_too_often(small, large, times=3) == {}
