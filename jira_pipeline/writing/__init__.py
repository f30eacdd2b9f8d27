"""Prose for tickets: by rule (`template`), completed by a language model if one is set (`model`).

The verbs are in `generation` and `writers`; `ticket_generation` makes drafts. A brief becomes facts
(`group_facts`), the facts claims with their questions (`claims`), which the template renders. A
model returns changes (`completion`), asked within bounds (`models`); those that hold are made.
`cost_estimate` says what it costs, `sentence_sources` where a sentence comes from.

Belongs here: words. Does not: tables, titles and links, which are computed (`review/documents`),
and what is kept of answers (`store/writing`).
"""
