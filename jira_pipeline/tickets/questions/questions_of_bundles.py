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
    is_locked,
    is_text_on_form,
    is_without_value,
    module_of_field,
    modules,
    plugin_modules,
)
from jira_pipeline.drupal.meaning.notes import (
    changes_in,
    is_shapes_only,
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
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.drupal.row_questions import SUBJECTS, RowQuestion, question_about
from jira_pipeline.drupal.specification_index import SpecificationIndex, once_per_session
from jira_pipeline.drupal.ticket_rows import BUNDLES, GroupRows, new_fields
from jira_pipeline.drupal.view_mode.used_on import COLUMN as USED_ON
from jira_pipeline.drupal.workflow.transition import FROM, TO
from jira_pipeline.model.entities import (
    TO_BUILD,
    BundleType,
    Entity,
    EntityKind,
    RowSource,
    Status,
)
from jira_pipeline.tickets.questions.question_rules import rule

NOTES = "Settings/notes"
TARGETS = "Ref. bundle"
ALIASES = "URL alias pattern"
PROMISES_MAX = 3
_SITE_DOES, _NO_PROMISE = map(pattern_of, ("site_does", "no_promise"))
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
