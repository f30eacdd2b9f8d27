"""Whether a site is built as its sheets say; the verb is in `sessions/site_verifying`.

`names` has the table of what is compared, `compared_cells` compares a cell, `rows` a row and says
why it is not met, `reports` shows it.
"""
