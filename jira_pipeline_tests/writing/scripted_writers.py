"""Writers for tests of what surrounds them: they write like the template and do as they are told.

Belongs here: stopping, failing, replacing a model. Does not: models (`writing`).
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field, replace

from jira_pipeline.writing.roles import TicketBrief, WrittenTicket
from jira_pipeline.writing.template import TemplateWriter


@dataclass(kw_only=True)
class ScriptedWriter:
    """Writes the tickets in reverse order, and does something before each."""

    name: str = "scripted/1"
    before_each: Callable[[int], None] = lambda _: None
    """Called with the count of those written before; what it raises, the writer raises."""
    instead: frozenset[str] = frozenset()
    """Keys of groups the template writes in the place of a model."""
    unwritten: frozenset[str] = frozenset()
    """Keys of groups it passes over."""
    asked: list[str] = field(default_factory=list)
    """Keys of the groups it wrote, in order."""
    is_closed: bool = False
    """Its iterator was closed, or came to its end."""

    def write_all(
        self, briefs: Sequence[TicketBrief], *, session_key: str
    ) -> Generator[WrittenTicket, None, None]:
        del session_key
        template = TemplateWriter()
        try:
            for brief in reversed(briefs):
                key = brief.group.key
                self.before_each(len(self.asked))
                if key in self.unwritten:
                    continue
                self.asked.append(key)
                reason = "The model refused." if key in self.instead else ""
                prose = replace(template.write(brief), fallback_reason=reason)
                yield WrittenTicket(group_key=key, prose=prose)
        finally:
            self.is_closed = True
