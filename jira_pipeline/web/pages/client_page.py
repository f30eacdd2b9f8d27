"""The page of a client: what one person is asked, as a letter, for whoever has its link.

The page has cards, a card has rows, and a row may have parts, which are answered one by one where they
differ. Each row and part has a `name`, and the form has fields by it: `choice-NAME` for what was chosen,
`text-NAME` for what was typed, and `call-CARD` for the wish to be called about a card. `_answers_in`
makes one text of these fields for each name, and `_fields_of` makes the fields of such texts again.

Belongs here: what the page shows, what its form says, sending. Does not: the link
(`sessions/accounts`), the words (`review/question_cards`).

Nobody is signed in here, and nothing of the session is shown but what its cards say. All cards are in
one page and one form, so that no network is needed from one to the next; nothing is kept here before
it is sent. The addresses on it are relative, so that it does not hold the secret.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from types import MappingProxyType
from typing import Annotated, TypeAlias

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, RedirectResponse, Response

from jira_pipeline.model.client_links import ClientLink
from jira_pipeline.model.errors import NotFoundError, NotFoundKind, WrongUseError
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.open_questions import CALL_ME
from jira_pipeline.model.people import NAME_CHARACTERS_MAX
from jira_pipeline.model.sessions import FilledInBy
from jira_pipeline.review.open_session import OpenSession, open_session
from jira_pipeline.review.question_cards import FINE, CardRow, ClientCard, minutes_needed
from jira_pipeline.review.questions import ANSWER_MAX_CHARACTERS, SharedRow
from jira_pipeline.sessions import accounts
from jira_pipeline.web.context import TheWeb
from jira_pipeline.web.pages.showing import picture_file, rendered

FIELDS_MAX = 5_000
"""More than a page of all questions has: up to three fields for each row."""
BETWEEN_CHOICES = ", "
"""In the answer to a row of which several choices hold."""
BEFORE_WORDS = ": "
"""In an answer, between what was chosen and what was typed beside it."""
ANSWERED_LASTS = "private, no-cache"
"""Cache-Control of a page that answers a form: with `no-store`, as other pages have it, browsers would
ask on the way back whether to send the form again."""
_QUOTED_AS = {
    FilledInBy.AGENCY: "The specification says",
    FilledInBy.CLIENT: "You wrote",
}
"""How a card begins to quote the sheets, by who filled them in."""
router = APIRouter(prefix="/client/{secret}")

FormValues: TypeAlias = Mapping[str, Sequence[str]]
"""The values of a form by the name of their fields: of the choices of a row several may be ticked."""


def _valid_link(request: Request, web: TheWeb, secret: str) -> ClientLink:
    """Return the link whose secret is in the address.

    Raises:
        NotFoundError: It was revoked, has expired or never was.
    """
    link = web.access.client_link(request, secret)
    if link is None:
        raise NotFoundError("This link is no longer valid.", kind=NotFoundKind.LINK)
    return link


Link = Annotated[ClientLink, Depends(_valid_link)]


async def _sent_form(request: Request, _link: Link) -> FormData:
    """Read the form that was sent; it asks for the link first, so that nothing is read without one."""
    return await request.form(max_files=0, max_fields=FIELDS_MAX)


@router.get("")
def page(web: TheWeb, link: Link, *, sent: bool = False, logo: bool = False) -> Response:
    """Show the cards of a link with what its holder answered before; with `sent` only these answers.

    With `logo` the picture of the site is sent: an address of its own would hold the secret, or need
    a sign-in.
    """
    session = open_session(web.pipeline, link.session_key)
    picture = accounts.logo_of(session) if logo else None
    if picture:
        return picture_file(picture)
    cards = accounts.cards_on(session, link)
    answers = accounts.last_texts_of(session, link, cards)
    if sent and link.sent_at:
        return _review_page(session, link, cards, answers, values={}, is_sent=True)
    return _question_page(session, link, cards, values=_fields_of(cards, answers))


@router.post("")
def propose(
    request: Request, web: TheWeb, secret: str, form: Annotated[FormData, Depends(_sent_form)]
) -> Response:
    """Show what would be sent, send it, ask a colleague, or show the form again as it was filled in.

    The button `do` says which: `review`, `send`, `ask CARD`, or any other word for the last.
    """
    # Asked again, since a form may take long to arrive: the link may be revoked meanwhile.
    link = _valid_link(request, web, secret)
    session = open_session(web.pipeline, link.session_key)
    cards = accounts.cards_on(session, link)
    values = _values_in(form)
    answers = dict(_answers_in(cards, values))
    unsent = _unsent_texts(values, session, link, cards)
    action, _, card_name = _text_in(values, "do").partition(" ")
    if action == "review":
        return _review_page(session, link, cards, answers, values=values, unsent=unsent)
    if action == "send":
        answers_before = accounts.last_texts_of(session, link, cards)
        rows = [*_answered_rows(cards, answers, answers_before)]
        if not accounts.propose(session, link, rows):
            _valid_link(request, web, secret)  # refuses a link that was revoked just now
        if unsent:  # nothing keeps these texts: they are shown now, or never
            sent_answers = accounts.last_texts_of(session, link, cards)
            return _review_page(
                session, link, cards, sent_answers, values={}, unsent=unsent, is_sent=True
            )
        return RedirectResponse(f"{request.url.path}?sent=1", status_code=303)
    colleague_links = {}
    unnamed = ""
    if action == "ask":
        base = web.pipeline.settings.web_base_url or str(request.base_url)
        card = next((card for card in cards if card.name == card_name), None)
        if card is None or link.is_one_card:
            raise WrongUseError("This question has been answered or is no longer open.")
        name = _text_in(values, f"colleague-{card_name}").strip()
        if name:
            address, new_link = accounts.ask_colleague(session, link, card, base=base, name=name)
            colleague_links = {card_name: (new_link.made_for, address)}
        else:
            unnamed = card_name
    page = _question_page(
        session,
        link,
        cards,
        values=values,
        colleague_links=colleague_links,
        unnamed=unnamed,
        is_typed=True,
    )
    if unnamed:
        page.status_code = 422
    return page


def _answered_rows(
    cards: Sequence[ClientCard], answers: Mapping[str, str], answers_before: Mapping[str, str]
) -> Iterator[tuple[SharedRow, str]]:
    """Yield the rows of questions that a form answers, each with its answer.

    A part of a row without an answer of its own has that of the row. Agreeing to what is assumed
    counts only where the same person answered otherwise before: an assumption holds without it.
    """
    for row in chain.from_iterable(card.rows for card in cards):
        answer_of_row = answers.get(row.name, "")
        parts = [(part.name, part.row) for part in row.parts]
        for name, shared_row in parts or [(row.name, row.rows[0])]:
            answer = answers.get(name) or answer_of_row
            if not answer or not shared_row.is_waiting:
                continue
            has_answer_before = name in answers_before or row.name in answers_before
            if answer != FINE or has_answer_before:
                yield shared_row, answer


def _question_page(
    session: OpenSession,
    link: ClientLink,
    cards: Sequence[ClientCard],
    *,
    values: FormValues,
    colleague_links: Mapping[str, tuple[str, str]] = MappingProxyType({}),
    unnamed: str = "",
    is_typed: bool = False,
) -> Response:
    """Answer with the cards, and with the values of their fields.

    `colleague_links` has, by the name of a card, for whom a link was made just now, and its address,
    which is shown once; `unnamed` is the card whose holder asked for a link without a name. `is_typed`: the values were typed, and nothing keeps them yet.
    """
    return _client_page(
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
        said=accounts.last_texts_of(session, link, cards),
        stranded=accounts.stranded_answers_of(session, link),
        made=colleague_links,
        unnamed=unnamed,
        is_typed=is_typed,
    )


def _review_page(
    session: OpenSession,
    link: ClientLink,
    cards: Sequence[ClientCard],
    answers: Mapping[str, str],
    *,
    values: FormValues,
    unsent: Sequence[str] = (),
    is_sent: bool = False,
) -> Response:
    """Answer with what was answered to each card, and with what is built where nothing was.

    `unsent` are texts that no row takes any more; the page shows them, so that they can be copied.
    """
    answered: list[ClientCard] = []
    lacking: list[ClientCard] = []
    assumed: list[ClientCard] = []
    for card in cards:
        if not answers.keys().isdisjoint(_names_on(card)):
            answered.append(card)
        elif _is_assumed_in_silence(card):
            assumed.append(card)
        else:
            lacking.append(card)
    parts = {
        "You said": answered,
        "We still need an answer": lacking,
        "You left these, so we’ll build them this way": assumed,
    }
    return _client_page(
        "client_review.html",
        session,
        link,
        answers=answers,
        parts=parts.items(),
        values=values,
        left=unsent,
        is_sent=is_sent,
    )


def _is_assumed_in_silence(card: ClientCard) -> bool:
    return all(row.silence for row in card.rows)


def _names_on(card: ClientCard) -> Iterator[str]:
    """Yield the names of the rows of a card and of their parts."""
    for row in card.rows:
        yield row.name
        for part in row.parts:
            yield part.name


def _client_page(
    template: str, session: OpenSession, link: ClientLink, **values: object
) -> HTMLResponse:
    """Answer with a page in the frame for clients; one that answers a form may be kept by browsers."""
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
    """Return the values of a form by the names of their fields, with line breaks as they are kept."""
    values: dict[str, list[str]] = defaultdict(list)
    for name, value in form.multi_items():
        values[name].append(str(value).replace("\r\n", "\n"))
    return dict(values)


def _text_in(values: FormValues, name: str) -> str:
    """Return the first text of a field; empty where the form has no such field."""
    return next(iter(values.get(name, ())), "")


def _fields_of(cards: Sequence[ClientCard], answers: Mapping[str, str]) -> FormValues:
    """Return the fields of a form that says what was answered before: the reverse of `_answers_in`."""
    fields: dict[str, Sequence[str]] = {}
    for card in cards:
        names = [*_names_on(card)]
        if any(CALL_ME in answers.get(name, "") for name in names):
            fields[f"call-{card.name}"] = ["1"]
        for row in card.rows:
            for part in row.parts:
                text = _text_without_call(answers.get(part.name, ""))
                if text:
                    fields[f"text-{part.name}"] = [text]
            answer = _text_without_call(answers.get(row.name, ""))
            if answer:
                choices, words = _choices_in(row, answer)
                # The choice without a value is the one that leads to a text.
                fields[f"choice-{row.name}"] = choices or [""]
                fields[f"text-{row.name}"] = [words]
    return fields


def _text_without_call(answer: str) -> str:
    """Return what an answer says beside the wish to be called, which ends it."""
    return answer.partition(CALL_ME)[0].rstrip("\n")


def _choices_in(row: CardRow, answer: str) -> tuple[Sequence[str], str]:
    """Return the choices of a row that an answer begins with, and the words after them.

    An answer that `_answer_to` would not make of choices has none: all of it is words.
    """
    choices: list[str] = []
    rest = answer
    for choice in row.choices:
        if rest == choice:
            return [*choices, choice], ""
        if rest.startswith(f"{choice}{BEFORE_WORDS}"):
            return [*choices, choice], rest.removeprefix(f"{choice}{BEFORE_WORDS}")
        if row.is_several and rest.startswith(f"{choice}{BETWEEN_CHOICES}"):
            choices.append(choice)
            rest = rest.removeprefix(f"{choice}{BETWEEN_CHOICES}")
    return [], answer


def _answers_in(cards: Sequence[ClientCard], values: FormValues) -> Iterator[tuple[str, str]]:
    """Yield the name of each row or part that a form answers, with its answer.

    The wish to be called about a card is the answer to each of its rows without one. Where all have
    one, it is added to each of them.

    Raises:
        WrongUseError: An answer is too long.
    """
    for card in cards:
        rows = [row for row in card.rows if not row.is_decided]
        names = [row.name for row in rows]
        names += [part.name for row in rows for part in row.parts]
        answers = {name: _answer_to(name, values) for name in names}
        if values.get(f"call-{card.name}"):
            unanswered = [row.name for row in rows if not _is_answered(row, answers)]
            for name in unanswered:
                answers[name] = CALL_ME
            if not unanswered:
                for name in names:
                    answers[name] = f"{answers[name]}\n{CALL_ME}" if answers[name] else ""
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
    """Return what was chosen and what was typed as one text: `Weekly, Monthly: not in August`."""
    choices = [choice for choice in values.get(f"choice-{row_name}", ()) if choice.strip()]
    choice_text = BETWEEN_CHOICES.join(choices)
    words = _text_in(values, f"text-{row_name}").strip()
    return BEFORE_WORDS.join(filter(None, (choice_text, words)))


def _unsent_texts(
    values: FormValues, session: OpenSession, link: ClientLink, cards: Sequence[ClientCard]
) -> Sequence[str]:
    """Return the answers of a form that no row takes: it is not asked any more since the page was shown.

    What was sent before is not among them. A wish to be called is, where its card asks nothing any more.
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
    texts_before = {"", FINE, *accounts.texts_of(session, link)}
    # A row has up to two fields, which make one answer: it is there twice.
    texts_unsent = [answer for answer in dict.fromkeys(answers) if answer not in texts_before]
    # Calls that were asked for before are known by rows; a card has the name of its first row.
    calls_unsent = calls_wanted - open_cards - accounts.rows_with_call_wish(session, link)
    return texts_unsent + [CALL_ME for _ in calls_unsent]
