"""What files of sheets begin with, and what people are told to export.

Belongs here: first bytes of containers, advice about formats. Does not: which files of a folder are
read (`folder_files`), what is in them (`csv_files`, `workbooks`).
"""

from jira_pipeline.model.sheet_names import WORKBOOK_SUFFIXES_TEXT

EXPORT_ADVICE = (
    "Export each sheet as CSV (UTF-8), or save the whole specification as one workbook "
    f"({WORKBOOK_SUFFIXES_TEXT})."
)
COMPOUND_START = b"\xd0\xcf\x11\xe0"
"""First bytes of the older container: .xls, and .xlsx under a password."""
WORKBOOK_STARTS = (b"PK\x03\x04", COMPOUND_START)
"""First bytes of a workbook: those of zip containers (.xlsx, .ods), too."""
