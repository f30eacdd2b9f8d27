"""Facts that two rows state about one thing and that differ, and what no row states."""

import pytest

from jira_pipeline_tests.domain.questions.test_rows_against_rows import (
    BOAT,
    questions_of,
)
from jira_pipeline_tests.stages.made_specifications import Row, bundle, field


@pytest.mark.parametrize(
    ("note", "required", "is_asked"),
    [
        ("Each boat has a draught", "n", True),
        ("Each boat has a draught", "y", False),
        ("No boat without a draught", "n", True),
        ("Not every boat has a draught", "y", True),
        ("A new one stays a draft until the pilot has measured its draught", "y", True),
        ("Does each boat have a draught?", "n", False),
    ],
)
def test_a_note_that_demands_or_spares_a_value_is_held_against_the_field(
    note: str, required: str, *, is_asked: bool
) -> None:
    found = questions_of(
        bundles=[bundle("Boat", "boat") | {"Settings/notes": note}],
        fields=[field(BOAT, "field_draught") | {"Field label": "Draught", "Req'd": required}],
    )

    assert is_asked is any("which is right?" in question for question in found)


def test_a_field_to_translate_in_a_type_that_is_not_is_asked_about() -> None:
    found = questions_of(
        bundles=[bundle("Boat", "boat") | {"Trns.": "n"}],
        fields=[field(BOAT, "field_draught") | {"Trns.": "y"}],
    )

    assert any("Boat is not (Trns. n)" in question for question in found)


def test_a_row_without_the_mark_of_all_others_is_asked_about() -> None:
    marked = [field(BOAT, f"field_{letter}") for letter in "abcdefghijk"]

    found = questions_of(fields=[*marked, field(BOAT, "field_l") | {"X": ""}])

    assert any("has no mark in column X" in question for question in found)


def test_a_field_that_stays_and_loses_its_only_target_is_asked_about() -> None:
    found = questions_of(
        bundles=[bundle("Boat", "boat"), bundle("Quay", "quay", x="d")],
        fields=[field(BOAT, "field_quay", ref="Quay (Content type)") | {"X": "x"}],
    )

    assert any("stays and refers only to Quay, which goes" in question for question in found)


def test_a_required_reference_that_a_migration_does_not_fill_is_asked_about() -> None:
    found = questions_of(
        fields=[field(BOAT, "field_berth", ref="Berth (Vocabulary)") | {"Req'd": "y"}],
        migrations=[
            {"Migration": "Fleet", "Source": "csv", "Destination": "Boat", "X": "a", "Notes": ""}
        ],
    )

    assert any("Fleet names no source for it" in question for question in found)


def test_a_required_reference_to_what_another_migration_brings_is_not_asked() -> None:
    fleet: Row = {"Migration": "Fleet", "Source": "csv", "Destination": "Boat", "X": "a"}
    berths: Row = {"Migration": "Quays", "Source": "csv", "Destination": "Berth (Vocabulary)"}

    found = questions_of(
        bundles=[bundle("Boat", "boat"), bundle("Berth", "berth", "Vocabulary")],
        fields=[field(BOAT, "field_place", ref="Berth (Vocabulary)") | {"Req'd": "y"}],
        migrations=[fleet, berths | {"X": "a"}],
    )

    assert not [question for question in found if "must be filled in" in question]


def test_a_required_reference_whose_terms_have_the_codes_of_the_feed_is_not_asked() -> None:
    code = field("Berth (Vocabulary)", "field_code")
    fleet: Row = {"Migration": "Fleet", "Source": "csv", "Destination": "Boat", "X": "a"}

    found = questions_of(
        bundles=[bundle("Boat", "boat"), bundle("Berth", "berth", "Vocabulary")],
        fields=[
            field(BOAT, "field_place", ref="Berth (Vocabulary)") | {"Req'd": "y"},
            code | {"Settings/notes": "Unknown code of the feed: Other"},
        ],
        migrations=[fleet],
    )

    assert not [question for question in found if "must be filled in" in question]
