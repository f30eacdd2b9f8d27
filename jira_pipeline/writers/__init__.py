"""Prose for tickets: by rule (`template`), or by a language model whose words are checked (`model`).

A brief becomes facts (`group_facts`; what other tickets add: `mentions`, `migration_runs`,
`removals`, `display_rows`); the template words them (`story`, `analysis`, `verification`). For a
model they become a prompt (`prompt_facts`, `prompt`), it is asked within bounds (`asking`), its
answer has a closed schema (`answers`) and is looked up in the prompt facts (`provenance`); the
template replaces what fails that. `costs` and `cost_estimate` say what it costs.

Belongs here: words. Does not: tables, titles and links, which are computed (`stages`), and what is
kept of answers (`store/writing`).
"""
