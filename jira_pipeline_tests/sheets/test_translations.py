"""Sheets in German, French, Spanish and Dutch are read as the same sheets in English."""

import csv
import io
import tomllib
from collections.abc import Iterator
from importlib import resources
from itertools import product
from pathlib import Path

from jira_pipeline.model.columns import FLAG_COLUMNS
from jira_pipeline.model.entities import BundleType, EntityKind, FolderReading
from jira_pipeline.sheets.reading.cells import count_spelled
from jira_pipeline.sheets.reading.folders import read_files
from jira_pipeline.sheets.reading.sheet_kinds import (
    SHEET_RULES,
    SheetRule,
    known_columns,
    normalised,
    recognise,
    rule_of,
)
from jira_pipeline.sheets.reading.translations import (
    CHARACTERS_MAX,
    DITTO,
    FLAGS,
    MONTHS,
    TITLES,
    TOTALS,
    known_languages,
    once_each_text,
    plain_letters,
)
from jira_pipeline_tests.long_form import IS_LONG
from jira_pipeline_tests.tables import each

EXAMPLES = sorted(p for p in Path("examples").resolve().iterdir() if p.is_dir())
WORDS = tomllib.loads(
    resources.files("jira_pipeline.sheets.reading")
    .joinpath("translations.toml")
    .read_text(encoding="utf-8")
)
SYNONYMS = 4
"""So many of the words for a header are tried."""


def differences_text(language: str, rule: SheetRule, column: str) -> list[str]:
    spellings = known_columns(rule)
    words = [
        word
        for english, listed in WORDS[language]["headers"].items()
        if spellings.get(normalised(english)) == column
        for word in listed
    ]
    return words + (WORDS[language]["labels"] if column == rule.label_column else [])


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.csv")}


def translated(reading: FolderReading, language: str, *, synonym: int) -> dict[str, bytes]:
    """Write the files of an example with the headers of a language; the cells stay."""
    files = {}
    for table in reading.tables:
        rule = rule_of(table.file.sheet)
        assert rule is not None
        words = [differences_text(language, rule, column) or [column] for column in table.columns]
        text = io.StringIO()
        writer = csv.writer(text, delimiter=";")
        writer.writerow([listed[synonym % len(listed)] for listed in words])
        writer.writerows(row.cells for row in table.rows)
        files[table.file.name] = text.getvalue().encode()
    return files


def contents(reading: FolderReading) -> list[tuple[object, ...]]:
    return [
        (t.file.name, t.file.sheet, t.columns, [row.cells for row in t.rows])
        for t in reading.tables
    ]


@each(
    ("folder", "language"),
    [one for n, one in enumerate(product(EXAMPLES, WORDS)) if IS_LONG or n % 3 == 0],
)
def test_an_example_with_translated_headers_is_the_same_specification(
    folder: Path, language: str
) -> None:
    in_english = read_files(files_of(folder))

    for synonym in range(SYNONYMS):
        files = translated(in_english, language, synonym=synonym)
        assert contents(read_files(files)) == contents(in_english)


def test_a_column_named_migration_makes_no_german_sheet_one_of_migrations() -> None:
    headers = ["Name", "Systemname", "X", "Beschreibung", "Migration", "Typ"]

    rule = recognise(headers, file="a.csv")

    assert rule is not None
    assert rule.kind is EntityKind.BUNDLE
    assert recognise(["Migration", "X", "Description"], file="a.csv") is rule_of(
        EntityKind.MIGRATION
    )


@each(
    ("file", "kind"),
    [
        ("Bildstile.csv", EntityKind.IMAGE_STYLE),
        ("Benutzerrollen.csv", EntityKind.USER_ROLE),
        ("roles.csv", EntityKind.USER_ROLE),
        ("Tabelle1.csv", None),
    ],
)
def test_a_sheet_of_names_alone_is_what_its_title_says_or_nothing(
    file: str, kind: EntityKind | None
) -> None:
    """In German any sheet may call its first column so."""
    rule = recognise(["Bezeichnung", "Systemname", "X", "Notizen"], file=file)

    assert (rule and rule.kind) == kind


def _readings() -> Iterator[tuple[str, SheetRule, str, set[str]]]:
    for language in known_languages():
        for rule in SHEET_RULES:
            spellings = known_columns(rule)
            for word, english in language.headers.items():
                columns = {spellings[normalised(e)] for e in english if normalised(e) in spellings}
                yield language.name, rule, word, columns


def test_no_word_stands_for_two_columns_of_one_sheet() -> None:
    assert [found for found in _readings() if len(found[3]) > 1] == []


def test_every_translation_is_of_something_that_is_known() -> None:
    headers = {spelling for rule in SHEET_RULES for spelling in known_columns(rule)}
    columns = {name for rule in SHEET_RULES for name in known_columns(rule).values()}
    coded = {plain_letters(word) for word in ("y", "n", "*")}

    for language in WORDS.values():
        assert {normalised(english) for english in language["headers"]} <= headers
        assert set(language["types"]) == set(BundleType)
        assert set(language["titles"]) <= set(EntityKind)
        of_any = {FLAGS, DITTO, TITLES, TOTALS, MONTHS}
        assert set(language["cells"]) - of_any <= columns - FLAG_COLUMNS
        assert {plain_letters(word) for word in language["cells"][FLAGS]} <= coded
        assert None not in map(count_spelled, language["cells"]["Vals."])


def test_what_is_made_of_a_short_text_is_remembered() -> None:
    """Sheets repeat their cells."""
    made: list[str] = []

    @once_each_text
    def upper(text: str) -> str:
        made.append(text)
        return text.upper()

    long = "x" * (CHARACTERS_MAX + 1)

    assert [upper(text) for text in ("y", "y", long, long)] == [
        "Y",
        "Y",
        long.upper(),
        long.upper(),
    ]
    assert made == ["y", long, long]
