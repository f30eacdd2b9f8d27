"""A Jira Cloud on one SQLite file: it answers as Jira answers and refuses what Jira refuses.

Read in this order: `exchange` (request and response), `sandbox` (the one `handle` everything goes
through), `routing` (which function answers which call), the `*_calls` modules (the calls, by
subject), `issue_fields` and `field_readers` (fields on their way in), `issue_views` (on their way
out), `jql`, `state` (the tables and the journal). `transport` plugs it into httpx without a socket; `server` and `pages` let
people browse it. Not here: how our product talks to Jira, which is `jira_client`.
"""
