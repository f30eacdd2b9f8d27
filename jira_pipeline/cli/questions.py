"""The commands `questions` and `client-link`: list the open questions of a session and answer them.

A question is named by its place, `12.1` for the first one of ticket 12, and a row of it by `12.1.2`. It is
asked once where several tickets ask the same, and one answer is for all of them. Options such as `--answer
12.1 "Editors only"` take two values and may be repeated.

Belongs here: options, tables, the file that a client fills in. Does not: what an answer means and changes
(`review/answers`), links (`sessions/accounts`).
"""

from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand
from typing_extensions import override

from jira_pipeline.cli.console import Screen, is_interactive, literal
from jira_pipeline.cli.context import (
    content_of,
    current_person,
    layout_needed_text,
    show_outcome,
    write_file,
)
from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.errors import InputError
from jira_pipeline.model.json_values import json_object
from jira_pipeline.model.line_numbers import format_count, ticket_numbers_text
from jira_pipeline.model.open_questions import QuestionsLeft
from jira_pipeline.model.site_answers import SITE
from jira_pipeline.model.tickets import Ticket, questions_left
from jira_pipeline.review.answers import (
    answer,
    answer_by_file,
    answers_of_file,
    answers_to_keep,
    approvals_taken_by,
)
from jira_pipeline.review.approvals import mark_ready
from jira_pipeline.review.cells import FILLED_MAX_BYTES, read_filled_table
from jira_pipeline.review.offered_answers import questions_with_proposals
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.outcomes import Answered
from jira_pipeline.review.question_cards import counts_text, minutes_needed
from jira_pipeline.review.questions import AskedOnce, merge_same_questions
from jira_pipeline.review.questions_workbook import is_filled_in, questions_workbook
from jira_pipeline.review.stranded_answers import StrandedAnswer
from jira_pipeline.review.stranded_questions import StrandedQuestion
from jira_pipeline.sessions import accounts

_PAIR_SEPARATOR = "\x1f"
"""Between the two values of an option; nobody types this character."""


