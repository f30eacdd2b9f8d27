"""A Jira Cloud on one SQLite file: it answers as Jira answers and refuses what Jira refuses.

Read in this order: `sandbox` (the one way in, file and journal, which call it is, and
who asks), `call` (what an answer is made from), `issue_fields` (the table of fields: how each is
read, kept, shown), `issue_views` (how the rest is shown), the `*_calls` modules (the calls, by
subject). What is on the site, and what an administrator decides, is in `sandbox_site`. `pages` serves it to other programs and to
people. Not here: how our product talks to Jira, which is `jira/client`;
sites where more happens than is asked, which are beside the tests.
"""
