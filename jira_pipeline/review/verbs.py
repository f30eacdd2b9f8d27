"""The table of what people decide: each surface offers a verb as its function declares it.

Belongs here: where its function is, who may take it, its entries in the audit trail, examples. Does
not: what it does, and taking it (`decisions`, `approvals`, `revisions`, `answers`), how it is typed or
sent (`cli/verb_commands`, `web/pages/tickets_page`, the job `session_action`).

Parameters of the function before the star are arguments of its command, those after it options, and
all of them fields of its form and of run configuration; one without a description is no matter of
the terminal. The docstring, up to its errors, is the text of help.

The list of commands is made of this table, so it imports no verb: each is loaded where it is asked for.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from inspect import Parameter, getdoc, signature
from typing import TYPE_CHECKING, get_type_hints

from jira_pipeline.model.people import Role
from jira_pipeline.model.records import AuditAction

if TYPE_CHECKING:
    from jira_pipeline.model.tickets import Ticket
    from jira_pipeline.review.outcomes import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """A decision as every surface offers it; its function says what it takes, and what it does."""

    place: str
    """Its function, such as `decisions.skip`: a module of this room, and the name there."""
    permission: Role = Role.REVIEWER
    """Who may take it on pages; at a terminal and in Dagster everybody may."""
    actions: Sequence[AuditAction]
    """Of its entries in the audit trail, with the label in the history."""
    every: str = ""
    """What `--all` means for its command; empty: it takes none."""
    examples: Sequence[str] = ()
    """Of its command, from the first argument on."""
    has_command: bool = True
    """It is a command of `tickets`."""
    is_of_exports: bool = False
    """Of many it means those that are exported; what is in no export it takes by number only."""

    @property
    def take(self) -> "Callable[..., Outcome]":
        module, name = self.place.split(".")
        take: Callable[..., Outcome] = getattr(
            import_module(f"jira_pipeline.review.{module}"), name
        )
        return take

    @property
    def text(self) -> str:
        return (getdoc(self.take) or "").partition("\n\nRaises:")[0]

    @property
    def parameters(self) -> Mapping[str, Parameter]:
        """What it takes, by name, with its type; each of its fields by itself."""
        by_name = dict[str, Parameter]()
        for name, parameter in signature(self.take).parameters.items():
            if name == "fields":
                fields = get_type_hints(parameter.annotation, include_extras=True)
                for field, hint in fields.items():
                    by_name[field] = parameter.replace(name=field, annotation=hint, default=None)
            elif name not in {"session", "by"}:
                by_name[name] = parameter
        return by_name

    def chosen_numbers(self, tickets: "Iterable[Ticket]", *, are_named: bool) -> list[int]:
        """Return the numbers it is about, of tickets that were named one by one or chosen together."""
        takes_all = are_named or not self.is_of_exports
        return [ticket.number for ticket in tickets if takes_all or ticket.exclusion is None]


VERBS: Mapping[str, Verb] = {
    "ready": Verb(
        place="approvals.mark_ready",
        actions=(AuditAction.TICKETS_MARKED_READY,),
        every="Every ticket that is not skipped.",
        is_of_exports=True,
        examples=("--all", "3 7-9", "--group Views"),
    ),
    "unready": Verb(
        place="approvals.unmark_ready",
        actions=(AuditAction.TICKETS_UNMARKED_READY,),
        every="Every ticket.",
    ),
    "skip": Verb(
        place="decisions.skip",
        actions=(AuditAction.TICKETS_SKIPPED,),
        examples=('4 9-11 --reason "Already built"',),
    ),
    "unskip": Verb(
        place="decisions.unskip", actions=(AuditAction.TICKETS_UNSKIPPED,), every="Every ticket."
    ),
    "request-changes": Verb(
        place="decisions.request_changes",
        actions=(AuditAction.TICKETS_SENT_BACK,),
        examples=('4 --reason "The label is wrong" --about "fields.csv, line 12" --to Anna',),
    ),
    "resolve": Verb(
        place="decisions.resolve",
        actions=(AuditAction.TICKETS_RESOLVED,),
        every="Every ticket.",
        examples=('4 --answer "Corrected in the sheet"',),
    ),
    "assign": Verb(
        place="decisions.assign",
        actions=(AuditAction.FIELDS_ASSIGNED,),
        every="Every ticket.",
        examples=("3-5 9 --labels drupal,views", '--group Views --sprint "SBX Sprint 2"'),
    ),
    "labels": Verb(
        place="decisions.change_labels",
        actions=(AuditAction.FIELDS_ASSIGNED,),
        every="Every ticket.",
        examples=("3-5 9 --added urgent --removed later",),
    ),
    "order": Verb(
        place="ticket_order.order", actions=(AuditAction.TICKETS_REORDERED,), examples=("14 12 13",)
    ),
    "move": Verb(
        place="ticket_order.move", actions=(AuditAction.TICKETS_REORDERED,), has_command=False
    ),
    "depend": Verb(
        place="ticket_order.depend",
        actions=(AuditAction.DEPENDENCY_ADDED, AuditAction.DEPENDENCY_REMOVED),
        examples=("12 5", "12 5 --not"),
    ),
    "edit": Verb(
        place="revisions.edit_text", actions=(AuditAction.TICKET_EDITED,), has_command=False
    ),
    "title": Verb(
        place="revisions.retitle", actions=(AuditAction.TICKET_EDITED,), has_command=False
    ),
    "rollback": Verb(
        place="revisions.roll_back",
        actions=(AuditAction.TICKET_ROLLED_BACK,),
        examples=("12 --to 1",),
    ),
    "take-back": Verb(
        place="revisions.take_back", actions=(AuditAction.TICKET_EDITED,), examples=("12 3",)
    ),
    "withdraw": Verb(
        place="decisions.withdraw",
        actions=(AuditAction.WITHDRAWALS_AGREED,),
        every="Every ticket that is no longer in the sheets.",
        examples=('25-27 --reason "Not built in this phase"',),
    ),
    "unwithdraw": Verb(
        place="decisions.unwithdraw",
        actions=(AuditAction.WITHDRAWALS_PROPOSED_AGAIN,),
        every="Every withdrawn ticket.",
    ),
    "take-words": Verb(
        place="taken_words.take_words",
        actions=(AuditAction.WORDS_TAKEN,),
        examples=("12 --gone 31",),
    ),
    "give-words": Verb(
        place="taken_words.give_words",
        actions=(AuditAction.WORDS_GIVEN_BACK,),
        examples=("12 --to 31",),
    ),
    "discard-comparison": Verb(
        place="decisions.discard_comparison", actions=(AuditAction.SITE_VERIFICATION_DISCARDED,)
    ),
    "ask": Verb(
        place="answers.ask",
        actions=(AuditAction.QUESTIONS_ROUTED,),
        examples=("12.1 12.3 --audience developer", '4.2 --audience client --words "Who may…?"'),
    ),
    "take-answer": Verb(
        place="answers.take_answer",
        actions=(AuditAction.CLIENT_ANSWER_TAKEN, AuditAction.CLIENT_ANSWER_PUT_BACK),
        examples=("17 --place 12.1", "17 18 --note 12", '17 --reason "The row is gone"'),
    ),
    "answer": Verb(
        place="answers.answer", actions=(AuditAction.QUESTIONS_ANSWERED,), has_command=False
    ),
}
"""What can be decided by numbers and places, by its name in commands, forms and run configuration.

At a terminal and on pages people edit in an editor, a file or a form with both texts of a conflict.
"""
