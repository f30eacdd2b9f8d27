"""Sheets repeat their cells: what is made of a short one is made once."""

from jira_pipeline.sheets.reading.translations import CHARACTERS_MAX, once_each_text


def test_what_is_made_of_a_short_text_is_remembered() -> None:
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
