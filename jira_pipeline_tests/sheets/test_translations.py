"""Sheets in German, French, Spanish and Dutch are read as the same sheets in English."""

import tomllib
from collections.abc import Iterator
from importlib import resources

from jira_pipeline.drupal.columns import FLAG_COLUMNS
from jira_pipeline.model.entities import BundleType, EntityKind
from jira_pipeline.sheets.reading.cells import count_spelled
from jira_pipeline.sheets.reading.sheet_kinds import (
    SHEET_RULES,
    SheetRule,
    known_columns,
    normalised,
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

WORDS = tomllib.loads(
    resources.files("jira_pipeline.sheets.reading")
    .joinpath("translations.toml")
    .read_text(encoding="utf-8")
)


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
