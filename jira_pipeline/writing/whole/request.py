"""What a model is asked that writes a ticket whole, and what becomes of its answer.

Belongs here: what is said of a ticket in the request; the form of answers that asking and keeping go
by. Does not: the rows and their names (`completion/prompt`), what is asked again (`judging`).
"""

import html
from collections.abc import Iterator
from fractions import Fraction

from jira_pipeline.writing.answer_form import AnswerForm, AnswerLength
from jira_pipeline.writing.completion.prompt import (
    Prompt,
    PromptRule,
    TicketToComplete,
    about_ticket,
    as_line,
    ids_of,
    lines_of_form,
    lines_of_questions,
    prompt_of,
)
from jira_pipeline.writing.whole.answer import WholeAnswer, kept_answer, storable_answer
from jira_pipeline.writing.whole.judging import joined_answers, judged_answer, second_request
from jira_pipeline.writing.whole.must_facts import must_facts_of
from jira_pipeline.writing.whole.whole_ticket import whole_prose

VERSION = "w2"
"""Is in the prompt file too; a test holds the contents of the file to it."""
LENGTH = AnswerLength(least_tokens=340, share_of_template=Fraction(1, 3))
"""Fitted to the 24 tickets of `../shared/examples/whole_tickets.json`, with rows and facts added.

They have 172 to 994 tokens, 475 on average; what the template says much of, a model says in few
sentences (`python -m benchmarks must_facts` prints both).
"""


def whole_ticket_text(ticket: TicketToComplete) -> str:
    """Say what a ticket is about, what it has to say, what is asked, and what was written before."""
    lines = list(about_ticket(ticket.facts))
    lines.append("")
    lines.append("Facts to cover:")
    for fact in must_facts_of(ticket.facts):
        lines.append(f"{fact.name} {fact.text}")
    lines += lines_of_form(ticket)
    lines += lines_of_questions(ticket)
    lines += _lines_of_earlier(ticket)
    lines.append(f"hours {ticket.hours or 'unknown'}")
    return "\n".join(html.escape(line, quote=False) for line in lines)


def _lines_of_earlier(ticket: TicketToComplete) -> Iterator[str]:
    """Say which sentences were written before, which rows changed since, and what was answered."""
    earlier = ticket.facts.earlier
    if earlier is None:
        return
    for question, answer in earlier.answers:
        yield f"answered: {as_line(question)} {as_line(answer)}"
    if earlier.sentences is None:
        return
    names = ids_of(ticket.facts.session)
    changed = [row for row in ticket.facts.own_rows if row.key in earlier.changed_rows]
    yield f"Rows changed since: {', '.join(dict.fromkeys(names[row.source] for row in changed))}"
    yield "Written before:"
    for sentence in earlier.sentences:
        yield f"{sentence.kind.value}: {sentence.text}"


def prompt_of_whole(ticket: TicketToComplete, rule: PromptRule) -> Prompt:
    """Return what is asked for a ticket that is written whole."""
    return prompt_of(ticket, rule, text_of=whole_ticket_text)


def complaint_about(answer: WholeAnswer, ticket: TicketToComplete) -> str:
    """Return what is asked once more of an answer; empty where all of it holds."""
    refused = [part for part in judged_answer(answer, ticket) if part.refused]
    return second_request(refused) if refused else ""


WHOLE_FORM = AnswerForm(
    version=VERSION,
    model=WholeAnswer,
    length=LENGTH,
    prompt_of=prompt_of_whole,
    complaint_about=complaint_about,
    joined=joined_answers,
    storable=storable_answer,
    from_store=kept_answer,
    prose_of=whole_prose,
)
"""The prose of a ticket, whole."""
