"""Reads the CSV exports of a Drupal specification; usable on its own (`folders`, `entities`).

In order: `decoding` (bytes to text), `tokenizer` (text to records), `csv_files` (one file,
strictly), `translations`, `sheets` and `tables` (which sheet it is), `missing_columns` (what it
lacks, and what `column_contents` and `unknown_sheets` propose instead), `folders`, `rows`,
`references`, `row_rules` and `entities` (what the rows describe). Nothing here knows of Dagster,
tickets or Jira.
"""
