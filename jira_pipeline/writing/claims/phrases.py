"""The words of claims, read from `phrases.toml`: plain format strings by kind.

Belongs here: reading the file, rendering a claim or a part of one. Does not: which claims a ticket
makes.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

from jira_pipeline.model.entities import Entity
from jira_pipeline.writing.claims.claim import Claim
from jira_pipeline.writing.fragments import text


def rendered(claim: Claim) -> str:
    """Return a claim as an HTML sentence.

    Raises:
        KeyError: There is no such phrase, or it has a place that the claim does not fill.
    """
    forms = phrases()[claim.kind]
    form = "one" if claim.count == 1 and "one" in forms else "many"
    return forms[form].format_map(claim.words)


def clause(kind: str, *, count: int = 1, **words: str) -> str:
    """Return a part of a sentence that is said of several things in turn."""
    return rendered(Claim(kind=f"clause.{kind}", rows=(), words=words, count=count))


def phrase(kind: str, **words: str) -> str:
    """Return a phrase that is a part of a sentence, with its places filled."""
    return phrases()[kind]["many"].format_map(words)


def description_of(head: Entity) -> str:
    """Quote the description of a thing whole; one with markup is in the table only."""
    description = text(head.cell("Description"))
    if not description.strip("- ") or "&lt;" in description:
        return ""
    stop = "" if description.endswith((".", "!", "?")) else "."
    return phrase("clause.description", text=description, stop=stop)


@cache
def phrases() -> Mapping[str, Mapping[str, str]]:
    """Return the forms of every phrase, by `part.kind`; the file is read once in a process."""
    file = resources.files("jira_pipeline.writing.claims").joinpath("phrases.toml")
    return {
        f"{part}.{kind}": {"many": forms} if isinstance(forms, str) else forms
        for part, kinds in tomllib.loads(file.read_text("utf-8")).items()
        for kind, forms in kinds.items()
    }
