"""Reading issues by id: what is not shown is not there only where Jira knows us."""

import pytest

from jira_pipeline.export.lookups import read_issues
from jira_pipeline.model.errors import UnavailableError
from jira_pipeline.model.issue_tracker import Account
from jira_pipeline_tests.export.small_site import SmallSite, failing


def read(site: SmallSite, *issue_ids: str) -> list[str]:
    found = read_issues(site.run, issue_ids, fields=("summary",), waiting="nothing is attached")
    return list(found)


def test_what_is_not_shown_is_left_out_where_jira_knows_us(site: SmallSite) -> None:
    shown = site.create_by_hand().remote_id

    assert read(site, shown, "77") == [shown]


def test_what_is_shown_to_nobody_may_be_there(site: SmallSite) -> None:
    """Jira answers 200 with nothing where credentials are lost."""
    site.account = Account(account_id="b", display_name="B")

    with pytest.raises(UnavailableError, match="does not recognise B"):
        read(site, "77")


@pytest.mark.parametrize(("times", "is_read"), [(1, True), (2, False)])
def test_what_could_not_be_read_is_asked_for_once_more(
    site: SmallSite, times: int, *, is_read: bool
) -> None:
    issue_id = site.create_by_hand().remote_id
    site.answering = failing({issue_id}, times=times)

    if is_read:
        assert read(site, issue_id) == [issue_id]
    else:
        with pytest.raises(UnavailableError, match="nothing is attached until"):
            read(site, issue_id)
