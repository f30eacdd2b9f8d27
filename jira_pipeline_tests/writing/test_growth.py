"""Writing grows with the tickets, not with their square: counted in calls, not in seconds."""

import sys
from collections import Counter
from pathlib import Path
from types import CodeType, FrameType

from benchmarks.specifications import multiply, read_site
from jira_pipeline.tickets.group_facts import GroupFacts, SessionFacts
from jira_pipeline.tickets.grouping.grouping import group_entities
from jira_pipeline.tickets.template import TemplateWriter
from jira_pipeline_tests.projects import EXAMPLE

TIMES = 2, 6
FEW_CALLS = 3_000
"""Nothing to notice even if it grows."""


def calls_of_writing(folder: Path, times: int) -> Counter[CodeType]:
    """Count the calls of each function of ours while so many times the example is written."""
    multiply(EXAMPLE, times, folder)
    specification = read_site(folder, is_as_new=False)
    groups = {group.key: group for group in group_entities(specification).groups}
    facts = SessionFacts(
        specification=specification, groups=groups, site_name="Museum", site_description=""
    )
    briefs = [GroupFacts(group=group, session=facts) for group in facts.in_order]
    calls = Counter[CodeType]()

    def count(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and "jira_pipeline" in frame.f_code.co_filename:
            calls[frame.f_code] += 1

    sys.setprofile(count)
    try:
        list(TemplateWriter().write_all(briefs, session_key="museum"))
    finally:
        sys.setprofile(None)
    return calls


def test_no_function_is_called_more_often_than_the_sheets_grow(tmp_path: Path) -> None:
    small, large = (calls_of_writing(tmp_path / str(times), times) for times in TIMES)

    grown = 1.5 * TIMES[1] / TIMES[0]
    quadratic = {
        f"{code.co_filename}:{code.co_firstlineno} {code.co_name}": (small[code], count)
        for code, count in large.items()
        if count > max(FEW_CALLS, grown * small[code])
    }
    assert quadratic == {}
