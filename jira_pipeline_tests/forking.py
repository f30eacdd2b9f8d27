"""Children that start in milliseconds: a server that has everything imported forks them.

Belongs here: the server and what it imports. To the operating system such a child is a process like
any other. All share one server per test process, which imports what is named before its first
child.
"""

from multiprocessing import get_context

import jira_pipeline.sheets.reading_apart  # noqa: F401 - names its own imports, for the same server

CHILDREN = get_context("forkserver")
CHILDREN.set_forkserver_preload(
    [
        "jira_pipeline_tests.crash.killed_generation",
        "jira_pipeline_tests.crash.killed_request",
        "jira_pipeline.writing.models.model_calls",
        "jira_pipeline_tests.end_to_end.commands",
        "jira_pipeline_tests.end_to_end.exporting_process",
        "jira_pipeline_tests.forked",
    ]
)
