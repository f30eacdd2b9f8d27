"""Certain questions of bundles and their fields.

Belongs here: what the cells leave open or contradict, without reading English. Does not: the words
of a ticket (`writers`), joining rows into one question (`open_questions`).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from operator import methodcaller

from jira_pipeline.domain.drupal import (
    drupal,
    folded,
    holds_value,
    is_base_field,
    is_list,
    is_locked,
    is_on_form,
    is_one_of,
    is_reference,
    is_required,
    is_widget_wrong,
)
from jira_pipeline.domain.entities import (
    BundleType,
    Entity,
    EntityKind,
    Reference,
    ReferenceState,
    Status,
)
from jira_pipeline.domain.entity_groups import EntityGroup, GroupKind
from jira_pipeline.domain.machine_names import broken_rule
from jira_pipeline.domain.note_shapes import is_shapes_only, options_in
from jira_pipeline.domain.questions.doubts import SUBJECTS, Doubt, marked, plain, why_unknown
from jira_pipeline.domain.questions.question_index import (
    REUSED,
    QuestionIndex,
    accepted_name,
    is_machine_name_given,
    made_of_label,
    name_of,
)

NOTES = "Settings/notes"
THERE = frozenset({Status.IMPLEMENTED, Status.CHANGED})
"""What a bundle is that exists already."""
_TO_BUILD = frozenset({Status.APPROVED, Status.CHANGED})
_GONE = frozenset({Status.DELETED, Status.WAITING})
_KINDS = frozenset({GroupKind.BUNDLE, GroupKind.BUNDLES_WITHOUT_FIELDS})
_DEPRECATED = re.compile(r"\bdeprecated\b", re.IGNORECASE)
_UPKEEP = frozenset({"ID", "X", "Dev", "QA"})
NAMED_AT_MOST = 3


def new_fields(group: EntityGroup) -> tuple[Entity, ...]:
    """Return the fields that a bundle gets, once each; of a bundle that is new all of its own."""
    statuses = {Status.APPROVED} if group.heads[0].status in THERE else _TO_BUILD
    found: dict[str, Entity] = {}
    for row in group.members:
        if row.kind is EntityKind.FIELD and row.status in statuses:
            found.setdefault(row.key, row)
    return tuple(found.values())


def bundle_doubts(group: EntityGroup, index: QuestionIndex) -> Iterator[Doubt]:
    """Find what the rows of a bundle leave open; of what is there already only what changes."""
    if group.kind not in _KINDS:
        return
    for head in group.heads:
        if head.status in _TO_BUILD:
            yield from _head_doubts(head, group, index)
    if group.is_hollow:
        return
    new = new_fields(group)
    for row in new:
        yield from _row_doubts(row, group)
        yield from _reference_doubts(row, index)
        if is_machine_name_given(row) and not is_base_field(row):
            yield from _storage_doubts(row, index)
        if group.heads[0].status in THERE:
            yield from _newly_required_doubts(row, index)
    yield from _repeated_doubts(group, new)
    if group.heads[0].status in THERE:
        yield from _changed_doubts(group)


def _head_doubts(head: Entity, group: EntityGroup, index: QuestionIndex) -> Iterator[Doubt]:
    if not index.is_fields_sheet_read:
        yield Doubt(
            rank=1,
            topic="fields sheet",
            entity=head,
            column="Machine name",
            quote="",
            question=f"No fields sheet was uploaded: does {SUBJECTS} have fields?",
            question_for_many=f"No fields sheet was uploaded: do {SUBJECTS} have fields?",
        )
    elif group.is_hollow:
        yield Doubt(
            rank=1,
            topic="hollow",
            entity=head,
            column="X",
            quote=head.cell("X"),
            question=f"{SUBJECTS} is approved, but none of its fields is: is it to be built?",
        )
    if head.status in THERE:
        return
    yield from _name_doubts(head)
    if _lacks_source(head, group):
        yield Doubt(
            rank=14,
            topic="media source",
            entity=head,
            column="Machine name",
            quote="",
            question=f"Which source has {SUBJECTS}: image, file, video, audio or a remote address? "
            "Drupal cannot change it later.",
            question_for_many=f"Which source has each of {SUBJECTS}: image, file, video, audio or "
            "a remote address? Drupal cannot change it later.",
        )
    if head.bundle_type is BundleType.PARAGRAPH and not _may_be_used(head, index):
        yield Doubt(
            rank=22,
            topic="unused",
            entity=head,
            column="Name",
            quote=name_of(head),
            question=f"No field refers to {SUBJECTS}: in which field is it used?",
            question_for_many=f"No field refers to {SUBJECTS}: in which fields are they used?",
        )


def _lacks_source(head: Entity, group: EntityGroup) -> bool:
    """Tell whether no row of a new media type holds its items."""
    facts = drupal()
    return head.bundle_type is BundleType.MEDIA and not any(
        is_one_of(row.cell("Field type"), facts.source_types)
        or is_one_of(row.cell("Form widget"), facts.source_widgets)
        for row in group.members
        if row.owner_key == head.key and row.status is not Status.DELETED
    )


def _may_be_used(paragraph: Entity, index: QuestionIndex) -> bool:
    """Tell whether any field refers to a paragraph type, or does not say to which it refers."""
    fields = index.specification.by_kind[EntityKind.FIELD]
    referring = index.specification.referrers_of.get(paragraph.key, ())
    return (
        not fields
        or any(
            row.kind is EntityKind.FIELD and row.status is not Status.DELETED
            for row, _ in referring
        )
        or any(
            "paragraph" in f"{row.cell('Field type')} {row.cell('Form widget')}".casefold()
            and not any(
                r.state is ReferenceState.RESOLVED
                for r in row.references
                if r.column == "Ref. bundle"
            )
            for row in fields
            if row.status is not Status.DELETED
        )
    )


def _name_doubts(row: Entity) -> Iterator[Doubt]:
    """Ask for a machine name that is missing, or that Drupal refuses."""
    is_field = row.kind is EntityKind.FIELD
    if is_field and (is_base_field(row) or not row.cell("Field type")):
        return
    if not is_machine_name_given(row):
        yield Doubt(
            rank=10,
            topic="machine name",
            entity=row,
            column="Machine name",
            quote=row.machine_name,
            question=f"Which machine name has {SUBJECTS}?",
            question_for_many=f"Which machine names have {SUBJECTS}?",
            suggested_answer=marked(made_of_label(row)),
            suggested_because="what Drupal makes of the label",
        )
    elif rule := broken_rule(row.kind, row.machine_name):
        name = accepted_name(row.machine_name, row.kind)
        if name != row.machine_name:  # sites have names that begin with a digit
            yield Doubt(
                rank=10,
                topic=f"refused name {rule}",
                entity=row,
                column="Machine name",
                quote=row.machine_name,
                question=f"Drupal takes only {rule} as machine name: which one has {SUBJECTS}?",
                question_for_many=f"Drupal takes only {rule} as machine name: which ones have "
                f"{SUBJECTS}?",
                suggested_answer=marked(name),
                suggested_because="the nearest that Drupal takes",
                disputes="Machine name",
            )


def _row_doubts(row: Entity, group: EntityGroup) -> Iterator[Doubt]:
    """Find what a new field leaves open by itself."""
    yield from _name_doubts(row)
    if not row.cell("Field type") and not is_base_field(row):
        yield Doubt(
            rank=10,
            topic="field type",
            entity=row,
            column="Field type",
            quote="",
            question=f"Of which field type is {SUBJECTS}? The cell is blank.",
            question_for_many=f"Of which field types are {SUBJECTS}? The cells are blank.",
        )
    elif is_widget_wrong(row) and group.heads[0].bundle_type is not BundleType.WEBFORM:
        type_, widget = plain(row.cell("Field type")), plain(row.cell("Form widget"))
        yield Doubt(
            rank=18,
            topic=f"widget {type_} {widget}",
            entity=row,
            column="Form widget",
            quote=row.cell("Form widget"),
            question=f"Which is right for {SUBJECTS}, the field type “{type_}” or the form widget "
            f"“{widget}”? Drupal does not offer them together.",
            disputes="Form widget",
        )
    if is_required(row) and holds_value(row) and not is_on_form(row) and not is_locked(row):
        yield Doubt(
            rank=20,
            topic="required, not on the form",
            entity=row,
            column="Req'd",
            quote=row.cell("Req'd"),
            question=f"{SUBJECTS} is required but not on the form (its widget is disabled): what "
            "fills it in, or is one of the two wrong?",
            question_for_many=f"{SUBJECTS} are required but not on the form (their widgets are "
            "disabled): what fills them in, or is one of the two wrong?",
            disputes="Req'd",
        )
    if _DEPRECATED.search(row.label):
        yield Doubt(
            rank=24,
            topic="deprecated",
            entity=row,
            column="Field label",
            quote=row.label,
            question=f"The label of {SUBJECTS} says “deprecated”: is it to be built at all?",
            question_for_many=f"The labels of {SUBJECTS} say “deprecated”: are they to be built at all?",
            disputes="X",
        )


def _first_of(
    row: Entity, index: QuestionIndex, is_open: Callable[[Entity], bool]
) -> Sequence[Entity] | None:
    """Return the other fields of one storage that leave the same open; None: the first of them asks."""
    users = index.storage_of(row).live_users.items() if is_machine_name_given(row) else ()
    bundles = index.specification.by_key
    same = [
        user
        for owner, user in users
        if user.status in _TO_BUILD and is_open(user)
        if bundles.get(owner, (user,))[0].status not in _GONE
    ]
    if same and same[0].owner_key != row.owner_key:
        return None
    return same[1:]


def _elsewhere(others: Sequence[Entity]) -> str:
    """Say that a question is asked once for all bundles that share a field."""
    count = len(others)
    return f" (the same on {count} other{'s' if count > 1 else ''})" if others else ""


def _reference_doubts(row: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Ask for targets that are missing, unknown, on hold, or that go."""
    if _lacks_target(row) and (others := _first_of(row, index, _lacks_target)) is not None:
        why = why_unknown(row, "Ref. bundle", blank="Ref. bundle is blank.")
        yield Doubt(
            rank=14,
            topic="target",
            entity=row,
            column="Ref. bundle",
            quote=row.cell("Ref. bundle"),
            question=f"What may {SUBJECTS} refer to? {why}",
            compared=tuple(others[:NAMED_AT_MOST]),
        )
    for reference in row.references:
        if reference.column == "Ref. bundle":
            yield from _target_doubts(row, reference, index)


