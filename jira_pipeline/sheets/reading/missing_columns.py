"""Columns and sheets that cannot be found: what is lost by it, and which headers may be meant.

Belongs here: usual columns that a recognised sheet lacks, which sheet one may be whose headers
nobody knows, what the cells below them look like, the line for `session.yaml`. Does not: choosing
the kind of a sheet and naming its columns (`sheet_kinds`). Nothing is read by a proposal.
"""

import difflib
import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain
from statistics import mean
from typing import TypeAlias

import yaml

from jira_pipeline.drupal.meaning.notes import is_not_now
from jira_pipeline.drupal.meaning.view_displays import is_display_setting
from jira_pipeline.model.columns import (
    MACHINE_NAME_COLUMN,
    NOTE_COLUMNS,
    STATUS_COLUMN,
    Column,
    Holds,
    Role,
    columns_of,
    owner_column_of,
)
from jira_pipeline.model.entities import (
    SHEET_NAMES,
    UNLIMITED,
    EntityKind,
    ReferenceState,
    SourceTable,
    Specification,
    UnknownHeader,
    sheet_title,
    whole_sheet,
)
from jira_pipeline.model.findings import Finding, Severity
from jira_pipeline.model.grouped import paired
from jira_pipeline.model.line_numbers import first_named
from jira_pipeline.model.sessions import NO_COLUMN, ColumnMeanings
from jira_pipeline.sheets.reading.captions_and_headings import explained_in
from jira_pipeline.sheets.reading.cells import (
    BASE_TABLES,
    DISPLAY_PLUGINS,
    FLAG_SPELLINGS,
    WIDGETS,
    are_statuses,
    count_spelled,
    field_type_letters,
    flag_spelled,
    status_spelled,
)
from jira_pipeline.sheets.reading.citations import CitedFiles
from jira_pipeline.sheets.reading.csv_files import ERROR_VALUES, unnamed
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.sheets.reading.labels import bundle_type_of, split_bundle_label
from jira_pipeline.sheets.reading.rows_as_meant import status_meant
from jira_pipeline.sheets.reading.session_columns import MANIFEST_NAME, cite_mappings
from jira_pipeline.sheets.reading.sheet_kinds import (
    SHARED_COLUMNS,
    SHEET,
    SHEET_RULES,
    SheetRule,
    all_known_headers,
    canonical_columns,
    header_mapping,
    is_word_of_headers,
    mapping_key,
    normalised,
    rule_called,
    rule_of,
    without_remark,
)
from jira_pipeline.sheets.reading.translations import (
    FLAGS,
    known_languages,
    plain_letters,
    words_abroad,
)

_MACHINE_NAME = re.compile(r"(?=.*[a-z])[a-z0-9_]{3,}")
_MOST = 0.8
_MANY = 0.5
"""Contributed modules bring types and widgets that no list has."""
_FEW = 3
"""Fewer different words in lower case may be anything; machine names have underscores."""
_SAID_WORDS, _PROSE_WORDS = 3, 4
"""Cells with fewer words are names of something, and describe nothing; with more, they name nothing."""
_WORDS_LOOKED_AT = 300
_NOTHING = ERROR_VALUES | {"", "-", "–"}
_NAME_CHARACTERS = 3

_CLOSED_SETS: Mapping[Holds, tuple[str, Sequence[str], float]] = {
    Holds.FLAG: (FLAGS, FLAG_SPELLINGS, _MANY),
    Holds.FIELD_TYPE: ("Field type", (), _MANY),
    Holds.WIDGET: ("Form widget", WIDGETS, _MANY),
    Holds.DISPLAY_PLUGIN: ("Display plugin", DISPLAY_PLUGINS, _MANY),
    Holds.BASE_TABLE: ("Base table", BASE_TABLES, _MANY),
    Holds.SWITCH: ("Status", ("Enabled", "Disabled"), 1),
    Holds.MODERATION: ("Type", ("Content moderation",), _MANY),
}
"""Closed sets: the column whose words in other languages count too, and the share of cells."""
_CODES_MAX = 6
_CODE = re.compile(r"[^\W_][\w-]{0,14}(?: [\w-]{1,14})?")
_COUNTS = range(UNLIMITED, 1_000)
"""More are years and other numbers."""
_FORMS: Mapping[Holds, tuple[Callable[[str], object], float]] = {
    Holds.COUNT: (lambda cell: count_spelled(cell) in _COUNTS, 1),
    Holds.BUNDLE_TYPE: (bundle_type_of, _MOST),
    Holds.BUNDLE: (lambda cell: split_bundle_label(cell)[1], _MANY),
    Holds.REFERENCE: (lambda cell: split_bundle_label(cell)[1], _MANY),
    Holds.ALIAS: (re.compile(r"\[[a-z_-]+:[^\]]+\]").search, _MANY),
}
_SELF_EVIDENT = (
    *(Holds.STATUS, Holds.MACHINE_NAME, Holds.FIELD_TYPE, Holds.WIDGET, Holds.BUNDLE_TYPE),
    *(Holds.BUNDLE, Holds.REFERENCE, Holds.ALIAS, Holds.DISPLAY_PLUGIN, Holds.BASE_TABLE),
)
"""What cells show without a word of their header: those of yes and no may be anything."""
_EVERYWHERE = frozenset({Holds.LABEL, Holds.BUNDLE})
"""What a column holds only if nearly every row has a cell there."""
_OF_ANY_SORT = frozenset({Holds.NAME, Holds.ANYTHING})


