"""Findings about rows: the warnings of what looks like a slip in the sheets, by row and across rows.

Belongs here: rules that make findings only. Does not: anything an entity is made of (`entities`,
`references`), nor questions to the author of the specification (`tickets/questions`).
"""

import difflib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from operator import methodcaller

from jira_pipeline.drupal.columns import columns_holding, owner_column_of
from jira_pipeline.drupal.listed_names import split_names
from jira_pipeline.drupal.meaning.modules_and_types import broken_rule_of, is_base_field
from jira_pipeline.drupal.shared_columns import MACHINE_NAME_COLUMN
from jira_pipeline.model.columns import BLANK, STATUS_COLUMN, Holds
from jira_pipeline.model.entities import AnyBundleType, BundleType, Entity, EntityKind, Reference
from jira_pipeline.model.findings import Severity
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.line_numbers import first_named, format_count, lines_cited, places_cited
from jira_pipeline.model.source_tables import SHEET_NAMES
from jira_pipeline.sheets.reading.cells import FIELD_TYPES, WIDGETS, range_of_date
from jira_pipeline.sheets.reading.csv_files import ERROR_VALUES
from jira_pipeline.sheets.reading.labels import (
    alphanumeric,
    bundle_label,
    folded,
    split_bundle_label,
)
from jira_pipeline.sheets.reading.references import COMPUTED_COLUMNS, KnownThings
from jira_pipeline.sheets.reading.rows_as_meant import Row, Sheet

_PROSE = re.compile(r"(?!(\d+|\*|[yn])$).*", re.IGNORECASE | re.DOTALL)
_WORD = re.compile(r"\w+")
_VOCABULARIES: Mapping[str, tuple[str, Sequence[str]]] = {
    "Field type": ("field type", FIELD_TYPES),
    "Form widget": ("widget", WIDGETS),
}
_LIKENESS = 0.9
"""Of a slip and the word that was meant."""
_HEADS = frozenset({EntityKind.BUNDLE, EntityKind.VIEW, EntityKind.WORKFLOW})
_SHOWN_NAMES = 10
_SHOWN_CHARACTERS = 300
"""Of a row that nothing else quotes."""


def cite_row(row: Row) -> None:
    """Cite what can be seen in one row alone."""
    if not ERROR_VALUES.isdisjoint(row.source.cells):
        for column, cell in zip(row.cells, row.source.cells, strict=True):
            if cell in ERROR_VALUES and column not in COMPUTED_COLUMNS:
                row.warn(
                    "error_value",
                    f"The cell contains the spreadsheet error {cell}; it was read as blank.",
                    "Correct the formula in the specification and export the sheet again.",
                    column=column,
                    value=cell,
                )
    if row.sheet.kind is EntityKind.FIELD:
        is_bare = row.source.filled_count == 1
        if row.sheet.has_column("Field type") and row.cell("Field type") in BLANK:
            row.warn(
                "field_type_missing",
                f"“{row.label or row.name}” has no field type.",
                "Fill in the field type; the field cannot be built without it."
                + (" If it heads a group of fields, write `Tab: NAME`." if is_bare else ""),
                column="Field type",
            )
        for column, (expected, _) in _VOCABULARIES.items():
            cell = row.cell(column)
            if cell and not _PROSE.fullmatch(cell):
                row.warn(
                    "cell_unexpected",
                    f"“{row.label or row.name}” has “{cell}” where the name of a {expected} is expected; "
                    "the cells of the row may have shifted.",
                    "Compare the row with its headers.",
                    column=column,
                )


def cite_put_off(row: Row, column: str) -> None:
    row.warn(
        "row_put_off",
        f"“{row.cell(column)}” is in “{row.sheet.headers.get(column, column)}” of a row that is read as approved.",
        "Enter w in X of each row that is not to be built now; a question asks about the others.",
        column=column,
    )


def cite_on_hold(row: Row) -> None:
    """Say what no ticket builds for now, with all that its row says of it."""
    texts = " | ".join(dict.fromkeys(row.source.texts))
    shown = " ".join(texts.split())[:_SHOWN_CHARACTERS]
    row.sheet.citations.inform(
        "row_on_hold",
        f"“{row.label or row.name}” is on hold: no ticket builds it. Its row says: {shown}",
        "Nothing to do, unless it is to be built now.",
        line=row.source.line,
        record=row.source.record,
    )


