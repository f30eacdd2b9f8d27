"""What Drupal knows: `meaning` of cells, facts with their sources; a site as `configuration` has it.

Each kind of thing has a folder, with the columns of its sheet; `columns` has those of all kinds.

Belongs here: Drupal, read and understood; `claims` and `row_questions`, with their `words`. Does
not: joining questions of rows (`tickets/questions`), comparing a site with its sheets
(`verification`), making sheets of it (`sheets/site_sheets`).
"""