@cache
def _closed_set(sort: Holds) -> frozenset[str]:
    """Return the words of a closed set in all languages, as plain letters."""
    if sort is Holds.FIELD_TYPE:
        return field_type_letters()
    column, english, _ = _CLOSED_SETS[sort]
    abroad = (word for one in known_languages() for word in one.cells.get(column, {}))
    return frozenset({*map(plain_letters, english), *abroad})


def _words_below(table: SourceTable, position: int) -> list[str]:
    """Return the first different cells below a header, but for those that say nothing."""
    words = dict.fromkeys(row.cells[position] for row in table.rows)
    return [word for word in words if word not in _NOTHING][:_WORDS_LOOKED_AT]


def _holds(table: SourceTable, position: int, sort: Holds) -> bool:
    """Tell whether the cells below a header are of a sort; where all are blank they are of none."""
    words = _words_below(table, position)
    filled = sum(row.cells[position] not in _NOTHING for row in table.rows)
    if not words or (sort in _EVERYWHERE and filled < _MOST * len(table.rows)):
        return False
    if sort is Holds.STATUS:
        return are_statuses(words)
    if sort in _CLOSED_SETS:
        is_one = _closed_set(sort).__contains__
        least = _CLOSED_SETS[sort][2]
        return sum(is_one(plain_letters(word)) for word in words) >= least * len(words)
    if sort in _FORMS:
        is_of_form, least = _FORMS[sort]
        return sum(bool(is_of_form(word)) for word in words) >= least * len(words)
    if sort is Holds.MACHINE_NAME:
        count = sum(map(bool, map(_MACHINE_NAME.fullmatch, words)))
        is_sure = "_" in "".join(words)
        return count >= _MOST * len(words) if is_sure else count == len(words) >= _FEW
    words_count = mean(len(word.split()) for word in words)
    if sort is Holds.PROSE:
        return words_count >= _SAID_WORDS
    is_name = any(map(_NAME.search, words)) and words_count < _PROSE_WORDS
    return sort is Holds.LABEL and is_name and mean(map(len, words)) >= _NAME_CHARACTERS


def _fits(table: SourceTable, position: int, column: Column) -> bool:
    """Tell whether cells may be those of a column; what they name is tried by reading them."""
    words = _words_below(table, position)
    return (
        not words
        or column.holds in _OF_ANY_SORT
        or column.role is Role.NOTE
        or bool(column.names)
        or (column.holds is Holds.MACHINE_NAME and " " not in "".join(words))
        or normalised(table.shown_headers[position]) in map(normalised, column.loosely)
        or _holds(table, position, column.holds)
    )


_LIKENESS = 0.6
"""`References` and `Reference bundle` are 0.72 alike, `Owner` and `Developer` 0.43."""
_PLAIN_HEADER = re.compile(r"[A-Za-z][\w.'()/-]*( [\w.'()/-]+)*")
_NAME = re.compile(r"[^\W\d_]{4,}")
_YAML_WORD = re.compile(r"yes|no|on|off|true|false|null", re.IGNORECASE)
_LINE = re.compile(r"(?<!If none is, write )(?<!as in )`(columns: \{(?![^`]*HEADER: )[^`]*\})`")
_HEADERS_NAMED = 10
_STATUS_WORDS = frozenset(
    normalised(word) for c in columns_of("") if c.name == STATUS_COLUMN for word in c.asks
)
_LOSSES_NAMED = 3
"""Of more missing columns nobody reads what each is for."""
_SHOWN_CHARACTERS = 60
_HEADERS_COMPARED = 100
_HEADER_CHARACTERS = 200
"""What a manifest takes; comparing takes the square of it."""
_EXAMPLES = 3
_HEADERS_ENOUGH = 3
"""Two are in many sheets, such as a type and a description."""

