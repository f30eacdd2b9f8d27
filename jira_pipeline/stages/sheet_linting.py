"""What can be said of a folder before any session exists: findings and open questions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jira_pipeline.domain.entities import SourceFile
from jira_pipeline.domain.entity_groups import EntityGroup
from jira_pipeline.domain.findings import Finding
from jira_pipeline.domain.questions.open_questions import OpenQuestion, all_open_questions
from jira_pipeline.domain.questions.questions_left import (
    PlacedQuestion,
    QuestionsLeft,
    count_questions,
    shared_with,
)
from jira_pipeline.domain.sessions import SessionManifest
from jira_pipeline.ports.specification import SpecificationSource
from jira_pipeline.stages.upload_reading import read_specification


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedInTickets:
    """A question, and the titles of the tickets that would ask it."""

    question: OpenQuestion
    titles: tuple[str, ...]
    waiting: int
    """Tickets that wait for one of these, directly or not: what the answer is worth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LintResult:
    """Everything to know of a folder."""

    files: tuple[SourceFile, ...]
    findings: tuple[Finding, ...]
    questions: tuple[tuple[str, OpenQuestion], ...]
    """Title of the ticket it would be in, and the question; in build order."""
    asked_once: tuple[AskedInTickets, ...]
    """What most tickets wait for comes first."""
    questions_left: QuestionsLeft
    ticket_count: int


def lint_folder(
    folder: Path, *, manifest: SessionManifest, source: SpecificationSource
) -> LintResult:
    """Read and group a folder and ask what it leaves open."""
    reading = read_specification(folder, manifest=manifest, source=source)
    asked = all_open_questions(reading.groups, reading.specification)
    waiting = waiting_for(reading.groups)
    found: dict[tuple[str, ...], list[tuple[EntityGroup, OpenQuestion]]] = {}
    for group, question in asked:
        found.setdefault(shared_with(_placed(group, question)), []).append((group, question))
    once = (
        AskedInTickets(
            question=same[0][1],
            titles=tuple(group.title for group, _ in same),
            waiting=len(frozenset[str]().union(*(waiting[group.key] for group, _ in same))),
        )
        for same in found.values()
    )
    return LintResult(
        files=reading.files,
        findings=reading.findings,
        questions=tuple((group.title, question) for group, question in asked),
        asked_once=tuple(sorted(once, key=lambda one: -(one.waiting + len(one.titles)))),
        questions_left=count_questions(_placed(group, question) for group, question in asked),
        ticket_count=len(reading.groups),
    )


def waiting_for(groups: Sequence[EntityGroup]) -> Mapping[str, frozenset[str]]:
    """Return the keys of the groups that wait for each group, over any number of steps.

    Groups are in build order, so that whoever waits comes later.
    """
    found: dict[str, set[str]] = {group.key: set() for group in groups}
    for group in reversed(groups):
        for dependency in group.dependencies:
            found[dependency.group_key] |= {group.key, *found[group.key]}
    return {key: frozenset(keys) for key, keys in found.items()}


def _placed(group: EntityGroup, question: OpenQuestion) -> PlacedQuestion:
    """Say where a question is; a group has one ticket, which is not there yet."""
    return PlacedQuestion(group.key, group.key, question.asks)
