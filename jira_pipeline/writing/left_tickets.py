"""Which tickets a generation leaves as they are, though their model is instructed otherwise now.

Another version of the instructions asks about no ticket by itself: that would cost, change texts that
people read, and take their approvals. A ticket that its model wrote under another version stays until
its facts change, somebody orders it, or another writer is named.

Belongs here: that choice. Does not: which sentences of a ticket stay that is written again
(`whole/earlier_text`), ordering tickets (`generation`, `regeneration`).
"""

from collections.abc import Mapping, Sequence

from jira_pipeline.context.settings import TEMPLATE
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model.forms_in_text import is_about_form
from jira_pipeline.model.open_questions import OpenQuestion
from jira_pipeline.model.revisions import Revision
from jira_pipeline.model.ticket_hashes import facts_hash_of
from jira_pipeline.model.tickets import Ticket, question_id_of
from jira_pipeline.review.open_session import OpenSession


def tickets_left_as_they_are(
    session: OpenSession, briefs: Sequence[TicketRows], *, writer_name: str
) -> Mapping[str, Ticket]:
    """Return, by group key, the tickets that stay unless somebody orders them."""
    tickets = {ticket.group_key: ticket for ticket in session.tickets}
    left = {}
    for brief in briefs:
        ticket = tickets.get(brief.group.key)
        if ticket is None or ticket.withdrawal is not None:
            continue
        has_same_facts = ticket.revision.facts_hash == facts_hash_of(brief.group)
        if not has_same_facts or not _is_of_other_version(ticket.revision, writer_name):
            continue
        # Rows of other tickets decide what is asked, too.
        if not _new_questions(brief, ticket.revision):
            left[brief.group.key] = ticket
    return left


def _is_of_other_version(revision: Revision, writer_name: str) -> bool:
    """Tell whether the model of a writer wrote a text under another version of the instructions."""
    if revision.writer.startswith(TEMPLATE) or revision.fallback_reason:
        return False
    model_before, _, version_before = revision.writer.rpartition("/")
    model, _, version = writer_name.rpartition("/")
    return model_before == model and version_before != version


def _new_questions(brief: TicketRows, revision: Revision) -> list[OpenQuestion]:
    """Return what rules ask that a text does not, save for what a model dropped of it."""
    ids = {question_id_of(question) for question in revision.questions}
    for change in revision.changes:
        if change.question is not None:
            ids.add(question_id_of(change.question))
    new = []
    for question in brief.questions:
        # A form that a model filled in asks nothing.
        if question_id_of(question) not in ids and not is_about_form(question.question):
            new.append(question)
    return new
