"""What a layout makes of the worksheets of a folder, and what it leaves to settle.

Belongs here: all of that in one value, for whoever works on a layout, in a session or before there is
one. Does not: the checks (`coverage`, `row_checks`), reading a folder as an upload (`folder_reading`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from jira_pipeline.model.findings import Finding
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.sessions import SessionManifest
from jira_pipeline.sheets.layouts.coverage import LayoutFinding
from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.known_headers import propose_known, with_known_sheets
from jira_pipeline.sheets.layouts.layout import Layout
from jira_pipeline.sheets.layouts.layout_files import layout_json
from jira_pipeline.sheets.layouts.layout_findings import LayoutFindings, layout_findings
from jira_pipeline.sheets.layouts.layout_reading import (
    LayoutReading,
    UploadGrids,
    read_by_layout,
    upload_grids,
)
from jira_pipeline.sheets.layouts.proposing import propose
from jira_pipeline.sheets.manifest import read_manifest
from jira_pipeline.sheets.reading.folder_files import files_of_folder
from jira_pipeline.sheets.reading.limits import DEFAULT_LIMITS, ReadingLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutChecks:
    """What a layout makes of worksheets, and what it leaves to settle."""

    upload: UploadGrids
    """The worksheets, divided as it says."""
    effective: Layout
    """With the known layouts of worksheets that it does not name."""
    reading: LayoutReading
    left: LayoutFindings

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is left to settle, by file and row."""
        return self.left.findings

    @property
    def unsettled(self) -> tuple[LayoutFinding, ...]:
        """The same, as the checks name it."""
        return self.left.unsettled


@json_fields("is_settled layout=layout_json unsettled=unsettled_json findings=checks.findings")
@dataclass(frozen=True, kw_only=True)
class AppliedLayout:
    """A layout and the worksheets that it is applied to."""

    upload: UploadGrids
    layout: Layout
    checks: LayoutChecks

    @property
    def grids(self) -> tuple[Grid, ...]:
        return self.upload.grids

    @property
    def is_settled(self) -> bool:
        """It leaves nothing to settle."""
        return not self.checks.unsettled

    @property
    def layout_json(self) -> Mapping[str, object]:
        """The layout as JSON, which is taken back like YAML."""
        return layout_json(self.layout)

    @property
    def unsettled_json(self) -> list[Mapping[str, object]]:
        """What is left to settle, for programs."""
        return [
            {
                "check": finding.code.value,
                "where": finding.where,
                "text": finding.text,
                "can_be_accepted": finding.accepted_as is not None,
            }
            for finding in self.checks.unsettled
        ]


def folder_grids(folder: Path, *, limits: ReadingLimits = DEFAULT_LIMITS) -> UploadGrids:
    """Read the worksheets of a folder, or of one workbook; faults of files are among its findings.

    Raises:
        ManifestError: The `session.yaml` of the folder cannot be read.
    """
    manifest = read_manifest(folder) if folder.is_dir() else SessionManifest()
    files = files_of_folder(folder, limits)
    upload = upload_grids(files.contents, limits=limits, encoding=manifest.encoding)
    return replace(
        upload,
        findings=(*files.findings, *upload.findings),
        columns=manifest.columns,
        owner_blank=manifest.owner_blank,
    )


def check_layout(layout: Layout, upload: UploadGrids) -> LayoutChecks:
    """Apply a layout to worksheets, and name what it leaves to settle."""
    upload = upload.divided_by(layout)
    known = propose_known(upload.grids, columns=upload.columns, owner_blank=upload.owner_blank)
    effective = with_known_sheets(layout, known, upload.grids)
    reading = read_by_layout(effective, upload)
    left = layout_findings(reading.checked, upload, declared=layout, known=known)
    return LayoutChecks(upload=upload, effective=effective, reading=reading, left=left)


def proposed_for_folder(folder: Path, *, limits: ReadingLimits = DEFAULT_LIMITS) -> AppliedLayout:
    """Return what is proposed for the worksheets of a folder, or of one workbook."""
    upload = folder_grids(folder, limits=limits)
    layout = propose(upload.grids, columns=upload.columns, owner_blank=upload.owner_blank)
    return applied_layout(layout, upload)


def applied_layout(layout: Layout, upload: UploadGrids) -> AppliedLayout:
    """Return what a layout makes of worksheets, which are divided as it says."""
    checks = check_layout(layout, upload)
    return AppliedLayout(upload=checks.upload, layout=layout, checks=checks)


def applied_to_folder(
    layout: Layout, folder: Path, *, limits: ReadingLimits = DEFAULT_LIMITS
) -> AppliedLayout:
    """Return what a layout makes of the worksheets of a folder, or of one workbook."""
    upload = folder_grids(folder, limits=limits)
    return applied_layout(layout, upload)
