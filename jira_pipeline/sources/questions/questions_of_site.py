"""Certain questions of a whole site: each is asked once, in the first ticket it concerns.

Belongs here: what many tickets share, found over all rows. Where it concerns one ticket it is that
ticket's own question, by the same rule. Does not: what concerns the rows of one ticket only
(`questions_of_bundles`, `questions_of_views`, `questions_of_lists`).
"""

from collections.abc import Iterator, Sequence

from jira_pipeline.model.entities import GONE, TO_BUILD, Entity, EntityKind, Status
from jira_pipeline.model.entity_groups import EntityGroup, GroupAction, GroupKind
from jira_pipeline.sources.drupal.workflow_rows import APPLIES_TO, bundles_listed, is_moderation
from jira_pipeline.sources.questions.question_index import QuestionIndex, name_of, once_per_session
from jira_pipeline.sources.questions.row_questions import RowQuestion, asked, joined, plain

_NEW = Status.APPROVED
_NAMED_MAX = 12
"""More types are counted."""


def site_questions(group: EntityGroup, index: QuestionIndex) -> Iterator[RowQuestion]:
    """Find what the whole site leaves open and this ticket is the first to need."""
    yield from (question for key, question in _of_site(index) if key == group.key)


@once_per_session
def _of_site(index: QuestionIndex) -> Sequence[tuple[str, RowQuestion]]:
    """Return the questions of the site, each with the key of the first group it concerns."""
    groups = [g for g in index.groups if g.action is not GroupAction.REMOVE and not g.is_hollow]
    return (*_translation_questions(groups), *_moderation_questions(groups, index))


def _translation_questions(groups: Sequence[EntityGroup]) -> Iterator[tuple[str, RowQuestion]]:
    """Ask about fields that are to be translated on types that are not."""
    found: dict[str, tuple[Entity, Sequence[Entity]]] = {}
    for group in (g for g in groups if g.kind is GroupKind.BUNDLE):
        fields = (row for row in group.members if row.kind is EntityKind.FIELD)
        rows = [row for row in fields if row.status in TO_BUILD and row.flag("Trns.")]
        if rows and group.heads[0].flag("Trns.") is False:
            found[group.key] = group.heads[0], rows
    for first, (head, translated) in list(found.items())[:1]:
        heads = [head for head, _ in found.values()]
        types = _listed([f"“{plain(of.label)}”" for of in heads], heads)
        are, compared = ("types are", ()) if heads[1:] else ("type is", tuple(translated))
        yield first, asked("site.translation", head, "", compared, types=types, types_are=are)


def _moderation_questions(
    groups: Sequence[EntityGroup], index: QuestionIndex
) -> Iterator[tuple[str, RowQuestion]]:
    """Ask which workflow moderates which types, where no cell says so.

    A note of a workflow may say it, and a note of a type may: then nobody is asked. Else the ticket
    of each workflow asks; without one, the first ticket of a type.
    """
    specification = index.specification
    every = specification.by_kind[EntityKind.WORKFLOW]
    workflows = [row for row in every if row.status not in GONE and is_moderation(row)]
    if any(row.note for row in workflows):
        return
    told = {b.key for row in workflows for b in bundles_listed(row, specification)}
    types = [
        row
        for row in specification.by_kind[EntityKind.BUNDLE]
        if row.flag("Mod.") and row.status not in GONE
        if row.key not in told and not row.note
    ]
    new = [row for row in types if row.status is _NEW]
    silent = {w.key for w in workflows if not w.cell(APPLIES_TO) and (w.status is _NEW or new)}
    asking = [(g, head) for g in groups for head in g.heads if head.key in silent]
    listed = _listed([f"“{plain(row.label)}”" for row in new or types], new or types)
    for group, workflow in asking:
        named = [r for r in types if name_of(r).casefold() == workflow.label.casefold()]
        of_name = f"“{plain(named[0].label)}”" if len(named) == 1 < len(workflows) else ""
        answer = of_name or "All of them" * (len(workflows) == 1 and bool(types))
        topic = f"site.moderates{'' if types else '_none'}"
        because = "the same name" * bool(of_name)
        said = asked(topic, workflow, "Type", answer=answer, because=because, types=listed)
        yield group.key, said
    first = next(((g, head) for g in groups for head in g.heads if head in new), None)
    if first and not asking:
        names = [f"“{plain(w.label)}”" for w in workflows]
        words = {"types": listed, "each": "each of " if len(new) > 1 else ""}
        words["which"] = f"Which of {joined(names)}" if len(names) > 1 else "Which workflow"
        answer = names[0] if len(names) == 1 else ""
        yield first[0].key, asked("site.moderated", first[1], "Mod.", answer=answer, **words)


def _listed(names: Sequence[str], rows: Sequence[Entity]) -> str:
    """Join names; above the limit they are counted."""
    if len(rows) > _NAMED_MAX:
        return f"{len(rows)} types"
    return joined(names)
