"""The job `session_action`: it does for one session what a command does, from Dagster's Launchpad.

Belongs here: the config, a typed union of one kind for each action, and what a run shows. Does not:
rules and steps, which the commands take too (verbs, in the rooms of subjects).

The union refuses what is misspelt before a run. A run that is refused leaves the session as the
command would: only what was begun shows.
"""

from collections.abc import Iterable, Mapping, Sequence
from inspect import Parameter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin

import dagster as dg
from pydantic import Field, create_model
from pydantic.fields import FieldInfo

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.run_errors import RunOfSession, record_interruption, record_refusal
from jira_pipeline.dagster_port.launchpad import job_text, linked_job_text, next_line, next_text
from jira_pipeline.dagster_port.metadata import (
    findings_metadata,
    format_list,
    pairs_text,
    show_result,
    verification_metadata,
)
from jira_pipeline.dagster_port.partitions import upload_sessions
from jira_pipeline.dagster_port.plain_values import plain_metadata
from jira_pipeline.dagster_port.reports import (
    announce_upload,
    report_check,
    report_reviews,
    report_undo,
)
from jira_pipeline.dagster_port.steps import PipelineResource, final_failure, one_step_job
from jira_pipeline.defs.jira.jira_assets import report_comparison
from jira_pipeline.defs.tickets.site_assets import built, built_site
from jira_pipeline.export import exporting
from jira_pipeline.export.adoption import parse_pairs
from jira_pipeline.export.session_results import required_results
from jira_pipeline.export.undo import KeptIssue
from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.differences import Decision, FiledComparison
from jira_pipeline.model.errors import PipelineError, WrongUseError
from jira_pipeline.review.decisions import decide_all
from jira_pipeline.review.open_session import OpenSession, open_session
from jira_pipeline.review.verbs import VERBS, Verb
from jira_pipeline.sessions.composition import reading_apart
from jira_pipeline.sheets.inbox import CONFIGURATION_SUFFIX

if TYPE_CHECKING:
    from jira_pipeline.sessions.layouts import LayoutWork
    from jira_pipeline.sheets.layouts.layout import Layout

LAYOUT_SHOWN_CHARACTERS = 20_000
"""Of a layout in the metadata of a run; six real ones have 3 to 11 kB."""
Metadata = Mapping[str, object]
_OF_PAGES = {"seen", "were"}
"""What a verb compares with what a page showed, which is no matter of run config."""


class PlacedText(dg.Config):
    """What is said of a question, by its place in the table of questions."""

    place: str
    text: str


def _field_of(parameter: Parameter) -> tuple[Any, Any]:
    """Return type and field of what a verb takes, as run config holds it."""
    info = FieldInfo.from_annotation(parameter.annotation)
    default = {Parameter.empty: ..., (): []}.get(parameter.default, parameter.default)
    kind = _plain(info.annotation)
    field = Field(default=default, description=info.description)
    return (kind | None if default is None else kind), field


def _plain(hint: Any) -> Any:
    """Return a type as run config knows it: lists, texts, numbers."""
    origin = get_origin(hint)
    parts = get_args(hint)
    if type(None) in parts:
        return _plain(parts[0]) | None
    if origin is Sequence:
        return list[_plain(parts[0])]  # type: ignore[misc] # made from the signature
    if parts == (str, str):
        return PlacedText
    return list[str] if origin is tuple else hint


def _config_of(name: str, verb: Verb) -> Any:
    """Return the class of run configuration for a verb: its name, and a field for each parameter."""
    word = name.replace("-", "_")
    fields = {}
    for parameter_name, parameter in verb.parameters.items():
        if parameter_name not in _OF_PAGES:
            fields[parameter_name] = _field_of(parameter)
    return create_model(
        name.title().replace("-", ""),
        __base__=dg.Config,
        __doc__=verb.text,
        verb=(Literal[word], word),
        **fields,  # type: ignore[call-overload] # as above
    )


_VERBS: Any = Union[tuple(_config_of(name, verb) for name, verb in VERBS.items())]  # noqa: UP007


class OneDecision(dg.Config):
    """One of the verbs, with what it takes."""

    decision: _VERBS = Field(discriminator="verb")


