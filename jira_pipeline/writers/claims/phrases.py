"""The words of claims, read from `phrases.toml`: plain format strings by kind.

Belongs here: reading the file, rendering a claim. Does not: which claims a ticket makes.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

from jira_pipeline.writers.claims.claim import Claim


def rendered(claim: Claim) -> str:
    """Return a claim as an HTML sentence.

    Raises:
        KeyError: There is no such phrase, or it has a place that the claim does not fill.
    """
    forms = phrases()[claim.kind]
    form = "one" if claim.count == 1 and "one" in forms else "many"
    return forms[form].format_map(claim.words)


def phrase(kind: str, **words: str) -> str:
    """Return a phrase that is a part of a sentence, with its places filled."""
    return phrases()[kind]["many"].format_map(words)


@cache
def phrases() -> Mapping[str, Mapping[str, str]]:
    """Return the forms of every phrase, by `part.kind`; the file is read once in a process."""
    text = resources.files("jira_pipeline.writers.claims").joinpath("phrases.toml").read_text()
    return {
        f"{part}.{kind}": {"many": forms} if isinstance(forms, str) else forms
        for part, kinds in tomllib.loads(text).items()
        for kind, forms in kinds.items()
    }
