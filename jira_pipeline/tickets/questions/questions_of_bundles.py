"""Certain questions of types and their fields; a kind of question is a function of its name.

Belongs here: what the cells leave open or contradict, without reading English. Does not: words
(`drupal/words`), joining rows into one question (`found_questions`).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from jira_pipeline.drupal.columns import NAMING_COLUMNS, label_column_of
from jira_pipeline.drupal.field.modules import modules_of, unknown_plugin
from jira_pipeline.drupal.field.required import is_required
from jira_pipeline.drupal.field.widget import is_on_form
from jira_pipeline.drupal.meaning.modules_and_types import (
    folded,
    is_base_field,
    is_list,
    is_locked,
    is_text_on_form,
    is_without_value,
    listed_in,
    module_of_field,
    modules,
    plugin_modules,
)
from jira_pipeline.drupal.meaning.notes import (
    are_options_left_open,
    changes_in,
    is_shapes_only,
    items_in_lines,
    options_in,
    pattern_of,
    readable,
    sentences_of,
)
from jira_pipeline.drupal.row_names import (
    joined,
    made_of_label,
    marked,
    marked_subject,
    plain,
)
from jira_pipeline.drupal.row_notes import SHAPED_COLUMNS, note_of
from jira_pipeline.drupal.row_questions import SUBJECTS, RowQuestion, question_about
from jira_pipeline.drupal.specification_index import SpecificationIndex, once_per_session
from jira_pipeline.drupal.ticket_rows import BUNDLES, GroupRows, new_fields
from jira_pipeline.drupal.unknown_columns import may_list_more
from jira_pipeline.drupal.view_mode.used_on import COLUMN as USED_ON
from jira_pipeline.drupal.workflow.transition import FROM, TO
from jira_pipeline.model.columns import UPKEEP_COLUMNS
from jira_pipeline.model.entities import (
    GONE,
    TO_BUILD,
    BundleType,
    Entity,
    EntityKind,
    RowSource,
    Status,
)
from jira_pipeline.model.grouped import group_pairs
from jira_pipeline.model.open_questions import Audience
from jira_pipeline.tickets.questions.question_rules import rule

REUSED = "Reused Field"
NOTES = "Settings/notes"
TARGETS = "Ref. bundle"
ALIASES = "URL alias pattern"
NOTED = (NOTES, *SHAPED_COLUMNS)
"""Where a field has what a note may say."""
NAMED_AT_MOST = 3
PROMISES_MAX = 3
_SITE_DOES, _NO_PROMISE = map(pattern_of, ("site_does", "no_promise"))
_RETURNED = re.compile(r"\w\(\) returns\b")
"""How a note says that code gives the options of a list."""
_CODE_OF_LABEL = re.compile(r"\S\s*[(\[]([a-z][a-z0-9_]*)[)\]]\s*$")
"""What looks like a machine name in brackets at the end of a name: `Ships (ships)`."""


def has_words(row: Entity) -> bool:
    """Tell whether a note says more than shapes."""
    return not is_shapes_only(note_of(row))


def promises(new: Sequence[Entity]) -> Mapping[str, Entity]:
    """Return what help texts of new fields say that the site does, and a field only stores.

    Not of what core or a module brings with what it does: its text is theirs, or true of it.
    """
    found: dict[str, Entity] = {}
    for row in new:
        plugins = {folded(row.cell("Field type")), folded(row.cell("Form widget"))}
        is_brought = unknown_plugin(row) or not plugin_modules().keys().isdisjoint(plugins)
        is_silent = is_brought or is_base_field(row) or is_without_value(row)
        for sentence in () if is_silent else sentences_of(readable(row.cell("Help text"))):
            if _SITE_DOES.search(sentence) and not _NO_PROMISE.search(sentence):
                found.setdefault(plain(sentence.rstrip(". ")), row)
    return dict(islice(found.items(), PROMISES_MAX))


@once_per_session
def _first_promised(index: SpecificationIndex) -> Mapping[str, RowSource]:
    """Return the first row with each promise: what many types say is asked once."""
    built = [group for group in index.groups if group.kind in BUNDLES and not group.is_hollow]
    said = [item for group in built for item in promises(new_fields(group)).items()]
    return {text: row.source for text, row in reversed(said)}


def _others_without_options(row: Entity, index: SpecificationIndex) -> Sequence[Entity] | None:
    """Return the other new lists of a storage; None where it has options or something asks for them."""
    users = index.users_of(row)
    is_there = index.storage_origins.get((row.bundle_type, row.machine_name)) == 0
    notes = [note_of(user) for user in (row, *users.values())]
    told = (
        are_options_left_open(n)
        or _RETURNED.search(n)
        or ("," in n and not (items_in_lines(n) or is_shapes_only(n)))
        for n in notes
    )
    given = any(options.are_several for options in map(options_in, notes) if options)
    if is_there or given or any(told):
        return None
    new = [user for user in users.values() if user.status in TO_BUILD and is_list(user)]
    first = [index.specification.first_of(user.owner_key) or (user,) for user in new]
    lists = [user for user, (owner,) in zip(new, first, strict=True) if owner.status not in GONE]
    return lists[1:] if not lists or lists[0].owner_key == row.owner_key else None


@once_per_session
def _users_by_value(
    index: SpecificationIndex,
) -> Mapping[tuple[BundleType | None, str, str], Mapping[str, Sequence[Entity]]]:
    """Return the fields of each storage by what they say of it, by its key and a column."""
    told = (
        ((*storage, column), (folded(value) or value, user))
        for storage, users in index.storages.items()
        for user in users.values()
        if user.status not in GONE
        for column in _columns_shared()
        if (value := _shared(user, column))
    )
    return {place: group_pairs(pairs) for place, pairs in group_pairs(told).items()}


def _columns_shared() -> Sequence[str]:
    return (*listed_in("storage", "columns"), NOTES)


def _as_stated(value: str) -> str:
    return "any number" if value == "*" else f"“{value}”"


def _shared(row: Entity, column: str) -> str:
    """Return what a row says of its storage; empty where it says nothing."""
    if column != NOTES:
        return row.cell(column).strip("-")
    options = options_in(note_of(row)) if is_list(row) else None
    return options.text if options else ""


@rule("bundles.machine_name", "bundles.machine_name_beside")
def machine_name(row: Entity, _: GroupRows) -> Iterator[RowQuestion]:
    """Ask for a machine name that is missing, or that a label of a declared worksheet may have in it."""
    is_named = row.kind is EntityKind.FIELD and (is_base_field(row) or not row.cell("Field type"))
    if is_named or row.has_machine_name:
        return
    code = _CODE_OF_LABEL.search(row.cell(label_column_of(row.kind) or ""))
    if row.is_declared and code is not None:
        yield question_about("bundles.machine_name_beside", row, answer=marked(code[1]))
    else:
        yield question_about("bundles.machine_name", row, answer=marked(made_of_label(row)))


@rule("bundles.module_settings")
def module_settings(row: Entity, _: GroupRows) -> Iterator[RowQuestion]:
    """Ask what a field of a module cannot do without, and has no column."""
    texts = note_of(row) + row.cell("Help text")
    is_told = is_base_field(row) or not is_on_form(row) or has_words(row)
    asks = {module.label: module.asks for module in modules().values()}
    wanting = {asks.get(label, "") for label in modules_of(row)} - {""}
    for words in () if is_told or re.search(r"\d", texts) else sorted(wanting):
        one, many = (words.format(fields=SUBJECTS, do=do) for do in ("does", "do"))
        yield question_about("bundles.module_settings", row, one=one, many=many)


@rule("bundles.done_so")
def done_so(row: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask once who does what a help text says that the site does."""
    where = f"help text of {marked_subject(row)}"
    first = _first_promised(rows.index)
    for text in promises([row]):
        if first.get(text) == row.source:
            yield question_about("bundles.done_so", row, "Help text", quote=text, where=where)


