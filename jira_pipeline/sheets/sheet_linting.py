"""What can be said of a folder before any session exists: findings and open questions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline.model.findings import Finding, ranked_findings
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.json_values import select_fields
from jira_pipeline.model.open_questions import (
    OpenQuestion,
    PlacedQuestion,
    QuestionsLeft,
    count_questions,
    sharing_key,
)
from jira_pipeline.model.sessions import SessionManifest
from jira_pipeline.model.source_tables import SourceFile
from jira_pipeline.model.specification_source import SpecificationSource
from jira_pipeline.model.tickets import row_ids_of
from jira_pipeline.sheets.layout_beside import layout_beside
from jira_pipeline.sheets.upload_reading import (
    SpecificationReading,
    read_and_group,
    refuse_unreadable,
)
from jira_pipeline.sheets.version_changes import VersionThing, version_things
from jira_pipeline.tickets.questions.found_questions import all_open_questions


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedInTickets:
    """A question, and the titles of the tickets that would ask it."""

    question: OpenQuestion
    titles: tuple[str, ...]
    row_ids: frozenset[tuple[str, str]]
    """`row_ids_of` it in each of them, beside the key of its group."""
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
    groups: tuple[EntityGroup, ...]
    """One for each ticket, in build order."""
    things: tuple[VersionThing, ...]
    """Everything that its rows describe, as versions of them are compared."""
    needs_layout: bool
    """Something is left to settle about the layout of its worksheets, which findings name."""

    @property
    def ticket_count(self) -> int:
        return len(self.groups)

    @property
    def ranked(self) -> tuple[Finding, ...]:
        """Its findings as people look at them: each fault once, the most telling first."""
        return ranked_findings(self.findings, files=self.files)

    def to_json(self) -> dict[str, object]:
        """Return the shape `lint --json` promises."""
        asked = (
            "file line record column quote question suggested_answer? suggested_because? compared"
        )
        return select_fields(self, "files findings needs_layout") | {
            "questions": [
                {"ticket_title": title} | select_fields(question, asked)
                for title, question in self.questions
            ]
        }


def lint_folder(
    folder: Path,
    *,
    manifest: SessionManifest,
    source: SpecificationSource,
    layout: bytes | None = None,
) -> LintResult:
    """Read and group a folder and ask what it leaves open.

    `layout` is the content of a layout that is declared for it; otherwise the one in the folder
    counts.
    """
    refuse_unreadable(folder)
    declared = layout_beside(folder) if layout is None else layout
    return source.run_in_subprocess(partial(_read_and_lint, folder, manifest, declared))


def _read_and_lint(
    folder: Path, manifest: SessionManifest, layout: bytes | None, source: SpecificationSource
) -> LintResult:
    return lint_reading(read_and_group(folder, manifest, layout, source))


def lint_reading(reading: SpecificationReading) -> LintResult:
    """Ask what sheets that were read leave open."""
    left_open = all_open_questions(reading.groups, reading.specification)
    asked_in_groups = [pair for pair in left_open if not pair[1].assumption]
    placed = [PlacedQuestion(group.key, group.key, question) for group, question in asked_in_groups]
    questions_alike = group_by(placed, sharing_key).values()
    asked_once = _asked_in_tickets(reading.groups, questions_alike)
    asked_once.sort(key=lambda question: (-question.waiting, -len(question.titles)))
    things = version_things(reading.specification.entities)
    return LintResult(
        files=reading.files,
        findings=reading.findings,
        questions=tuple((group.title, question) for group, question in asked_in_groups),
        asked_once=tuple(asked_once),
        questions_left=count_questions(placed),
        groups=reading.groups,
        things=things,
        needs_layout=reading.needs_layout,
    )


def _asked_in_tickets(
    groups: Sequence[EntityGroup], questions_alike: Iterable[Sequence[PlacedQuestion]]
) -> list[AskedInTickets]:
    """Return each question once, with the tickets that ask it and those that wait for one of them."""
    waiting = waiting_for(groups)
    titles = {group.key: group.title for group in groups}
    asked_once: list[AskedInTickets] = []
    for alike in questions_alike:
        row_ids: set[tuple[str, str]] = set()
        waiting_keys: set[str] = set()
        for placed in alike:
            waiting_keys |= waiting[placed.group_key]
            for row_id in row_ids_of(placed.question):
                row_ids.add((placed.group_key, row_id))
        question = AskedInTickets(
            question=alike[0].question,
            titles=tuple(titles[placed.group_key] for placed in alike),
            row_ids=frozenset(row_ids),
            waiting=len(waiting_keys),
        )
        asked_once.append(question)
    return asked_once


def waiting_for(groups: Sequence[EntityGroup]) -> Mapping[str, frozenset[str]]:
    """Return the keys of the groups that wait for each group, over any number of steps.

    Groups are in build order, so that whoever waits comes later.
    """
    waiting: dict[str, set[str]] = {group.key: set() for group in groups}
    for group in reversed(groups):
        for dependency in group.dependencies:
            waiting_for_group = waiting[dependency.group_key]
            waiting_for_group.add(group.key)
            waiting_for_group |= waiting[group.key]
    return {key: frozenset(keys) for key, keys in waiting.items()}
