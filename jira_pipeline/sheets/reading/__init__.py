"""Reads the CSV exports of a Drupal specification; usable on its own (`folders`, `entities`).

In order: `csv_files` (bytes to rows of one file, by way of `tokenizer`) or `workbooks`,
`translations`, `sheets` and `tables` (which sheet it is), `missing_columns` (what it lacks, and
what is proposed), `folders`, `rows`, `cells` (what one says), `owners` and `references` (names),
`row_rules` (findings) and `entities` (what the rows describe). Nothing here
knows of tickets or Jira.
"""
