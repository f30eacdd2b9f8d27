"""What can be said of a folder before any session exists: findings and open questions."""

from dataclasses import dataclass
from pathlib import Path

from jira_pipeline.domain.entities import SourceFile
from jira_pipeline.domain.findings import Finding, sorted_findings
from jira_pipeline.domain.ports import SpecificationSource
from jira_pipeline.domain.questions.open_questions import OpenQuestion, all_open_questions
from jira_pipeline.domain.sessions import SessionManifest
from jira_pipeline.stages.entity_grouping.grouping import group_entities
from jira_pipeline.stages.upload_reading import read_specification


@dataclass(frozen=True, slots=True, kw_only=True)
class LintResult:
    """Everything to know of a folder."""

    files: tuple[SourceFile, ...]
    findings: tuple[Finding, ...]
    questions: tuple[tuple[str, OpenQuestion], ...]
    """Title of the ticket it would stand in, and the question; in build order."""
    ticket_count: int


def lint_folder(
    folder: Path, *, manifest: SessionManifest, source: SpecificationSource
) -> LintResult:
    """Read and group a folder and ask what it leaves open."""
    reading = read_specification(folder, source=source)
    grouping = group_entities(
        reading.specification,
        include_waiting=manifest.include_waiting,
        removals=manifest.removals,
    )
    asked = all_open_questions(grouping.groups, reading.specification)
    return LintResult(
        files=reading.files,
        findings=sorted_findings([*reading.findings, *grouping.findings]),
        questions=tuple((group.title, question) for group, question in asked),
        ticket_count=len(grouping.groups),
    )
