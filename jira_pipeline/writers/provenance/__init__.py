"""The check that whatever a model writes is in the facts it got (`check` begins it).

Belongs here: the source, the rules, what they find. Does not: which facts it gets
(`writers/prompt_facts`), what becomes of an answer that fails (`writers/asking`).
"""
