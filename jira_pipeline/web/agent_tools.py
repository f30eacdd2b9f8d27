"""What agents may do, as tools of the Model Context Protocol: read, decide, and export by a plan.

Belongs here: the tools by name, with the role each needs. Does not: what they do (the verbs of
`review`, `sessions` and `export`), who asks (`application`, `cli/serving`), the protocol itself, whose
package is an extra (`agent_server`).

A decision is offered as its function declares it. What changes something in Jira takes the hash of
a plan that was read, so that nobody is asked to trust an agent that did not look.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from inspect import Parameter, getdoc, signature
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field
from pydantic.fields import FieldInfo

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.trackers import answer_deadline
from jira_pipeline.export import exporting
from jira_pipeline.export.agreed_content import agreed_choice, agreed_content, agreed_export_hash
from jira_pipeline.export.manual_fixes import finish_fixes
from jira_pipeline.export.session_results import required_results
from jira_pipeline.export.undo import UndoPlan
from jira_pipeline.model.actions import Action, ActionKind, with_action_texts
from jira_pipeline.model.differences import Decision
from jira_pipeline.model.errors import GateError, GateRule, PipelineError
from jira_pipeline.model.json_values import json_object, json_of
from jira_pipeline.model.people import Person, Role
from jira_pipeline.model.runs import Runs
from jira_pipeline.model.tickets import canonical_hash
from jira_pipeline.model.update_choices import UpdateChoice
from jira_pipeline.review.decisions import decide
from jira_pipeline.review.offered_answers import questions_with_proposals
from jira_pipeline.review.open_session import OpenSession, open_session
from jira_pipeline.review.outcomes import NumbersOrAll
from jira_pipeline.review.ticket_reading import listed_page, placed_tickets, whole_ticket
from jira_pipeline.review.verbs import VERBS, Verb
from jira_pipeline.sessions import starting
from jira_pipeline.sessions.cancelling import cancel
from jira_pipeline.sessions.listing import list_sessions
from jira_pipeline.sessions.status import status, todo
from jira_pipeline.sessions.upload import upload, uploaded
from jira_pipeline.sheets.upload_reading import UploadOutcome
from jira_pipeline.web.context import refuse_lower
from jira_pipeline.web.program_steps import steps_of

Key = Annotated[str, Field(description="Key of the session, as `sessions` lists it.")]
PlanHash = Annotated[str, Field(description="`plan_hash` of the plan that was read last.")]
Updating = Annotated[
    bool, Field(description="Also update issues whose tickets changed, beside what people wrote.")
]
AsNewIssues = Annotated[
    bool, Field(description="Create new issues although there are some, or on another target.")
]
Numbers = Annotated[
    Sequence[int],
    Field(description="Numbers of tickets to show whole, with ADF and Markdown.", max_length=20),
]
Names = Annotated[
    Sequence[str],
    Field(description="Numbers of tickets, or keys of issues.", max_length=100),
]
Every = Annotated[bool, Field(description="All that may be decided so, instead of names.")]
FixIds = Annotated[
    Sequence[int],
    Field(description="Ids of fixes, as `results` lists them.", min_length=1, max_length=100),
]
PLAN_HASH_CHARACTERS = 16
Answer = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentWork:
    """What a tool works with."""

    pipeline: Pipeline
    person: Person
    """Whose role counts."""
    by: str
    """As the audit trail names who did it: the agent, and for whom."""
    runs: Callable[[], Runs]
    report_upload: Callable[[Pipeline, UploadOutcome], None]

    def session(self, key: str) -> OpenSession:
        return open_session(self.pipeline, key)


def _sessions(work: AgentWork) -> Answer:
    """List the sessions, and what each needs next."""
    return {"sessions": json_of(list_sessions(work.pipeline))}


def _answer_of(fact: Callable[[OpenSession], object], work: AgentWork, session_key: Key) -> Answer:
    return json_object(fact(work.session(session_key)))


def _answer_of_jira(fact: Callable[..., object], work: AgentWork, session_key: Key) -> Answer:
    """Return what Jira says of a session, within the time that somebody waits for an answer."""
    return json_object(fact(work.session(session_key), budget=answer_deadline()))


def _status(work: AgentWork, session_key: Key) -> Answer:
    """Say where a session is, and what to do next."""
    report = status(work.session(session_key))
    action = report.next.action
    return json_object(report) | {
        "next_step": action,
        "actions": [step.model_dump(mode="json") for step in steps_of([action])],
    }


def _tickets(work: AgentWork, session_key: Key, numbers: Numbers = ()) -> Answer:
    """List the tickets of a session; with numbers, show these whole."""
    session = work.session(session_key)
    if numbers:
        return {"tickets": [json_object(whole_ticket(session, number)) for number in numbers]}
    listed = listed_page(session, None, without_rows=(), offset=0, limit=None)
    return {"tickets": json_of(placed_tickets(session, listed))}


def _questions(work: AgentWork, session_key: Key) -> Answer:
    """List the questions of a session, with their ids, the answers given and what clients proposed."""
    session = work.session(session_key)
    questions = questions_with_proposals(
        session.questions, all_questions=session.asked, proposed=session.proposed_answers
    )
    return {
        "questions": [*questions],
        "stranded_answers": json_of(session.stranded_answers),
        "stranded_questions": json_of(session.stranded_questions),
    }


def _plan(
    work: AgentWork, session_key: Key, *, update: Updating = False, as_new: AsNewIssues = False
) -> Answer:
    """Say what an export would do now; nothing is sent."""
    return plan_with_hash(work.session(session_key), update=update, as_new=as_new)


def plan_with_hash(session: OpenSession, *, update: bool, as_new: bool) -> Answer:
    """Return the plan of an export as JSON, with the hash by which somebody agrees to it."""
    chosen_update = UpdateChoice() if update else None
    plan = exporting.plan(session, is_as_new=as_new, update=chosen_update, budget=answer_deadline())
    choice = agreed_choice(update=chosen_update, is_as_new=as_new)
    return _with_hash(session, json_object(plan), agreed={"export": choice})


def _plan_undo(work: AgentWork, session_key: Key) -> Answer:
    """Say which issues an undo would delete, and why others stay; nothing is sent."""
    session = work.session(session_key)
    return _undo_with_hash(session, exporting.plan_undoing(session, budget=answer_deadline()))


def _undo_with_hash(session: OpenSession, plan: UndoPlan) -> Answer:
    return _with_hash(session, json_object(plan), agreed={"undo": plan.issue_ids})


def _upload(
    work: AgentWork,
    folder: Annotated[str, Field(description="Folder of sheets or a workbook on this machine.")],
    session_key: Annotated[str | None, Field(description="By default from the name.")] = None,
) -> Answer:
    """Register a folder of sheets, or a workbook, as a session; says what is wrong with it."""
    outcome = upload(
        work.pipeline,
        Path(folder).expanduser(),
        session_key=session_key,
        auto_approve=False,
        actor=work.by,
    )
    work.report_upload(work.pipeline, outcome)
    return json_object(uploaded(work.pipeline, outcome))


def _generate(work: AgentWork, session_key: Key) -> Answer:
    """Write and check the tickets of a session; what people wrote is kept."""
    starting.start_generation(work.session(session_key), work.runs(), by=work.by)
    return _status(work, session_key)


def _validate(work: AgentWork, session_key: Key) -> Answer:
    """Check the tickets as Jira would get them."""
    starting.start_validation(work.session(session_key), work.runs(), by=work.by)
    return _status(work, session_key)


def _export(
    work: AgentWork,
    session_key: Key,
    plan_hash: PlanHash,
    *,
    update: Updating = False,
    as_new: AsNewIssues = False,
) -> Answer:
    """Create the issues of a session as its plan says, with links and files."""
    session = work.session(session_key)
    chosen_update = UpdateChoice() if update else None
    # Before the plan: what changes in between changes that.
    agreed_hash = agreed_export_hash(session, update=chosen_update, is_as_new=as_new)
    plan = _plan(work, session_key, update=update, as_new=as_new)
    refuse_other_plan(plan, plan_hash, session_key)
    starting.start_export(
        session,
        work.runs(),
        by=work.by,
        is_as_new=as_new,
        update=chosen_update,
        agreed_hash=agreed_hash,
    )
    return _status(work, session_key)


def _undo(work: AgentWork, session_key: Key, plan_hash: PlanHash) -> Answer:
    """Delete the issues of a session that its plan names, which nobody has changed."""
    session = work.session(session_key)
    plan = exporting.plan_undoing(session, budget=answer_deadline())
    refuse_other_plan(_undo_with_hash(session, plan), plan_hash, session_key)
    starting.start_undo(session, work.runs(), by=work.by, agreed_issue_ids=plan.issue_ids)
    return _status(work, session_key)


def _cancel(work: AgentWork, session_key: Key) -> Answer:
    """Stop what is at work in a session, and what is queued; what was done is kept."""
    return json_object(cancel(work.session(session_key), work.runs(), by=work.by))


def _settle(work: AgentWork, session_key: Key) -> Answer:
    """Ask Jira about issues that are unconfirmed, gone or there twice."""
    starting.start_settling(work.session(session_key), work.runs(), by=work.by)
    return _status(work, session_key)


def _plan_decision(
    work: AgentWork,
    session_key: Key,
    decision: Decision,
    names: Names = (),
    *,
    every: Every = False,
) -> Answer:
    """Say what deciding about issues that are gone or there twice would do, and what would be lost."""
    session = work.session(session_key)
    planned = exporting.plan_decision(
        session,
        decision=decision,
        names=names,
        is_all=every,
        by=work.by,
        budget=answer_deadline(),
    )
    shown = {"decision": decision.value, "tickets": json_of(planned)}
    return _with_hash(session, shown, agreed={"decision": decision.value})


def _decide_differences(
    work: AgentWork,
    session_key: Key,
    decision: Decision,
    plan_hash: PlanHash,
    names: Names = (),
    *,
    every: Every = False,
) -> Answer:
    """Do what its plan says about issues that are gone or there twice."""
    plan = _plan_decision(work, session_key, decision, names, every=every)
    refuse_other_plan(plan, plan_hash, session_key)
    report = exporting.decide(
        work.session(session_key),
        decision=decision,
        names=names,
        is_all=every,
        by=work.by,
        budget=answer_deadline(),
    )
    return json_object(report)


def _finish_fixes(work: AgentWork, session_key: Key, ids: FixIds) -> Answer:
    """Mark what had to be done by hand in Jira as done."""
    session = work.session(session_key)
    finish_fixes(session, ids, by=work.by)
    return {"fixes": json_of(required_results(session.reload()).manual_fixes)}


def _with_hash(session: OpenSession, plan: Answer, *, agreed: Answer) -> Answer:
    """Add the hash of all that is agreed to by a plan: also what tickets say, and settings of issues.

    `agreed` is what the plan is for, and what was chosen for it, by a name: two plans that show the
    same are not agreed to by one hash.
    """
    hashed = [agreed, agreed_content(session), with_action_texts(json_of(plan))]
    text = json.dumps(hashed, default=str, sort_keys=True)
    return plan | {"plan_hash": canonical_hash(text)[:PLAN_HASH_CHARACTERS]}


class PlanChangedError(GateError):
    """What somebody agrees to is not what would be done now."""

    plan: Answer
    """As it is now, with its hash."""


def refuse_other_plan(plan: Answer, plan_hash: str, session_key: str) -> None:
    """Stop where the plan is not the one that was read.

    Raises:
        PlanChangedError: It has another hash.
    """
    if plan["plan_hash"] != plan_hash:
        error = PlanChangedError(
            "This is not the hash of the plan as it is now: it was not read, or something changed.",
            rule=GateRule.DECISION_CHANGED,
            session_key=session_key,
            recovery_actions=(
                Action.of(ActionKind.CORRECT, "Read the plan again, and give its plan_hash."),
            ),
        )
        error.plan = _in_plain_json(plan)
        raise error


def _in_plain_json(value: object) -> Answer:
    """Return an answer as `--json` has it: actions as sentences, times as text."""
    shown = with_action_texts(json_of(value))
    answer: Answer = json.loads(json.dumps(shown, default=str))
    return answer


@dataclass(frozen=True, slots=True)
class Tool:
    """One thing an agent may ask for."""

    act: Callable[..., Answer]
    role: Role = Role.READER
    is_of_this_machine: bool = False
    """It names files of the machine it runs on: not offered to who is somewhere else."""
    verb: Verb | None = None
    about: str = ""
    """What it does, where neither a verb nor its function says it."""

    @property
    def is_reading(self) -> bool:
        """It changes nothing, here or in Jira."""
        return self.verb is None and self.role is Role.READER

    @property
    def text(self) -> str:
        return self.verb.text if self.verb else self.about or getdoc(self.act) or ""

    @property
    def parameters(self) -> Sequence[Parameter]:
        """What it takes, by name; what a verb takes for pages and runs alone is left out."""
        if self.verb is None:
            return [*signature(self.act).parameters.values()][1:]
        of_verb: list[Parameter] = []
        for name, parameter in self.verb.parameters.items():
            # Of a verb with a command, a parameter without a description is none of the command's.
            is_described = bool(FieldInfo.from_annotation(parameter.annotation).description)
            if not self.verb.has_command or name == "numbers" or is_described:
                offered = parameter.replace(kind=Parameter.KEYWORD_ONLY)
                # Who forgets to say of which tickets must not decide about all of them.
                if parameter.annotation == NumbersOrAll:
                    offered = offered.replace(default=Parameter.empty)
                of_verb.append(offered)
        return [Parameter("session_key", Parameter.KEYWORD_ONLY, annotation=Key), *of_verb]

    def call(self, work: AgentWork, given: Mapping[str, Any]) -> Answer:
        """Do it, if the role of the person allows it.

        Raises:
            PipelineError: What it raises; with its next steps.
        """
        refuse_lower(work.person, self.role)
        try:
            return _in_plain_json(self.act(work, **given))
        except PipelineError as error:
            if key := given.get("session_key"):
                error.name_session(key)
            raise


def _decide(name: str, work: AgentWork, session_key: str, **given: Any) -> Answer:
    """Take the decision of that name."""
    given_values = {word: value for word, value in given.items() if value is not None}
    outcome = decide(work.session(session_key), name, given_values, by=work.by)
    return outcome.model_dump(mode="json") | {"said": [*outcome.sentences]}


TOOLS: Mapping[str, Tool] = {
    "sessions": Tool(_sessions),
    "status": Tool(_status),
    "tickets": Tool(_tickets),
    "questions": Tool(_questions),
    "todo": Tool(partial(_answer_of, todo), about="List what people have to do."),
    "plan": Tool(_plan),
    "results": Tool(
        partial(_answer_of, required_results), about="Say what an export left in Jira."
    ),
    "progress": Tool(
        partial(_answer_of_jira, exporting.jira_progress),
        about="Say how far people are with the issues, and which changed in the sheets after that "
        "began.",
    ),
    "adoption": Tool(
        partial(_answer_of_jira, exporting.propose_adoption),
        about="Propose which issues that people made are those of tickets.",
    ),
    "plan_undo": Tool(_plan_undo),
    "plan_decision": Tool(_plan_decision),
    "upload": Tool(_upload, Role.REVIEWER, is_of_this_machine=True),
    "generate": Tool(_generate, Role.REVIEWER),
    "validate": Tool(_validate, Role.REVIEWER),
    **{
        name.replace("-", "_"): Tool(partial(_decide, name), verb.permission, verb=verb)
        for name, verb in VERBS.items()
    },
    "export": Tool(_export, Role.EXPORTER),
    "undo": Tool(_undo, Role.EXPORTER),
    "cancel": Tool(_cancel, Role.EXPORTER),
    "settle": Tool(_settle, Role.EXPORTER),
    "decide_differences": Tool(_decide_differences, Role.EXPORTER),
    "finish_fixes": Tool(_finish_fixes, Role.REVIEWER),
}
