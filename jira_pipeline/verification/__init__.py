"""Whether a site is built as its sheets say; the verb is in `sessions/site_verifying`.

`names` has the table of what is compared, `compared_cells` compares a cell, `rows` a row,
`causes` says why, `reports` shows it.
"""
