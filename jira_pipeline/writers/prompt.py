"""What a model is asked for one ticket: instructions from a file, facts as data.

Belongs here: loading the file, laying out and delimiting the facts, the token budget. Does not:
which facts it holds (`prompt_facts`), the schema of the answer (`answers`), asking (`model`).
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from jira_pipeline.domain.tickets import canonical_hash
from jira_pipeline.writers.group_facts import GroupFacts
from jira_pipeline.writers.prompt_facts import FactValue, prompt_facts
from jira_pipeline.writers.prompt_shortening import shorter_and_shorter, with_rows_around_within

PROMPT_VERSION = "18"
"""Is in the prompt file too; a test holds the contents of the file to it."""
CHARACTERS_A_TOKEN = 4
"""Source: shared facts on writers: tokenizers download at run time, so characters are counted."""
_SHARE_OF_ROWS_AROUND = 3
"""Rows of other tickets take a third of the room at most."""

_VERSION_LINE = re.compile(r"<!-- version: \S+ -->\n")
_SPECIFICATION = "<specification>\n{facts}\n</specification>"
_LEFT_OUT = (
    "The specification was too long to be told whole. Left out: {parts}. The counts are those of "
    "all rows. Say nothing about what you were not told, and not that anything is missing."
)
_ESCAPED = frozenset("<>&`")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What is asked for one ticket."""

    instructions: str
    """The same for every ticket of a version."""
    request: str
    is_shortened: bool
    """Some facts were left out to stay within the budget; the request says which."""
    facts_hash: str
    """Of what the answer depends on, without file names and lines."""


def tokens_of(text: str) -> int:
    """Estimate the tokens of a text."""
    return -(-len(text) // CHARACTERS_A_TOKEN)


def prompt_of(facts: GroupFacts, *, max_tokens: int) -> Prompt:
    """Return what is asked for a ticket, instructions and request within the budget.

    Where even the bare ticket does not fit, it is asked all the same: the model will say so.
    """
    shown = prompt_facts(facts)
    instructions = prompt_instructions()
    room = max_tokens * CHARACTERS_A_TOKEN - len(instructions)
    near = with_rows_around_within(shown, room // _SHARE_OF_ROWS_AROUND)
    shown, left_out = (near.facts, near.left_out) if near else (shown, ())
    request, is_shortened = _request(shown, left_out=left_out), bool(near)
    for shorter in shorter_and_shorter(shown, left_out):
        if len(request) <= room:
            break
        request, is_shortened = _request(shorter.facts, left_out=shorter.left_out), True
    return Prompt(
        instructions=instructions,
        request=request,
        is_shortened=is_shortened,
        facts_hash=canonical_hash(request),
    )


def _request(shown: Mapping[str, FactValue], *, left_out: Sequence[str] = ()) -> str:
    request = _SPECIFICATION.format(facts=as_data(shown))
    return f"{request}\n{_LEFT_OUT.format(parts='; '.join(left_out))}" if left_out else request


@cache
def prompt_instructions() -> str:
    """Read the prompt file, without the line that holds its version."""
    path = files("jira_pipeline.writers") / "prompts" / "ticket.md"
    return _VERSION_LINE.sub("", path.read_text(encoding="utf-8"), count=1)


def as_data(value: object) -> str:
    r"""Return JSON that no text in it can leave: brackets and invisible characters as \uXXXX."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    escaped = {ord(c): _escaped(c) for c in set(text) if c in _ESCAPED or not c.isprintable()}
    return text.translate(escaped)


def _escaped(character: str) -> str:
    units = character.encode("utf-16-be")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))