_TRIED_ROWS_MAX = 10_000
"""A trial reads all rows once more, and reading has a limit of time."""


Tables: TypeAlias = tuple[Sequence[SourceTable], Sequence[Finding]]
"""What was read, and what was found in it."""
ReadWith: TypeAlias = Callable[[ColumnMeanings], Tables]
"""Reads the sheets with other columns of `session.yaml`."""


@dataclass(frozen=True, slots=True)
class _Gap:
    """A sheet whose columns could not all be found."""

    table: SourceTable
    rule: SheetRule | None
    """What it is, or may be where nobody recognises it."""
    missing: tuple[str, ...]
    """In the order of the rule; the status comes first. None of a sheet that nobody recognises."""
    unknown: tuple[int, ...]
    """Positions of headers with cells that are no column of the sheet, in its order."""
    nearest: Mapping[str, int]
    """Missing columns to the position of the unknown header that may be meant."""
    evidence: str = "headers"
    """What says which sheet it may be: its headers or its name."""

    @property
    def is_recognised(self) -> bool:
        return self.table.file.sheet is not EntityKind.CUSTOM

    @property
    def status_at(self) -> list[int]:
        """Positions of unknown headers whose cells may be the status of the rows, if it lacks that."""
        if STATUS_COLUMN in self.nearest:
            return [self.nearest[STATUS_COLUMN]]
        return [at for at in self.unknown if _may_be_asked_for(self.table, at)]

    def without(self, *columns: str) -> "_Gap":
        """Return it without a proposal for some columns."""
        return replace(self, nearest={n: at for n, at in self.nearest.items() if n not in columns})

    @property
    def needed(self) -> list[str]:
        """What it lacks without which nothing can be built; machine names if a header may be them."""
        required = () if self.rule is None else self.rule.required
        names = (n for n in self.missing if n in required)
        return [n for n in names if n != MACHINE_NAME_COLUMN or n in self.nearest]

    @property
    def usual(self) -> list[str]:
        return [n for n in self.missing if n != STATUS_COLUMN and n not in self.needed]

    def is_risky(self, column: str) -> bool:
        """Tell whether a column says what a row is, belongs to or refers to."""
        of_rule = {} if self.rule is None else self.rule.columns
        return column in of_rule and (of_rule[column].is_required or bool(of_rule[column].names))

    def header(self, position: int) -> str:
        return self.table.shown_headers[position]

    @property
    def pairs(self) -> dict[str, str]:
        """The headers from left to right and the columns they may mean, as a manifest takes them."""
        found = sorted((at, column) for column, at in self.nearest.items())
        return {_on_one_line(self.header(at)): column for at, column in found}


def _may_be_asked_for(table: SourceTable, position: int) -> bool:
    """Tell whether a header may be the status: by its word, or as most cells are statuses.

    Below such a word may be a few short ones of a team's own; marks and flags alone are no statuses.
    """
    cells = [cell for row in table.rows if (cell := row.cells[position]) not in _NOTHING]
    said = {*cells}
    if are_statuses(said):
        return True
    are_codes = len(said) <= _CODES_MAX and all(map(_CODE.fullmatch, said))
    are_codes &= len(said) > 1 or not all(map(str.isdecimal, said))
    header = table.shown_headers[position]
    is_word = normalised(without_remark(header)) in _STATUS_WORDS
    puts_off = {cell for cell in said if is_not_now(cell, header)}
    words = {cell for cell in said if {status_spelled(cell), flag_spelled(cell)} != {None}}
    telling = sum(cell in words | puts_off for cell in cells)
    return (bool(puts_off) and 2 * telling > len(cells)) or (
        is_word and (are_codes or any(map(status_spelled, said)))
    )


def _on_one_line(header: str) -> str:
    """Write a header as a manifest takes it; what is left out plays no part in comparing."""
    return " ".join("".join(c for c in header if c.isprintable() or c.isspace()).split())


