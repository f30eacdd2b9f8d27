"""Which form of answer a model is asked for: the prose whole, or changes of the template's text.

Belongs here: the choice. Does not: what a form is (`answer_form`), either form.
"""

from typing import Any, assert_never

from jira_pipeline.model.source_tables import SourceWord
from jira_pipeline.writing.answer_form import AnswerForm
from jira_pipeline.writing.changes_form import CHANGES_FORM
from jira_pipeline.writing.whole.request import WHOLE_FORM


def form_for(source: SourceWord) -> AnswerForm[Any]:
    """Return what a model is asked for about a ticket of a source."""
    match source:
        case SourceWord.SHEETS:
            return WHOLE_FORM
        case SourceWord.PACKAGES:
            # No reader has compared the two forms on components yet.
            return CHANGES_FORM
        case _:
            assert_never(source)
