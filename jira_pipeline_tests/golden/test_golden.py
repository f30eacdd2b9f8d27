"""What is frozen is what the program says; `make golden` writes it anew where a change is wanted."""

import pytest

from jira_pipeline_tests.golden.__main__ import frozen_file, frozen_now
from jira_pipeline_tests.golden.commands import lines_of
from jira_pipeline_tests.golden.comparing import difference
from jira_pipeline_tests.golden.frozen_text import Plain
from jira_pipeline_tests.golden.subjects import Subject, all_subjects
from jira_pipeline_tests.golden.surfaces import commands_with_json
from jira_pipeline_tests.shared_data import DATA, shared_data

QUICK = [subject for subject in all_subjects() if subject.is_quick and subject.is_frozen]


@pytest.mark.parametrize("subject", QUICK, ids=lambda subject: subject.name)
def test_nothing_differs_from_what_is_frozen(subject: Subject) -> None:
    """Where this fails and the change is wanted: `make golden`, and the diff is reviewed."""
    if subject.folder is not None and subject.folder.is_relative_to(DATA):
        shared_data(str(subject.folder.relative_to(DATA)))
    frozen = frozen_file(subject).read_text(encoding="utf-8")

    assert difference(frozen, frozen_now(subject), name=subject.name) == ""


def test_every_command_that_answers_programs_is_in_a_script() -> None:
    lines = [*lines_of("sheets"), *lines_of("packages")]

    left_out = [
        words
        for words in commands_with_json()
        if not any(f"{line} ".startswith(f"{words} ") for line in lines)
    ]

    assert left_out == []


def test_a_difference_names_the_item_and_shows_both_lines() -> None:
    frozen = "== ticket 1\nA\n\n== ticket 2\nB\n"

    found = difference(frozen, frozen.replace("B", "C"), name="site.txt")

    assert found == "site.txt\n  @@ line 5 · ticket 2\n  - B\n  + C"


def test_what_changes_by_itself_is_taken_out_and_names_stay_told_apart() -> None:
    plain = Plain({"/tmp/made": "«folder»"})  # noqa: S108 - a name
    answer = plain.answer({"run_id": "drawn-4711", "seconds": 0.2, "number": 3})

    text = plain(f"{answer} of drawn-4711 in /tmp/made at 2026-11-23T01:02:03.4Z")

    assert text == (
        "{'run_id': '«name 1»', 'seconds': '«measured»', 'number': 3} of «name 1» in «folder»"
        " at «time»"
    )
