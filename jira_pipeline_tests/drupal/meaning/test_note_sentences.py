"""Splitting prose cells into sentences."""

from hypothesis import given, strategies as st

from jira_pipeline.drupal.meaning.notes import sentences_of
from jira_pipeline_tests.tables import each

CELLS: dict[str, tuple[str, ...]] = {
    "nothing": ("",),
    "two sentences": ("Hidden. Pulled from HR", "Hidden.", "Pulled from HR"),
    "a bracket that never closes holds nothing back": (
        "Hidden (see the old template. Editors may add",
        "Hidden (see the old template.",
        "Editors may add",
    ),
    "etc ends a sentence before a capital": (
        "Set noindex, etc. Add a template",
        "Set noindex, etc.",
        "Add a template",
    ),
    "an abbreviation does not": ("Names, e.g. Hibbard Hall", "Names, e.g. Hibbard Hall"),
    "nor does a shortened word": (
        "Boats, incl. Ferries and approx. 20 barges. Seen by the Dept. Dir. only",
        "Boats, incl. Ferries and approx. 20 barges.",
        "Seen by the Dept. Dir. only",
    ),
    "a line ends a sentence": ("One\nTwo", "One", "Two"),
    "an inch opens no quotation": (
        'At least 24" wide. At most 30" high',
        'At least 24" wide.',
        'At most 30" high',
    ),
    "dots inside words do not": (
        "See https://example.org/a.b, size 1.5x",
        "See https://example.org/a.b, size 1.5x",
    ),
}
"""A cell, then its sentences."""


@each(("cell", "expected"), [(c, e) for c, *e in CELLS.values()], ids=CELLS)
def test_a_cell_is_split_into_its_sentences(cell: str, expected: list[str]) -> None:
    assert [*sentences_of(cell)] == expected


@given(st.text())
def test_nothing_but_white_space_is_lost(cell: str) -> None:
    kept = "".join("".join(sentences_of(cell)).split())

    assert kept == "".join(cell.split())
