"""Generated sites take every branch of the reader, but for those that are listed with a reason."""

import json
import subprocess
import sys

from jira_pipeline_tests.drupal.site.reached_branches import CHECKOUT, Unreached, listed
from jira_pipeline_tests.long_form import OF_THE_LONG_FORM


@OF_THE_LONG_FORM
def test_generated_sites_take_each_branch_of_the_reader_that_is_not_listed_with_a_reason() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "jira_pipeline_tests.drupal.site.reached_branches"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr

    unreached = {Unreached(*names) for names in json.loads(ended.stdout)}

    assert unreached - listed().keys() == set()
    assert listed().keys() - unreached == set()


def test_each_branch_that_need_not_be_taken_has_a_reason() -> None:
    assert all(listed().values())
