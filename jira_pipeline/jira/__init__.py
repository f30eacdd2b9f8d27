"""Jira, both ways: the client that asks a real one, the sandbox that plays one, their documents.

`client` is the one way to a site, `sandbox` answers as a site does, `sandbox_http` carries requests
to it without a socket or over one, `adf` makes and reads documents. Import `JiraClient` from
`client`, `Sandbox` from `sandbox`, documents from `adf`; never one of the others from one of them.

Belongs here: what Atlassian says. Does not: what is sent when, and what a doubt means (`export`).
"""
