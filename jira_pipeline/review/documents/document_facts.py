"""What the sheets of a session say, and its tickets as Jira would get them.

Belongs here: facts that need the sheets or a document. Does not: how they are read
(`sources/sheets/session_contents`), how one is rendered (`rendering`) and kept (`kept_documents`).
"""

from collections.abc import Mapping, Sequence

from jira_pipeline.context.facts import SessionFacts, read_once
from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline.model.rendered_tickets import RenderedTicket, without_documents
from jira_pipeline.model.site_verifications import KeptVerification
from jira_pipeline.model.tickets import Ticket, ticket_id_of
from jira_pipeline.review.documents.adf_validation import refuse_without_rows
from jira_pipeline.review.documents.kept_documents import group_in, rendered_tickets, tables_in
from jira_pipeline.review.documents.rendering import (
    WholeDocument,
    WrittenTables,
    tickets_named,
    whole_document,
)
from jira_pipeline.sources.sheets.missing_sheets import SHEET_MISSING, missing_sheets
from jira_pipeline.sources.sheets.session_contents import (
    contents_of,
    earlier_groups,
)
from jira_pipeline.sources.sheets.upload_reading import SpecificationReading


class DocumentFacts(SessionFacts):
    """A session with its sheets and documents."""

    @read_once
    def missing_sheets(self) -> tuple[str, ...]:
        """Names of the sheets that are missing although others need them."""
        found = self.store.sessions.findings(self.key, code=SHEET_MISSING)
        return missing_sheets(self.files, found)

    @property
    def contents(self) -> SpecificationReading:
        """The sheets, read and grouped; a process does that once.

        Raises:
            StoreError: The kept copy is not what was registered.
        """
        return contents_of(self.pipeline, self.stored)

    @property
    def groups(self) -> Mapping[str, EntityGroup]:
        """The groups of the sheets by key."""
        return self.contents.groups_by_key

    def earlier_groups(self, content_sha256: str) -> Mapping[str, EntityGroup] | None:
        """Return the groups of an earlier upload of it; None where its copy is gone."""
        return earlier_groups(self.pipeline, self.stored, content_sha256)

    @property
    def _rendering(self) -> str:
        """What its documents, and rows beside them, are made by now."""
        return self.pipeline.renderer.rendering_of(self.stored)

    def find_tables(self, ticket: Ticket) -> WrittenTables | None:
        """Return the group of a ticket with its tables, or None where the sheets no longer hold it.

        Where its rows are kept, no sheet is read.
        """
        rows = self.store.documents.rows_of(self.key, ticket.ticket_id, rendering=self._rendering)
        if rows is not None:
            return tables_in(rows)
        group = self.groups.get(ticket.group_key)
        return None if group is None else WrittenTables(group)

    def whole_of(self, rendered: RenderedTicket, tables: WrittenTables) -> WholeDocument:
        """Return everything a ticket says, also where its issue gets the rest as a file."""
        if rendered.attachment is None:
            return WholeDocument(rendered.kept_text)
        ticket = rendered.ticket
        named = {*tickets_named(ticket, tables.group), ticket.ticket_id}
        names = self.store.documents.names(self.key, named, rendering=self._rendering)
        return whole_document(
            ticket,
            tables,
            groups=names or self.groups,
            file_name=rendered.attachment[0],
            body_max_bytes=self.settings.adf_body_max_bytes,
        )

    def group_of(self, ticket: Ticket) -> EntityGroup:
        """Return the group of a ticket.

        Raises:
            GateError: It is not in the sheets any more.
        """
        rows = self.store.documents.rows_of(self.key, ticket.ticket_id, rendering=self._rendering)
        if rows is not None:
            return group_in(rows)
        refuse_without_rows([ticket], self.groups, source_word=self.stored.source_word)
        return self.groups[ticket.group_key]

    @read_once
    def hollow_ids(self) -> frozenset[str]:
        """The tickets that the sheets say nothing to configure for.

        Raises:
            StoreError: The kept copy is not what was registered.
        """
        found = self.store.documents.hollow(self.key, rendering=self._rendering)
        if found is not None:
            return found
        groups = self.contents.groups
        return frozenset(ticket_id_of(self.key, one.key) for one in groups if one.is_hollow)

    @read_once
    def rendered(self) -> tuple[RenderedTicket, ...]:
        """The tickets as Jira would get them now, by number.

        Raises:
            GateError: A ticket's group is not in the sheets any more.
        """
        return self._rendered(only=None)

    def rendered_of(self, tickets: Sequence[Ticket]) -> tuple[RenderedTicket, ...]:
        """Return some of them as they were read; no other one is looked at.

        Raises:
            GateError: The group of one is not in the sheets any more.
        """
        return self._rendered(only=tickets)

    def _rendered(self, only: Sequence[Ticket] | None) -> tuple[RenderedTicket, ...]:
        return rendered_tickets(
            self.stored,
            documents=self.store.documents,
            renderer=self.pipeline.renderer,
            contents=lambda: self.contents,
            only=only,
        )

    @read_once
    def site_verification(self) -> KeptVerification | None:
        """How the built site compared with its sheets the last time; None before the first."""
        return self._beside_reviewing("site verification", self.store.site_verifications.latest)

    @read_once
    def judged(self) -> tuple[RenderedTicket, ...]:
        """The same by their hashes alone, without documents: what staleness and gate look at.

        Raises:
            GateError: A ticket's group is not in the sheets any more.
        """
        hashes = self.store.documents.hashes(self.key, rendering=self._rendering)
        if all(ticket.ticket_id in hashes for ticket in self.tickets):
            return without_documents(self.tickets, hashes)
        return self.rendered
