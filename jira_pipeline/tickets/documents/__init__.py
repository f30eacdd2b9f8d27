"""A ticket becomes one ADF document, and an attachment where that is too large.

`rendering` is the door: it orders the sections of the body and writes the attachment that holds the
whole; `kept_documents` has it made when a ticket is written. `configuration_tables` has the rows of
tables, `document_tables` makes sections of them and shortens sections until they fit;
`adf_validation` checks the whole, and each cell.
"""
