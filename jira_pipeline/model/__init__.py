"""Values that two rooms share, and the rules that are theirs alone; errors and actions as data.

Import values from the module named after them; nothing here imports another room.

Belongs here: what several subjects pass each other, `errors` and `actions`, how pages look
(`look`). Does not: a subject's own values, adapters, settings (`context/settings`).
"""
