"""No page and no help speaks of what the program does not have."""

import re

from jira_pipeline_tests.cli.test_help import COMMANDS
from jira_pipeline_tests.docs.test_names_in_documents import TEXTS
from jira_pipeline_tests.tables import each

GONE = [
    *("store move", "MachineLauncher", "make team", "machines page", "daemon election", "capacity"),
    *(
        "Prometheus",
        "/metrics",
        "Idempotency-Key",
        "presence",
        "@mention",
        "digest",
        "inbox of not",
    ),
    *("respondent", "membership", "enquir", "trusted answer", "server draft"),
    *("rehears", "undo --update", "--changed", "verify --comment", "hash chain", "audit --verify"),
    *("review.html", "questions.csv", "tickets save", "tickets load", "suggested dependenc"),
    *("--ask", "--learn", "--world", "--faults", "_sandbox/faults", "faults-sharedo", "nightly"),
    *("mutation operator", "graph layout", "field offers", "settings in force"),
]


@each("word", GONE)
def test_no_page_and_no_help_has_a_word_of_what_is_gone(word: str) -> None:
    helped = {
        " ".join(words): "\n".join(
            [command.help, *(str([*p.opts, p.help]) for p in command.params)]
        )
        for words, command in COMMANDS
    }

    found = re.compile(rf"(?<![\w-]){re.escape(word)}")
    assert [name for name, text in {**TEXTS, **helped}.items() if found.search(text)] == []
