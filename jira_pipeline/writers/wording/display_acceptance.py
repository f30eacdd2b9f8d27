"""What a view display must be seen to do: its notes as predicates.

Belongs here: the phrases of notes on displays and their wording. Does not: the rest of a view
(`verification`), what is special about it (`view_analysis`).
"""

import re

from jira_pipeline.domain.entities import Entity
from jira_pipeline.domain.note_sentences import sentences_of
from jira_pipeline.domain.questions.row_questions import is_open
from jira_pipeline.writers.group_facts import notes_of
from jira_pipeline.writers.wording.english import lowered, without_stop
from jira_pipeline.writers.wording.html_fragments import text
from jira_pipeline.writers.wording.note_themes import DISPLAY_CUES, theme_of
from jira_pipeline.writers.wording.row_wording import named

_PHRASES = tuple(
    (re.compile(pattern, re.IGNORECASE), wording)
    for pattern, wording in (
        (r"you can use (.+) as an example\b.*", ""),
        (r"already built", ""),
        (r"already built and used in (.+)", r"is still used in \1"),
        (r"should be updated to use (.+)", r"uses \1"),
        (r"limit to (\w+) and (offset by \w+)", r"shows at most \1, \2"),
        (r"(?:max(?:imum)?(?: of)?|limit(?:ed)? to) (\w+|\d+ .+)", r"shows at most \1"),
        (r"filter to (only .+)", r"shows \1"),
        (r"filter for (.+)", r"is filtered by \1"),
        (r"(contextual filter for .+)", r"has a \1"),
        (r"(exposed filters? for .+)", r"has an \1"),
        (r"sort(?:ed)? ((?:asc|desc)\w*)", r"is sorted \1"),
        (r"sort(?:ed)? by (.+)", r"is sorted by \1"),
        (r"(added|placed) (to|on|at|in) (.+)", r"is \1 \2 \3"),
        (r"image not shown(?: at all)? (.+)", r"shows no image \1"),
        (r"add filters for:? (.+)", r"has filters for \1"),
        (r"build with (.+)", r"is built with \1"),
        (r"path (/\S*)", r"opens at \1"),
        (r"(admin reporting page\b.*)", r"is an \1"),
        (r"use (.+)", r"uses \1"),
        (r"expose (.+)", r"exposes \1"),
    )
)
"""Whole sentences of notes, and what somebody sees of them; nothing where it cannot be seen."""


_EXPLANATION = re.compile(r"\s*\([^()]{50,}\)$")
"""A long remark behind a sentence; the analysis quotes the whole of it."""


def display_statement(display: Entity) -> str:
    """State what a display is and does; what is asked about is left to the questions."""
    about = [text(part) for part in (display.label, display.cell("Display plugin")) if part]
    said = "; ".join(dict.fromkeys(_predicates(display))) or "exists and shows content"
    which = f" ({', '.join(about)})" if about else ""
    return f"{named(display)}{which}: {said}"


def _predicates(display: Entity) -> list[str]:
    sentences = sentences_of(notes_of(display))
    settled = [s for s in sentences if not is_open(s)] or sentences
    predicates = (_predicate(without_stop(sentence)) for sentence in settled)
    return [text(predicate) for predicate in predicates if predicate]


def _predicate(sentence: str) -> str:
    is_quoted = theme_of(sentence, DISPLAY_CUES) is not None
    said = lowered(_EXPLANATION.sub("", sentence) if is_quoted else sentence)
    for pattern, wording in _PHRASES:
        if match := pattern.fullmatch(said):
            return match.expand(wording)
    return said
