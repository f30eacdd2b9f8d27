"""Prose for tickets: by rule (`template`), completed by a language model where one is set (`model`).

A brief becomes facts (`group_facts`), the facts claims with their questions (`claims`), which the
template renders. A model gets all rows and that ticket and returns changes (`completion`); it is
asked within bounds (`models`), and what holds of its changes is made. `cost_estimate`
says what it costs.

Belongs here: words. Does not: tables, titles and links, which are computed (`review/documents`),
and what is kept of answers (`store/writing`).
"""
