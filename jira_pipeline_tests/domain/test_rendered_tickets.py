"""A file is recognised by its name, which carries a hash of its content."""

import pytest

from jira_pipeline.domain.rendered_tickets import hashed_file_name


@pytest.mark.parametrize(
    ("file_name", "expected"),
    [
        ("full text.md", "full text-ba7816bf.md"),
        ("full text-ba7816bf.md", "full text-ba7816bf.md"),
        ("notes", "notes-ba7816bf"),
        ("a.b.md", "a.b-ba7816bf.md"),
    ],
)
def test_the_name_carries_eight_digits_of_the_hash_once(file_name: str, expected: str) -> None:
    assert hashed_file_name(file_name, "abc") == expected


def test_other_content_gets_another_name() -> None:
    assert hashed_file_name("a.md", "abc") != hashed_file_name("a.md", "abd")
