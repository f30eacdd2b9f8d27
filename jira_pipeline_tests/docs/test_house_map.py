"""Somebody who looks for words of the field finds the module that is about them."""

import pytest

from jira_pipeline_tests.docs.house_map import HITS_SHOWN, hits_of, main, modules_of_house
from jira_pipeline_tests.tables import each

MODULES = modules_of_house()
PLACES = {
    "what a ready mark covers": "model/ticket_hashes.py",
    "build order, cycles, deferred dependencies": "model/dependencies.py",
    "rate limits of Jira, waiting and sending again": "jira/client/pacing.py",
    "an upload that waits for its layout": "sheets/kept_uploads.py",
    "folder of the inbox": "sheets/inbox.py",
    "words and rank of a question": "drupal/words.py",
    "texts that were typed and not saved": "web/static/drafts.js",
    "colours, dark mode, spacing": "model/look/static/tokens.css",
}


@each("words", PLACES)
def test_words_of_the_field_lead_to_the_module_that_is_about_them(words: str) -> None:
    shown = [hit.module.path for hit in hits_of(words, MODULES)[:HITS_SHOWN]]

    assert PLACES[words] in shown


def test_every_module_says_what_it_is_for() -> None:
    unsaid = [module.path for module in MODULES if module.path.endswith(".py") and not module.head]

    assert unsaid == []


def test_words_that_no_module_has_are_said_to_be_unknown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["map", "qwxyz"])

    main()

    assert "No module says anything of “qwxyz”" in capsys.readouterr().out
