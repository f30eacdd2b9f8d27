"""The roles that the rules of subjects call: what they need, not how it is done.

Belongs here: the ports, by role, and the values that only cross them. Does not: adapters (`store`,
`jira/client`, `writing`, `sources/sheets/reading`), rules, what verbs alone ask of the store. Every
adapter of a port passes that port's contract suite in `jira_pipeline_tests/contracts`.
"""
