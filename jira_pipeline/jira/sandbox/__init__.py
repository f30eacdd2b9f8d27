"""A Jira Cloud on one SQLite file: it answers as Jira answers and refuses what Jira refuses.

Read in this order: `request_reading` (request and response), `sandbox` (the one way in, file and journal), `dispatch`
(which call it is, and who asks) and `routing` (what a call is given), the `*_calls` modules (the
calls, by subject), `field_readers` (fields on their way in), `issue_history`, `issue_views` (on
their way out). What an administrator decides is in `site_rules`, obeyed by `screens`, `access` and
`issue_calls`, and read from YAML by `site_file`. `transport` plugs it into httpx without a
socket; `server` and `pages` serve it to other programs and to people. Not here: how our product
talks to Jira, which is `jira/client`.
"""
