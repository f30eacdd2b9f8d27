"""How every page looks: one style sheet, tables that several pages show, how a page is rendered.

Belongs here: what the report, the web and the sandbox share. Does not: pages and
what they say (`sessions/export_report`, `web/pages`, `jira/sandbox/pages`).
"""
