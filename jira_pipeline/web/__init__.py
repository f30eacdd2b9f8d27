"""Pages and the HTTP API: what the verbs answer, in HTML and JSON.

Belongs here: routes, who may call them (`context`), the words of HTTP (`problems`) and of steps
(`labels`), templates. Does not: rules (the rooms of subjects), starting runs (`defs.launching`),
starting the program (`cli.serving`).
"""