def missing_column_findings(
    reading: Tables, *, mapped: ColumnMeanings, read_with: ReadWith
) -> tuple[list[Finding], tuple[UnknownHeader, ...]]:
    """Cite every column and sheet that could not be found, and headers mapped in vain.

    `mapped` are the `columns` of `session.yaml`. Each line to paste holds all of them, and what its
    sheets seem to need: it replaces the one that is there. `read_with` reads the sheets with
    such a line: none that makes the reading worse is proposed. The unknown headers are returned
    beside the findings, for people to say what they mean.
    """
    tables, _ = reading
    known = {table.file.sheet for table in tables} - {EntityKind.CUSTOM}
    legend = Specification(entities=(), explained=tuple(explained_in(tables)))
    found = (_gap_of(table, besides=known, mapped=mapped) for table in tables)
    gaps = _proven([gap for gap in found if gap is not None], mapped, reading, read_with)
    line = _proposed(gaps, mapped)
    recognised = [gap for gap in gaps if gap.is_recognised]
    lacking = [gap for gap in recognised if STATUS_COLUMN in gap.missing]
    asked = [gap for gap in lacking if gap.status_at]
    cited = CitedFiles()
    for of_status, part in (
        (asked, _part_of(line, asked, mapped)),
        ([gap for gap in lacking if not gap.status_at], {}),
    ):
        if of_status:
            _cite_status(of_status, part, legend, cited)
    for gap in recognised:
        _cite_needed(gap, _part_of(line, [gap], mapped), cited)
    if lacking_usual := [gap for gap in recognised if gap.usual]:
        _cite_usual(lacking_usual, line, mapped, cited)
    if strange := [gap for gap in gaps if not gap.is_recognised]:
        _cite_sheets(strange, _part_of(line, strange, mapped), cited, is_any_known=bool(known))
    cite_mappings(tables, mapped, cited.of(MANIFEST_NAME))
    return cited.findings, tuple(_asked(gap, at) for gap in gaps for at in gap.unknown)


def _part_of(line: ColumnMeanings, gaps: Sequence[_Gap], mapped: ColumnMeanings) -> ColumnMeanings:
    """Return of a line what some sheets need, beside what is there already."""
    headers = {header for gap in gaps for header in gap.pairs}
    headers |= {*mapped, *(sheet_title(gap.table.file.name) for gap in gaps)}
    return {header: column for header, column in line.items() if header in headers}


def _proven(
    gaps: Sequence[_Gap], mapped: ColumnMeanings, reading: Tables, read_with: ReadWith
) -> list[_Gap]:
    """Leave out the pairs by which a sheet is read worse, or that change nothing.

    All are tried at once; where that makes errors, names that lead nowhere or fewer rows, those of
    what a row is, belongs to or refers to are left out of that sheet, then all.
    """
    rows = sum(table.file.row_count for table in reading[0])
    if rows > _TRIED_ROWS_MAX or not any(gap.nearest for gap in gaps):
        return [gap.without(*gap.nearest) for gap in gaps]
    before = _faults(reading)
    proven = list(gaps)
    for is_last in (False, True):
        if not any(gap.nearest for gap in proven):
            break
        tried = read_with(_proposed(proven, mapped))
        faults = _faults(tried)
        tables = {table.file.name: table for table in tried[0]}
        worse = {sheet for sheet in faults if faults[sheet] > before[sheet]}
        for place, gap in enumerate(proven):
            table = tables.get(gap.table.file.name, gap.table)
            unread = [n for n, at in gap.nearest.items() if n not in table.columns[at : at + 1]]
            if whole_sheet(gap.table.file.name) in worse:
                unread = [n for n in gap.nearest if is_last or gap.is_risky(n)]
            proven[place] = gap.without(*unread)
        if not worse:
            break
    return proven


def _faults(reading: Tables) -> Counter[str]:
    """Count by sheet what is wrong: errors, what is lacking or leads nowhere, rows of no known sheet."""
    tables, findings = reading
    read = read_entities(tables)
    kinds = {table.file.sheet for table in tables}
    faults = Counter(
        whole_sheet(each.file)
        for each in (*findings, *read.findings)
        if each.file and each.severity is Severity.ERROR
    )
    for row in read.entities:
        lost = [each for each in row.references if each.state is ReferenceState.DANGLING]
        faults[whole_sheet(row.source.file)] += sum(each.target_kind in kinds for each in lost)
    is_none_known = kinds <= {EntityKind.CUSTOM}
    for table in tables:
        rule = rule_of(table.file.sheet)
        lacking = len({*rule.required} - {*table.columns}) if rule else 2 * is_none_known
        faults[whole_sheet(table.file.name)] += (
            _TRIED_ROWS_MAX * lacking if rule or is_none_known else len(table.rows)
        )
    return faults


