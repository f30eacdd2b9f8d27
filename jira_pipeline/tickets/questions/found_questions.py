"""Asks what the sheets leave open: found by rule, joined into few questions, never guessed.

Belongs here: which rules a group is asked by, and joining what they found. Does not: the rules
(`questions_of_…`), their part of a ticket (`tickets/claims/ticket`).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from jira_pipeline.drupal.meaning.modules_and_types import NOUNS, listed_in
from jira_pipeline.model.columns import NOTE_COLUMNS
from jira_pipeline.model.entities import (
    GONE,
    THERE,
    Entity,
    EntityKind,
    Specification,
    Status,
)
from jira_pipeline.model.entity_groups import EntityGroup, GroupAction, GroupKind
from jira_pipeline.model.grouped import grouped
from jira_pipeline.model.open_questions import OpenQuestion
from jira_pipeline.tickets.questions import (
    questions_of_bundles,
    questions_of_lists,
    questions_of_views,
)
from jira_pipeline.tickets.questions.question_index import QuestionIndex, name_of
from jira_pipeline.tickets.questions.row_questions import (
    ANSWER,
    NAMED_MAX,
    SUBJECTS,
    RowQuestion,
    asked,
    joined,
    marked_subject,
    plain,
    subject_of,
)
from jira_pipeline.tickets.questions.rules import BUNDLES, RULES, GroupRows, to_build

CHOICES_MAX, CHOICE_MAX_CHARACTERS = 9, 120
"""Each has a key, a digit, and fits on a button; of more, or longer ones, none is offered."""
_MANY = {kind: f"{noun}s" for kind, noun in NOUNS.items()} | {EntityKind.BUNDLE: "types"}
"""What subjects are that are too many to be named."""


def _all_to_build(rows: GroupRows) -> Iterable[Entity]:
    return to_build((*rows.group.heads, *rows.group.members))


def _bundles(rows: GroupRows) -> Iterable[Entity]:
    return to_build(rows.group.heads) if rows.group.kind in BUNDLES else ()


def _new_bundles(rows: GroupRows) -> Iterable[Entity]:
    return [head for head in _bundles(rows) if head.status is Status.APPROVED]


def _filled(rows: GroupRows) -> bool:
    """Tell whether it is of bundles, and of fields that are built with them."""
    return rows.group.kind in BUNDLES and not rows.group.is_hollow


def _fields(rows: GroupRows) -> Iterable[Entity]:
    return rows.new_fields if _filled(rows) else ()


def _fields_there(rows: GroupRows) -> Iterable[Entity]:
    return rows.group.members if _filled(rows) and rows.head.status in THERE else ()


def _first_bundle(rows: GroupRows) -> Iterable[Entity]:
    return rows.group.heads[:1] if _filled(rows) else ()


def _every_bundle(rows: GroupRows) -> Iterable[Entity]:
    return rows.group.heads if _filled(rows) else ()


def _removed(rows: GroupRows) -> Iterable[Entity]:
    return rows.group.heads if rows.group.action is GroupAction.REMOVE else ()


def _is_of(kind: GroupKind, rows: GroupRows) -> bool:
    return rows.group.kind is kind and rows.group.action is not GroupAction.REMOVE


def _view(rows: GroupRows) -> Iterable[Entity]:
    return rows.group.heads[:1] if _is_of(GroupKind.VIEW, rows) else ()


def _displays(rows: GroupRows) -> Iterable[Entity]:
    return rows.group.members if _is_of(GroupKind.VIEW, rows) else ()


def _view_there(rows: GroupRows) -> Iterable[Entity]:
    return _view(rows) if rows.group.action is GroupAction.UPDATE else ()


def _displays_there(rows: GroupRows) -> Iterable[Entity]:
    return _displays(rows) if rows.group.action is GroupAction.UPDATE else ()


def _in_form(rows: GroupRows) -> Iterable[Entity]:
    """Return the displays of the form of a view; the view itself where no row is one."""
    return [row.display for row in rows.form] if _is_of(GroupKind.VIEW, rows) else ()


def _moderated(rows: GroupRows) -> Iterable[Entity]:
    """Return the heads of any group, once each."""
    is_built = rows.group.action is not GroupAction.REMOVE
    return {head.key: head for head in rows.group.heads if is_built}.values()


def _workflow(rows: GroupRows) -> Iterable[Entity]:
    return rows.group.heads[:1] if _is_of(GroupKind.WORKFLOW, rows) else ()


def _transitions(rows: GroupRows) -> Iterable[Entity]:
    """Return the transitions of a workflow that stay or come; of one that is there those to build."""
    of_workflow = rows.live(EntityKind.WORKFLOW_TRANSITION)
    return (of_workflow if rows.is_new else to_build(of_workflow)) if [*_workflow(rows)] else ()


def _first_rows(rows: GroupRows) -> Iterable[Entity]:
    """Return the first row of each transition of a workflow that is new."""
    ways = rows.ways if [*_workflow(rows)] else ()
    new = ([r for r in way.rows if r.status is Status.APPROVED] for way in ways)
    return [row for some in new for row in some]


def _states(rows: GroupRows) -> Iterable[Entity]:
    return rows.states if [*_workflow(rows)] else ()


def _states_to_build(rows: GroupRows) -> Iterable[Entity]:
    return _states(rows) if rows.is_new else to_build(_states(rows))


def _changed_in_workflow(rows: GroupRows) -> Iterable[Entity]:
    """Return the rows of a workflow that may not say what changes; where none is, the workflow."""
    members = rows.group.members if [*_workflow(rows)] else ()
    count = Counter((row.kind, row.machine_name) for row in members)
    rest = to_build(row for row in members if row.status not in GONE)
    alone = [
        r for r in rest if r.kind is EntityKind.WORKFLOW_STATE or count[r.kind, r.machine_name] == 1
    ]
    return alone if rest else _workflow(rows)


def _custom(rows: GroupRows) -> Iterable[Entity]:
    return to_build(rows.group.heads) if _is_of(GroupKind.CUSTOM, rows) else ()


def _listed(kind: GroupKind) -> Callable[[GroupRows], Iterable[Entity]]:
    """Return what selects the rows to build of a list of this kind."""

    def rows_of(rows: GroupRows) -> Iterable[Entity]:
        of_list = _all_to_build(rows) if _is_of(kind, rows) else ()
        return {row.source: row for row in of_list}.values()

    return rows_of


def _limited_roles(rows: GroupRows) -> Iterable[Entity]:
    whole = listed_in("roles", "with_every_permission")
    roles = _listed(GroupKind.USER_ROLES)(rows)
    return [role for role in roles if role.machine_name not in whole]


RULE_MODULES = (questions_of_bundles, questions_of_lists, questions_of_views)
"""Where the rules are: loading a module registers its own."""
_OF_LISTS = "lists.unknown lists.machine_name"
ASKED_OF: Sequence[tuple[Callable[[GroupRows], Iterable[Entity]], str]] = (
    (_all_to_build, "rows.unsettled"),
    (_bundles, "bundles.hollow bundles.hollow_there"),
    (
        _new_bundles,
        (
            "bundles.machine_name lists.machine_name bundles.media_source bundles.terms "
            "bundles.no_fields bundles.unreferred"
        ),
    ),
    (_fields, "bundles.module_settings"),
    (_fields, "bundles.done_so"),
    (
        _fields,
        (
            "bundles.machine_name lists.machine_name bundles.which_type bundles.field_type "
            "bundles.widget_number bundles.widget bundles.text bundles.extensions "
            "bundles.not_on_the_form bundles.off_the_form bundles.most bundles.target "
            "bundles.other_target bundles.no_such_target bundles.target_waits "
            "bundles.alike bundles.reused_of_nothing bundles.options bundles.storage "
            "bundles.newly_required"
        ),
    ),
    (_fields, "bundles.repeated"),
    (_fields_there, "bundles.changed"),
    (_first_bundle, "bundles.emptied"),
    (_every_bundle, "bundles.changed bundles.changed_beside"),
    (_removed, "views.items"),
    (_view, "views.disabled views.no_display"),
    (_displays_there, "views.changed"),
    (_view_there, "views.changed_alone"),
    (_displays, "views.path_of_two"),
    (_in_form, "views.placeholder lists.machine_name"),
    (_in_form, "views.displays views.form"),
    (_displays, "views.ids"),
    (_displays, "views.shipped_alike"),
    (_view, "views.shipped"),
    (_moderated, "lists.moderates lists.moderated"),
    (_workflow, "lists.states lists.hollow lists.unknown"),
    (_transitions, "lists.unknown"),
    (_states_to_build, "lists.untouched lists.end lists.unreached lists.unsaved lists.held"),
    (_workflow, "lists.first_state"),
    (_states, "lists.flags"),
    (_first_rows, "lists.who_each lists.who"),
    (_changed_in_workflow, "bundles.changed"),
    (_custom, "lists.blank"),
    (
        _listed(GroupKind.IMAGE_STYLES),
        f"{_OF_LISTS} bundles.changed lists.effects lists.values lists.format lists.size",
    ),
    (
        _listed(GroupKind.RESPONSIVE_IMAGE_STYLES),
        f"{_OF_LISTS} bundles.changed lists.blank lists.breakpoints lists.sizes",
    ),
    (_listed(GroupKind.VIEW_MODES), f"{_OF_LISTS} bundles.changed lists.shows"),
    (_listed(GroupKind.USER_ROLES), _OF_LISTS),
    (
        _limited_roles,
        (
            "lists.no_transition lists.permissions_noted lists.permissions_none lists.permissions "
            "lists.permissions_changed"
        ),
    ),
)
"""Which rows of a group are asked for which kinds of questions, in the order of the questions."""


def open_questions(group: EntityGroup, index: QuestionIndex) -> tuple[OpenQuestion, ...]:
    """Ask what the rows of a group leave open, what blocks building first."""
    rows = GroupRows(group=group, index=index)
    raised = [
        question
        for rows_of, kinds in ASKED_OF
        for row in rows_of(rows)
        for kind in kinds.split()
        for question in _raised(kind, row, rows)
    ]

    # Rows of one key may raise a kind in other words: then those tell the questions apart.
    words: dict[tuple[str, ...], str] = {}
    firsts = [words.setdefault((q.kind, q.key, q.column), q.question) for q in raised]
    told = zip(raised, firsts, strict=True)
    raised = [q if q.question == first else replace(q, about=q.question) for q, first in told]

    def asked_alike(one: RowQuestion) -> tuple[int, str, str, bool, str, str, str]:
        words, file = one.question_for_many.casefold(), one.entity.source.file
        is_likely, whose = bool(one.suggested_answer), (one.audience, one.card)
        return (one.rank, one.kind, words, is_likely, file, *whose)

    alike = grouped(raised, asked_alike)
    return tuple(_joined(same) for _, same in sorted(alike.items(), key=lambda item: item[0][0]))


def _raised(kind: str, row: Entity, rows: GroupRows) -> Iterable[RowQuestion]:
    found = RULES[kind](row, rows)
    if isinstance(found, bool):
        return [asked(kind, row)] if found else []
    return found


def all_open_questions(
    groups: Iterable[EntityGroup], specification: Specification
) -> tuple[tuple[EntityGroup, OpenQuestion], ...]:
    """Ask about all groups, in their order, in time linear in the rows."""
    every = tuple(groups)
    index = QuestionIndex(specification=specification, groups=sorted(every, key=lambda g: g.number))
    return tuple((group, question) for group in every for question in open_questions(group, index))


def _joined(raised: Sequence[RowQuestion]) -> OpenQuestion:
    first = raised[0]
    subjects = tuple(dict.fromkeys(subject_of(d.entity) for d in raised))
    is_one = len(subjects) == 1
    wording = first.question if is_one else first.question_for_many
    names = list(dict.fromkeys(marked_subject(d.entity) for d in raised))
    of_many = f"these {len(names)} {_MANY.get(first.entity.kind, 'rows')}"
    listed = of_many if len(names) > NAMED_MAX else joined(names)
    question = wording.replace(SUBJECTS, listed)
    columns = [first.column, *NOTE_COLUMNS] if first.column in NOTE_COLUMNS else []
    quoting = (c for c in columns if first.quote and first.quote in first.entity.cell(c))
    choices = first.choices or first.choices_of_one * is_one
    is_same = len({frozenset(d.choices) for d in raised}) == 1
    is_short = all(len(choice) <= CHOICE_MAX_CHARACTERS for choice in choices)
    is_offered = is_same and is_short and len(choices) <= CHOICES_MAX
    answer = _of_each(raised, "suggested_answer")
    assumption = first.assumption.replace(SUBJECTS, listed).replace(ANSWER, answer)
    return OpenQuestion(
        kind=first.kind,
        keys=tuple(dict.fromkeys(d.key for d in raised)),
        file=first.entity.source.file,
        line=first.entity.source.line,
        column=next(quoting, first.column),
        quote=first.quote,
        question=f"{question[:1].upper()}{question[1:]}",
        subjects=subjects,
        suggested_answer=answer,
        suggested_because=_of_each(raised, "suggested_because"),
        choices=choices if is_offered else (),
        disputes=first.disputes,
        record=first.entity.source.record,
        compared=tuple(dict.fromkeys(e.source for d in raised for e in d.compared)),
        audience=first.audience,
        card=first.card,
        labels=tuple({d.key: d.label for d in raised}.values()),
        client_quotes=tuple({d.key: d.client_quote for d in raised}.values()),
        for_client=first.for_client.replace(ANSWER, answer),
        client_choices=first.client_choices,
        assumption=f"{assumption[:1].upper()}{assumption[1:]}",
    )


def _of_each(raised: Sequence[RowQuestion], part: str) -> str:
    """Return what all of these say, or what each says after its name; nothing where one is silent.

    An answer settles the question for all of them.
    """
    said = {getattr(one, part) for one in raised}
    each = dict.fromkeys(f"{plain(name_of(d.entity))}: {getattr(d, part)}" for d in raised)
    return "" if "" in said else "; ".join(each if len(said) > 1 else said)
