"""The gateway in front of the sandbox takes tokens with scopes, and only what they allow."""

from jira_pipeline_tests.jira.sandbox_faults.ruled_calls import scope_of
from jira_pipeline_tests.tables import each


@each(
    ("method", "path", "scope"),
    [
        ("GET", "/rest/agile/1.0/board", "read:board-scope:jira-software"),
        ("GET", "/rest/agile/1.0/board/1/sprint", "read:sprint:jira-software"),
        ("POST", "/rest/agile/1.0/sprint/1/issue", "write:sprint:jira-software"),
        ("GET", "/rest/api/3/myself", "read:jira-user"),
        ("POST", "/rest/api/3/issue/bulkfetch", "read:jira-work"),
        ("POST", "/rest/api/3/issue/bulk", "write:jira-work"),
        ("DELETE", "/rest/api/3/issue/1", "write:jira-work"),
    ],
)
def test_a_call_needs_the_scope_atlassian_documents(method: str, path: str, scope: str) -> None:
    assert scope_of(method, path) == scope