def _lacks_target(row: Entity) -> bool:
    is_blank = row.cell("Ref. bundle") in {"", "-"}
    return is_reference(row) and is_blank and is_shapes_only(row.note)


def _target_doubts(row: Entity, reference: Reference, index: QuestionIndex) -> Iterator[Doubt]:
    cited, name = plain(reference.text), ""
    target = next(iter(index.specification.by_key.get(reference.target_key or "", ())), None)
    if reference.state is ReferenceState.DANGLING:
        nearest = " or ".join(f"“{plain(each)}”" for each in reference.candidates[:NAMED_AT_MOST])
        near = f" Near are {nearest}." if nearest else ""
        topic, name = "no such target", f"No row is called “{cited}”, to which {SUBJECTS} refers"
        asks = f"{name}: which bundle is meant?{near}"
    elif target is not None and target.status is Status.DELETED:
        topic = "target goes"
        asks = f"{SUBJECTS} refers to {cited}, which is to be removed: what takes its place?"
    elif target is not None and target.status is Status.WAITING:
        topic = "target waits"
        asks = f"{SUBJECTS} refers to {cited}, which is on hold: does the field wait for it too?"
    else:
        return
    yield Doubt(
        rank=12,
        topic=f"{topic} {cited}",
        entity=row,
        column="Ref. bundle",
        quote=reference.text,
        question=asks,
        question_for_many=asks.replace("refers", "refer").replace("the field waits", "they wait"),
        disputes="Ref. bundle",
        compared=() if target is None else (target,),
    )


