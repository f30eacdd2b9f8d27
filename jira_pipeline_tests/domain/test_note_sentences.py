"""Splitting prose cells into sentences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jira_pipeline.domain.note_sentences import sentences_of


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        pytest.param("", (), id="nothing"),
        pytest.param("Hidden. Pulled from HR", ("Hidden.", "Pulled from HR"), id="two sentences"),
        pytest.param(
            "Hidden (after sync is set up)  Pulled from HR",
            ("Hidden (after sync is set up)", "Pulled from HR"),
            id="a bracket ends a sentence before a capital",
        ),
        pytest.param(
            "Sorted (text! 10 comes before 2, natural sort?). No pager",
            ("Sorted (text! 10 comes before 2, natural sort?).", "No pager"),
            id="no sentence ends inside a bracket",
        ),
        pytest.param(
            "Hidden (see the old template. Editors may add",
            ("Hidden (see the old template.", "Editors may add"),
            id="a bracket that never closes holds nothing back",
        ),
        pytest.param(
            "Set noindex, etc. Add a template",
            ("Set noindex, etc.", "Add a template"),
            id="etc ends a sentence before a capital",
        ),
        pytest.param(
            "Names, e.g. Hibbard Hall", ("Names, e.g. Hibbard Hall",), id="an abbreviation does not"
        ),
        pytest.param(
            "Flag oblig. in port, perm. quay_master. Seen by the Dept. Dir. only",
            ("Flag oblig. in port, perm. quay_master.", "Seen by the Dept. Dir. only"),
            id="nor does a shortened word",
        ),
        pytest.param(
            "Flag oblig. Horn by night",
            ("Flag oblig.", "Horn by night"),
            id="most of them may end one before a capital",
        ),
        pytest.param(
            "Two lines. Shown at night? HMO checks",
            ("Two lines.", "Shown at night? HMO checks"),
            id="whose answer is awaited stays with the question",
        ),
        pytest.param(
            "Which file? PDF",
            ("Which file?", "PDF"),
            id="a type of file answers nothing for anybody",
        ),
        pytest.param("One\nTwo", ("One", "Two"), id="a line ends a sentence"),
        pytest.param(
            'Says "No boat is in. Back soon? Ring the bell." in grey. Hidden on phones',
            ('Says "No boat is in. Back soon? Ring the bell." in grey.', "Hidden on phones"),
            id="no sentence ends inside a quotation",
        ),
        pytest.param(
            'At least 24" wide. At most 30" high',
            ('At least 24" wide.', 'At most 30" high'),
            id="an inch opens no quotation",
        ),
        pytest.param(
            "See https://example.org/a.b, size 1.5x",
            ("See https://example.org/a.b, size 1.5x",),
            id="dots inside words do not",
        ),
    ],
)
def test_a_cell_is_split_into_its_sentences(cell: str, expected: tuple[str, ...]) -> None:
    assert sentences_of(cell) == expected


@given(st.text())
def test_nothing_but_white_space_is_lost(cell: str) -> None:
    kept = "".join("".join(sentences_of(cell)).split())

    assert kept == "".join(cell.split())
