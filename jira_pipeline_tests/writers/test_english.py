"""Grammar of generated sentences."""

import pytest

from jira_pipeline.writers.wording.english import (
    count_of,
    listed,
    lowered,
    with_article,
    without_stop,
)


@pytest.mark.parametrize(
    ("noun", "expected"),
    [
        ("editor", "an editor"),
        ("site builder", "a site builder"),
        ("URL", "a URL"),
        ("user", "a user"),
        ("unit", "a unit"),
        ("unusual page", "an unusual page"),
        ("HR form", "an HR form"),
        ("hour", "an hour"),
        ("FAQ", "an FAQ"),
    ],
)
def test_an_article_follows_the_sound(noun: str, expected: str) -> None:
    assert with_article(noun) == expected


@pytest.mark.parametrize(
    ("count", "noun", "expected"),
    [
        (1, "field", "one field"),
        (0, "field", "no fields"),
        (13, "vocabulary", "13 vocabularies"),
        (2, "display", "two displays"),
        (2, "state or transition", "two states or transitions"),
    ],
)
def test_a_count_agrees_with_its_noun(count: int, noun: str, expected: str) -> None:
    assert count_of(count, noun) == expected


def test_a_long_list_counts_its_rest() -> None:
    assert listed(["a", "b", "c", "d"], at_most=2) == "a, b and two more"


def test_acronyms_keep_their_capitals() -> None:
    assert lowered("HTML allowed") == "HTML allowed"
    assert lowered("Limited HTML") == "limited HTML"


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Use &amp; &lt;", "Use &amp; &lt;"),
        ("Use &#38;.", "Use &#38;"),
        ("Use A; ", "Use A"),
        ("R & D;", "R & D"),
    ],
)
def test_the_semicolon_of_an_entity_stays(sentence: str, expected: str) -> None:
    assert without_stop(sentence) == expected


def test_stops_go_but_the_abbreviation_keeps_its_own() -> None:
    assert without_stop("Results page.. ") == "Results page"
    assert without_stop("Departments, etc.") == "Departments, etc."
