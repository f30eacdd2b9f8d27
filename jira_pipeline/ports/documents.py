"""The role of whoever makes a document of a ticket while the store changes what it says."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from jira_pipeline.model.entity_groups import NamedGroup
from jira_pipeline.model.rendered_tickets import RenderedTicket
from jira_pipeline.model.search_words import Passage
from jira_pipeline.model.sessions import UploadSession
from jira_pipeline.model.tickets import Ticket


class TicketRenderer(Protocol):
    """Renders one ticket and checks it, without reading a sheet."""

    @property
    def code(self) -> str:
        """Name the code that renders, with the settings it depends on."""
        ...

    def rendering_of(self, session: UploadSession) -> str:
        """Name the code and the upload: equal only where the same ticket becomes the same document."""
        ...

    def shown_in(self, ticket: Ticket, rows: str) -> Collection[str]:
        """Return the ids of all tickets that the document of one may name."""
        ...

    def render(self, ticket: Ticket, rows: str, others: Mapping[str, NamedGroup]) -> RenderedTicket:
        """Return a ticket as Jira would get it, with the verdict on it.

        `rows` are those of its group, as they are kept; `others` at least the groups it may name,
        by key.
        """
        ...

    def passages(self, ticket: Ticket, rows: str, *, creates: Collection[str]) -> Sequence[Passage]:
        """Return the texts of a ticket that a search finds it by.

        `creates` are the names of fields whose storage it creates.
        """
        ...
