"""Jira Cloud over HTTP: `JiraClient`, which an export talks to.

`client` has one method per call, `exchange` sends one and translates what comes back, `pacing`
keeps to the pace Jira asks for, `connection` sends to the configured site, or to Atlassian's gateway
to it (`addresses`), and to no other host. `answers` is the one table of what an answer means;
`responses` are the shapes of good answers. Every call raises an `UpstreamError` where there is no
good answer. What to do about a refusal or a doubt is decided in `export`.
"""
