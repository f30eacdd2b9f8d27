"""Descriptions of every shape become something that follows "I want"."""

import pytest

from jira_pipeline.writers.wording.wishes import pronoun_for, wish_of


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ("Add profile information for a person.", "to add profile information for a person"),
        ("Adds content inside accordions.", "to add content inside accordions"),
        ("Use to add college pages.", "to add college pages"),
        ("Used to add college pages.", "to add college pages"),
        ("used for grouping pages", "a Tags vocabulary for grouping pages"),
        ("Lists of bios.", "lists of bios"),
        ("Job search board.", "a job search board"),
        ("Search of the collection with facets", "a search of the collection with facets"),
        ("Search the collection", "to search the collection"),
        ("Directory search results page..", "a directory search results page"),
        ("Allows WYSIWYG text", "a Tags vocabulary that allows WYSIWYG text"),
        ("Classify clocks by maker", "to classify clocks by maker"),
        ("Add list of bios", "to add a list of bios"),
        ("HTML snippets", "HTML snippets"),
        ("Unusual page", "an unusual page"),
        ("A basic block contains a title and a body.", ""),
        ("Used differentiate types of snapshots.", ""),
        ("", ""),
        ("...", ""),
    ],
)
def test_a_description_becomes_a_wish(description: str, expected: str) -> None:
    assert wish_of(description, noun="Tags vocabulary") == expected


def test_a_long_wish_ends_with_its_first_clause_and_not_within_an_entity() -> None:
    description = f"Add research &amp; teaching pages; {'more words ' * 30}"

    assert wish_of(description, noun="Page") == "to add research &amp; teaching pages"


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ("to add icons as media entities", "them"),
        ("to add WYSIWYG content inside accordions", "it"),
        ("to add a set hours to an hours library", "it"),
        ("to add profile information for a person", "it"),
        ("lists of bios", "them"),
    ],
)
def test_a_wish_is_referred_to_by_the_right_pronoun(wish: str, expected: str) -> None:
    assert pronoun_for(wish) == expected