def _storage_doubts(row: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Find what a new field leaves open or contradicts together with others of its storage."""
    storage = index.storage_of(row)
    has_storage = row.bundle_type not in {None, BundleType.WEBFORM}
    if has_storage and row.cell(REUSED).casefold() == "y" and len(storage.users) == 1:
        noun = str(row.bundle_type).casefold()
        yield Doubt(
            rank=22,
            topic="reused of nothing",
            entity=row,
            column=REUSED,
            quote=row.cell(REUSED),
            question=f"Reused Field is y for {SUBJECTS}, but no other {noun} of the sheets has it: "
            "is it new, or which existing field is meant?",
            question_for_many=f"Reused Field is y for {SUBJECTS}, but no other {noun} of the sheets "
            "has them: are they new, or which existing fields are meant?",
            disputes=REUSED,
        )
    if (
        _lacks_options(row, index)
        and (others := _first_of(row, index, lambda user: _lacks_options(user, index))) is not None
    ):
        yield Doubt(
            rank=16,
            topic="options",
            entity=row,
            column="Field type",
            quote=row.cell("Field type"),
            question=f"Which values does the list {SUBJECTS} offer? No row gives them.",
            question_for_many=f"Which values do the lists {SUBJECTS} offer? No row gives them.",
            compared=tuple(others[:NAMED_AT_MOST]),
        )
    if has_storage:
        for column in (*drupal().storage_columns, NOTES):
            if doubt := _contradiction(row, column, index):
                yield doubt
                return


def _options_text(row: Entity) -> str:
    options = options_in(row.note) if is_list(row) else None
    return options.text if options else ""


def _lacks_options(row: Entity, index: QuestionIndex) -> bool:
    """Tell whether neither the row of a list nor another one of its storage says what it offers."""
    users = index.storage_of(row).live_users.values()
    return is_list(row) and not any(
        (user.status in THERE and _is_there(user, index))
        or options_in(user.note)
        or not is_shapes_only(user.note)
        for user in (row, *users)
    )


def _is_there(row: Entity, index: QuestionIndex) -> bool:
    bundle = next(iter(index.specification.by_key.get(row.owner_key or "", ())), None)
    return bundle is not None and bundle.status in THERE


def _contradiction(row: Entity, column: str, index: QuestionIndex) -> Doubt | None:
    """Ask about the odd one out of the fields that share a storage; where there is none, about all."""
    value_of = _options_text if column == NOTES else methodcaller("cell", column)
    here: str = value_of(row)
    by_value: dict[str, list[Entity]] = {}
    for user in index.storage_of(row).live_users.values():
        if (value := value_of(user)) not in {"", "-"} and user.status is not Status.WAITING:
            by_value.setdefault(folded(value) or value, []).append(user)
    agreeing = by_value.pop(folded(here) or here, [])
    most = max(by_value.values(), key=len, default=[])
    if here in {"", "-"} or not by_value or len(agreeing) > len(most):
        return None
    stated = [f"“{plain(value_of(rows[0]))}” {_where(rows, index)}" for rows in by_value.values()]
    is_majority = len(most) > len(agreeing) and len(by_value) == 1
    what = "Options" if column == NOTES else column
    return Doubt(
        rank=18,
        topic=f"storage {column} {row.machine_name}",
        entity=row,
        column=column,
        quote=here,
        question=f"{what} of {SUBJECTS}: “{plain(here)}” here but {', '.join(stated)}. They share one "
        "storage, so which is right, or does one of them get another machine name?",
        suggested_answer=plain(value_of(most[0])) if is_majority else "",
        suggested_because="most users of the field" if is_majority else "",
        disputes=column,
        compared=tuple(user for rows in by_value.values() for user in rows[:NAMED_AT_MOST]),
    )


def _where(rows: Sequence[Entity], index: QuestionIndex) -> str:
    names = [plain(index.owner_name(row)) for row in rows]
    return f"on {' and '.join(names)}" if len(names) <= NAMED_AT_MOST else f"on {len(names)} others"


def _newly_required_doubts(row: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Ask what existing items get where a new field must be filled in, once for a storage."""
    if (
        _is_newly_required(row)
        and (
            others := _first_of(row, index, lambda u: _is_newly_required(u) and _is_there(u, index))
        )
        is not None
    ):
        yield Doubt(
            rank=28,
            topic="newly required",
            entity=row,
            column="Req'd",
            quote=row.cell("Req'd"),
            question=f"{SUBJECTS} must be filled in from now on{_elsewhere(others)}: what do "
            "existing items get, or do they stay without until somebody edits them?",
            compared=tuple(others[:NAMED_AT_MOST]),
        )


def _is_newly_required(row: Entity) -> bool:
    is_box = is_one_of(row.cell("Field type"), drupal().types_never_empty)
    is_asked = is_required(row) and holds_value(row) and is_on_form(row)
    return is_asked and row.status is Status.APPROVED and not is_box and not is_base_field(row)


def _repeated_doubts(group: EntityGroup, new: Sequence[Entity]) -> Iterator[Doubt]:
    """Ask which of two rows of one field holds, where they differ."""
    for row in new:
        same = [r for r in group.members if r.key == row.key and r.status not in _GONE]
        differing = [r for r in same if _content_of(r) != _content_of(row)]
        if differing and is_machine_name_given(row):
            columns = [
                c for c in row.cells if c not in _UPKEEP and row.cell(c) != differing[0].cell(c)
            ]
            yield Doubt(
                rank=11,
                topic=f"repeated {row.machine_name}",
                entity=row,
                column=columns[0],
                quote=row.cell(columns[0]),
                question=f"{SUBJECTS} has {len(same)} rows that differ in {', '.join(columns)}: which "
                "one holds?",
                disputes="X",
                compared=tuple(r for r in same if r is not row),
            )


def _content_of(row: Entity) -> tuple[str, ...]:
    return tuple(cell for column, cell in row.cells.items() if column not in _UPKEEP)


def _changed_doubts(group: EntityGroup) -> Iterator[Doubt]:
    """Ask what changes where X is c and nothing says it."""
    head = group.heads[0]
    rows = [row for row in group.members if row.status is Status.CHANGED]
    is_alone = all(row.status not in {*_TO_BUILD, Status.DELETED} for row in group.members)
    for row in (*rows, *([head] if is_alone and head.status is Status.CHANGED else ())):
        if is_shapes_only(row.note):
            yield Doubt(
                rank=26,
                topic="changed",
                entity=row,
                column="X",
                quote=row.cell("X"),
                question=f"What changes in {SUBJECTS}? X is c, and no note says it.",
            )