def mapping_line(columns: ColumnMeanings) -> str:
    """Write headers and their columns as the line of `session.yaml`, fit to be pasted."""
    return f"columns: {_yaml_mapping(columns)}"


def whole_line(advices: Iterable[str]) -> str:
    """Join the lines that pieces of advice hold into the one of a file; empty where there is none."""
    whole: dict[str, str | dict[str, str]] = {}
    for found in filter(None, map(_LINE.search, advices)):
        for header, column in yaml.safe_load(found[1])["columns"].items():
            other = whole.get(header)
            if isinstance(column, dict) and isinstance(other, dict):
                other.update(column)
            else:
                whole[header] = column
    return mapping_line(whole) if whole else ""


def _yaml_mapping(columns: ColumnMeanings) -> str:
    pairs = (
        f"{_yaml(header)}: {_yaml(column) if isinstance(column, str) else _yaml_mapping(column)}"
        for header, column in columns.items()
    )
    return f"{{{', '.join(pairs)}}}"


def _yaml(text: str) -> str:
    is_plain = _PLAIN_HEADER.fullmatch(text) and not _YAML_WORD.fullmatch(text)
    return text if is_plain else json.dumps(text, ensure_ascii=False)


def _proposed(gaps: Sequence[_Gap], mapped: ColumnMeanings) -> dict[str, str | dict[str, str]]:
    """Add to what people mapped what every sheet seems to need.

    A header that two sheets need for different columns is mapped for each of them.
    """
    meanings: dict[str, set[str]] = {}
    for gap in gaps:
        pairs = {mapping_key(header): column for header, column in gap.pairs.items()}
        for at in gap.unknown:
            key = mapping_key(_on_one_line(gap.header(at)))
            meanings.setdefault(key, set()).add(pairs.get(key, ""))
    known = {mapping_key(header) for header, column in mapped.items() if isinstance(column, str)}
    line = {h: c if isinstance(c, str) else dict(c) for h, c in mapped.items()}
    for gap in gaps:
        title = sheet_title(gap.table.file.name)
        for header, column in gap.pairs.items():
            key = mapping_key(header)
            others = meanings.get(key, set()) - {column}
            is_one = not others or (others == {""} and column in SHARED_COLUMNS)
            if key not in known and is_one:
                line[header] = column
                known.add(key)
            elif line.get(header) != column:
                of_sheet = line.setdefault(title, {})
                if isinstance(of_sheet, dict):
                    of_sheet.setdefault(header, column)
    return line


def _gap_of(
    table: SourceTable, *, besides: Collection[EntityKind], mapped: ColumnMeanings
) -> _Gap | None:
    """Find what a sheet lacks; one without rows lacks nothing, and neither what is no file's."""
    if not table.rows or not table.file.size_bytes:
        return None
    meanings = header_mapping(mapped, file=table.file.name)
    headers = table.shown_headers
    if SHEET in meanings:
        return None
    said = [meanings.get(mapping_key(header)) for header in headers]
    free = [
        at
        for at, (header, meant) in enumerate(zip(headers, said, strict=True))
        if header != unnamed(at) and not (meant and meant.is_nothing)
    ]
    rule = rule_of(table.file.sheet)
    if rule is None:
        kinds = [rule for rule in SHEET_RULES if rule.kind not in besides]
        spelt = {r: {*canonical_columns(r, headers)} & r.columns.keys() for r in kinds}
        counts = {r: len(names.difference(SHARED_COLUMNS)) for r, names in spelt.items()}
        most = max(counts.values(), default=0)
        best = [r for r, count in counts.items() if count == most >= _HEADERS_ENOUGH]
        headed = best[0] if len(best) == 1 else None
        kind_meant = headed or rule_called(sheet_title(table.file.name), kinds)
        return _Gap(
            table=table,
            rule=kind_meant,
            missing=(),
            unknown=_filled_headers(
                table, [at for at in free if table.columns[at] not in SHARED_COLUMNS]
            ),
            nearest=_by_headers(table, kind_meant, free) if kind_meant else {},
            evidence="headers" if headed else "name",
        )
    usual = (STATUS_COLUMN, *rule.required, *rule.losses)
    present = set(table.columns)
    present |= set(NOTE_COLUMNS) if present & {*NOTE_COLUMNS, "Applies to"} else set()
    missing = tuple(name for name in dict.fromkeys(usual) if name not in present)
    if not missing:
        return None
    unknown = [at for at in free if table.columns[at] not in rule.columns]
    return _Gap(
        table=table,
        rule=rule,
        missing=missing,
        unknown=_filled_headers(table, unknown),
        nearest=_nearest(table, rule, missing=missing, positions=unknown),
    )


