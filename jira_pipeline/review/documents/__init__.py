"""A ticket becomes one ADF document, and an attachment where that is too large.

`rendering` is the door: it orders the sections of the body and writes the attachment that holds the
whole; `kept_documents` has it made when a ticket is written. `document_tables` makes the sections
of rows, `body` shortens sections until they fit.
"""
