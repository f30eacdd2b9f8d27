"""The check that whatever a model writes is in what it was told (`check` begins it).

Belongs here: the source, the rules, what they find. Does not: which facts are told
(`writers/prompt_facts`), what becomes of an answer that fails (`writers/asking`).
"""
