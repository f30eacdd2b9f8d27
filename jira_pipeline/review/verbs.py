"""The table of verbs: every decision that people can take, and the function that takes it.

A verb such as `skip` is a command at the terminal, a form on a page and a job in Dagster. All three
are made from the signature of its function: parameters before the star are arguments of the command,
those after it options, and all of them fields of the form and of run configuration. A parameter
without a description is not offered at the terminal. The docstring, up to its errors, is the help.

Belongs here: where the function is, who may take it, its entries in the audit trail, examples. Does
not: what it does (`decisions`, `approvals`, `revisions`, `answers`), how it is typed or sent
(`cli/verb_commands`, `web/pages/tickets_page`, the job `session_action`).

The list of commands is made of this table, so no verb is imported before it is used.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from inspect import Parameter, getdoc, signature
from typing import TYPE_CHECKING, get_type_hints

from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.people import Role

if TYPE_CHECKING:
    from jira_pipeline.model.tickets import Ticket
    from jira_pipeline.review.outcomes import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """A decision as every surface offers it."""

    place: str
    """Its function as module and name, such as `decisions.skip`, in this package."""
    permission: Role = Role.REVIEWER
    """The least role that may take it on pages; at a terminal and in Dagster everybody may."""
    actions: Sequence[AuditAction]
    """The actions of its entries in the audit trail, whose labels the history shows."""
    every: str = ""
    """The help of `--all`; empty where the command has no such option."""
    examples: Sequence[str] = ()
    """Examples of the command's arguments, for the help."""
    has_command: bool = True
    """Whether it is a command of `tickets`."""
    is_of_exports: bool = False
    """Whether a filter chooses only exported tickets; others it takes by their number alone."""

    @property
    def take(self) -> "Callable[..., Outcome]":
        """The function, whose module is imported for it."""
        module, name = self.place.split(".")
        take: Callable[..., Outcome] = getattr(
            import_module(f"jira_pipeline.review.{module}"), name
        )
        return take

    @property
    def text(self) -> str:
        """The help: the docstring of the function, without its errors."""
        return (getdoc(self.take) or "").partition("\n\nRaises:")[0]

    @property
    def parameters(self) -> Mapping[str, Parameter]:
        """Its parameters by name, without session and person; each field of `fields` is one."""
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
        """Return the numbers it is about, of tickets that were named, or else chosen by a filter."""
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
    "take-back-all": Verb(
        place="template_text.take_back_all", actions=(AuditAction.TICKET_EDITED,), examples=("12",)
    ),
    "take-out": Verb(
        place="revisions.take_out", actions=(AuditAction.TICKET_EDITED,), examples=("12 3",)
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
"""The verbs by their names in commands, forms and run configuration.

Verbs without a command have another way at the terminal: people edit texts in an editor, and fill in
answers in a file.
"""
