"""A model proposes a layout in rounds: it answers, the layout is applied, it is told what is left.

Belongs here: how often it is asked, what it is told, which draft is the best. Does not: what of an
answer is taken (`pointing`), the words of the first request (`worksheets_prompt`), sending
(`models`).

Three rounds at most, answers that are no layout among them; then a person goes on with the best draft.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, closing, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from typing_extensions import override

from jira_pipeline.model.errors import (
    LayoutRefusedError,
    WriterAccessError,
    WriterContextError,
    WriterError,
    WriterUnusableError,
)
from jira_pipeline.model.line_numbers import format_count
from jira_pipeline.model.model_requests import RequestOutcome
from jira_pipeline.sheets.layouts.applying import sheet_layout_of
from jira_pipeline.sheets.layouts.coverage import LayoutFinding, Unsettled
from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.known_headers import propose_known
from jira_pipeline.sheets.layouts.layout import Layout, SheetLayout
from jira_pipeline.sheets.layouts.layout_checks import LayoutChecks, check_layout
from jira_pipeline.sheets.layouts.layout_files import layout_of
from jira_pipeline.sheets.layouts.layout_reading import UploadGrids
from jira_pipeline.writing.completion.prompt import as_data
from jira_pipeline.writing.layouts.pointing import Refusal, pointed_layout
from jira_pipeline.writing.layouts.worksheets_prompt import (
    layout_instructions,
    worksheets_text,
)
from jira_pipeline.writing.models.asking_step import AskingStep, StoppedError, arriving
from jira_pipeline.writing.models.conversation import (
    ANSWER_MAX_TOKENS,
    TRUNCATED_FACTOR,
    Conversation,
    ModelChannel,
    ModelTools,
    Question,
    Reply,
    ReplyEnd,
    declined,
    json_in,
)

ROUNDS_MAX = 3
NOTHING_PROPOSED = "Nothing was proposed."
FINDINGS_NAMED_MAX = 60
REFUSALS_NAMED_MAX = 20
_TEXT_MAX_CHARACTERS = 160
_SHEETS_MAX = 200
"""Of an answer; what follows is refused. Six workbooks of strangers need 3 to 14."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutRound:
    """What came of one answer."""

    number: int
    layout: Layout
    """What of it points at cells."""
    checks: LayoutChecks
    refused: tuple[Refusal, ...]
    unsettled_cell_count: int
    fault: str = ""
    """Why nothing of the answer could be read."""

    @property
    def unsettled(self) -> tuple[LayoutFinding, ...]:
        return self.checks.unsettled

    @property
    def is_settled(self) -> bool:
        is_lost = any(not refusal.is_without_loss for refusal in self.refused)
        return not (self.unsettled or is_lost or self.fault)

    @property
    def rank(self) -> tuple[int, int]:
        """The best draft has the least: cells that are left to settle, then parts that were refused.

        A worksheet of which it says nothing counts with all of its cells.
        """
        return (self.unsettled_cell_count, len(self.refused))

    @override
    def __str__(self) -> str:
        if self.fault:
            return f"Round {self.number} of {ROUNDS_MAX}: {self.fault}"
        left = format_count(len(self.unsettled), "thing")
        refused = f", {len(self.refused)} refused" if self.refused else ""
        return f"Round {self.number} of {ROUNDS_MAX}: {left} left to settle{refused}."


def worksheets_to_ask(upload: UploadGrids) -> tuple[Grid, ...]:
    """Return the worksheets that hold something, but for those that are known to the last header."""
    known = propose_known(upload.grids)
    unsettled = check_layout(Layout(divided=upload.divided, sheets=()), upload).unsettled
    titles = {finding.worksheet for finding in unsettled}
    return tuple(
        grid
        for grid in upload.grids
        if grid.cells
        and (grid.title in titles or not _is_known(sheet_layout_of(known, grid.title)))
    )


def _is_known(sheet: SheetLayout | None) -> bool:
    """Tell whether each header of a worksheet is known: a column of people's own may mean something."""
    return sheet is not None and not any(
        record.own for region in sheet.regions for record in region.records
    )


