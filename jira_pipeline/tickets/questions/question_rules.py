"""The rules of questions that have no module of their own in `drupal` yet, by the kind of question.

Belongs here: the register, and words that several of them share. Does not: the rules
(`questions_of_…`).
"""

from collections.abc import Callable, Iterator

from jira_pipeline.drupal.row_questions import RowQuestion
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.model.entities import Entity

NAMED_MAX = 12
"""Of rows in a sentence; more are counted. `subjects` of a question names them all, as do its lines."""
Rule = Callable[[Entity, GroupRows], Iterator[RowQuestion] | bool]
"""Finds what a row leaves open of one kind, mostly nothing; or tells whether it is asked of the row."""
RULES: dict[str, Rule] = {}
"""By the kind, the key in `questions.toml`."""


def rule(*kinds: str) -> Callable[[Rule], Rule]:
    """Register the function of a kind of question; of several, it says which one each is of."""

    def register(function: Rule) -> Rule:
        RULES.update(dict.fromkeys(kinds, function))
        return function

    return register
