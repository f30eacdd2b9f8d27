"""Whether a site is built as its sheets say; the verb is in `sessions/site_verifying`.

`counterparts` has the table of what is compared, `compared_cells` compares a cell, with
`compared_notes`; `rows` compares a row and says why it
is not met, `reports` shows it.
"""
