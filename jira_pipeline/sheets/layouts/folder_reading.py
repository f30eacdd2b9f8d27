"""Reads a folder of an upload by the layout that was declared for it.

Belongs here: what a folder is read to, and whether its layout leaves something to settle. Does not:
which files are read (`reading/folders`), the worksheets of several files (`layout_reading`).
"""

import hashlib
from pathlib import Path

from jira_pipeline.model.entities import FolderReading
from jira_pipeline.model.findings import sorted_findings
from jira_pipeline.sheets.layouts.layout_files import read_layout
from jira_pipeline.sheets.layouts.layout_findings import layout_findings
from jira_pipeline.sheets.layouts.layout_reading import (
    read_by_layout,
    upload_grids,
)
from jira_pipeline.sheets.layouts.proposing import effective_layout
from jira_pipeline.sheets.reading.folders import files_of_folder
from jira_pipeline.sheets.reading.limits import DEFAULT_LIMITS, ReadingLimits


def read_folder_by_layout(
    folder: Path, content: bytes, *, limits: ReadingLimits = DEFAULT_LIMITS
) -> FolderReading:
    """Read every worksheet of a folder by the layout that is declared; faults of files are findings.

    Raises:
        LayoutRefusedError: The layout cannot be used.
    """
    declared = read_layout(content)
    files = files_of_folder(folder, limits)
    upload = upload_grids(files.contents, limits=limits)
    reading = read_by_layout(effective_layout(declared, upload.grids), upload)
    unsettled = layout_findings(reading.checked, upload, declared=declared)
    return FolderReading(
        tables=reading.tables,
        findings=sorted_findings([*files.findings, *upload.findings, *unsettled.findings]),
        file_hashes={
            name: hashlib.sha256(content).hexdigest() for name, content in files.contents.items()
        },
        needs_layout=unsettled.needs_layout,
    )