def first_question(upload: UploadGrids) -> Question:
    """Return what a model is asked first about worksheets."""
    asked = worksheets_to_ask(upload)
    others = [grid for grid in upload.grids if grid not in asked]
    return Question(
        instructions=layout_instructions(),
        request=worksheets_text(asked, others),
        # In words: services take no schema whose answer chooses names, such as canonical columns.
        schema=None,
    )


def _ignore_round(_round: LayoutRound) -> None:
    """Take a round that nobody waits for."""


@dataclass(kw_only=True)
class LayoutConversation(Conversation):
    """What a model is asked about the worksheets of an upload, and what it answers."""

    upload: UploadGrids
    on_round: Callable[[LayoutRound], None] = _ignore_round
    rounds: list[LayoutRound] = field(default_factory=list)

    @property
    def best(self) -> LayoutRound | None:
        """The round whose draft leaves least to settle; the first of several."""
        return min(self.rounds, key=lambda one: one.rank, default=None)

    @override
    def _read(self, reply: Reply) -> RequestOutcome:
        if reply.end is ReplyEnd.REFUSED:
            return self._end(RequestOutcome.REFUSED, declined(reply.text))
        this_round = self._round_of(reply)
        self.rounds.append(this_round)
        self.on_round(this_round)
        outcome = _outcome_of(this_round)
        if this_round.is_settled or len(self.rounds) >= ROUNDS_MAX:
            return self._end(outcome, this_round.fault)
        self.reason = this_round.fault
        if reply.end is ReplyEnd.TRUNCATED:  # half an answer is not shown to the model again
            room = ANSWER_MAX_TOKENS * TRUNCATED_FACTOR
            self.question = replace(self.question, answered="", answer_tokens_max=room)
        else:
            self.question = replace(self.question, answered=reply.text)
        self.question = replace(self.question, complaint=complaint_of(this_round))
        return outcome

    def _round_of(self, reply: Reply) -> LayoutRound:
        """Apply what an answer says; what is no layout leaves all to settle."""
        faults: list[str] = []
        sheets: list[SheetLayout] = []
        if reply.end is ReplyEnd.TRUNCATED:
            faults.append("the answer was cut off")
        else:
            for sheet in _sheets_in(reply.text, faults):
                sheets += _read_sheet(sheet, faults)
        pointed = pointed_layout(
            Layout(divided=self.upload.divided, sheets=tuple(sheets)),
            worksheets_to_ask(self.upload),
            all_grids=self.upload.grids,
        )
        refused = (*pointed.refused, *(Refusal("answer", fault) for fault in faults))
        checks = check_layout(pointed.layout, self.upload)
        return LayoutRound(
            number=len(self.rounds) + 1,
            layout=pointed.layout,
            checks=checks,
            unsettled_cell_count=_unsettled_cells(checks, self.upload.grids),
            refused=refused if sheets else pointed.refused,
            fault="" if sheets else f"{'; '.join(faults) or 'it names no worksheet'}.",
        )


def _sheets_in(text: str, faults: list[str]) -> Sequence[Any]:
    """Return the parts of an answer, unread; what the answer says of itself is left out."""
    try:
        answer = json.loads(json_in(text, {"sheets"}))
    except (ValueError, RecursionError):
        faults.append("the answer is no JSON object with `sheets`")
        return ()
    sheets = answer.get("sheets") if isinstance(answer, Mapping) else None
    if not isinstance(sheets, list):
        faults.append("the answer has no list `sheets`")
        return ()
    if len(sheets) > _SHEETS_MAX:
        faults.append(f"the answer has {len(sheets):,} parts, {_SHEETS_MAX} are read")
    return sheets[:_SHEETS_MAX]


def _read_sheet(sheet: Any, faults: list[str]) -> Iterator[SheetLayout]:
    """Yield one part of an answer; a part with a fault does not take the others with it."""
    try:
        yield from layout_of({"sheets": [sheet]}).sheets
    except LayoutRefusedError as error:
        faults.append(error.message)
    except RecursionError:
        faults.append("a part of the answer is nested too deep")


