"""Which form of answer a model is asked for: changes of the template's text, or the prose whole.

Belongs here: the choice. Does not: what a form is (`answer_form`), either form.
"""

from typing import Any

from jira_pipeline.model.source_tables import SourceWord
from jira_pipeline.writing.answer_form import AnswerForm
from jira_pipeline.writing.changes_form import CHANGES_FORM
from jira_pipeline.writing.completion.prompt import AnswerKind, PromptRule
from jira_pipeline.writing.whole.request import WHOLE_FORM


def chosen_form(rule: PromptRule, source: SourceWord = SourceWord.SHEETS) -> AnswerForm[Any]:
    """Return what a model is asked for about a ticket of a source; of packages changes."""
    if rule.answer is AnswerKind.WHOLE and source is SourceWord.SHEETS:
        return WHOLE_FORM
    return CHANGES_FORM