def _filled_headers(table: SourceTable, positions: Sequence[int]) -> tuple[int, ...]:
    """Return at which of some headers there are cells, and no setting of a display."""
    return tuple(
        at
        for at in positions
        if any(row.cells[at] for row in table.rows)
        and not is_display_setting(table.shown_headers[at])
    )


def _by_headers(table: SourceTable, rule: SheetRule, positions: Sequence[int]) -> dict[str, int]:
    """Pair what headers spell, then what else it needs; the first column of names is what it lists."""
    spelt = canonical_columns(rule, table.shown_headers)
    found = {spelt[at]: at for at in positions if spelt[at] in rule.columns}
    missing = [name for name in (STATUS_COLUMN, *rule.required) if name not in found]
    free = [at for at in positions if at not in found.values()]
    found |= _nearest(table, rule, missing=missing, positions=free)
    free = [at for at in free if at not in found.values()]
    if rule.label_column not in found and free:
        header = table.shown_headers[free[0]]
        words = _words_below(table, free[0])
        is_of_other = is_word_of_headers(header) or bundle_type_of(header) is not None
        is_varied = len(words) >= _MOST * len(table.rows) and _holds(table, free[0], Holds.LABEL)
        found |= {rule.label_column: free[0]} if is_varied and not is_of_other else {}
    own = {*table.columns, *table.shown_headers}
    return {name: at for name, at in found.items() if name not in own}


def _nearest(
    table: SourceTable, rule: SheetRule, *, missing: Sequence[str], positions: Sequence[int]
) -> dict[str, int]:
    """Pair missing columns with the unknown headers that may mean them, each header once.

    By their cells where those show of themselves what they are, and no other column is of that
    sort; else by their words, where the cells are not against it.
    """
    headers = table.shown_headers
    found = dict[str, int]()
    for sort in _SELF_EVIDENT:
        named = [n for n in missing if rule.columns[n].holds is sort]
        at = [p for p in positions if p not in found.values() and _holds(table, p, sort)]
        if sort is Holds.MACHINE_NAME:  # a header of another column is that
            at = [p for p in at if normalised(headers[p]) not in all_known_headers()]
        if len(named) == len(at) == 1:
            found[named[0]] = at[0]
    compared = [p for p in positions if len(headers[p]) <= _HEADER_CHARACTERS][:_HEADERS_COMPARED]
    scored = sorted(
        (-_likeness(headers[position], rule, name=name), rank, position)
        for rank, name in enumerate(missing)
        for position in compared
    )
    for score, rank, position in scored:
        name = missing[rank]
        is_free = name not in found and position not in found.values()
        if is_free and -score >= _LIKENESS and _fits(table, position, rule.columns[name]):
            found[name] = position
    return found


def _likeness(header: str, rule: SheetRule, *, name: str) -> float:
    """Compare a header with a column, by the spellings of it in any language."""
    words = set(header.casefold().split())
    spellings = (name, *rule.columns[name].spellings, *words_abroad(name))
    others = [set(spelling.casefold().split()) for spelling in spellings if len(spelling) > 1]
    is_part = words and any(words <= each or each <= words for each in others)
    if is_part or is_word_of_headers(header):  # of another column
        return 0.9 * bool(is_part)
    own = normalised(header)
    count = len(header.split())
    spellings = tuple(s for s in spellings if len(s.split()) == count)
    if own and header.endswith("."):  # `Mach.` may be the machine name, `Mainl.` is none
        return 0.9 * any(normalised(spelling).startswith(own) for spelling in spellings)
    matches = (difflib.SequenceMatcher(None, own, normalised(s)) for s in spellings)
    return max((match.ratio() for match in matches), default=0)


