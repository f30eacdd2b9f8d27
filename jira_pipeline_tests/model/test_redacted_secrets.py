"""A secret is redacted in every form in which a server or a gateway may show it."""

import base64
import json
from collections.abc import Callable
from html import escape
from urllib.parse import quote, quote_plus

from jira_pipeline.model.redacted_secrets import SecretRedaction
from jira_pipeline_tests.tables import each

KEYS = ("sk-proj_A1b2/C3d4+E5f6=~?>z", "canary-key-5d1c", "schlüssel-ÿÿ>>??")


def base64_of(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def url_base64_of(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def percent_of_all(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode())


def html_numbers(text: str) -> str:
    return "".join(f"&#{ord(character)};" for character in text)


def html_names(text: str) -> str:
    return text.replace("+", "&plus;").replace("/", "&sol;").replace("=", "&#x3D;")


def json_units(text: str) -> str:
    return "".join(f"\\u{ord(character):04x}" for character in text)


FORMS: list[Callable[[str], str]] = [
    str,
    base64_of,
    url_base64_of,
    lambda key: quote(base64_of(key), safe=""),
    lambda key: quote(key, safe=""),
    lambda key: quote(key, safe="").lower() if key.islower() else quote(key),
    lambda key: "".join(f"\\u{ord(character):04x}" for character in key),
    quote_plus,
    percent_of_all,
    lambda key: quote(quote(key, safe=""), safe=""),
    lambda key: key.encode().hex(),
    escape,
    html_numbers,
    html_names,
    json_units,
    lambda key: json.dumps(json.dumps(json_units(key))),
    lambda key: key.replace("/", r"\/"),
    lambda key: key.replace("+", " "),
    str.upper,
    lambda key: key.encode().hex().upper(),
]


@each("form", FORMS)
def test_a_key_shows_in_no_form(form: Callable[[str], str]) -> None:
    """In base64 it was in the store and in Dagster's history."""
    for key in KEYS:
        for before in ("", "B", "Be", "Bearer ", "user:"):
            shown = form(f"{before}{key}") if form is base64_of else f"{before}{form(key)}"

            redacted = SecretRedaction([key], mark="[key]").redacted(f"No: {shown}!")

            assert "[key]" in redacted, (key, before)
            assert len(redacted) < len("No: [key]!") + len(form(before)) + 8, (key, redacted)


@each("text", ["A harbour with boats", "QmVydGg=", "c2FpbA", "%20%2F", "63616e617279"])
def test_other_words_stay(text: str) -> None:
    for key in KEYS:
        assert SecretRedaction([key], mark="[key]").redacted(text) == text
