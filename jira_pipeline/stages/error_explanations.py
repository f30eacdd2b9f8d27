"""What a stored error means in plain language, and what is safe in spite of it (S1-13).

Belongs here: one rule for each code of `errors.py`, and what follows from a stored error, its
ticket and its session. Does not: the messages (`errors.py`), showing (`cli`).

The table of `docs/errors.md` says the same; a test compares it with these rules.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from jira_pipeline.domain.records import StoredError
from jira_pipeline.domain.sessions import SessionStage, UploadSession
from jira_pipeline.domain.tickets import Ticket
from jira_pipeline.errors import ErrorCategory, addressed
from jira_pipeline.ports.writing import ErrorExplainer, ModelWords
from jira_pipeline.stages.session_status import standing_error

_ERRORS = "docs/errors.md"
_OPERATIONS = "docs/operations.md"
_SHEETS = "docs/sheets.md"
_WRITERS = "docs/writers.md"
_NOTHING_CHANGED = "Nothing was changed and nothing was sent to Jira."
_LEDGER = (
    "What was finished is stored. Every creation is written down before it is sent, so what was "
    "under way is looked up before anything is sent again."
)
_STORED_FIRST = (
    "What cannot be written down is not sent. A creation whose answer could not be stored is "
    "looked up before anything is sent again."
)
_ANSWERS_KEPT = (
    "Every answer that arrived is kept, so nothing is paid for twice; tickets are stored together "
    "when all are written, and until then those of the last generation stand."
)
_NOT_DONE = (
    "Jira did nothing with this request; issues that were created before are in the ledger and "
    "are not created again."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorRule:
    """What holds for every error of one code."""

    means: str
    safe: str
    """What did not happen, and what is kept."""
    action: str
    """What to do where the error itself does not say."""
    page: str = _ERRORS
    section: str = "Errors"
    """Heading of the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorExplanation:
    """One stored error in plain language."""

    error: StoredError
    ticket: Ticket | None
    what_happened: str
    who_acts: str
    safe: tuple[str, ...]
    next_steps: tuple[str, ...]
    is_over: bool
    """The session went on since; nothing waits for this error any more."""
    page: str
    section: str
    words: ModelWords | None = None
    """What a model said of it, where it was asked."""

    def to_json(self) -> dict[str, object]:
        """Return the shape `explain --json` promises."""
        return error_json(self.error) | {
            "session_key": self.error.session_key,
            "run_id": self.error.run_id,
            "ticket_number": None if self.ticket is None else self.ticket.number,
            "ticket_title": None if self.ticket is None else self.ticket.title,
            "what_happened": self.what_happened,
            "who_acts": self.who_acts,
            "safe": list(self.safe),
            "next_steps": list(self.next_steps),
            "is_over": self.is_over,
            "docs": {"page": self.page, "section": self.section},
            "model": None if self.words is None else asdict(self.words),
        }


def error_json(error: StoredError) -> dict[str, object]:
    """Return the shape `errors --json` promises of one error."""
    return {
        "id": error.error_id,
        "at": error.at.isoformat(),
        "code": error.code,
        "category": error.category,
        "stage": error.stage,
        "message": error.message,
        "recovery_actions": list(error.recovery_actions),
        "ticket_id": error.ticket_id,
        "file": error.file,
        "line": error.line,
    }


def chosen_errors(
    errors: Sequence[StoredError],
    *,
    category: ErrorCategory | None = None,
    stage: SessionStage | None = None,
    limit: int | None = None,
) -> tuple[StoredError, ...]:
    """Return the errors of a category and a stage; with a limit the newest, in the same order."""
    chosen = tuple(
        error
        for error in errors
        if (category is None or error.category == category.value)
        and (stage is None or error.stage == stage.value)
    )
    return chosen if limit is None else chosen[max(0, len(chosen) - limit) :]


def explain_error(
    error: StoredError,
    *,
    ticket: Ticket | None = None,
    session: UploadSession | None = None,
    errors: Sequence[StoredError] = (),
) -> ErrorExplanation:
    """Explain a stored error; `errors` are all of its session, oldest first."""
    rule = RULES.get(error.code, _UNKNOWN_RULE)
    is_over = session is not None and standing_error(session, errors) != error
    key = error.session_key
    steps = [
        step if key is None else addressed(step, key)
        for step in error.recovery_actions or (rule.action,)
    ]
    if is_over:
        steps = [f"`jira-pipeline status {error.session_key}` names the next step."]
    return ErrorExplanation(
        error=error,
        ticket=ticket,
        what_happened=rule.means,
        who_acts=_WHO_ACTS.get(error.category, ""),
        safe=tuple(dict.fromkeys((rule.safe, _SAFE_IN_STAGE.get(error.stage, rule.safe)))),
        next_steps=tuple(steps),
        is_over=is_over,
        page=rule.page,
        section=rule.section,
    )