class Review(dg.Config):
    """Take decisions about tickets: all, or none where one is refused."""

    action: Literal["review"] = "review"
    decisions: list[OneDecision]

    def carried_out(
        self, context: dg.OpExecutionContext, session: OpenSession, *, by: str
    ) -> Metadata:
        if not self.decisions:
            example = Action.of(ActionKind.MARK_READY, "For example, run {}.")
            raise WrongUseError("The run names no decision.", recovery_actions=[example])
        words = {name.replace("-", "_"): name for name in VERBS}
        given = []
        for config in self.decisions:
            fields = type(config.decision).model_fields
            values = dict(config.decision)
            name = words[values.pop("verb")]
            # What has its default was not named in the run config.
            arguments = {}
            for field, value in values.items():
                if value != fields[field].default:
                    arguments[field] = _as_taken(value)
            given.append((name, arguments))
        sentences: list[str] = []
        for outcome in decide_all(session, given, by=by):
            sentences += [*outcome.sentences, outcome.left]
        events = session.store.outbox.pending(session.key)
        if events:
            report_reviews(context.instance, session.pipeline, events)
        tally = session.reload().tally
        return {
            "decisions": " ".join(filter(None, sentences)),
            "ready": tally.ready,
            "tickets": tally.exportable,
            "open_questions": tally.questions.count,
        }


def _as_taken(value: object) -> object:
    """Return a value of run config as verbs take it: places with their texts as pairs."""
    if not isinstance(value, list):
        return value
    taken = []
    for element in value:
        taken.append((element.place, element.text) if isinstance(element, PlacedText) else element)
    return taken


class Undo(dg.Config):
    """Take the export back."""

    action: Literal["undo"] = "undo"
    delete: bool = Field(
        default=False, description="Delete the issues; otherwise, only show which would be deleted."
    )
    keep_rest: bool = Field(
        default=False, description="End an interrupted undo and keep the remaining issues."
    )
    agreed_issue_ids: list[str] | None = Field(
        default=None,
        description="Ids of the issues that somebody agreed to delete: no other one is deleted, and "
        "nothing is if these are not all that would be.",
    )

    def carried_out(
        self, context: dg.OpExecutionContext, session: OpenSession, *, by: str
    ) -> Metadata:
        if not self.delete and not self.keep_rest:
            planned = exporting.plan_undoing(session)
            if planned.plan.blocked is not None:
                raise planned.plan.blocked
            metadata: dict[str, object] = {
                "would_delete_issues_of_tickets": format_list([*map(str, planned.plan.remove)]),
                "would_keep": _kept(planned.kept),
            }
            if planned.warning:
                metadata["warning"] = planned.warning
            return metadata
        agreed = None if self.agreed_issue_ids is None else frozenset(self.agreed_issue_ids)
        report = exporting.undo(
            session,
            by=by,
            keeps_rest=self.keep_rest,
            agreed_issue_ids=agreed,
            run_id=context.run.run_id,
        )
        report_undo(context.instance, session.pipeline, session.key, by=by)
        return {
            "deleted": format_list([issue.key for issue in report.removed]),
            "kept": _kept(report.kept),
            "in_doubt": format_list([str(number) for number in report.in_doubt]),
        }


def _kept(issues: Iterable[KeptIssue]) -> str:
    return format_list([f"{issue.key}: {'; '.join(issue.reasons)}" for issue in issues])


class Settle(dg.Config):
    """Ask Jira about unconfirmed issues."""

    action: Literal["settle"] = "settle"
    wait: bool = Field(
        default=False,
        description="Wait for as long as Jira might still be working "
        "(JIRA_SETTLE_HORIZON_SECONDS) before an issue counts as not created.",
    )

    def carried_out(
        self, context: dg.OpExecutionContext, session: OpenSession, *, by: str
    ) -> Metadata:
        report = exporting.settle(session, is_waiting=self.wait, by=by, run_id=context.run.run_id)
        tickets = [
            f"{t.number} {t.title}: {t.outcome.value}. {job_text(t.advice)}" for t in report.tickets
        ]
        return {
            "is_settled": report.is_settled,
            "is_conclusive": report.is_conclusive,
            "tickets": format_list(tickets),
        }


class Decide(dg.Config):
    """Decide about issues that are gone in Jira or there twice."""

    action: Literal["decide"] = "decide"
    # Dagster takes an enumeration by the names of its members, and shows people their values
    decision: Literal["create_again", "adopt", "forget"] = Field(
        description="`create_again` (missing issues), `adopt` (the other of two) or `forget`."
    )
    tickets: list[str] = Field(
        default=[], description="Ticket numbers, or issue keys if a ticket has several."
    )
    all: bool = Field(default=False, description="All that need this decision.")

    def carried_out(
        self, context: dg.OpExecutionContext, session: OpenSession, *, by: str
    ) -> Metadata:
        report = exporting.decide(
            session,
            decision=Decision(self.decision),
            names=self.tickets,
            is_all=self.all,
            by=by,
            run_id=context.run.run_id,
        )
        lines = [f"{t.number} {t.title}: {t.refusal or 'done'}" for t in report.tickets]
        return {"decided": format_list(lines), **_to_decide(context, session, report.comparison)}


