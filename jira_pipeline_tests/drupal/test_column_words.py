"""Plain names of columns: each column has one, and no two of a kind of sheet have the same."""

from collections import Counter

import pytest

from jira_pipeline.drupal.column_words import label_anywhere, label_of, words_of
from jira_pipeline.drupal.columns import columns_of
from jira_pipeline.sheets.reading.sheet_kinds import SHEET_RULES

KINDS = [rule.kind.value for rule in SHEET_RULES]
USUAL_MAX = 12
"""More choices than fit on a screen are not read; 51 were offered."""


@pytest.mark.parametrize("kind", KINDS)
def test_every_column_has_a_plain_name_of_its_own(kind: str) -> None:
    """“Label” was offered twice in one list: of the workflow, and of its states."""
    names = [column.name for column in columns_of(kind)]

    labels = Counter(label_of(kind, name) for name in names)

    assert {label: count for label, count in labels.items() if count > 1} == {}
    assert not any("." in label or "'d" in label for label in labels)


def test_no_two_kinds_call_what_names_their_things_the_same() -> None:
    naming = [
        label_of(kind, column.name)
        for kind in KINDS
        for column in columns_of(kind)
        if words_of(kind, column.name).is_usual and column.role.name == "LABEL"
    ]

    assert len(naming) == len({*naming}) == len(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_few_columns_are_offered_first(kind: str) -> None:
    usual = [column for column in columns_of(kind) if words_of(kind, column.name).is_usual]

    assert 0 < len(usual) <= USUAL_MAX


def test_a_column_is_called_by_its_name_alone_where_its_kind_is_not_known() -> None:
    assert label_anywhere("Vals.") == "How many values"
    assert label_anywhere("Shelf") == "Shelf"
