"""A model proposes a layout in rounds: it answers, the layout is applied, it is told what is left.

A layout says which cells of unknown worksheets are which columns of ours. In: the grids of an
upload. Out: the best draft of up to three rounds, with which a person goes on; an answer that is no
layout is a round, too. The best draft leaves the fewest cells of which nobody said what they are.

Belongs here: how often a model is asked, what it is told, which draft is the best. Does not: what of
an answer is taken (`pointing`), the words of the first request (`worksheets_prompt`), sending
(`models`).
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
from jira_pipeline.writing.layouts.worksheets_prompt import layout_instructions, worksheets_text
from jira_pipeline.writing.models.asking_step import AskingStep, StoppedError, stream_results
from jira_pipeline.writing.models.conversation import (
    ANSWER_MAX_TOKENS,
    TRUNCATED_FACTOR,
    Conversation,
    ModelChannel,
    ModelTools,
    Question,
    Reply,
    ReplyEnd,
    json_in,
    refusal_text,
)

ROUNDS_MAX = 3
NOTHING_PROPOSED = "Nothing was proposed."
FINDINGS_NAMED_MAX = 60
"""How many open cells and rows a model is told; of more, only the number."""
REFUSALS_NAMED_MAX = 20
_TEXT_MAX_CHARACTERS = 160
_SHEETS_MAX = 200
"""How many parts of an answer are read; six workbooks of strangers need 3 to 14."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutRound:
    """One answer of the model, with the layout that was taken from it and its checks."""

    number: int
    """1 for the first answer."""
    layout: Layout
    """The parts of the answer that point at cells."""
    checks: LayoutChecks
    refused: tuple[Refusal, ...]
    """The other parts."""
    unsettled_cell_count: int
    fault: str = ""
    """Why nothing of the answer could be read; empty where something could."""

    @property
    def unsettled(self) -> tuple[LayoutFinding, ...]:
        return self.checks.unsettled

    @property
    def is_settled(self) -> bool:
        is_lost = any(not refusal.is_without_loss for refusal in self.refused)
        return not (self.unsettled or is_lost or self.fault)

    @property
    def rank(self) -> tuple[int, int]:
        """Order drafts, the best first: by cells that are left to settle, then by refused parts."""
        return (self.unsettled_cell_count, len(self.refused))

    @override
    def __str__(self) -> str:
        if self.fault:
            return f"Round {self.number} of {ROUNDS_MAX}: {self.fault}"
        left = format_count(len(self.unsettled), "thing")
        refused = f", {len(self.refused)} refused" if self.refused else ""
        return f"Round {self.number} of {ROUNDS_MAX}: {left} left to settle{refused}."


def worksheets_to_ask(upload: UploadGrids) -> tuple[Grid, ...]:
    """Return the worksheets that a model is asked about: those that hold cells it could explain.

    A worksheet whose headers the program knows, all of them, is left out, unless it has cells to
    settle even so.
    """
    proposal = propose_known(upload.grids)
    unsettled = check_layout(Layout(divided=upload.divided, sheets=()), upload).unsettled
    unsettled_titles = {finding.worksheet for finding in unsettled}
    worksheets = []
    for grid in upload.grids:
        if not grid.cells:
            continue
        is_settled = grid.title not in unsettled_titles
        if is_settled and _is_known(sheet_layout_of(proposal, grid.title)):
            continue
        worksheets.append(grid)
    return tuple(worksheets)


def _is_known(sheet: SheetLayout | None) -> bool:
    """Tell whether the program knows every header of a worksheet.

    A column that people added (`own`) may mean something that a model understands.
    """
    if sheet is None:
        return False
    records = [record for region in sheet.regions for record in region.records]
    return not any(record.own for record in records)


def first_question(upload: UploadGrids) -> Question:
    """Return the first question about the worksheets of an upload."""
    worksheets = worksheets_to_ask(upload)
    others = [grid for grid in upload.grids if grid not in worksheets]
    return Question(
        instructions=layout_instructions(),
        request=worksheets_text(worksheets, others),
        # The instructions have the schema: services take none in which the answer makes up names,
        # as it does for canonical columns.
        schema=None,
    )


def _ignore_round(_round: LayoutRound) -> None:
    """Stand for `on_round` until somebody wants to be told of rounds."""