class Adopt(dg.Config):
    """Use issues that people made as the tickets' issues."""

    action: Literal["adopt"] = "adopt"
    pairs: list[str] = Field(
        default=[], description="Tickets and issues, such as 3=ABC-12; none: only show proposals."
    )
    matches: bool = Field(default=False, description="Adopt every match instead.")

    def carried_out(
        self, context: dg.OpExecutionContext, session: OpenSession, *, by: str
    ) -> Metadata:
        if self.pairs and self.matches:
            raise WrongUseError("Name pairs, or say matches.")
        pairs = parse_pairs(self.pairs)
        if not pairs:
            proposed = exporting.propose_adoption(session)
            if not self.matches:
                return {"compared": proposed.scanned, "pairs": pairs_text(proposed.pairs)}
            pairs = proposed.matches
        tried = exporting.adopt(session, pairs=pairs, by=by, run_id=context.run.run_id)
        adopted = []
        refused = []
        for ticket in tried:
            pair = f"{ticket.number}={ticket.key} {ticket.title}"
            if ticket.refusal:
                refused.append(f"{pair}: {ticket.refusal}")
            else:
                adopted.append(pair)
        if not adopted:
            raise WrongUseError(f"No issue was adopted. {'; '.join(refused)}.")
        return {"adopted": format_list(adopted), "refused": format_list(refused)}


class Compare(dg.Config):
    """Compare Jira with what was sent, and show what is to be decided."""

    action: Literal["compare"] = "compare"

    def carried_out(
        self,
        context: dg.OpExecutionContext,
        session: OpenSession,
        *,
        by: str,  # noqa: ARG002 - as others take it
    ) -> Metadata:
        return _to_decide(
            context, session, exporting.compare_with_jira(session, run_id=context.run.run_id)
        )


def _to_decide(
    context: dg.OpExecutionContext, session: OpenSession, comparison: FiledComparison
) -> Metadata:
    """Show a comparison as its check, and what people decide about."""
    report_comparison(context.instance, comparison, run_id=context.run.run_id)
    lines = []
    for differing in required_results(session.reload()).to_decide:
        decisions = ", ".join(differing.difference.decisions)
        words = f"{differing.number} {differing.title}: {differing.finding.message}"
        lines.append(f"{words} ({decisions})")
    return {"to_decide": format_list(lines)}


class Verify(dg.Config):
    """Compare the site with the sheets: is it built as specified?"""

    action: Literal["verify"] = "verify"
    config: str | None = Field(
        default=None, description="Folder or zip file; default: KEY.config.zip in the inbox."
    )
    split: list[str] = Field(
        default_factory=list,
        description="Config splits to apply on top, in the order of their import.",
    )

    def carried_out(
        self, context: dg.OpExecutionContext, session: OpenSession, *, by: str
    ) -> Metadata:
        """Compare, and show what came of it at the asset `built_site`."""
        from jira_pipeline.sessions import site_verifying

        inbox_path = session.settings.inbox_path / f"{session.key}{CONFIGURATION_SUFFIX}"
        verified = site_verifying.verify_site(
            session,
            Path(self.config) if self.config else inbox_path,
            splits=tuple(map(Path, self.split)),
            by=by,
        )
        metadata = verification_metadata(verified)
        context.log_event(
            dg.AssetMaterialization(
                built_site.key, partition=session.key, metadata=plain_metadata(metadata)
            )
        )
        for result in built(session.reload()):
            report_check(context.instance, session.key, result, run_id=context.run.run_id)
        return metadata


