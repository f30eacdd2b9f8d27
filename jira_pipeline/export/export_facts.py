"""What an export of a session would do by itself, and how much of it is where.

Belongs here: facts that the gate's rules make of ledger and review. Does not: those rules (`gate`).
"""

from dataclasses import replace

from jira_pipeline.context.facts import read_once
from jira_pipeline.export.gate import new_target, shares_of
from jira_pipeline.model.target_shares import NewTarget, TargetShare, share_of
from jira_pipeline.model.tickets import Ticket
from jira_pipeline.review.ready_marks import may_approve_automatically
from jira_pipeline.review.review_facts import ReviewFacts
from jira_pipeline.review.withdrawals import agreed_automatically, proposed_among


class ExportFacts(ReviewFacts):
    """A session with what its export would do."""

    @property
    def approves_itself(self) -> bool:
        """Whether the next run approves it.

        Not after an undo, and not where sheets that others need are missing: half a folder may
        have been copied, and its issues would be real.
        """
        return (
            may_approve_automatically(self.stored, is_sandbox=self.settings.is_sandbox)
            and not self.missing_sheets
            and not self.ledger_marks.is_undone
        )

    @property
    def plan_mark(self) -> object:
        """What differs wherever it changed, or what was sent of it."""
        return self._last_entry, self._sent

    @read_once
    def agreed_withdrawals(self) -> tuple[Ticket, ...]:
        """The proposed withdrawals that the session agrees to at its next export."""
        proposed = proposed_among(self.vanished)
        if not proposed or not self.approves_itself:
            return ()
        return agreed_automatically(
            self.stored,
            proposed,
            is_sandbox=self.settings.is_sandbox,
            ticket_count=self.tally.total,
            files=self.files,
            sent={
                entry.ticket_id
                for target in self.store.ledger.targets_of(self.key)
                for entry in self.store.ledger.entries(
                    target_id=target.target_id, session_key=self.key
                )
            },
        )

    @read_once
    def shares(self) -> tuple[TargetShare, ...]:
        """How much of it is where: on the target the settings name, and on each other one."""
        others, name = self._other_targets, self.target_name
        if self.target is None and not others:
            count = self.tally.exportable
            nothing = share_of(name, (), (), is_current=True)
            return (replace(nothing, ticket_count=count),)
        ids = self._exported_ids
        return (
            share_of(name, ids, self.entries, is_current=True, gone_ids=self.gone_ids),
            *shares_of(self.key, ids, ledger=self.store.ledger, targets=others),
        )

    @read_once
    def new_target(self) -> NewTarget | None:
        """What it would begin where it was never exported, if nobody answered that yet."""
        if self.target is not None or not self._other_targets:
            return None
        current = self.coming_target
        return new_target(
            self.stored,
            self._exported_ids,
            name=self.target_name,
            target_id=current.target_id if current is not None else None,
            ledger=self.store.ledger,
        )