def _cite_sheets(
    gaps: Sequence[_Gap], line: ColumnMeanings, cited: CitedFiles, *, is_any_known: bool
) -> None:
    """Name the sheets that nobody recognises, what each may be, and what it lacks for that."""
    tables = [gap.table for gap in gaps]
    names = [f"“{sheet_title(t.file.name)}” (line {t.header_line})" for t in tables]
    one = len(gaps) == 1
    it = "it" if one else "one"
    custom = "tickets only quote it" if one else "tickets only quote them"
    kept = custom if is_any_known else "no other sheet is known"
    guesses = [(gap, gap.rule) for gap in gaps if gap.rule is not None and gap.pairs]
    message = f"No known sheet has the headers of {first_named(names, _HEADERS_NAMED)}; {kept}."
    for gap, rule in guesses:
        pairs = ", ".join(f"“{header}” = {column}" for header, column in gap.pairs.items())
        there = {*gap.table.columns, *gap.pairs.values()}
        lacking = [name for name in rule.required if name not in there]
        title = sheet_title(gap.table.file.name)
        message += f" By its {gap.evidence}, “{title}” may be {SHEET_NAMES[rule.kind]}"
        message += f": {pairs.rstrip('.')}"
        message += f"; it also needs {' and '.join(lacking)}." if lacking else "."
    if guesses:
        advice = f"Check each pair, and write into {MANIFEST_NAME} what is right: `{mapping_line(line)}`."
    else:
        lacking_line = mapping_line({sheet_title(tables[0].file.name): {"HEADER": "COLUMN"}})
        advice = (
            f"If {it} is a known sheet, say in {MANIFEST_NAME} which headers are its columns: "
            f"`{lacking_line}`; the command `sheets --blank FILE.xlsx` shows all of them."
        )
    none = mapping_line({sheet_title(tables[0].file.name): NO_COLUMN})
    advice += f" If {it} is none, say so, as in `{none}`."
    advice += f" If {it} is not part of the specification, " + (
        "skip its ticket." if is_any_known else "remove the file or hide the worksheet."
    )
    cited.of(tables[0].file.name).cite(
        severity=Severity.WARNING if is_any_known else Severity.ERROR,
        code="sheet_unknown",
        message=message,
        advice=advice,
        line=tables[0].header_line,
        value=", ".join(tables[0].shown_headers),
    )


def _asked(gap: _Gap, position: int) -> UnknownHeader:
    """Put together what people need to say what a header means."""
    choices = {SHEET_NAMES[gap.rule.kind]: _columns_of(gap.rule)} if gap.rule else {}
    if not gap.is_recognised:
        offered = set(chain.from_iterable(choices.values()))
        every = dict.fromkeys(chain.from_iterable(map(_columns_of, SHEET_RULES)))
        choices["other sheets"] = [name for name in every if name not in offered]
    choices["no known column"] = [NO_COLUMN]
    cells = dict.fromkeys(row.cells[position] for row in gap.table.rows)
    return UnknownHeader(
        sheet=gap.table.file.name,
        header=_on_one_line(gap.header(position)),
        examples=tuple(cell for cell in cells if cell)[:_EXAMPLES],
        proposed=next((name for name, at in gap.nearest.items() if at == position), ""),
        choices=tuple(
            (sheet, tuple(name for name in columns if name not in gap.table.columns))
            for sheet, columns in choices.items()
        ),
    )


def _columns_of(rule: SheetRule) -> list[str]:
    return list(dict.fromkeys((*rule.template, *rule.columns)))


def _cite_status(
    gaps: Sequence[_Gap], line: ColumnMeanings, legend: Specification, cited: CitedFiles
) -> None:
    """Cite sheets without a status in one finding: an error where headers of theirs may be it.

    One is proposed as that where most of its cells can be read then.
    """
    table = gaps[0].table
    titles = [f"“{sheet_title(gap.table.file.name)}”" for gap in gaps]
    what = f"{len(gaps)} sheets ({first_named(titles, _HEADERS_NAMED)}) have"
    if len(gaps) == 1:
        what = f"The sheet ({table.file.sheet_name}) has"
    words = paired(
        (
            _on_one_line(gap.header(at)),
            status_meant(row.cells[at], header=gap.header(at), table=gap.table, legend=legend),
        )
        for gap in gaps
        for at in gap.status_at
        for row in gap.table.rows
        if row.cells[at]
    )
    readable = [word for word, read in words.items() if 2 * sum(map(bool, read)) > len(read)]
    quoted = first_named(
        [f"“{word[:_SHOWN_CHARACTERS]}”" for word in readable or words], _HEADERS_NAMED
    )
    advice = "Add what is missing and export the sheet again, unless it was left out on purpose."
    if words:
        is_status = mapping_line({**line, **dict.fromkeys(readable, STATUS_COLUMN)})
        advice = (
            f"If {quoted} is that column, rename it, or write this line into {MANIFEST_NAME}: `{is_status}`."
            if readable
            else f"If {quoted} says which rows are not to be built now, add a column “{STATUS_COLUMN}” with "
            "w in those rows."
        )
        nothing = mapping_line({**line, **dict.fromkeys(words, NO_COLUMN)})
        advice += f" If none is, write `{nothing}`."
    cited.of(table.file.name).cite(
        severity=Severity.ERROR if words else Severity.WARNING,
        code="status_column_missing",
        message=f"{what} no status column “{STATUS_COLUMN}”. Unknown: which rows already exist, are on "
        "hold or to be removed; all are treated as approved.",
        advice=advice,
        line=table.header_line,
        column=STATUS_COLUMN,
        value=", ".join(table.shown_headers),
    )


