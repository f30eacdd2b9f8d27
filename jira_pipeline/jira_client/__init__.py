"""Jira Cloud over HTTP: `JiraClient`, the real `IssueTracker`.

`client` has one method per call; `connection` sends to the configured host and to no other;
`answers` is the one table of what an answer means; `responses` are the shapes of good answers.
What to do about a refusal or a doubt is decided in `stages/jira_export`.
"""
