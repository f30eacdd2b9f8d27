"""Pages and the HTTP API: what use cases of `sessions` answer, in HTML and JSON.

Belongs here: routes, who may call them, the words of HTTP, templates. Does not: rules (the rooms
of subjects),
use cases (`sessions`), starting runs (`defs.launching`), starting the program (`cli.serve`).
"""
