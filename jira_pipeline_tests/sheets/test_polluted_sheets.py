"""Damage of the kinds that a public benchmark knows is read right or cited where it is."""

from collections import Counter

from benchmarks.polluted_sheets import outcome_of, polluted_sheets

UNCITED = {"second table as wide": 1, "delimiter missing": 3}
"""At most: rows of a second table with as many columns; two headers that ran into one another,
while every row ends with a blank cell."""


def test_no_damage_is_read_shifted_without_a_finding_at_its_line() -> None:
    """`Lists of news, events` outside quotes, before blank cells, was “Lists of news” in tickets."""
    outcomes = [(sheet.kind, outcome_of(sheet)) for sheet in polluted_sheets(12)]

    assert len(outcomes) == 22 + 12 * (8 + 9 + 9 + 1)
    uncited = Counter(kind for kind, outcome in outcomes if outcome == "uncited")
    assert uncited <= Counter(UNCITED)


def test_a_clean_sheet_has_no_finding_in_any_form() -> None:
    outcomes = {sheet.kind: outcome_of(sheet) for sheet in polluted_sheets(3)}

    clean = ("source", "delimited by tabs", "delimited by semicolons", "ended by line feeds")
    assert [outcomes[kind] for kind in clean] == ["exact"] * 4
