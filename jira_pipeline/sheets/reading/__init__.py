"""Reads files of sheets, and what their rows mean; worksheets are understood by `sheets/layouts`.

- `folder_files`: which files of a folder are read, within `limits`;
- `csv_files` (by way of `tokenizer`) or `workbooks` (with `workbook_marks`, `older_workbooks`): the
  cells of one file;
- `entities`, of `rows_as_meant`: one thing for each row, its key, owner and `references`;
- `captions`: lines beside rows, and which rows they are about;
- `row_findings`: what looks like a slip.

`sheet_kinds`, `cells`, `labels` and `translations` say what headers and texts mean. Nothing here knows
of tickets or Jira.
"""
