"""Sheets as they arrive: the inbox, the manifest, kept copies, reading and previewing them.

`sources` chooses the reader (`reading`, or that of packages), `reading_apart` bounds it by a
process of its own; `kept_uploads` is what the sheets of a session say.
"""