@dataclass(kw_only=True)
class LayoutConversation(Conversation):
    """What a model is asked about the worksheets of an upload, and what it answers."""

    upload: UploadGrids
    on_round: Callable[[LayoutRound], None] = _ignore_round
    rounds: list[LayoutRound] = field(default_factory=list)

    @property
    def best(self) -> LayoutRound | None:
        """The round whose draft leaves least to settle; the first of several."""
        return min(self.rounds, key=lambda past_round: past_round.rank, default=None)

    @override
    def _read(self, reply: Reply) -> RequestOutcome:
        """Make a round of a reply, and ask again while it leaves something to settle."""
        if reply.end is ReplyEnd.REFUSED:
            return self._end(RequestOutcome.REFUSED, refusal_text(reply.text))
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
        """Take what can be read of an answer, apply it and check what it leaves to settle."""
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
        refused = pointed.refused
        fault = ""
        if sheets:
            refused += tuple(Refusal("answer", part_fault) for part_fault in faults)
        else:
            fault = f"{'; '.join(faults) or 'it names no worksheet'}."
        checks = check_layout(pointed.layout, self.upload)
        return LayoutRound(
            number=len(self.rounds) + 1,
            layout=pointed.layout,
            checks=checks,
            unsettled_cell_count=_unsettled_cells(checks, self.upload.grids),
            refused=refused,
            fault=fault,
        )


def _sheets_in(text: str, faults: list[str]) -> Sequence[Any]:
    """Return the list `sheets` of an answer, its parts not checked yet; faults are added to `faults`.

    Empty where the answer has no such list.
    """
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
    """Yield the layout of one part of an answer, or add its fault to `faults`.

    Parts are read one by one, so that a fault of one does not cost the others.
    """
    try:
        yield from layout_of({"sheets": [sheet]}).sheets
    except LayoutRefusedError as error:
        faults.append(error.message)
    except RecursionError:
        faults.append("a part of the answer is nested too deep")


def _unsettled_cells(checks: LayoutChecks, grids: Sequence[Grid]) -> int:
    """Count the cells left to settle; of a worksheet that no part is about, all its cells."""
    sizes = {grid.title: len(grid.cells) for grid in grids}
    count = 0
    for finding in checks.unsettled:
        is_of_worksheet = finding.code is Unsettled.NOT_READ and finding.place is None
        count += sizes.get(finding.worksheet, 1) if is_of_worksheet else 1
    return count


def _outcome_of(this_round: LayoutRound) -> RequestOutcome:
    """Return what the request of a round counts as."""
    if this_round.fault:
        return RequestOutcome.INVALID
    return RequestOutcome.UNFOUNDED if this_round.refused else RequestOutcome.ANSWERED


def complaint_of(this_round: LayoutRound) -> str:
    """Return what the model is told of its answer: what was not taken, and what is left to settle.

    Texts of cells in it are quoted as data, so that they instruct the model no more than before.
    """
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
    """The best of a model's rounds, and what cut them short."""

    best: LayoutRound
    count: int
    reason: str = ""
    """Why it was not asked again, where an interruption or an error kept it; empty otherwise."""


def ask_in_rounds(
    upload: UploadGrids,
    tools: ModelTools,
    *,
    session_key: str,
    on_round: Callable[[LayoutRound], None],
) -> ModelRounds:
    """Ask a model for the layout of worksheets until nothing is left to settle, three times at most.

    `on_round` gets each round as soon as it is over. Where a person interrupts, nothing more is
    asked, and the best draft so far is returned, as it is paid for.

    Raises:
        KeyboardInterrupt: It was interrupted before there was an answer.
        WriterError: The model cannot be asked, or limits are reached, before there was an answer.
    """
    step = AskingStep(tools, session_key=session_key)
    conversation = LayoutConversation(question=first_question(upload), upload=upload)
    asking = partial(_ask, step, tools.open_channel(), conversation)
    results = stream_results(asking, interrupt=step.interrupt, grace_seconds=tools.grace_seconds)
    reason = ""
    try:
        with closing(results) as rounds:
            for this_round in rounds:
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
    """Have the conversation until its end, or until the step stops; emit each of its rounds."""
    conversation.on_round = emit
    async with channel as opened:
        with suppress(StoppedError):  # `step.error` has the reason
            await step.converse(conversation, opened)


def _error_of(conversation: LayoutConversation, *, model: str) -> WriterError:
    """Return the error of a conversation that ended without an answer."""
    error: type[WriterError] = WriterUnusableError
    if conversation.end is RequestOutcome.TOO_LONG:
        error = WriterContextError
    elif conversation.end is RequestOutcome.FAILED:
        error = WriterAccessError
    return error(model=model, reason=conversation.reason, progress=NOTHING_PROPOSED)
