"""The issues of a session, the report on them, and whether Jira agrees."""