def _cite_needed(gap: _Gap, line: ColumnMeanings, cited: CitedFiles) -> None:
    """Cite columns of a recognised sheet without which nothing can be built."""
    table = gap.table
    citations = cited.of(gap.table.file.name)
    unknown = [f"“{gap.header(position)[:_SHOWN_CHARACTERS]}”" for position in gap.unknown]
    owner = owner_column_of(table.file.sheet)
    none = mapping_line({sheet_title(table.file.name): NO_COLUMN})
    for name in gap.needed:
        nearest = ""
        advice = f"Add the column “{name}” or correct the spelling of its header."
        if name in gap.nearest:
            header = gap.header(gap.nearest[name])
            nearest = f" Nearest unknown header: “{header}”."
            advice = (
                f"If “{header}” is that column, rename it, or write this line into {MANIFEST_NAME}: "
                f"`{mapping_line(line)}`."
            )
        elif unknown:
            advice = (
                f"If one of the unknown headers ({first_named(unknown, _HEADERS_NAMED)}) is “{name}”, "
                "rename it. Otherwise, add the column."
            )
        elif owner is not None and name == owner.name:
            label = "NAME (TYPE)" if owner.names == EntityKind.BUNDLE else "NAME"
            advice = (
                f"Add the column “{name}”, or correct the spelling of its header. If all rows "
                f"belong to one {owner.names}, you can name the sheet after it instead: {label}."
            )
        citations.error(
            "column_missing",
            f"The sheet was recognised as {table.file.sheet_name} but has no column “{name}”.{nearest}",
            f"{advice} If it lists nothing of that kind, say so, as in `{none}`.",
            line=table.header_line,
            column=name,
            value=", ".join(table.shown_headers),
        )


def _cite_usual(
    gaps: Sequence[_Gap], line: ColumnMeanings, mapped: ColumnMeanings, cited: CitedFiles
) -> None:
    """Name in one finding the usual columns that sheets lack, and what headers of theirs may be."""
    parts = []
    pairs = list[str]()
    for gap in gaps:
        names = gap.usual
        unknown = [f"“{gap.header(at)[:_SHOWN_CHARACTERS]}”" for at in gap.unknown]
        asked = f" (unknown headers: {first_named(unknown, _HEADERS_NAMED)})" if unknown else ""
        losses = gap.rule.losses if gap.rule and len(names) <= _LOSSES_NAMED else {}
        named = [f"“{n}”" + (f" ({losses[n]})" if n in losses else "") for n in names]
        parts.append(f"{sheet_title(gap.table.file.name)} lacks {', '.join(named)}{asked}")
        pairs += [f"“{gap.header(gap.nearest[n])}” for “{n}”" for n in names if n in gap.nearest]
    first = gaps[0].table
    columns = gaps[0].usual
    nearest = ""
    advice = "Add what tickets should say; docs/sheets.md has what each column is for."
    if pairs:
        part = mapping_line(_part_of(line, gaps, mapped))
        nearest = f" Nearest unknown headers: {', '.join(pairs)}."
        advice = f"If they are those columns, rename them, or write this line into {MANIFEST_NAME}: `{part}`"
    cited.of(first.file.name).warn(
        "usual_column_missing",
        f"Tickets say nothing of columns that sheets usually have: {'; '.join(parts)}.{nearest}",
        advice,
        line=first.header_line,
        column=columns[0] if len(gaps) == len(columns) == 1 else None,
    )
