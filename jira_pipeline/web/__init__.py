"""Pages and the HTTP API: what the verbs answer, in HTML and JSON.

Belongs here: routes, who may call them, the words of HTTP, templates. Does not: rules (the rooms
of subjects), starting runs (`defs.launching`), starting the program (`cli.serve`).
"""
