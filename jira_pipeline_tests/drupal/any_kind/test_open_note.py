"""What notes leave open."""

from jira_pipeline.drupal.any_kind.open_note import OpenSentence, open_sentences_of
from jira_pipeline_tests.drupal.made_rows import asked, field, row_of, style, style_of, ticket_of
from jira_pipeline_tests.tables import each


@each(
    ("note", "sentences"),
    [
        ("Crop 8x8. Perhaps 9x9.", ["Perhaps 9x9."]),
        ("Perhaps 9x9. Perhaps 7x7.", ["Perhaps 9x9.", "Perhaps 7x7."]),
        ("Crop 8x8.", []),
        ("As on https://boat.example/perhaps, crop 8x8.", []),
        ("As on https://boat.example/a, perhaps.", ["As on https://boat.example/a, perhaps."]),
    ],
)
def test_a_sentence_leaves_something_open_by_a_word(note: str, sentences: list[str]) -> None:
    row = style_of(style(Notes=note))

    assert list(open_sentences_of(row)) == [OpenSentence(sentence) for sentence in sentences]


@each(
    ("cells", "is_open"),
    [
        ({"options": "Sail/Perhaps"}, False),
        ({"options": "Sail, perhaps"}, False),
        ({"options": "Perhaps"}, True),
        ({}, True),
    ],
)
def test_a_choice_of_a_list_leaves_nothing_open(cells: dict[str, str], *, is_open: bool) -> None:
    row = row_of(field(note="Perhaps a sail.", **cells))

    assert bool(open_sentences_of(row)) is is_open


def test_a_choice_in_a_column_that_nobody_knows_leaves_nothing_open() -> None:
    row = row_of(field(note="Perhaps a sail.") | {"Answers": "Sail\nPerhaps"})

    assert open_sentences_of(row) == ()


@each(
    ("note", "sentences"),
    [
        ("Elements: How was it? (how: textfield, required); Why? (why: textarea).", []),
        ("Elements: How was it? (how: textfield). Which mast?", ["Which mast?"]),
        ("Elements: perhaps a name.", ["Elements: perhaps a name."]),
        ("Default: “TBD”. Which mast?", ["Which mast?"]),
        ("Default: TBD.", ["Default: TBD."]),
        ("Text on the form: “Is the mast yours?” Which mast?", ["Which mast?"]),
    ],
)
def test_what_a_form_asks_leaves_nothing_open_and_what_follows_does(
    note: str, sentences: list[str]
) -> None:
    row = style_of(style(Notes=note))

    found = [sentence.text for sentence in open_sentences_of(row)]

    quoting = ("Elements: . ", "Default: “”. ")
    assert [text.removeprefix(quoting[0]).removeprefix(quoting[1]) for text in found] == sentences


def test_what_is_decided_is_asked_sentence_by_sentence() -> None:
    ticket = ticket_of(field(note="Perhaps a sail. The mast is tbd."))

    assert asked("rows.unsettled", ticket) == [
        "The note of “Hull” (`field_hull`) says “Perhaps a sail”: what is decided?",
        "The note of “Hull” (`field_hull`) says “The mast is tbd”: what is decided?",
    ]


def test_a_note_that_decides_is_not_asked_about() -> None:
    assert asked("rows.unsettled", ticket_of(field(note="A sail."))) == []
