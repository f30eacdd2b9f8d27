"""Writing tickets: by rule (`tickets/template`), completed by a language model if one is set.

The verbs are in `generation` and `writers`. A `model` returns changes (`completion`), asked within
bounds (`models`); those that hold are made. `cost_estimate` says what it costs, `sentence_sources`
where a sentence comes from.

Belongs here: when and by whom tickets are written. Does not: certain sentences, tables, titles and
links, which are computed (`tickets`), and what is kept of answers (`store/writing_record`).
"""
