"""Why the operating system refuses something is said in words of people."""

import errno
import os

from jira_pipeline.model.errors import system_message
from jira_pipeline_tests.tables import each


@each(
    ("number", "words"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EACCES, "access is denied"),
        (errno.ENOTBLK, "the operating system refused it (ENOTBLK)"),
    ],
)
def test_a_refusal_of_the_system_is_said_without_its_words(number: int, words: str) -> None:
    error = OSError(number, os.strerror(number), "/srv/secret/path")

    assert system_message(error) == words


def test_a_refusal_without_a_number_has_no_reason() -> None:
    assert system_message(OSError("x")) == "the operating system refused it (without a reason)"