def cite_unread_statuses(rows: Sequence[Row]) -> None:
    """Cite, once for all sheets, each word in X that nobody can read, with the rows that have it."""
    rows_by_word = group_by(rows, lambda row: row.cell(STATUS_COLUMN).casefold())
    for of_word in rows_by_word.values():
        first = of_word[0]
        word = first.cell(STATUS_COLUMN)
        places = [row.place for row in of_word]
        row_count = len({(place.file, place.line) for place in places})
        first.warn(
            "status_unknown",
            f"“{word}” is no status that can be read. What has it is on hold, and no ticket builds "
            f"it ({format_count(row_count, 'row')}: {places_cited(places)}). Until it can be read, "
            "nothing is approved automatically.",
            "Enter a (approved), w (wait), x (implemented), c (changed) or d (delete), or say what "
            f"the word means in a line above the table, such as “{word} = to be built”.",
            column=STATUS_COLUMN,
        )


def cite_unknown_spellings(column: str, rows: Sequence[Row], *, expected: str) -> None:
    """Cite, once for a column, the cells of it that nobody can read."""
    words = list(dict.fromkeys(row.cell(column) for row in rows))
    shown = first_named([f"“{word}”" for word in words], _SHOWN_NAMES)
    places = lines_cited([row.place for row in rows])
    dates = {word: typed for word in words if (typed := range_of_date(word))}
    made = first_named([f"“{typed}” ({word})" for word, typed in dates.items()], _SHOWN_NAMES)
    message = (
        f"{shown}: not a known spelling of {expected} ({places}); it is ignored, and the tables "
        "show it as written."
    )
    advice = (
        f"Enter {expected}; if other cells in the row also look wrong, compare the row with its "
        "headers."
    )
    if dates and column in columns_holding(Holds.COUNT):
        message += f" A spreadsheet program makes dates of ranges; probably typed: {made}."
        advice = "Format the cells as text, and enter again what was meant."
    rows[0].warn("spelling_unknown", message, advice, column=column)


def cite_unknown_bundle_type(row: Row) -> None:
    text = row.cell("Type")
    problem = f"“{text}” is not a known type of bundle" if text else "The type is blank"
    row.warn(
        "bundle_type_unknown",
        f"{problem}; “{row.label or row.name}” is kept as written.",
        f"Write one of: {', '.join(BundleType)}, or Other (ENTITY_TYPE) with the machine name of "
        "another entity type."
        + ("" if text else " If blank means “as above”, add `owner_blank: fill` to session.yaml."),
        column="Type",
    )


def cite_contradictions(
    row: Row, known: KnownThings, *, owner_key: str, found: Sequence[Reference]
) -> None:
    """Cite cells of a field that name different things.

    That a field is called like a bundle and refers to another one is told, not warned of: exported
    sites have such fields, and there it is no slip; in sheets that people wrote it may be one.
    """
    computed = row.cell("Bundle machine name")
    machine_name = known.bundles[owner_key].machine_name
    names = {*map(folded, split_names(computed))}  # beside several bundles, those of all
    if computed not in BLANK and folded(machine_name) not in names:
        row.warn(
            "label_contradicts_target",
            f"The row belongs to “{row.cell('Bundle')}” ({machine_name}) by its label, but to "
            f"“{computed}” by machine name; the label is used.",
            "Correct one of the two cells.",
            column="Bundle machine name",
            beside=row.cell("Bundle"),
        )
    if len(found) != 1 or found[0].target_key is None:
        return
    # A field called like its own bundle is no contradiction: *Accordions* holds its items in it.
    reference = found[0]
    target = known.bundles[found[0].target_key]
    bundle_type = target.bundle_type
    label = bundle_label(row.label, bundle_type.value) if bundle_type and row.label else ""
    is_own = folded(split_bundle_label(row.cell("Bundle"))[0]) == folded(row.label)
    # *Video* refers to Remote video: its label only leaves out what the form makes clear.
    words_of_target = _WORD.findall(folded(split_bundle_label(target.label)[0]))
    is_shortened = {*_WORD.findall(folded(row.label))} <= {*words_of_target}
    is_other = label and not is_own and not is_shortened and folded(label) != folded(target.label)
    if is_other and known.by_kind[EntityKind.BUNDLE].labelled(label):
        row.sheet.citations.inform(
            "label_contradicts_target",
            f"The field has the name of a bundle, “{row.label}”, but refers to “{reference.text}”.",
            "Check which of the two is meant.",
            row=row.source,
            column=row.sheet.headers[reference.column],
            value=reference.text,
            cause=(reference.column, reference.text.casefold(), row.label.casefold()),
        )


