"""The page of a client: what one person is asked, as a letter, for whoever has its link.

Belongs here: what it shows, what a form of it says, sending. Does not: the link
(`sessions/accounts`), the words (`review/question_cards`).

Nobody is signed in here, and nothing of the session is shown but what its cards say. All cards are in
one page and one form, so that no network is needed from one to the next; nothing is kept here before
it is sent. The addresses on it are relative, so that it does not hold the secret.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from types import MappingProxyType
from typing import Annotated, TypeAlias

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, RedirectResponse, Response

from jira_pipeline.model.errors import NotFoundError, NotFoundKind, WrongUseError
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.open_questions import CALL_ME, ClientLink
from jira_pipeline.model.people import NAME_CHARACTERS_MAX
from jira_pipeline.model.sessions import FilledInBy
from jira_pipeline.review.open_session import OpenSession, open_session
from jira_pipeline.review.question_cards import FINE, CardRow, ClientCard, minutes_needed
from jira_pipeline.review.questions import ANSWER_MAX_CHARACTERS, SharedRow
from jira_pipeline.sessions import accounts
from jira_pipeline.web.context import TheWeb
from jira_pipeline.web.pages.showing import picture_file, rendered

FIELDS_MAX = 5_000
BETWEEN_CHOICES = ", "
"""In the answer to a row of which several choices hold."""
BEFORE_WORDS = ": "
"""In an answer, between what was chosen and what was typed beside it."""
ANSWERED_LASTS = "private, no-cache"
"""Of what a form was answered with: `no-store`, as elsewhere, would have browsers ask on the way back
whether to send it again."""
_QUOTED_AS = {
    FilledInBy.AGENCY: "The specification says",
    FilledInBy.CLIENT: "You wrote",
}
router = APIRouter(prefix="/client/{secret}")

FormValues: TypeAlias = Mapping[str, Sequence[str]]
"""The values of a form by the name of their fields: of the choices of a row several may be ticked."""


def _opened_by(request: Request, web: TheWeb, secret: str) -> ClientLink:
    link = web.access.client_link(request, secret)
    if link is None:
        raise NotFoundError("This link is no longer valid.", kind=NotFoundKind.LINK)
    return link


Link = Annotated[ClientLink, Depends(_opened_by)]


async def _typed(request: Request, _link: Link) -> FormData:
    """Read a form, of a valid link only."""
    return await request.form(max_files=0, max_fields=FIELDS_MAX)


@router.get("")
def page(web: TheWeb, link: Link, *, sent: bool = False, logo: bool = False) -> Response:
    """Show the cards of a link with what it said before, or what was sent just now.

    The logo has the same address, for another one would hold the secret or need a sign-in.
    """
    session = open_session(web.pipeline, link.session_key)
    if logo and (picture := accounts.logo_of(session)):
        return picture_file(picture)
    cards = accounts.cards_on(session, link)
    answers = accounts.proposed_by(session, link, cards)
    if sent and link.sent_at:
        return _reviewed(session, link, cards, answers, values={}, is_sent=True)
    return _asking(session, link, cards, values=_fields_of(cards, answers))


@router.post("")
def propose(
    request: Request, web: TheWeb, secret: str, form: Annotated[FormData, Depends(_typed)]
) -> Response:
    """Show what would be sent, send it, ask a colleague, or go on with what was typed."""
    link = _opened_by(request, web, secret)  # again: a form may take its time
    session = open_session(web.pipeline, link.session_key)
    cards = accounts.cards_on(session, link)
    values = _values_in(form)
    answers = dict(_answers_in(cards, values))
    left = _left_in(values, session, link, cards)
    what, _, about = _text_in(values, "do").partition(" ")
    if what == "review":
        return _reviewed(session, link, cards, answers, values=values, left=left)
    if what == "send":
        proposed = accounts.proposed_by(session, link, cards)
        rows = [*_answered_rows(cards, answers, proposed)]
        if not accounts.propose(session, link, rows):  # it was revoked just now
            _opened_by(request, web, secret)
        if left:  # nothing keeps it: it is shown now, or never
            proposed = accounts.proposed_by(session, link, cards)
            return _reviewed(session, link, cards, proposed, values={}, left=left, is_sent=True)
        return RedirectResponse(f"{request.url.path}?sent=1", status_code=303)
    made = {}
    if what == "ask":
        base = web.pipeline.settings.web_base_url or str(request.base_url)
        card = next((card for card in cards if card.name == about), None)
        if card is None or link.is_one_card:
            raise WrongUseError("This question has been answered or is no longer open.")
        name = _text_in(values, f"colleague-{about}")
        address, asking = accounts.ask_colleague(session, link, card, base=base, name=name)
        made = {about: (asking.made_for, address)}
    return _asking(session, link, cards, values=values, made=made, is_typed=True)


def _answered_rows(
    cards: Sequence[ClientCard], answers: Mapping[str, str], earlier: Mapping[str, str]
) -> Iterator[tuple[SharedRow, str]]:
    """Return the rows of questions that a form answers, each with its answer.

    A part of a row may have one of its own. Who agrees to what is assumed has said nothing, unless
    they objected before.
    """
    for row in chain.from_iterable(card.rows for card in cards):
        answer = answers.get(row.name, "")
        parts = [(part.name, part.row) for part in row.parts]
        for name, asked_row in parts or [(row.name, row.rows[0])]:
            text = answers.get(name) or answer
            was_said = name in earlier or row.name in earlier
            if text and (text != FINE or was_said) and asked_row.is_waiting:
                yield asked_row, text


def _asking(
    session: OpenSession,
    link: ClientLink,
    cards: Sequence[ClientCard],
    *,
    values: FormValues,
    made: Mapping[str, tuple[str, str]] = MappingProxyType({}),
    is_typed: bool = False,
) -> Response:
    """Show cards with the values of their fields, and links that were made for colleagues."""
    return _shown(
        "client.html",
        session,
        link,
        cards=cards,
        topics=group_by(cards, _topic_of),
        topic_of=_topic_of,
        minutes=minutes_needed,
        quoted_as=_QUOTED_AS[session.stored.manifest.filled_in_by],
        most={"answer": ANSWER_MAX_CHARACTERS, "name": NAME_CHARACTERS_MAX},
        values=values,
        said=accounts.proposed_by(session, link, cards),
        stranded=accounts.stranded_of(session, link),
        made=made,
        is_typed=is_typed,
    )


def _reviewed(
    session: OpenSession,
    link: ClientLink,
    cards: Sequence[ClientCard],
    answers: Mapping[str, str],
    *,
    values: FormValues,
    left: Sequence[str] = (),
    is_sent: bool = False,
) -> Response:
    """Show what was said, what of it is `left` unsent, and what is done where nothing was said."""
    silent = [card for card in cards if answers.keys().isdisjoint(_names_on(card))]
    parts = {
        "You said": [card for card in cards if card not in silent],
        "We still need an answer": [
            card for card in silent if not all(row.silence for row in card.rows)
        ],
        "You said nothing here, so this is what we do": [
            card for card in silent if all(row.silence for row in card.rows)
        ],
    }
    return _shown(
        "client_review.html",
        session,
        link,
        answers=answers,
        parts=parts.items(),
        values=values,
        left=left,
        is_sent=is_sent,
    )


def _names_on(card: ClientCard) -> Iterator[str]:
    """Return what names the rows of a card and their parts."""
    for row in card.rows:
        yield row.name
        for part in row.parts:
            yield part.name


def _shown(template: str, session: OpenSession, link: ClientLink, **values: object) -> HTMLResponse:
    stored = session.stored
    settings = session.settings
    text = rendered(
        template,
        site_name=stored.site_name,
        agency=stored.manifest.agency or settings.agency,
        has_logo=bool(stored.manifest.logo or settings.logo),
        link=link,
        **values,
    )
    headers = {"cache-control": ANSWERED_LASTS} if values["values"] else None
    return HTMLResponse(text, headers=headers)


def _topic_of(card: ClientCard) -> str:
    return "Assumed unless you object" if card.is_assumption else card.topic


def _values_in(form: FormData) -> FormValues:
    """Return what a form says, with line breaks as they are kept."""
    by_name = group_by(form.multi_items(), lambda pair: pair[0])
    return {
        name: [str(value).replace("\r\n", "\n") for _, value in items]
        for name, items in by_name.items()
    }


def _text_in(values: FormValues, name: str) -> str:
    """Return the text of a field that a form has once; empty where it has none."""
    return next(iter(values.get(name, ())), "")


def _fields_of(cards: Sequence[ClientCard], answers: Mapping[str, str]) -> FormValues:
    """Return the fields of a form that says the same as what was proposed."""
    fields: dict[str, Sequence[str]] = {}
    for card in cards:
        for row in card.rows:
            answer, wants_call, _ = answers.get(row.name, "").partition(CALL_ME)
            answer = answer.rstrip("\n")
            if wants_call:
                fields[f"call-{card.name}"] = ["1"]
            for part in row.parts:
                text, wants_call, _ = answers.get(part.name, "").partition(CALL_ME)
                if wants_call:
                    fields[f"call-{card.name}"] = ["1"]
                if text := text.rstrip("\n"):
                    fields[f"text-{part.name}"] = [text]
            if answer:
                chosen, words = _choices_in(row, answer)
                # The choice without a value is the one that leads to a text.
                fields[f"choice-{row.name}"] = chosen or [""]
                fields[f"text-{row.name}"] = [words]
    return fields


def _choices_in(row: CardRow, answer: str) -> tuple[Sequence[str], str]:
    """Return the choices of a row that an answer begins with, and the words after them.

    No choice where the answer is not what `_answer_to` makes of choices.
    """
    chosen: list[str] = []
    rest = answer
    for choice in row.choices:
        if rest == choice:
            return [*chosen, choice], ""
        if rest.startswith(f"{choice}{BEFORE_WORDS}"):
            return [*chosen, choice], rest.removeprefix(f"{choice}{BEFORE_WORDS}")
        if row.is_several and rest.startswith(f"{choice}{BETWEEN_CHOICES}"):
            chosen.append(choice)
            rest = rest.removeprefix(f"{choice}{BETWEEN_CHOICES}")
    return [], answer


def _answers_in(cards: Sequence[ClientCard], values: FormValues) -> Iterator[tuple[str, str]]:
    """Return what a form says to each row, by its name: the reverse of `_fields_of`.

    Who wants to be called about a card says so where they say nothing, or else wherever they do.
    """
    for card in cards:
        rows = [row for row in card.rows if not row.is_decided]
        names = [row.name for row in rows]
        names += [part.name for row in rows for part in row.parts]
        answers = {name: _answer_to(name, values) for name in names}
        if values.get(f"call-{card.name}"):
            silent = [row.name for row in rows if not _is_answered(row, answers)]
            for name in silent or names:
                if name in silent:
                    answers[name] = CALL_ME
                elif answers[name]:
                    answers[name] = f"{answers[name]}\n{CALL_ME}"
        for name, answer in answers.items():
            if len(answer) > ANSWER_MAX_CHARACTERS:
                raise WrongUseError(f"An answer has at most {ANSWER_MAX_CHARACTERS:,} characters.")
            if answer:
                yield name, answer


def _is_answered(row: CardRow, answers: Mapping[str, str]) -> bool:
    """Tell whether something was said of a row as a whole, or of each of its parts."""
    parts = [answers[part.name] for part in row.parts]
    return bool(answers[row.name]) or (bool(parts) and all(parts))


def _answer_to(row_name: str, values: FormValues) -> str:
    """Return what was chosen, and what was typed beside it or instead."""
    choices = [choice for choice in values.get(f"choice-{row_name}", ()) if choice.strip()]
    chosen = BETWEEN_CHOICES.join(choices)
    words = _text_in(values, f"text-{row_name}").strip()
    return BEFORE_WORDS.join(filter(None, (chosen, words)))


def _left_in(
    values: FormValues, session: OpenSession, link: ClientLink, cards: Sequence[ClientCard]
) -> Sequence[str]:
    """Return what a form says to rows that are asked no more, but for what was sent before.

    So is the wish to be called about a card that asks nothing any more.
    """
    open_cards = set()
    open_rows = set()
    for card in cards:
        for row in card.rows:
            if not row.is_decided:
                open_cards.add(card.name)
                open_rows.add(row.name)
                open_rows.update(part.name for part in row.parts)

    answers = []
    calls_wanted = set()
    for field in values:
        kind, _, name = field.partition("-")
        if kind in {"choice", "text"} and name not in open_rows:
            answers.append(_answer_to(name, values))
        elif field.startswith("call-"):
            calls_wanted.add(name)
    texts_before = {"", FINE, *accounts.texts_given(session, link)}
    # A row has up to two fields, which make one answer.
    texts_left = [answer for answer in dict.fromkeys(answers) if answer not in texts_before]
    # A card has the name of its first row.
    calls_left = calls_wanted - open_cards - accounts.calls_asked(session, link)
    return [*texts_left, *[CALL_ME] * len(calls_left)]