@rule("bundles.text")
def text(row: Entity, _: GroupRows) -> bool:
    """Ask for the words of a field that is only a text on the form."""
    return is_text_on_form(row) and not (note_of(row) + row.cell("Help text")).strip()


@rule("bundles.not_on_the_form", "bundles.off_the_form")
def off_the_form(row: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask what fills in a field that no form offers, where nothing known does."""
    owner = rows.index.specification.by_key.get(row.owner_key or "", (row,))[0]
    is_filled = f":{row.machine_name}" in owner.cell(ALIASES) or module_of_field(row)
    is_shown = is_on_form(row) or is_without_value(row) or is_locked(row)
    if is_shown or is_filled or has_words(row):
        return
    is_told = row.cell("Help text") or is_base_field(row) or owner.bundle_type is BundleType.WEBFORM
    if is_required(row):
        yield question_about("bundles.not_on_the_form", row)
    elif not is_told:
        yield question_about("bundles.off_the_form", row)


@rule("bundles.reused_of_nothing")
def reused_of_nothing(row: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask about a field that is marked as reused, and nothing else has."""
    users = rows.index.storages.get((row.bundle_type, row.machine_name), ())
    is_alone = _has_storage(row) and len(users) == 1
    is_named = row.machine_name.isidentifier()
    if is_alone and is_named and row.flag(REUSED) and not module_of_field(row):
        yield question_about("bundles.reused_of_nothing", row, noun=str(row.bundle_type).casefold())


def _has_storage(row: Entity) -> bool:
    return row.has_machine_name and not is_base_field(row)


@rule("bundles.options")
def options(row: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask for the options of a list that no row gives."""
    is_open = _has_storage(row) and is_list(row) and not may_list_more(row)
    if not is_open or (others := _others_without_options(row, rows.index)) is None:
        return
    owners = [plain(name) for name in map(rows.index.owner_name, others) if name]
    called = joined(owners) if len(owners) <= NAMED_AT_MOST else f"{len(owners)} other types"
    words = {"shared": f" The same hold on {called}." * bool(owners)}
    if items := items_in_lines(note_of(row)):
        lacks = "Its notes have a list and do not say of what."
        words |= {"answer": "; ".join(items), "because": "its notes", "lacks": lacks}
    elif said := row.cell("Allowed values"):
        words["lacks"] = f"“Allowed values” says “{plain(said)}”."
    is_part = row.bundle_type in {BundleType.PARAGRAPH, BundleType.BLOCK}  # a choice of look
    yield question_about("bundles.options", row, audience=Audience.AGENCY * is_part, **words)


@rule("bundles.storage")
def storage(row: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask about the odd one out of the fields that share a storage; where there is none, about all."""
    for column in _columns_shared() if _has_storage(row) else ():
        here = _shared(row, column)
        of_storage = (row.bundle_type, row.machine_name, column)
        by_value = {**_users_by_value(rows.index).get(of_storage, {})}
        agreeing = by_value.pop(folded(here) or here, ())
        if not (here and by_value) or len(agreeing) > max(map(len, by_value.values())):
            continue
        values = [plain(_shared(users[0], column)) for users in by_value.values()]
        owners = [[*map(rows.index.owner_name, users)] for users in by_value.values()]
        where = [
            " and ".join(map(plain, names))
            if len(names) <= NAMED_AT_MOST
            else f"{len(names)} others"
            for names in owners
        ]
        stated = zip(map(_as_stated, values), where, strict=True)
        is_likely = len(by_value) == 1 and all(len(u) > len(agreeing) for u in by_value.values())
        compared = [user for users in by_value.values() for user in users[:NAMED_AT_MOST]]
        what = f"{'Options' if column == NOTES else column} of {marked_subject(row)}"
        yield question_about(
            "bundles.storage",
            row,
            column,
            compared,
            quote=row.cell(column),
            answer=values[0] if is_likely else "",
            because="most users of the field",
            choices=(plain(here), *values),
            disputes=column,
            what=what,
            here=_as_stated(plain(here)),
            others=", ".join(f"{value} on {place}" for value, place in stated),
        )
        return


@rule("bundles.repeated")
def repeated(row: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask which of two rows of one field holds, where they differ."""
    members = rows.group.members if row.has_machine_name else ()
    same = [r for r in members if r.key == row.key and r.status not in GONE]
    columns = [column for column in row.cells if column not in UPKEEP_COLUMNS]
    differing = [c for c in columns if len({r.cell(c) for r in same}) > 1]
    if differing:
        stated = ([f"{c}: {plain(r.cell(c)) or 'blank'}" for c in differing] for r in same)
        yield question_about(
            "bundles.repeated",
            row,
            "",
            [r for r in same if r is not row],
            choices=[*map("; ".join, stated)],
            field=marked_subject(row),
            count=str(len(same)),
            columns=", ".join(differing),
        )


@rule("bundles.changed", "bundles.changed_beside")
def changed(row: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask what changes where X is c and nothing says it, likely that it has new users.

    Of a type it is asked beside its fields, where their rows say what of them changes.
    """
    kind = "bundles.changed"
    answer = ""
    if rows.group.kind in BUNDLES:
        is_silent = not (has_words(row) or changes_in(note_of(row)))
        is_beside = any(r.status in {*TO_BUILD, Status.DELETED} for r in rows.group.members)
        if is_beside and row.kind is EntityKind.BUNDLE:
            kind = "bundles.changed_beside"
    else:
        of_what = {*NAMING_COLUMNS, "Entity Type", USED_ON.name, FROM, TO}
        is_silent = not any(map(row.cell, {*row.cells} - of_what))
        users = rows.index.specification.targets_of(row, USED_ON.name)
        new = [plain(user.label) for user in users if user.status is Status.APPROVED]
        answer = f"Only its use by {joined(new)}, which other tickets set" if new else ""
    if row.status is Status.CHANGED and is_silent:
        yield question_about(kind, row, answer=answer)
