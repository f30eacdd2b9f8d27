"""Certain questions of a whole site: each is asked once, in the first ticket it concerns.

Belongs here: what many tickets share, found over all rows. Where it concerns one ticket it is that
ticket's own question, by the same rule. Does not: what concerns the rows of one ticket only
(`questions_of_bundles`, `questions_of_views`, `questions_of_lists`).
"""

from collections.abc import Iterator, Mapping, Sequence

from jira_pipeline.domain.entities import Entity, EntityKind, Status
from jira_pipeline.domain.entity_groups import EntityGroup, GroupAction, GroupKind
from jira_pipeline.domain.line_numbers import places_cited
from jira_pipeline.domain.questions.doubts import Doubt, marked, plain, subject_of
from jira_pipeline.domain.questions.question_index import (
    QuestionIndex,
    name_of,
    once_per_session,
)
from jira_pipeline.domain.workflow_rows import APPLIES_TO, GONE, bundles_listed, is_moderation

_WORK = frozenset({Status.APPROVED, Status.CHANGED})
_LISTED_MAX = 40
"""More things than this are counted, with their lines."""
_NAMED_MAX = 12
"""Up to so many fields are named, of one type."""


def site_doubts(group: EntityGroup, index: QuestionIndex) -> Iterator[Doubt]:
    """Find what the whole site leaves open and this ticket is the first to need."""
    for key, doubt in _site_doubts(index):
        if key == group.key:
            yield doubt


@once_per_session
def _site_doubts(index: QuestionIndex) -> Sequence[tuple[str, Doubt]]:
    """Return the questions of the site, each with the key of the first group it concerns."""
    groups = [g for g in index.groups if g.action is not GroupAction.REMOVE]
    return (*_translation_doubts(groups), *_moderation_doubts(groups, index))


def _translation_doubts(groups: Sequence[EntityGroup]) -> Iterator[tuple[str, Doubt]]:
    """Ask about fields that are to be translated on types that are not."""
    found: dict[str, tuple[EntityGroup, list[Entity]]] = {}
    for group in groups:
        is_own = group.kind is GroupKind.BUNDLE and group.heads[0].cell("Trns.").casefold() == "n"
        fields = [
            row
            for row in group.members
            if row.kind is EntityKind.FIELD and row.status in _WORK
            if row.cell("Trns.").casefold() == "y"
        ]
        if is_own and fields:
            found[group.key] = (group, list({row.key: row for row in fields}.values()))
    if not found:
        return
    first, fields = next(iter(found.values()))
    head = first.heads[0]
    if len(found) == 1:
        is_one = len(fields) == 1
        question = (
            f"{_fields(fields)} {'is' if is_one else 'are'} to be translated (Trns. y), "
            f"“{plain(name_of(head))}” is not (Trns. n): which holds? Drupal translates a field only "
            "where its type is translated."
        )
    else:
        of = [f"“{plain(group.heads[0].label)}” ({_count(rows)})" for group, rows in found.values()]
        heads = [group.heads[0] for group, _ in found.values()]
        question = (
            f"{len(found)} types are not to be translated (Trns. n), and fields of theirs are "
            "(Trns. y): which holds? Drupal translates a field only where its type is translated. "
            f"The types: {_listed(of, heads)}."
        )
    yield (
        first.key,
        Doubt(
            rank=26,
            topic="translation",
            entity=head,
            column="Trns.",
            quote=head.cell("Trns."),
            question=question,
            disputes="Trns.",
            compared=tuple(fields) if len(found) == 1 else (),
        ),
    )


def _count(fields: Sequence[Entity]) -> str:
    return f"{len(fields)} {'field' if len(fields) == 1 else 'fields'}"


def _fields(fields: Sequence[Entity]) -> str:
    names = [marked(subject_of(field)) for field in fields]
    if len(names) > _NAMED_MAX:
        return f"{len(names)} fields"
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]


def _listed(names: Sequence[str], rows: Sequence[Entity]) -> str:
    """Join names; above the limit the rest is counted, with its lines."""
    if rest := rows[_LISTED_MAX:]:
        lines = places_cited([row.source for row in rest])
        return f"{', '.join(names[:_LISTED_MAX])} and {len(rest)} more ({lines})"
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]


def _moderation_doubts(
    groups: Sequence[EntityGroup], index: QuestionIndex
) -> Iterator[tuple[str, Doubt]]:
    """Ask which workflow moderates which types, where no cell says so.

    A note of a workflow may say it, and a note of a type may: then nobody is asked.
    """
    specification = index.specification
    workflows = [
        row for row in specification.by_kind[EntityKind.WORKFLOW] if row.status not in GONE
    ]
    if any(row.note for row in workflows):
        return
    listed = {b.key for row in workflows for b in bundles_listed(row, specification)}
    types = [
        row
        for row in specification.by_kind[EntityKind.BUNDLE]
        if row.cell("Mod.").casefold() == "y" and row.status not in GONE
        if row.key not in listed and not row.note
    ]
    silent = [row for row in workflows if not row.cell(APPLIES_TO) and is_moderation(row)]
    concerned: Mapping[str, Entity] = {
        row.key: row for row in (*silent, *types) if row.status is Status.APPROVED
    }
    first = next(((g, h) for g in groups for h in g.heads if h.key in concerned), None)
    if first is None:
        return
    group, head = first
    asked = [row for row in types if row.status is Status.APPROVED] or types
    names = _listed([f"“{plain(row.label)}”" for row in asked], asked) if asked else ""
    of = _listed([f"“{plain(name_of(row))}”" for row in silent], silent) if silent else ""
    if not asked:
        question = f"Which types does {of} moderate? No type has Mod. y."
        question = question.replace("does", "do") if len(silent) > 1 else question
    elif len(silent) == 1 and len(workflows) == 1:
        question = f"Does {of} moderate all types with Mod. y: {names}? No row says."
    elif silent:
        them = "it" if len(asked) == 1 else "each of them"
        question = (
            f"{'The' if len(asked) == 1 else 'These'} "
            f"type{'' if len(asked) == 1 else 's'} with Mod. y {'has' if len(asked) == 1 else 'have'} "
            f"no workflow: {names}. Which of {of} moderates {them}?"
        )
    else:
        question = f"Which workflow moderates {names}? Mod. is y, and no row says it."
    yield (
        group.key,
        Doubt(
            rank=25,
            topic="moderation",
            entity=head,
            column="Mod." if head.kind is EntityKind.BUNDLE else "Type",
            quote="",
            question=question,
            suggested_answer="Yes" if question.startswith("Does ") else "",
            suggested_because="it is the only workflow" if question.startswith("Does ") else "",
        ),
    )