def cite_across_rows(entities: Iterable[Entity], sheets: Sequence[Sheet]) -> None:
    """Cite what can only be seen by looking at several rows."""
    sheet_of_file = {sheet.table.file.name: sheet for sheet in sheets}
    of_file = group_by(entities, lambda entity: entity.source.file)
    rows = [
        (sheet, entity) for name, sheet in sheet_of_file.items() for entity in of_file.get(name, ())
    ]
    for name, sheet in sheet_of_file.items():
        _cite_machine_names(sheet, of_file.get(name, ()))
        if sheet.kind is EntityKind.FIELD:
            _cite_misspelt(sheet, of_file.get(name, ()))
    _cite_repeated_keys(rows)
    _cite_further_accounts(rows)

    # Cite field machine names with different types inside one entity type: Drupal keeps one
    # storage for a field name within an entity type, with one field type.
    first_of: dict[tuple[AnyBundleType | None, str], Entity] = {}
    cited: set[tuple[AnyBundleType | None, str]] = set()
    for sheet, entity in rows:
        field_type = entity.cell("Field type")
        storage = (entity.bundle_type, entity.machine_name)
        has_storage = entity.bundle_type not in {None, BundleType.WEBFORM}
        is_typed = entity.kind is EntityKind.FIELD and field_type not in BLANK
        if not (has_storage and is_typed and entity.has_machine_name):
            continue
        first = first_of.setdefault(storage, entity)
        expected = first.cell("Field type")
        if folded(expected) != folded(field_type) and storage not in cited:
            cited.add(storage)
            _cite(
                sheet,
                entity,
                code="field_storage_conflict",
                message=(
                    f"{entity.machine_name} is “{field_type}” here and “{expected}” in "
                    f"{first.source.citation}; fields with the same name share their storage and "
                    f"type in all bundles of the entity type ({entity.bundle_type})."
                ),
                advice="Choose one field type, or another machine name for one of them.",
                column="Field type",
            )


def _cite_misspelt(sheet: Sheet, entities: Sequence[Entity]) -> None:
    """Cite words that are nearly one of a closed list, once for each word.

    A word with something after it, such as a plural or a number, is one of its own.
    """
    for column, (what, known) in _VOCABULARIES.items():
        words = {alphanumeric(word): word for word in known}
        for word, rows in group_by(entities, methodcaller("cell", column)).items():
            letters = alphanumeric(word)
            near = (difflib.get_close_matches(letters, words, 1, _LIKENESS) or [letters])[0]
            if not letters.startswith(near) and near.removesuffix("s") != letters:
                meant = words[near]
                more = f" {len(rows)} rows have it." if len(rows) > 1 else ""
                _cite(
                    sheet,
                    rows[0],
                    code="word_misspelt",
                    message=f"“{word}” is not a known {what}, but close to “{meant}”.{more}",
                    advice="Correct the cell, or leave it if a contributed module uses this name.",
                    column=column,
                )


def _cite_machine_names(sheet: Sheet, entities: Sequence[Entity]) -> None:
    if not sheet.has_column(MACHINE_NAME_COLUMN):
        return
    missing = [row for row in entities if row.machine_name == "" and not _is_of_every_item(row)]
    _cite_names(sheet, missing, code="machine_name_missing", fault="is blank", of=len(entities))
    broken = group_by(entities, broken_rule_of)
    for rule, found in broken.items():
        _cite_names(
            sheet,
            found if rule else (),
            code="machine_name_invalid",
            fault=f"breaks Drupal's rule ({rule})",
            of=len(entities),
        )


def _is_of_every_item(row: Entity) -> bool:
    return row.kind is EntityKind.FIELD and is_base_field(row)


def _cite_names(
    sheet: Sheet, entities: Sequence[Entity], *, code: str, fault: str, of: int
) -> None:
    """Cite all machine names with one fault: 57 of 103 in data/uwec break one rule."""
    names = [f"{each.machine_name or each.label} ({each.source.citation})" for each in entities]
    for entity in entities:
        message = (
            f"{len(entities)} of {of} machine names: each {fault}. They are: "
            f"{first_named(names, _SHOWN_NAMES)}."
            if len(entities) > 1
            else f"The machine name of “{entity.label}” {fault}."
        )
        advice = "Check the machine name; it is shown as in the sheet."
        _cite(sheet, entity, code=code, message=message, advice=advice, cause=fault)


