"""Reads files of sheets, and what their rows mean; worksheets are understood by `sheets/layouts`.

`folder_files`, `csv_files`, `workbooks` and `entities` serve every upload. `folders` is the reader of
programs without layouts: it takes tables through its steps, for kept uploads of these alone. In order,
each decides:

- `csv_files` (by way of `tokenizer`) or `workbooks` (with `workbook_marks`): the rows of one file;
- `table_starts`: where a table begins, and what is above it;
- `table_kinds`, by the headers of `sheet_kinds`: which sheet it is, what its columns are called;
- `separators`: which of its rows describe something;
- steps over all tables: `captions_and_headings`, `completed_fields`, `completed_things`,
  `displays_in_views`, `role_matrices`, `owners`;
- `missing_columns`: what a sheet lacks, and which header may be meant;
- `entities`, of `rows_as_meant`: one thing for each row, its key, owner and `references`;
- `row_findings`: what looks like a slip.

`cells`, `labels` and `translations` say what texts mean. Nothing here knows of tickets or Jira.
"""