class LayoutAction(dg.Config):
    """Show, check, save or confirm the layout of a session: what its worksheets hold."""

    action: Literal["layout"] = "layout"
    do: Literal["show", "propose", "check", "save", "confirm"] = Field(
        default="show",
        description="`show` what there is; `propose` by names and headers; `check` a layout; `save` "
        "it as the draft; `confirm` it, or what there is: the sheets are read by it from then on.",
    )
    layout: str = Field(default="", description="Text of a layout.yaml.")
    revision: int | None = Field(
        default=None, description="Of the draft it was made from; needed where somebody saved one."
    )
    accepting: list[str] = Field(
        default=[],
        description="Cells that are left to settle and known not to be read, such as Fields!B12.",
    )
    replaces_all: bool = Field(
        default=False, description="Replace the sheets even where no tickets remain."
    )

    def carried_out(
        self, context: dg.OpExecutionContext, session: OpenSession, *, by: str
    ) -> Metadata:
        """Do it, and show the layout and what it leaves to settle."""
        from jira_pipeline.sessions import layouts

        with reading_apart(session.pipeline) as pipeline:
            match self.do:
                case "show":
                    return _layout_shown(layouts.open_layout(pipeline, session.key))
                case "propose":
                    return _layout_shown(layouts.propose_layout(pipeline, session.key))
                case "check":
                    return _layout_shown(
                        layouts.apply_layout(pipeline, session.key, self._declared())
                    )
                case "save":
                    self._save(pipeline, session.key, by=by)
                    return _layout_shown(layouts.open_layout(pipeline, session.key))
                case "confirm":
                    return self._confirm(context, pipeline, session.key, by=by)

    def _declared(self) -> "Layout":
        from jira_pipeline.sheets.layouts.layout_files import read_layout

        if not self.layout:
            raise WrongUseError(
                f"The run has no layout to {self.do}.",
                recovery_actions=("Give the text of a layout.yaml as `layout`.",),
            )
        return read_layout(self.layout.encode(), file_name="layout")

    def _save(self, pipeline: Pipeline, session_key: str, *, by: str) -> int:
        from jira_pipeline.sessions import layouts

        revision = layouts.revision_to_change(pipeline, session_key, self.revision, by=by)
        draft = layouts.save_layout(
            pipeline, session_key, self._declared(), revision=revision, by=by
        )
        return draft.revision

    def _confirm(
        self, context: dg.OpExecutionContext, pipeline: Pipeline, session_key: str, *, by: str
    ) -> Metadata:
        """Confirm the given layout, or the draft of the session, and return what was registered."""
        from jira_pipeline.sessions import layouts

        if self.layout:
            revision = self._save(pipeline, session_key, by=by)
        else:
            revision = layouts.revision_to_change(pipeline, session_key, self.revision, by=by)
        outcome = layouts.confirm_layout(
            pipeline,
            session_key,
            revision=revision,
            accepting=self.accepting,
            replaces_all=self.replaces_all,
            by=by,
        )
        announce_upload(context.instance, outcome)
        return {"tickets": len(outcome.groups), **findings_metadata(outcome.findings)}


def _layout_shown(work: "LayoutWork") -> Metadata:
    """Return the metadata that show a layout, where it is from and what is left to settle about it."""
    from jira_pipeline.sheets.layouts.layout_files import layout_yaml

    unsettled = [f"{question.where}: {question.text}" for question in work.checks.unsettled]
    text = layout_yaml(work.layout)
    if len(text) > LAYOUT_SHOWN_CHARACTERS:
        text = f"{text[:LAYOUT_SHOWN_CHARACTERS]}…\n"
    return {
        "layout": dg.MetadataValue.md(f"```yaml\n{text}```"),
        "origin": work.origin.value,
        "revision": work.revision,
        "is_settled": work.is_settled,
        "left_to_settle": format_list(unsettled),
    }


class ActionConfig(dg.Config):
    """What is done to the session, and who asks."""

    action: Review | Undo | Settle | Decide | Adopt | Compare | Verify | LayoutAction = Field(
        default=Review(decisions=[]), discriminator="action"
    )
    by: str | None = Field(
        default=None, description="Requested by, for the audit trail; default: the run."
    )


def act(context: dg.OpExecutionContext, pipeline: PipelineResource, config: ActionConfig) -> None:
    """Do it; what is refused ends the run with what the error says, stored once."""
    opened = pipeline.opened()
    run_id = context.run.run_id
    key = context.partition_key
    run = RunOfSession(pipeline=opened, session_key=key, run_id=run_id)
    try:
        session = open_session(opened, key)
        by = config.by or f"run {run_id}"
        shown = dict(config.action.carried_out(context, session, by=by))
        next_step = dg.MetadataValue.md(next_text(session, linked_job_text))
        show_result(context, shown | {"next_step": next_step})
        context.log.info(next_line(session))
    except PipelineError as error:
        record_refusal(run, error)
        raise final_failure(error) from None
    except dg.DagsterExecutionInterruptedError:
        stored = opened.store.sessions.find(key)
        if stored is not None and stored.run_id == run_id:
            record_interruption(run, stage=stored.stage)
        raise


session_action = one_step_job(
    act,
    name="session_action",
    description="Decides about a session's tickets, undoes or settles an export, or compares the "
    "session with Jira or its site.",
    kind="action",
    partitions_def=upload_sessions,
)
