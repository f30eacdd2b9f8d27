"""The example through the reader and the grouping rules: findings, tickets, order, questions."""

import re
from functools import cache
from pathlib import Path

from jira_pipeline.model.entities import EntityKind, Specification, Status
from jira_pipeline.model.findings import Finding, Severity
from jira_pipeline.sheets.manifest import read_manifest
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.tickets.grouping.grouping import GroupingResult, group_entities
from jira_pipeline.tickets.questions.found_questions import all_open_questions
from jira_pipeline_tests.sheets.made_readings import read_folder

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
FOLDER = EXAMPLES / "uhrenmuseum"
README = (EXAMPLES / "README.md").read_text(encoding="utf-8")
CITATION = re.compile(r"\b([A-Z]\w+):(\d+) `")


@cache
def read_example() -> tuple[Specification, tuple[Finding, ...]]:
    """Read the sheets and what they describe, with all findings."""
    reading = read_folder(FOLDER)
    entities = read_entities(reading.tables)
    specification = Specification(entities=entities.entities)
    return specification, (*reading.findings, *entities.findings)


@cache
def group_example() -> GroupingResult:
    """Group what the sheets describe."""
    return group_entities(read_example()[0])


def rows_cited_for(*, words: str) -> set[tuple[str, int]]:
    """File and line of the rows that the README cites for rules with these words."""
    rules = [line for line in README.splitlines() if line.startswith("| ") and words in line]
    return {
        (f"Uhrenmuseum_{sheet}.csv", int(line))
        for rule in rules
        for sheet, line in CITATION.findall(rule)
    }


def test_the_sheets_hold_no_error_and_exactly_the_warnings_the_readme_cites() -> None:
    findings = [*read_example()[1], *group_example().findings]

    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    warnings = {(f.file, f.line) for f in findings if f.severity is Severity.WARNING}

    assert errors == []
    assert warnings == rows_cited_for(words="a warning")


def test_every_row_the_readme_cites_for_a_question_raises_one() -> None:
    specification, _ = read_example()
    questions = all_open_questions(group_example().groups, specification)

    asked = {(question.file, question.line) for _, question in questions}

    assert rows_cited_for(words="| question, ") - asked == set()


def test_a_question_quotes_what_its_cell_says() -> None:
    specification, _ = read_example()
    cells = {(e.source.file, e.source.line): e.cells for e in specification.entities}

    elsewhere = [
        question
        for _, question in all_open_questions(group_example().groups, specification)
        if question.quote not in cells[question.file, question.line][question.column]
    ]

    assert elsewhere == []


def test_every_kind_of_status_occurs_among_heads_and_members() -> None:
    specification, _ = read_example()
    heads = {EntityKind.BUNDLE, EntityKind.VIEW, EntityKind.WORKFLOW}

    of_heads = {e.status for e in specification.entities if e.kind in heads}
    of_members = {e.status for e in specification.entities if e.kind not in heads}

    assert of_heads == set(Status)
    assert of_members == set(Status)


def test_the_manifest_names_the_site_and_approves_by_itself() -> None:
    manifest = read_manifest(FOLDER)

    assert manifest.site_name == "Uhrenmuseum Möwenbrück"
    assert manifest.auto_approve