def _cite_repeated_keys(rows: Sequence[tuple[Sheet, Entity]]) -> None:
    """Cite every further row of a key: an error where a ticket hangs on it, else a warning.

    Not of a sheet that is there twice: nearly every row of it repeats.
    """
    first_of: dict[tuple[str, str], Entity] = {}
    twice = _cite_sheets_of_one_kind(rows)
    for sheet, entity in rows:
        name = sheet.table.file.name
        if entity.kind is EntityKind.CUSTOM or name in twice or not _is_owned(entity):
            continue
        first = first_of.setdefault((entity.key, entity.cell("From state")), entity)
        if first is entity:
            continue
        is_head = entity.kind in _HEADS
        column = MACHINE_NAME_COLUMN if entity.has_machine_name else sheet.label_column
        _cite(
            sheet,
            entity,
            code="key_repeated",
            message=(
                f"“{entity.label}” ({entity.key.partition(':')[2]}) is already described in "
                f"{first.source.citation} of {first.source.file}"
                + ("; two with the same machine name cannot be built." if is_head else ".")
            ),
            advice=(
                "Give each a machine name of its own, unless both describe the same: then keep one "
                f"in the sheets of {SHEET_NAMES[entity.kind]}."
            ),
            column=column,
            severity=Severity.ERROR if is_head else Severity.WARNING,
        )


def _cite_further_accounts(rows: Sequence[tuple[Sheet, Entity]]) -> None:
    """Cite bundles of user accounts beside the first: a site has one."""
    accounts = [pair for pair in rows if pair[1].bundle_type is BundleType.USER]
    bundles = [pair for pair in accounts if pair[1].kind is EntityKind.BUNDLE]
    for sheet, entity in bundles[1:]:
        first = bundles[0][1]
        if entity.key == first.key:
            continue  # told as repeated
        _cite(
            sheet,
            entity,
            code="accounts_repeated",
            message=(
                f"“{entity.label}” is a second row of user accounts, which are already described in "
                f"{first.source.citation} of {first.source.file}; a site has one kind of them."
            ),
            advice="Keep one row and give it all fields; kinds of people are user roles.",
            column="Type",
        )


def _is_owned(entity: Entity) -> bool:
    owner = owner_column_of(entity.kind)
    return owner is None or entity.owner_key is not None or entity.cell(owner.name) != ""


def _cite_sheets_of_one_kind(rows: Sequence[tuple[Sheet, Entity]]) -> set[str]:
    """Say of several sheets of a kind that they are read as one; return those that are there twice.

    One of which more than half the rows are in another is the same sheet again, and nobody knows
    which of both counts. Rows that name no owner are like those of any sheet.
    """
    keys: dict[EntityKind, dict[str, set[tuple[str, str]]]] = defaultdict(dict)
    sheets = {sheet.table.file.name: sheet for sheet, _ in rows}
    for sheet, entity in rows:
        if sheet.kind is not EntityKind.CUSTOM:
            of_file = keys[sheet.kind].setdefault(sheet.table.file.name, set())
            if _is_owned(entity):
                of_file.add((entity.key, entity.cell("From state")))
    twice: set[str] = set()
    for kind, files in keys.items():
        first, *others = files
        known = set(files[first])
        joined = [first]
        title = SHEET_NAMES[kind]
        for name in others:
            if 2 * len(files[name] & known) > min(len(files[name]), len(known)):
                twice.add(name)
                sheets[name].citations.error(
                    "sheet_repeated",
                    f"{first} and {name} are both the sheet of {title}, with the same rows.",
                    "If one is an older copy, leave it out. If not, other columns tell their rows "
                    f"apart: see which ones are read as those that name {title}.",
                    line=1,
                )
            else:
                joined.append(name)
            known |= files[name]
        if len(joined) > 1:
            listed = f"{', '.join(joined[:-1])} and {joined[-1]}"
            sheets[joined[1]].citations.inform(
                "sheet_continued",
                f"{listed} are the sheet of {title}, in {len(joined)} parts; they were read as one.",
                "Nothing to do, unless one of them is an older version: if so, remove it.",
                line=1,
            )
    return twice


def _cite(
    sheet: Sheet,
    entity: Entity,
    *,
    code: str,
    message: str,
    advice: str,
    column: str = MACHINE_NAME_COLUMN,
    severity: Severity = Severity.WARNING,
    cause: object = None,
) -> None:
    sheet.citations.cite(
        severity,
        code,
        message,
        advice,
        row=entity.source,
        column=sheet.headers.get(column, column),
        value=entity.cell(column),
        cause=cause,
    )