def _unsettled_cells(checks: LayoutChecks, grids: Sequence[Grid]) -> int:
    sizes = {grid.title: len(grid.cells) for grid in grids}
    count = 0
    for finding in checks.unsettled:
        is_of_worksheet = finding.code is Unsettled.NOT_READ and finding.place is None
        count += sizes.get(finding.worksheet, 1) if is_of_worksheet else 1
    return count


def _outcome_of(this_round: LayoutRound) -> RequestOutcome:
    """Return what a request counts as."""
    if this_round.fault:
        return RequestOutcome.INVALID
    return RequestOutcome.UNFOUNDED if this_round.refused else RequestOutcome.ANSWERED


def complaint_of(this_round: LayoutRound) -> str:
    """Say what is wrong with an answer and what it leaves to settle; cells are data there, too."""
    lines = ["Write the whole layout again as one JSON object, better."]
    if this_round.fault:
        lines.append(f"Nothing could be read: {_short(this_round.fault)}")
    if this_round.refused:
        lines.append("These parts were not taken:")
        lines += [
            as_data(_short(str(refusal))) for refusal in this_round.refused[:REFUSALS_NAMED_MAX]
        ]
    if this_round.unsettled and not this_round.fault:
        lines.append("This is left to settle:")
        lines += [
            as_data({"where": f.where, "check": f.code.value, "text": _short(f.text)})
            for f in this_round.unsettled[:FINDINGS_NAMED_MAX]
        ]
        more = len(this_round.unsettled) - FINDINGS_NAMED_MAX
        if more > 0:
            lines.append(f"and {more:,} more.")
    return "\n".join(lines)


def _short(text: str) -> str:
    return " ".join(text.split())[:_TEXT_MAX_CHARACTERS]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRounds:
    """What a model proposed in its rounds, and why the last one was no use."""

    best: LayoutRound
    count: int
    reason: str = ""
    """Why it was not asked again, where that was not what the rounds came to; empty otherwise."""


def ask_in_rounds(
    upload: UploadGrids,
    tools: ModelTools,
    *,
    session_key: str,
    on_round: Callable[[LayoutRound], None],
) -> ModelRounds:
    """Ask a model for the layout of worksheets until nothing is left to settle, three times at most.

    Each round is told as soon as it is over. Where a person interrupts it, nothing more is asked, and
    the best draft so far is what was paid for.

    Raises:
        KeyboardInterrupt: It was interrupted before there was an answer.
        WriterError: The model cannot be asked, or limits are reached, before there was an answer.
    """
    step = AskingStep(tools, session_key=session_key)
    conversation = LayoutConversation(question=first_question(upload), upload=upload)
    asking = partial(_ask, step, tools.open_channel(), conversation)
    arriving_rounds = arriving(asking, interrupt=step.interrupt, grace_seconds=tools.grace_seconds)
    reason = ""
    try:
        with closing(arriving_rounds) as arrived:
            for this_round in arrived:
                on_round(this_round)
    except KeyboardInterrupt:
        if conversation.best is None:
            raise
        reason = "It was interrupted; this is the best draft so far."
    error = step.error(NOTHING_PROPOSED)
    if conversation.best is None:
        raise error or _error_of(conversation, model=tools.model)
    if error is not None:
        reason = error.message
    return ModelRounds(best=conversation.best, count=len(conversation.rounds), reason=reason)


async def _ask(
    step: AskingStep,
    channel: AbstractAsyncContextManager[ModelChannel],
    conversation: LayoutConversation,
    emit: Callable[[LayoutRound], None],
) -> None:
    """Have the conversation; each of its rounds is emitted."""
    conversation.on_round = emit
    async with channel as opened:
        with suppress(StoppedError):  # the step says why
            await step.converse(conversation, opened)


def _error_of(conversation: LayoutConversation, *, model: str) -> WriterError:
    """Return what a conversation without an answer ends with."""
    error: type[WriterError] = WriterUnusableError
    if conversation.end is RequestOutcome.TOO_LONG:
        error = WriterContextError
    elif conversation.end is RequestOutcome.FAILED:
        error = WriterAccessError
    return error(model=model, reason=conversation.reason, progress=NOTHING_PROPOSED)