class QuestionsCommand(TyperCommand):
    """A command with options that take two values and may be repeated, which the library does not know.

    `--answer 12.1 Yes` is read as one value, with `_PAIR_SEPARATOR` between the two (`_pairs`).
    """

    @override
    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Join the two values of each such option, and have the library parse the rest.

        Raises:
            typer.BadParameter: Such an option has fewer than two values.
        """
        options_of_pairs = self._options_of_pairs()
        joined_words: list[str] = []
        words = iter(args)
        for word in words:
            name, equals_sign, first_value = word.partition("=")
            if word == "--" or name not in options_of_pairs or ctx.resilient_parsing:
                joined_words.append(word)
                if word == "--":  # whatever follows is no option
                    break
                continue
            values = [first_value] if equals_sign else list(islice(words, 1))
            values += islice(words, 1)
            if len(values) < 2:  # noqa: PLR2004 - a pair
                option = options_of_pairs[name]
                raise typer.BadParameter(
                    f"it needs two values: {option.metavar}", ctx=ctx, param=option
                )
            joined_words.append(f"{name}={_PAIR_SEPARATOR.join(values)}")
        return super().parse_args(ctx, [*joined_words, *words])

    def _options_of_pairs(self) -> dict[str, Any]:
        """Return the repeatable options whose placeholder has two words, such as `T.N TEXT`, by name."""
        options: dict[str, Any] = {}
        params: list[Any] = self.params  # of classes whose names vary
        for param in params:
            if getattr(param, "multiple", False) and " " in param.metavar:
                options |= dict.fromkeys(param.opts, param)
        return options


COMMAND_CLASS = QuestionsCommand


def questions(
    screen: Screen,
    session: OpenSession,
    *,
    workbook_file: Annotated[
        Path | None, "--xlsx FILE", "Write the questions to a workbook for a client."
    ] = None,
    answers_file: Annotated[
        Path | None, "--answers FILE", "Read the answers from a completed workbook."
    ] = None,
    answers: Annotated[
        list[str] | None,
        "--answer T.N TEXT",
        "Answer question N of ticket T and the same question in other tickets, one of its rows "
        "(T.N.ROW), a cell of its form (T.DISPLAY.COLUMN), or the cells of all forms "
        "(site.COLUMN); leave empty to remove. "
        "May be repeated: all are kept, or none.",
    ] = None,
    accepted: Annotated[
        list[str] | None,
        "--accept T.N",
        "Accept the suggested answer to question N of ticket T, or all those for the whole site "
        "(site); may be repeated.",
    ] = None,
    taken_over: Annotated[
        list[str] | None,
        "--take-over T.N",
        "Answer question N of ticket T with what the client proposed for each of its rows, or one "
        "row (T.N.ROW); may be repeated.",
    ] = None,
    not_relevant: Annotated[
        list[str] | None,
        "--not-relevant T.N REASON",
        "Say why question N of ticket T needs no answer; may be repeated.",
    ] = None,
    objected: Annotated[
        list[str] | None,
        "--object T.N REASON",
        "Say why the assumption at N of ticket T does not hold: it is a question again; may be "
        "repeated.",
    ] = None,
    is_only: Annotated[
        bool,
        "--only",
        "With --answer, --accept, --not-relevant or --object: only in the tickets named.",
    ] = False,
    is_approving: Annotated[
        bool,
        "--approve",
        "Also approve, with the new answers, the tickets that lose their approval by them.",
    ] = False,
    is_open: Annotated[bool, "--open", "List only unanswered questions."] = False,
    is_forced: Annotated[
        bool, "--force", "With --xlsx: overwrite answers that have not been loaded."
    ] = False,
) -> None:
    """List the questions the sheets leave open, and answer them; answers become notes.

    For example:

    jira-pipeline questions my_site --answer 12.1 "Editors only" --answer 12.2 No
    jira-pipeline questions my_site --accept 4.1 --accept 7.2
    jira-pipeline questions my_site --not-relevant 12.3 "The old site had no archive"
    jira-pipeline questions my_site --take-over 12.4 --take-over 12.5.2
    jira-pipeline questions my_site --object 3.2 "The old field is reused"
    jira-pipeline questions my_site --open --xlsx questions.xlsx
    jira-pipeline questions my_site --answers questions.xlsx --approve
    jira-pipeline questions my_site --answer "12.page_1.Items per page" 20
    jira-pipeline questions my_site --accept site --answer "site.Items per page" 25
    """
    given_answers = _pairs(answers)
    dismissals = _pairs(not_relevant)
    objections = _pairs(objected)
    is_answering = bool(given_answers or accepted or taken_over or dismissals or objections)
    if answers_file is not None and is_answering:
        raise typer.BadParameter("give answers here or in a file, not both")

    outcome: Answered | None = None
    if answers_file is not None:
        content = content_of(
            answers_file, max_bytes=FILLED_MAX_BYTES, advice="Name the completed workbook."
        )
        new_answers = answers_of_file(session, content, name=answers_file.name)
        _ask_about_approvals(screen, session, new_answers, is_approving=is_approving)
        outcome = answer_by_file(session, content, name=answers_file.name, by=current_person())
    elif is_answering:
        new_answers = answers_to_keep(
            session,
            given_answers,
            accepted=accepted or (),
            taken_over=taken_over or (),
            not_relevant=dismissals,
            objected=objections,
            is_only=is_only,
        ).answers
        _ask_about_approvals(screen, session, new_answers, is_approving=is_approving)
        outcome = answer(
            session,
            given_answers,
            accepted=accepted or (),
            taken_over=taken_over or (),
            not_relevant=dismissals,
            objected=objections,
            is_only=is_only,
            by=current_person(),
        )
    if outcome is not None:
        show_outcome(screen, session, outcome)
        if is_approving and outcome.unmarked:
            approval = mark_ready(session.reload(), outcome.unmarked, by=current_person())
            screen.say(*approval.sentences)
    answered_session = session.reload()
    tickets = answered_session.tickets
    listed = [
        question for question in answered_session.questions if not is_open or question.is_open
    ]
    merged = merge_same_questions(listed)
    if workbook_file is not None:
        _refuse_to_overwrite_answers(
            workbook_file, tickets, session_key=session.key, is_forced=is_forced
        )
        write_file(workbook_file, questions_workbook(merged, answered_session.proposed_answers))
        screen.say(
            f"{format_count(len(merged), 'question')} written to {workbook_file}.",
            f"Next: fill it in, then jira-pipeline questions {session.key} --answers FILE",
        )
    with_proposals = questions_with_proposals(
        listed, all_questions=answered_session.asked, proposed=answered_session.proposed_answers
    )
    stranded_questions = [
        _stranded_question_json(question, session_key=answered_session.key)
        for question in answered_session.stranded_questions
    ]
    stranded_answers = map(_stranded_answer_json, answered_session.stranded_answers)
    screen.answer([*with_proposals, *stranded_answers, *stranded_questions])
    if outcome is None and workbook_file is None:
        _show_questions(screen, answered_session, merged, left=questions_left(tickets))


def _ask_about_approvals(
    screen: Screen,
    session: OpenSession,
    answers: Mapping[str, Mapping[str, str]],
    *,
    is_approving: bool,
) -> None:
    """Say which tickets lose their approval by answers, and ask whether to save these.

    Nobody is asked where the tickets are approved again (`is_approving`), or where nobody is at the
    terminal; then the answers are saved.

    Raises:
        typer.Abort: The person does not want them saved.
    """
    numbers = approvals_taken_by(session, answers)
    if not numbers or is_approving:
        return
    sentence = (
        f"Takes the approval from {ticket_numbers_text(numbers)}; --approve approves them again."
    )
    if is_interactive(screen):
        typer.confirm(f"{sentence} Answer?", abort=True)
    else:
        screen.say(sentence)


def client_link(
    screen: Screen,
    session: "OpenSession",
    *,
    days: Annotated[
        int, "--days", "How long the link is valid.", {"min": 1, "max": accounts.LINK_DAYS_MAX}
    ] = accounts.LINK_DAYS,
    made_for: Annotated[
        str | None, "--for NAME", "Who will answer; everybody has a link of their own."
    ] = None,
    topics: Annotated[
        list[str] | None, "--topic TOPIC", "Ask only about this topic; may be repeated."
    ] = None,
    is_revoking: Annotated[
        bool, "--revoke", "Revoke all links, or with --for those of one person; make no new one."
    ] = False,
    is_listing: Annotated[bool, "--list", "List the links; make no new one."] = False,
) -> None:
    """Create a link that lets somebody see what a client is asked and propose answers.

    A new link for the same person replaces their earlier one. The link is shown only once.

    For example:

    jira-pipeline client-link my_site --for "Jonas Weber" --topic Publishing --days 14
    jira-pipeline client-link my_site --for "Jonas Weber" --revoke
    """
    from jira_pipeline.cli.serving import web_address

    by = current_person()
    links = accounts.links_of(session)
    chosen = [link for link in links if made_for is None or link.is_for(made_for)]
    if is_revoking:
        hashes = [link.secret_sha256 for link in chosen]
        screen.say(accounts.revoke_links(session, hashes, by=by))
        screen.answer({"session_key": session.key, "link": None})
        return
    if is_listing:
        screen.answer([json_object(link) for link in chosen])
        screen.table(
            ("for", "asks about", "created by", "valid until"),
            [(link.who, link.about, link.made_by, f"{link.expires_at:%F}") for link in chosen],
        )
        return
    address, link = accounts.make_link(
        session,
        base=web_address(session.settings),
        days=days,
        by=by,
        made_for=made_for or "",
        topics=topics or (),
    )
    cards = accounts.cards_on(session, link)
    screen.answer(
        {
            "session_key": session.key,
            "link": address,
            "expires_at": link.expires_at.isoformat(),
        }
    )
    is_renewed = any(earlier.replaces(link) for earlier in links)
    screen.say(
        "The previous link for the same person no longer works." if is_renewed else "",
        f"Link to {format_count(len(cards), 'question')}, about {format_count(minutes_needed(cards), 'minute')}, "
        f"valid until {link.expires_at:%F}:",
    )
    screen.say_unwrapped(address)


def _stranded_answer_json(stranded: StrandedAnswer) -> Mapping[str, object]:
    """Return an answer whose question is not asked any more, with the fields that questions have."""
    return {
        "ticket_id": stranded.ticket.ticket_id,
        "ticket_number": stranded.ticket.number,
        "ticket_title": stranded.ticket.title,
        "question": stranded.words.question,
        "is_asked": False,
        "answer": None,
        "answer_number": stranded.number,
        "proposed_answers": [
            {
                "text": stranded.text,
                "given_by": stranded.given_by,
                "at": stranded.at.isoformat(),
                "rows": [stranded.words.label],
                "is_new": True,
            }
        ],
    }


def _stranded_question_json(
    stranded: StrandedQuestion, *, session_key: str
) -> Mapping[str, object]:
    """Return a question that was sent to somebody and that no row asks any more.

    It has the fields that questions have, its words, and the commands that ask it again or drop it.
    """
    return {
        "ticket_id": stranded.ticket.ticket_id,
        "ticket_number": stranded.ticket.number,
        "ticket_title": stranded.ticket.title,
        "question": stranded.asked.question,
        "is_asked": False,
        "answer": None,
        "proposed_answers": [],
        "row": stranded.asked.label,
        "place": stranded.place,
        "audience": stranded.audience,
        "words": stranded.words,
        "routed_by": stranded.route.routed_by,
        "ask_again": stranded.command_to_ask(session_key),
        "set_aside": stranded.command_to_drop(session_key),
    }


def _pairs(joined_values: Sequence[str] | None) -> list[tuple[str, str]]:
    """Return the two values of each use of an option: a place, and a text for it."""
    pairs = []
    for joined in joined_values or ():
        place, _, text = joined.partition(_PAIR_SEPARATOR)
        pairs.append((place, text))
    return pairs


def _show_questions(
    screen: Screen, session: OpenSession, listed: Sequence[AskedOnce], *, left: QuestionsLeft
) -> None:
    """Show questions with their answers, and the options that answer those that wait.

    Below them is what clients proposed, what newer sheets left without a row, and what is asked of all
    views at once.
    """
    rows = []
    for once in listed:
        question = once.asked
        cell = f"{question.source} {question.column}" if question.is_asked else "no longer asked"
        answer_text = question.answer or question.given_in_part
        rows.append(
            (
                question.place,
                cell,
                question.as_shown,
                question.suggestion,
                once.also_in,
                answer_text,
            )
        )
    screen.table(("no.", "cell", "question", "suggested", "also in", "answer"), rows)
    screen.say(
        f"{format_count(len(listed), 'question')} listed; {left.summary}.",
        layout_needed_text(session),
        f"By who can answer: {counts_text(session.asked.once)}.",
    )
    open_questions = [once.asked for once in listed if once.asked.is_open]
    suggested = [question.place for question in open_questions if question.suggested_answer]
    if suggested:
        screen.say(
            f"{format_count(len(suggested), 'question')} with a suggested answer; accept one with "
            f"--accept {suggested[0]}."
        )
    proposed = [once.asked.place for once in listed if session.offers_of(once)]
    if proposed:
        screen.say(
            f"{format_count(len(proposed), 'question')} with an answer proposed by the client; accept "
            f"it for each row with --take-over {proposed[0]}, or for one with the number of the "
            "row."
        )
    also_count = sum(len(once.also) for once in listed)
    if also_count:
        screen.say(
            f"They occur in tickets {len(listed) + also_count} times: an answer also counts for "
            "the tickets under “also in”, unless you add --only."
        )
    open_cells = [cell for cell in session.cells if cell.is_open]
    if open_cells:
        screen.say(
            f"{format_count(len(open_cells), 'cell')} of forms to fill in, one by one with "
            f'--answer "{open_cells[0].place}" TEXT.'
        )
    _show_proposals(screen, session, listed)
    _show_stranded_answers(screen, session)
    _show_stranded_questions(screen, session)
    _show_site_questions(screen, session)


def _show_proposals(screen: Screen, session: OpenSession, listed: Sequence[AskedOnce]) -> None:
    """Show the answers that clients proposed, a row for each row of a question."""
    rows = []
    for once in listed:
        for offer in session.offers_of(once):
            place = offer.row.in_ticket(once.asked.ticket.ticket_id).place
            for proposal in offer.proposals:
                rows.append((place, offer.row.first.label, proposal.text, proposal.given_by))
    screen.table(("row", "of", "proposed by the client", "by"), rows, if_any=True)


def _show_stranded_answers(screen: Screen, session: OpenSession) -> None:
    """Show the answers of clients whose question is not asked any more, and the command that decides."""
    stranded = session.stranded_answers
    screen.table(
        ("no.", "no longer asked", "of", "answered by the client", "by"),
        [
            (
                str(answer.number),
                literal(answer.words.question or answer.ticket.title),
                literal(answer.words.label),
                literal(answer.text),
                literal(answer.given_by),
            )
            for answer in stranded
        ],
        if_any=True,
    )
    if stranded:
        screen.say(
            f"{format_count(len(stranded), 'answer')} of the client "
            f"{'is' if len(stranded) == 1 else 'are'} no longer asked for; decide with "
            f"jira-pipeline tickets take-answer {session.key} {stranded[0].number}."
        )


def _show_stranded_questions(screen: Screen, session: OpenSession) -> None:
    """Show the questions sent to somebody that no row asks any more, and the commands for each."""
    screen.table(
        ("no.", "sent, and no longer asked", "of", "to", "in the words"),
        [
            (
                literal(question.place),
                literal(question.asked.question or question.ticket.title),
                literal(question.asked.label),
                question.audience,
                literal(question.words),
            )
            for question in session.stranded_questions
        ],
        if_any=True,
    )
    for stranded in session.stranded_questions:
        screen.say(
            f"{stranded.place}: ask “{stranded.shown}” again with "
            f"{stranded.command_to_ask(session.key)}, where T.N is the question that asks now; or "
            f"set it aside with {stranded.command_to_drop(session.key)}."
        )


def _show_site_questions(screen: Screen, session: OpenSession) -> None:
    """Show the questions whose answer fills the same cell in the forms of all views."""
    rows = []
    for question in session.asked_for_site:
        if question.count or question.answer:
            answer_text = question.answer and question.answer.answer
            suggested = question.asked.suggestion
            rows.append(
                (question.place, question.asked.question, suggested, question.count, answer_text)
            )
    columns = ("for the whole site", "question", "suggested", "cells", "answer")
    screen.table(columns, rows, if_any=True)
    if rows:
        screen.say(
            f"Each answers all its cells; --accept {SITE} takes over what is suggested where "
            "nothing is answered, and an answer of a view itself counts before it."
        )


def _refuse_to_overwrite_answers(
    file: Path, tickets: Sequence[Ticket], *, session_key: str, is_forced: bool
) -> None:
    """Refuse to overwrite a workbook with answers that nobody has loaded.

    Raises:
        InputError: The file has such answers, or is not what this command writes.
    """
    if is_forced or not file.is_file():
        return
    content = content_of(file, max_bytes=FILLED_MAX_BYTES, advice="Name another file.")
    try:
        filled = read_filled_table(content, name=file.name)
        has_answers = is_filled_in(filled, session_key=session_key, tickets=tickets)
    except InputError:  # it cannot be read, so nobody knows what it has
        has_answers = True
    if has_answers:
        raise InputError(
            f"Nothing was written to {file}: {file.name} has answers that have not been loaded.",
            recovery_actions=(
                Action.of(
                    ActionKind.SHOW_QUESTIONS,
                    "Load it first: {}.",
                    session_key=session_key,
                    answers=str(file),
                ),
                "Or write to another file.",
                "Or add --force to discard them.",
            ),
        )
