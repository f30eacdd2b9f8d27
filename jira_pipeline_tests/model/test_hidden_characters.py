"""Which characters nobody sees, and where the same ones are part of what is seen."""

import re
import unicodedata

from hypothesis import given, strategies as st

from jira_pipeline.model.hidden_characters import UNSEEN, hidden_in, without_hidden
from jira_pipeline_tests.tables import each

SEEN = re.compile(
    "[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd\U00013430-\U00013455]"
)
"""Of category Cf and drawn: marks around numbers (Prepended_Concatenation_Mark), hieroglyphs."""


def test_every_format_character_and_variation_selector_is_one_that_nobody_sees() -> None:
    missed = [
        f"U+{code:04X}"
        for code in range(0x110000)
        if unicodedata.category(chr(code)) == "Cf"
        or "VARIATION SELECTOR" in unicodedata.name(chr(code), "")
        if not UNSEEN.match(chr(code)) and not SEEN.match(chr(code))
    ]

    assert missed == []


@each(
    "text",
    [
        "✔\ufe0f ⚠\ufe0e ©\ufe0f 1\ufe0f\u20e3 #\ufe0f\u20e3",
        "👨\u200d👩\u200d👧 👩🏽\u200d🚀 ❤\ufe0f\u200d🔥 🏳\ufe0f\u200d🌈",
        "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 \u0647\u200d",
        "\u0915\u094d\u200d\u0937 \u0dc1\u0dca\u200d\u0dbb\u0dd3",
        "ภาษา\u200bไทย",
        "\u05d0\u200f! \u200f\u05d0 \u0627\u061c",
        "\u1820\u180b",
        "Zürich\u00a0\u2013 „café“",
    ],
    ids=["selectors", "emoji", "flag", "Persian", "Indic", "Thai", "marks", "Mongolian", "plain"],
)
def test_what_a_sign_or_a_word_is_made_of_stays(text: str) -> None:
    assert hidden_in(text) == []
    assert without_hidden(text) == text


@each(
    ("text", "seen"),
    [
        ("field_\u200dweight", "field_weight"),
        ("✔\ufe0f\ufe0f", "✔\ufe0f"),
        ("👩\u200d", "👩"),
        ("🏴\U000e006f\U000e0062", "🏴"),
        ("1\ufe0f", "1"),
        ("\u0645\u06cc\u200c\u200c\u062e", "\u0645\u06cc\u200c\u062e"),
        ("葛\U000e0100", "葛"),
        ("葛\u200b\ufe0f\u200b", "葛"),
    ],
    ids=[
        *("Latin", "second selector", "loose joiner", "no flag", "digit", "second joiner", "Han"),
        "selector between spaces",
    ],
)
def test_the_same_ones_elsewhere_are_taken_out(text: str, seen: str) -> None:
    assert without_hidden(text) == seen
    assert [f"U+{ord(each):04X}" for each in hidden_in(text)]
    assert "[U+" in without_hidden(text, shown="[U+{:04X}]")


@given(st.text("a1✔🏴👩\u0645\u05d0\u200b\u200d\u200f\ufe0f\u20e3\u3164\U000e0067\U000e007f"))
def test_nothing_hidden_is_left_and_nothing_else_is_lost(text: str) -> None:
    seen = without_hidden(text)

    assert hidden_in(seen) == []
    assert len(seen) == len(text) - len(hidden_in(text))
