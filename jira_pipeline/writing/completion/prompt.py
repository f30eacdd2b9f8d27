"""What a model is asked for one ticket: instructions, all rows, the ticket.

Belongs here: putting the three together within the room there is, and what makes two questions the
same. Does not: rows (`specification_text`), the ticket (`ticket_text`), asking (`models`).
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

from jira_pipeline.model.entities import SourceWord
from jira_pipeline.model.hidden_characters import without_hidden
from jira_pipeline.model.tickets import canonical_hash
from jira_pipeline.tickets.group_facts import GroupFacts
from jira_pipeline.writing.completion.specification_text import (
    near_rows,
    specification_text,
    ticket_rows_text,
    tokens_of,
)
from jira_pipeline.writing.completion.ticket_text import TicketToComplete, ticket_text

PROMPT_VERSION = "36"
"""Is in the prompt files too; a test holds the contents of the files to it."""
TEXT_COLUMNS = ("Description", "Help text")
"""Beside notes, what takes understanding; of a package whatever ends so: `BaseSharedo.Description`."""
_FILES = {SourceWord.SHEETS: "completion.md", SourceWord.PACKAGES: "components.md"}
_VERSION_LINE = re.compile(r"<!-- version: \S+ -->\n")


class ContextKind(StrEnum):
    """What a model sees beside a ticket: the values of WRITER_CONTEXT."""

    SPECIFICATION = "specification"
    TICKET = "ticket"


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptRule:
    """What a model may see."""

    context: ContextKind = ContextKind.SPECIFICATION
    context_tokens: int = 300_000
    is_for_notes_only: bool = False
    """Tickets without notes, descriptions and help texts are the template's."""


PROMPT_RULE = PromptRule()


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What is asked for one ticket."""

    instructions: str
    """The same for every ticket of a version."""
    context: str
    """All rows: the same for every ticket of a session, save where too many of them had to go."""
    request: str
    rule: PromptRule
    is_shortened: bool
    """Rows were left out for their number; the request says so."""
    facts_hash: str
    """Of the ticket and the rows near it: a change of others does not ask for all tickets again."""

    @property
    def stable_tokens(self) -> int:
        """Tokens that are the same for the next ticket, so that a provider may keep them."""
        return tokens_of(self.instructions) + (0 if self.is_shortened else tokens_of(self.context))


def is_asked(brief: GroupFacts, rule: PromptRule) -> bool:
    """Tell whether a model is asked about a ticket; the template writes the others."""
    rows = (*brief.group.heads, *brief.group.members)
    cells = (cell for row in rows for cell in row.cells.items())
    is_described = any(value and name.rpartition(".")[2] in TEXT_COLUMNS for name, value in cells)
    has_text = is_described or any(row.note for row in rows)
    return has_text or bool(brief.remark) or not rule.is_for_notes_only


def prompt_of(ticket: TicketToComplete, rule: PromptRule) -> Prompt:
    """Return what is asked for a ticket."""
    facts, remark = ticket.facts, ticket.facts.remark
    is_whole = rule.context is ContextKind.SPECIFICATION
    shown, left_out = (
        specification_text(facts, max_tokens=rule.context_tokens)
        if is_whole
        else ticket_rows_text(facts)
    )
    is_shortened = is_whole and bool(left_out)
    session = facts.session
    site = f"Site: {as_line(session.site_name)}. {as_line(session.site_description)}".strip()
    titles = "\n".join(as_line(group.title) for group in session.in_order) if is_whole else ""
    told = f"{site}\n## tickets, in the order they are built\n{titles}\n{shown}"
    asked = f"<ticket>\n{without_hidden(ticket_text(ticket))}\n</ticket>"
    wish = f"\n<remark>\n{as_line(remark)}\n</remark>\nThe remark is from a person of the team: "
    wish += "do what it asks of this ticket, within the rules."
    rows = near_rows(facts) if is_whole else facts.own_rows
    facts_hash = canonical_hash(
        {
            "title": facts.group.title,
            "site": [session.site_name, session.site_description],
            "rows": [[row.key, row.status.value, dict(row.as_stated.cells)] for row in rows],
            "sentences": dict(ticket.sentences),
            "form": {name: cell for name, (_, _, cell) in ticket.form.items()},
            "questions": [asked.question for asked in ticket.asked],
            "hours": ticket.hours,
            "rule": [rule.context.value, rule.context_tokens if is_shortened else 0],
            "remark": remark,
        }
    )
    return Prompt(
        instructions=prompt_instructions(session.source_word),
        context=f"<specification>\n{told}\n</specification>",
        request=f"{left_out}\n{asked}{wish if remark else ''}".lstrip(),
        rule=rule,
        is_shortened=is_shortened,
        facts_hash=facts_hash,
    )


@cache
def prompt_instructions(source: SourceWord = SourceWord.SHEETS) -> str:
    """Read the prompt file for what a session was made of, without the line of its version."""
    path = files("jira_pipeline.writing") / "prompts" / _FILES[source]
    return _VERSION_LINE.sub("", path.read_text(encoding="utf-8"), count=1)


def as_line(text: str) -> str:
    """Return text on one line that cannot end what it is in, and has nothing that nobody sees."""
    return " ".join(without_hidden(text).replace("<", "&lt;").replace(">", "&gt;").split())
