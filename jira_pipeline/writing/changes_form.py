"""The form of answers that change the template's text.

Belongs here: what asking and keeping go by. Does not: the request (`completion/prompt`), which changes
hold (`completion/checking`).
"""

from fractions import Fraction

from jira_pipeline.writing.answer_form import AnswerForm, AnswerLength
from jira_pipeline.writing.completion.checking import (
    completed_prose,
    joined,
    judged_changes,
    second_request,
)
from jira_pipeline.writing.completion.prompt import (
    PROMPT_VERSION,
    Changes,
    TicketToComplete,
    kept_changes,
    prompt_of,
    storable_json,
)


def complaint_about(changes: Changes, ticket: TicketToComplete) -> str:
    """Return what is asked once more of some changes; empty where all of them hold."""
    refused = [change for change in judged_changes(changes, ticket) if change.refused]
    return second_request(refused) if refused else ""


CHANGES_FORM = AnswerForm(
    version=PROMPT_VERSION,
    model=Changes,
    length=AnswerLength(least_tokens=40, share_of_template=Fraction(1)),  # JSON around the changes
    prompt_of=prompt_of,
    complaint_about=complaint_about,
    joined=joined,
    storable=storable_json,
    from_store=kept_changes,
    prose_of=completed_prose,
)
"""Changes of the template's text."""
