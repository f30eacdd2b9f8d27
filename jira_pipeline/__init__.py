"""Turns the sheets of a site specification into reviewed, validated Jira issues.

The flow is documented in `docs/architecture.md`, the words are in `docs/glossary.md`, Dagster loads
`definitions`.
"""