def told_of(explanation: ErrorExplanation) -> Mapping[str, str]:
    """Say what a model may know of an error, and all that it may name."""
    error = explanation.error
    told = {
        "message": error.message,
        "code": error.code,
        "category": error.category,
        "stage": error.stage,
        "place": " ".join(str(part) for part in (error.file, error.line) if part is not None),
        "ticket": "" if explanation.ticket is None else explanation.ticket.title,
        "what the rule says it means": explanation.what_happened,
        "what is safe": " ".join(explanation.safe),
        "who can act": explanation.who_acts,
        "next steps": " ".join(explanation.next_steps),
    }
    return {name: text for name, text in told.items() if text}


def with_words(
    explanation: ErrorExplanation, explainer: ErrorExplainer, *, session: UploadSession | None
) -> ErrorExplanation:
    """Add what a model says of an error; the rules' explanation stands whatever comes of it."""
    if session is None:
        reason = "There is no session that the answer could be counted for."
        words = ModelWords(writer=explainer.name, text="", failure=reason)
    else:
        words = explainer.explain(told_of(explanation), session_key=session.session_key)
    return replace(explanation, words=words)


_WHO_ACTS = {
    ErrorCategory.USER_FIXABLE.value: "Whoever uploaded or reviews the session.",
    ErrorCategory.ADMIN_REQUIRED.value: "Whoever looks after the installation or the Jira site.",
    ErrorCategory.TEMPORARY.value: (
        "Whoever works on the session: nothing has to be mended, but it has to be started again; "
        "a daemon that runs tries that by itself."
    ),
}
_SAFE_IN_STAGE = {
    SessionStage.UPLOAD.value: "This stage writes nothing to Jira.",
    SessionStage.PROCESSING.value: "This stage writes nothing to Jira; edits of people are kept.",
    SessionStage.REVIEW.value: (
        "Validation and review write nothing to Jira; an undo that stopped here is finished by "
        "the next one."
    ),
}
_UNKNOWN_RULE = ErrorRule(
    means="This version of the program does not know the code; another version stored it.",
    safe=_LEDGER,
    action="Read the message, and run the version that stored it.",
)
_GATE_CLOSED = (
    "Nothing was sent to Jira and nothing was changed; tickets, edits and issues that exist are as "
    "they were."
)
RULES = {
    "input_refused": ErrorRule(
        means="The files or the command cannot be used as they are.",
        safe=_NOTHING_CHANGED,
        action="Read the message; it names the file or the argument.",
    ),
    "wrong_use": ErrorRule(
        means="The command was typed wrongly, or names what is not there.",
        safe=_NOTHING_CHANGED,
        action="Read the message; it names the value and what is expected. `--help` shows what a command takes.",
    ),
    "sheets_refused": ErrorRule(
        means="At least one finding is an error; no ticket is written from these sheets.",
        safe=(
            "Nothing was written from them and nothing was sent to Jira; tickets and issues that "
            "were there before are as they were."
        ),
        action="Correct the named cells in the specification, export it again, and run `jira-pipeline lint` until it shows no error.",
        page=_SHEETS,
        section="Findings",
    ),
    "session_key_refused": ErrorRule(
        means="A session key is malformed, taken by other files, or names no session; or several folders of the inbox would become one.",
        safe=_NOTHING_CHANGED,
        action="Choose a key of `a-z`, `0-9`, `_` and `-`, or look the key up with `jira-pipeline status`.",
        page=_OPERATIONS,
        section="Start",
    ),
    "manifest_refused": ErrorRule(
        means="`session.yaml` has a key or value that is not known, or is not YAML.",
        safe="Nothing was registered; a session that was there before is as it was.",
        action="Correct the file; `docs/sheets.md` lists its keys.",
        page=_SHEETS,
        section="session.yaml",
    ),
    "session_locked": ErrorRule(
        means="An export of the session is running, so its sheets may not change now.",
        safe="The export goes on with the sheets it began with, and the other sheets were not taken in.",
        action="Wait until it has ended, or stop it with `cancel`; then upload again.",
        page=_OPERATIONS,
        section="Resume, cancel",
    ),
    "unknown_ticket": ErrorRule(
        means="A ticket number or id names no ticket of the session.",
        safe=_NOTHING_CHANGED,
        action="Run `jira-pipeline tickets list` for the numbers.",
    ),
    "unknown_error": ErrorRule(
        means="A number names no stored error.",
        safe=_NOTHING_CHANGED,
        action="Run `jira-pipeline errors` for the numbers.",
    ),
    "not_vanished": ErrorRule(
        means="The rows of the ticket are in the sheets, or came back, so it cannot be withdrawn.",
        safe=_NOTHING_CHANGED,
        action="Look at `jira-pipeline tickets list`; to leave a ticket out, skip it.",
    ),
    "edit_conflict": ErrorRule(
        means="Somebody else changed the ticket since it was read; nothing was overwritten.",
        safe="Nothing was overwritten: the newer text stands, and yours was not stored.",
        action="Look at `jira-pipeline tickets diff`, then make the change again on the newer text.",
    ),
    "unknown_revision": ErrorRule(
        means="A number names no revision of the ticket.",
        safe=_NOTHING_CHANGED,
        action="Run `jira-pipeline tickets diff` to see them.",
    ),
    "unknown_question": ErrorRule(
        means="A ticket has no such open question now.",
        safe="No answer was stored and none was lost.",
        action="Run `jira-pipeline questions` for those there are.",
    ),
    "dependency_cycle": ErrorRule(
        means="A dependency would make tickets wait for each other; the message names them.",
        safe=_NOTHING_CHANGED,
        action="Take one of the dependencies away with `jira-pipeline tickets depend --not`.",
    ),
    "unknown_fix": ErrorRule(
        means="A number names no manual fix of the session.",
        safe=_NOTHING_CHANGED,
        action="Run `jira-pipeline fixes` for the numbers.",
    ),
    "gate_closed": ErrorRule(
        means="A person must act first; an earlier version stored it, and the message names the rule.",
        safe=_GATE_CLOSED,
        action="Follow the recovery actions.",
        page=_OPERATIONS,
        section="What to do when …",
    ),
    "no_tickets": ErrorRule(
        means="The session has no tickets yet.",
        safe=_GATE_CLOSED,
        action="Write them with `jira-pipeline regenerate`.",
        page=_OPERATIONS,
        section="Start",
    ),
    "not_validated": ErrorRule(
        means="The tickets were never validated (S0-2).",
        safe=_GATE_CLOSED,
        action="Validate them with `jira-pipeline validate`.",
        page=_OPERATIONS,
        section="What to do when …",
    ),
    "validation_failed": ErrorRule(
        means="A ticket did not pass its validation, or not as it is now (S0-3).",
        safe=_GATE_CLOSED,
        action="Correct the tickets that `jira-pipeline validate` names, then validate again.",
        page=_OPERATIONS,
        section="What to do when …",
    ),
    "stale": ErrorRule(
        means="Tickets or sheets changed since the tickets were validated or written (S0-4).",
        safe=_GATE_CLOSED,
        action="Validate again, or write the tickets from the changed sheets with `jira-pipeline regenerate`; then export again.",
        page=_OPERATIONS,
        section="What to do when …",
    ),
    "questions_of_withdrawal": ErrorRule(
        means="Tickets are no longer in the sheets, and nobody agreed to withdraw them.",
        safe=_GATE_CLOSED,
        action="Put the rows back and upload again, or agree with `jira-pipeline tickets withdraw`.",
        page=_OPERATIONS,
        section="What to do when …",
    ),
    "not_ready": ErrorRule(
        means="Tickets wait for a review (S0-5).",
        safe=_GATE_CLOSED,
        action="Read them, then mark them ready with `jira-pipeline tickets ready`.",
        page=_OPERATIONS,
        section="What to do when …",
    ),
    "same_specification": ErrorRule(
        means="Another session has issues for at least half of the tickets in this project: the "
        "specification seems to be the same.",
        safe=_GATE_CLOSED,
        action="Upload the sheets to that session, or export with `--as-new` where new issues are wanted.",
        page=_OPERATIONS,
        section="What to do when …",
    ),
    "decision_changed": ErrorRule(
        means="Somebody decided otherwise about a ticket while the export began.",
        safe=_GATE_CLOSED,
        action="Look at `jira-pipeline status`, then export again.",
        page=_OPERATIONS,
        section="What to do when …",
    ),
    "undo_open": ErrorRule(
        means="An undo was interrupted, so whether an issue was deleted is not known.",
        safe=_GATE_CLOSED,
        action="Finish it with `jira-pipeline undo`.",
        page=_OPERATIONS,
        section="What to do when …",
    ),
    "issues_missing": ErrorRule(
        means="Links need every issue, and some do not exist yet (S0-18).",
        safe=_GATE_CLOSED,
        action="Create them with `jira-pipeline resume`.",
        page=_OPERATIONS,
        section="Resume, cancel",
    ),
    "not_exported": ErrorRule(
        means="The session was never exported to this target (S0-21).",
        safe=_GATE_CLOSED,
        action="`jira-pipeline status` names the next step; check `JIRA_BASE_URL` where it was exported to another site.",
        page=_OPERATIONS,
        section="What to do when …",
    ),
    "nothing_to_export": ErrorRule(
        means="Every ticket is skipped or withdrawn, or the sheets ask for none.",
        safe=_GATE_CLOSED,
        action="Change the sheets and upload them again.",
        page=_OPERATIONS,
        section="What to do when …",
    ),
    "nothing_to_retry": ErrorRule(
        means="There is no failed, cancelled or interrupted export to carry on with (S0-20).",
        safe=_GATE_CLOSED,
        action="`jira-pipeline status` names the next step.",
        page=_OPERATIONS,
        section="Resume, cancel",
    ),
    "nothing_to_cancel": ErrorRule(
        means="Nothing is at work in the session (S0-9).",
        safe=_GATE_CLOSED,
        action="`jira-pipeline status` names the next step.",
        page=_OPERATIONS,
        section="Resume, cancel",
    ),
    "generation_running": ErrorRule(
        means="A run that writes the tickets is at work already (S1-2).",
        safe=_GATE_CLOSED,
        action="Watch it with `jira-pipeline status --watch`; where its host is gone, `jira-pipeline resume --force`.",
        page=_OPERATIONS,
        section="Resume, cancel",
    ),
    "retries_exhausted": ErrorRule(
        means="People retried the export, or the writing of tickets, three times and it still fails.",
        safe="This attempt sent nothing; what earlier ones created or wrote is kept and is not done again.",
        action="Mend what `jira-pipeline errors` names, then resume with `--force`.",
        page=_OPERATIONS,
        section="Resume, cancel",
    ),
    "run_died": ErrorRule(
        means="The process of a run ended without a word: killed, out of memory, or it never started; or how it ended could not be stored.",
        safe=_LEDGER,
        action="Run `jira-pipeline resume`, or start the same job again.",
        page=_OPERATIONS,
        section="When a run dies",
    ),
    "unexpected": ErrorRule(
        means="A mistake of ours.",
        safe=_LEDGER,
        action="Look at the log of the run and report it.",
        page=_OPERATIONS,
        section="What to do when …",
    ),
    "configuration_refused": ErrorRule(
        means="A setting is missing or has a value it cannot have.",
        safe="Nothing was sent with this setting; tickets and issues are as they were.",
        action="Correct the environment or `.env`; the message names the setting.",
        page=_OPERATIONS,
        section="Settings",
    ),
    "store_unusable": ErrorRule(
        means="The store or another file of the home cannot be read or written, belongs to a newer version, or the kept copy of a session is not what was uploaded.",
        safe=_STORED_FIRST,
        action="Free space, repair permissions, upload the same sheets again, or upgrade the program; see `docs/operations.md`.",
        page=_OPERATIONS,
        section="Where data lives",
    ),
    "store_busy": ErrorRule(
        means="Another process kept the store locked for longer than we wait.",
        safe=_STORED_FIRST,
        action="Start again; if it persists, look for a process that hangs.",
        page=_OPERATIONS,
        section="Where data lives",
    ),
    "lease_busy": ErrorRule(
        means="Another process exports to the same target, or writes the tickets of the same session.",
        safe="This step sent nothing; the other one goes on undisturbed.",
        action="Wait; the run starts again by itself and finds what is left to do.",
        page=_OPERATIONS,
        section="What to do when …",
    ),
    "lease_lost": ErrorRule(
        means="The connection that held the lease of a target is gone; nothing was sent since.",
        safe="Nothing was sent since; what was under way is looked up before anything is sent again.",
        action="Nothing; the run starts again by itself, looks up what is in doubt, and carries on.",
        page=_OPERATIONS,
        section="Move to PostgreSQL",
    ),
    "writer_unavailable": ErrorRule(
        means="The service of the language model does not answer, fails, or asks to wait for long.",
        safe=_ANSWERS_KEPT,
        action="Start again later; the run tries again by itself first, and what is written is not asked for again.",
        page=_WRITERS,
        section="When it fails",
    ),
    "writer_access": ErrorRule(
        means="The service of the language model does not let us in, knows no such model, or refuses our requests.",
        safe=_ANSWERS_KEPT,
        action="Correct `WRITER_MODEL`, `WRITER_BASE_URL` or `WRITER_API_KEY`, then start again.",
        page=_WRITERS,
        section="When it fails",
    ),
    "writer_unusable": ErrorRule(
        means="The language model answers, and none of its answers for the first tickets can be used.",
        safe=_ANSWERS_KEPT,
        action="Name a more capable model or mend its server, then start again; or let the template write.",
        page=_WRITERS,
        section="When it fails",
    ),
    "writer_quota": ErrorRule(
        means="The account at the service of the language model has no credit left.",
        safe=_ANSWERS_KEPT,
        action="Add credit at the provider, then start again.",
        page=_WRITERS,
        section="When it fails",
    ),
    "writer_budget": ErrorRule(
        means="The next request to the language model could exceed `WRITER_BUDGET` or `WRITER_MAX_REQUESTS`.",
        safe=_ANSWERS_KEPT,
        action="Raise the limit and start again, or remove `WRITER_MODEL`.",
        page=_WRITERS,
        section="What it costs",
    ),
    "writer_missing": ErrorRule(
        means="`WRITER_MODEL` names a model, and the packages that talk to models are not installed.",
        safe="No model was asked, and no ticket was changed.",
        action="Install them (`make llm` in a checkout, else `pip install 'jira-pipeline[llm]'`), "
        "or remove `WRITER_MODEL`.",
        page=_WRITERS,
        section="Turn a model on",
    ),
    "export_cancelled": ErrorRule(
        means="The export or the writing of tickets was cancelled, or superseded; what was done stays recorded.",
        safe="Issues that were created stay and are in the ledger; the others were not sent. Answers of models are kept.",
        action="Run `jira-pipeline resume` when you want the rest.",
        page=_OPERATIONS,
        section="Resume, cancel",
    ),
    "jira_refused": ErrorRule(
        means="Jira understood the request and said no; nothing was done.",
        safe=_NOT_DONE,
        action="Read what Jira says of the field, correct the project's configuration, start the export again.",
        page=_OPERATIONS,
        section="What to do when …",
    ),
    "jira_access": ErrorRule(
        means="The credentials are wrong or expired, or lack a permission.",
        safe=_NOT_DONE,
        action="Renew `JIRA_API_TOKEN`, or grant the permission that the message names.",
        page=_OPERATIONS,
        section="Point it at a real Jira",
    ),
    "rate_limited": ErrorRule(
        means="The other system asked us to wait.",
        safe=_NOT_DONE,
        action="Nothing; the wait it asked for is kept.",
        page=_OPERATIONS,
        section="Pace and bulk",
    ),
    "description_refused": ErrorRule(
        means="Jira refused the description of a ticket; an issue without it is worth nothing.",
        safe="Nothing was created for this ticket; issues that exist stay.",
        action="Correct the sheet or text, or `jira-pipeline tickets skip KEY N`, or set `JIRA_DESCRIPTION_FALLBACK=attach`; then `jira-pipeline resume KEY`.",
        page=_OPERATIONS,
        section="Resume, cancel",
    ),
    "jira_outage": ErrorRule(
        means="Jira stopped telling what becomes of creations: three in a row, or one and nothing can be read either.",
        safe="At most three creations are in doubt; each is looked up before it is sent again.",
        action="Wait until Jira works; a run tries again by itself for a while. Then run `jira-pipeline resume KEY`: it looks up what was sent and goes on.",
        page=_OPERATIONS,
        section="Resume, cancel",
    ),
    "jira_unavailable": ErrorRule(
        means="Jira could not be reached or failed before acting; nothing was done.",
        safe=_NOT_DONE,
        action="Start again when the site is back.",
        page=_OPERATIONS,
        section="Resume, cancel",
    ),
    "jira_in_doubt": ErrorRule(
        means="A request may or may not have acted.",
        safe="Nothing is sent again before it was looked up, so nothing is created twice by it.",
        action='Start the export again; it looks before it sends anything, see "Settle a doubt" in `docs/operations.md`.',
        page=_OPERATIONS,
        section="Settle a doubt",
    ),
    "orphan_issue": ErrorRule(
        means="Lookups cannot tell whether issues exist; they are not sent again.",
        safe="These tickets are not sent again by themselves; the issues of the others are in the ledger.",
        action='Look for the named tickets in Jira, then settle them; see "Settle a doubt" in `docs/operations.md`.',
        page=_OPERATIONS,
        section="Settle a doubt",
    ),
}
"""By code; every code of `errors.py` has one."""
