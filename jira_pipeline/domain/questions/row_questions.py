"""Questions that any row can raise: cue words in its prose, its status, its names.

Belongs here: rules that need nothing but the row and its references. Does not: rules about
fields (`field_questions`) or about views, workflows and whole groups (`structure_questions`).
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from jira_pipeline.domain.entities import (
    NOTE_COLUMNS,
    BundleType,
    Entity,
    EntityKind,
    Reference,
    ReferenceState,
    Status,
)
from jira_pipeline.domain.lexicon import number_words, word_list
from jira_pipeline.domain.note_sentences import (
    PERSON,
    TEXTS_KEPT,
    asked_of,
    comparable,
    sentences_of,
)
from jira_pipeline.domain.questions.doubts import SUBJECTS, Doubt, marked, plain
from jira_pipeline.domain.questions.question_index import (
    QuestionIndex,
    stems_of,
)

PROSE_COLUMNS = ("Description", *NOTE_COLUMNS)
HELP_TEXT = "Help text"


_NO_PROSE = re.compile(
    r"“[^”]{0,1000}”|\"[^\"]*\"|`[^`]*`|(?<![\w])/[\w%{\[][^\s,;]*|https?://\S+|\[[\w:]+\]"
    r"|\bempty text: (?!TB[CD]\b|to be\b)\w+ [^.!?]*[.!?]?",
    re.IGNORECASE,
)
"""Quotations, paths, addresses, tokens, empty texts: a word in them opens no question."""
_LABELLED = re.compile(r"^(?:note|nb|todo|important|attention|warning)\W+(?=\w)", re.IGNORECASE)
_OWED = r"\b(?:mapping|list|texts?|wording|copy|translations?|logos?|icons?|values|keys|options|terms|addresses)"
"""What a specification waits for from somebody."""
_GIVEN = "(?:supplied|provided|delivered|named|agreed|sent)"
_USERS = (
    r"(?:(?:each|every|any|all|an?|its|their) )?(?:\w+ )?"
    f"(?:users?|visitors?|readers?|applicants?|authors?|editors?"
    f"|(?:{'|'.join(sorted(word_list('role_nouns') | word_list('people_nouns')))})s?)"
)
_NOT_BY_USERS = rf"(?! by (?:the |our )?{_USERS}\b)"
"""Who gives things on the site, day by day, leaves nothing open."""
_CLAUSE = r"(?:^|[.;:,!?(] ?|(?:->|→|=>|-|–) ?)"
"""Where a sentence begins, or a part of it that could be one."""
_PARTY = f"(?:{'|'.join(sorted(word_list('answering_nouns')))})"
_SOMEBODY = (
    rf"(?!{_USERS}\b)(?:(?-i:[A-Z]){PERSON}|(?i:(?:the (?:\w+ )?)?{_PARTY}))"
    r"(?: \([^()]*\))?(?<!link)(?<!button)(?<!mail)(?<!box)"
)
"""Who answers what is open: a person or office by name, or a party to the project."""
_WHAT = "(?:how|whether|which|what|who|where|when)"
"""Begins a clause that says what is open."""
_ANSWERS = "(?:decide|confirm|clarify|propose|agree|say)"
_BRINGS = r"(?:delivers?|supplies|provides?|sends?|fills? in)\b"
_THING = rf"(?:{_OWED}|\b(?:csv|excel|spreadsheet|codes?|key|parameters?))\b"
_BROUGHT = rf"{_THING}(?! to\b)"
"""What somebody of the project brings before what leans on it is done."""
_DECISION = "(?:approval|decision|confirmation|answer|reply|feedback|sign-?off)"
_PLACEHOLDER = (
    r"\bTB[CD]\b|to be (?:decided|determined|defined|clarified|discussed|finali[sz]ed)\b"
    r"|\bneeds? (?:the )?(?:actual|final|real) (?:text|copy|wording)\b"
)


@dataclass(frozen=True, slots=True)
class Cue:
    """Words by which a sheet itself says that something is open, and what to ask then."""

    pattern: re.Pattern[str]
    question: str
    suggested_answer: str = ""


def _cue(pattern: str, question: str, suggested_answer: str = "") -> Cue:
    return Cue(re.compile(pattern, re.IGNORECASE), question, suggested_answer)


_WAITED_FOR = "{what}"
"""Where a question names what a note waits for, and its verb."""
_TO_DECIDE = f"Please decide this for {SUBJECTS}."
_STRONG_CUE = _cue(_PLACEHOLDER, _TO_DECIDE)
_ATTACHED_CUE = _cue(
    r"\b(?:see|as in|according to) (?:the |our |your )?(?:[\w-]+ ){0,3}"
    r"(?:guide|document|spreadsheet|mapping(?: sheet)?|manual|brief|contract)\b"
    r"|\bsee (?:the )?(?:list (?:of|from|by) (?-i:[A-Z])|mail\b|e-mail\b|minutes\b)"
    r"|\b(?:integration|interface) document\b|^(?!.*\bnot\b).*\bmock-?ups?\b",
    f"Please attach or link what this note on {SUBJECTS} refers to.",
)
_TIME_CUE = _cue(
    r"\bif (?:there is )?(?:time|budget)\b(?: (?:allows|permits|remains|is left))?(?=[.;,)]|\W*$)"
    r"|\bnice to have\W*$|\b(?:may|might|can) (?:follow|come) (?:later|after)\b",
    f"Is what this leaves to spare time part of the work on {SUBJECTS}?",
    "No, build what the rest of its row says",
)
_CUES = (
    _STRONG_CUE,
    _cue(r"\?(?!\w)", _TO_DECIDE),
    _cue(
        rf"\bundecided\b|{_CLAUSE}(?:un|not )sure\b|(?:we're|we are|still|is) (?:un|not )sure\b"
        r"|\bneeds? (?:more |further )?info(?:rmation)?\b|\bneeds? confirmation\b"
        r"|(?:^|\bwe |\bstill )needs? to (?:define|decide|know)\b"
        r"|(?<!has )(?<!have )(?<!must )(?:\b(?:to be|not (?:yet )?) ?confirmed\b|\bto be (?:clarified|agreed|checked(?= (?:by|with)))\b)"
        rf"(?! by (?!{_SOMEBODY}\b)(?!the (?-i:[A-Z]))(?-i:[a-z]))"
        r"|\bask (?:the )?[\w-]+ (?:about|whether|if)\b|\bno (?:field|role|view mode)s? for (?:it|this|that|them)\b"
        r"|\bplease (?:check|clarify|ask|decide|confirm)\b|\b(?:confirm|clarify) with\b|^confirm\b"
        r"|^open ?:|\b(?-i:OPEN)\b|\bis still open\b(?! (?:for|to)\b)|\bstill open(?=\W*$|[,;:(])"
        rf"|{_OWED}\b[^.;]{{0,40}}\bopen\W*$"
        rf"|{_CLAUSE}{_WHAT}\b[^.;:]*\b(?:is|are|remains?|stays?) (?:still )?open\W*$"
        r"|\b(?:is|are|still|currently) being (?:clarified|discussed|negotiated|decided|agreed|settled)\b"
        r"|\bstill (?:under discussion\b|being checked\b|to decide\W*$)"
        r"|\bnot (?:yet )?(?:known|decided|finished|agreed|final|clear|settled|chosen)(?: yet)?\b(?=[.:;,)]|\W*$)"
        r"|\b(?:still|both) pending\W*$|\bstill with (?:the )?[\w ]+\W*$"
        rf"|\b{_DECISION} pending\W*$|\bno {_DECISION} (?:yet|so far)\W*$|\bneeds? (?:a decision|clarification)\b"
        rf"|^(?:awaiting|pending|subject to) (?:the )?{_DECISION} (?:by|of|from) (?:the )?{_SOMEBODY}"
        rf"|\bmust be (?:decided|clarified|settled|discussed)\b{_NOT_BY_USERS}"
        r"|\bwill be (?:decided|defined|clarified|settled|specified) (?:later|in|with|during|after|before)\b"
        rf"|\b{_PARTY} has not (?:yet )?(?:answered|decided|confirmed|replied)\b|^open (?:question|point|issue)s?(?=[,:]|\W*$)"
        rf"|\bnot (?:yet )?(?:settled|decided|clear) {_WHAT}\b|^(?:in|under|being) discuss(?:ion|ed)(?=[,;:]|\W*$)"
        rf"|^to (?:do|clarify|check|decide|discuss|confirm)(?: ?:|\W*$)|^(?:assumption|assumed|we assume)\b"
        rf"|\b{_PARTY} (?:is|are) (?:still )?(?:checking|clarifying|discussing)\b"
        rf"|\b(?:{_PARTY}|(?-i:[A-Z]{{2,5}})) (?:(?:may|might) want\b|would (?:rather|prefer)\b)"
        r"|\bnobody (?:could (?:say|tell|explain)|knows)\b|(?<!if )(?<!where )(?<!when )\bunclear\b"
        r"|\b(?:proposal|suggestion|decision|answer|reply) (?:(?:is|comes|due|expected|awaited) )?"
        r"(?:by|from) (?-i:[A-Z])"
        rf"|{_CLAUSE}{_SOMEBODY} (?:(?:still )?(?:decides?|proposes?)"
        rf"|(?:still )?(?:has|have|is|are) to (?:check|{_ANSWERS})|to {_ANSWERS}|will {_ANSWERS}"
        r"|asks (?:(?:the |an? )?\w+ )?(?:whether|if)\b.*)(?= (?:until|till|by|in|on|before|after)\b|\W*$)"
        rf"|{_CLAUSE}{_SOMEBODY} (?:(?:must )?still (?:(?:has|have|needs?|must) )?(?:to )?|to )(?:confirm|say)\b"
        rf"|{_CLAUSE}(?:ask|check|discuss|clarify|decide)(?: (?:with )?(?:the )?"
        rf"(?:(?!questions?|box|terms)\w+|(?-i:[A-Z]){PERSON}))?\W*$"
        r"|^(?:discuss|decide|clarify)\b",
        f"Please clear this up for {SUBJECTS}.",
    ),
    _cue(
        r"\b(?:missing|not there|not complete) (?:so far|yet|still)\b|\bnot yet complete\b|\bstill (?:missing|to come)\b"
        rf"|{_CLAUSE}(?:the )?{_PARTY} to (?:supply|provide|deliver|send)\b|^{_OWED}\b[^.;]{{0,40}}\b(?:missing|outstanding)\W*$"
        rf"|\b(?:proposal|details) follows?\W*$|^waiting for (?!review|approval)|{_OWED}\b[^.;]{{0,200}},[^.;,]{{0,80}} to come\W*$"
        rf"|\bcolumns? (?:is |are )?still empty\b|\bto follow\W*$|\bfinal {_OWED} (?:is |are )?(?:still )?needed\b"
        rf"|{_OWED}(?: (?:from|by) (?-i:[A-Z]){PERSON})? (?:still )?(?:(?:is|are) (?:still )?)?"
        rf"to (?:be {_GIVEN}|come|follow)\b{_NOT_BY_USERS}"
        rf"|(?:{_BROUGHT} comes? from (?:the (?=(?-i:[A-Z])))?{_SOMEBODY}(?=[.;,)]|\W*$)"
        rf"|{_CLAUSE}{_SOMEBODY} {_BRINGS}[^.;,]*{_BROUGHT}|{_BROUGHT}, {_SOMEBODY} {_BRINGS}(?=[.;]|\W*$)"
        rf"|{_BROUGHT} (?:that |which )?{_SOMEBODY} {_BRINGS})(?!.*\bof \d{{1,2}}\.? (?-i:[A-Z]))"
        r"|\bif (?:the )?[\w-]+ (?:is|are) ready\b",
        f"When {_WAITED_FOR} come for {SUBJECTS}? Please add it here or name a date.",
    ),
    _cue(
        r"^(?:possibly|potentially|perhaps|maybe)\b"
        r"|^(?:may|might) be (?:dropped|merged|removed|renamed|replaced)\b|\b(?:may|might) not (?:need (?:this|it|to)|happen|be (?:needed|necessary|possible|ready)"
        r"|(?:do|build|make|get|use) (?:this|it|these))\b",
        f"Will this be done for {SUBJECTS} or not?",
    ),
    _TIME_CUE,
    _cue(
        r"\bif possible\W*$|^if possible\b",
        f"Must this be done for {SUBJECTS} even if it takes code of its own?",
        "No, only as far as configuration can do it",
    ),
    _cue(
        r"\bnot (?:yet (?:estimated|offered)|(?:estimated|offered) yet|in the budget (?:yet|so far))\b",
        f"Is this part of the work on {SUBJECTS}?",
        "No, it is in no estimate",
    ),
    _ATTACHED_CUE,
)
_CUES_BY_COLUMN = {
    "Description": (_STRONG_CUE, _TIME_CUE, _ATTACHED_CUE),
    HELP_TEXT: (_STRONG_CUE,),
}
"""Columns in which other words are for visitors and editors."""
_SETTLED = re.compile(
    r"\b(?:for now|for the time being|in the meantime|to start with|(?:un)?till? then)\b"
    rf"|(?<!open )\b(?:un)?till? (?-i:[A-Z]){PERSON} (?:answers?|decides?|confirms?|replies)\b"
    r"|\bnot part of (?:this|the) (?:order|offer|project|estimate)\b|\bout of scope\b|\bphase [2-9]\b",
    re.IGNORECASE,
)
"""What puts off the sentence it is in, or the one before: it needs no answer before anybody builds."""
_BESIDE = re.compile(rf"(?m:^).*; ?(?={_WHAT}\b)")
"""What a sentence says before it comes to another matter that is open."""
_ANSWERED = re.compile(
    r"\? +(?:[\w.]+ says? )?(?:yes|no)\b(?! idea)"
    r"|\?[^?]{0,60}\b(?:left as (?:it )?is|not estimated|nice to have)\b",
    re.IGNORECASE,
)
"""A question with its answer."""
_ARROW = re.compile(r"\? *(?:→|->|=>) ?(?P<answer>.*)")
_REPEATING_KINDS = frozenset({EntityKind.WORKFLOW_TRANSITION, EntityKind.CUSTOM})
"""Sheets in which rows with one key are no mistake, or whose keys nobody knows."""


def is_open(sentence: str) -> bool:
    """Tell whether a sentence of a note says itself that something is open."""
    return not re.search(r"\w", sentence) or _cue_in(sentence) is not None


def cue_doubts(
    entity: Entity, *, without: Collection[str] = (), team: Collection[str] = ()
) -> Iterator[Doubt]:
    """Find what notes say is open; help text counts only where it is plainly a placeholder.

    What is quoted is the sentence that says so, with those beside it that say of what or who knows.

    Args:
        entity: The row.
        without: Sentences that another question is about.
        team: Who builds the site: what they settle holds nobody up.
    """
    for column in (*PROSE_COLUMNS, HELP_TEXT) if is_to_build(entity) else ():
        cell = entity.cell(column)
        sentences = [s for s in sentences_of(cell) if s not in without]
        for cue, quote in _open_parts(cell, sentences, _CUES_BY_COLUMN.get(column, _CUES)):
            who = _decider_in(quote)
            likely = f"Left to {plain(who)}" if who in team else cue.suggested_answer
            is_meaning = entity.kind is EntityKind.WORKFLOW_STATE and _WAITED_FOR in cue.question
            if not is_meaning and not _is_settled(quote, cell):  # of an item in that state
                yield Doubt(
                    rank=10,
                    topic=f"cue {comparable(quote)}",
                    entity=entity,
                    column=column,
                    quote=quote,
                    question=cue.question.replace(_WAITED_FOR, _waited_for_in(quote, cue))
                    + (f" To ask: {plain(who)}." if who and not likely else ""),
                    suggested_answer=likely,
                    suggested_because="the note itself" if likely else "",
                )


def _waited_for_in(quote: str, cue: Cue) -> str:
    """Name what a quotation waits for, with the verb before it."""
    match = cue.pattern.search(quote)
    thing = re.compile(rf"{_THING}|\b(?:sheet|API)\b", re.IGNORECASE)
    nouns = thing.findall(match[0] if match else "") or thing.findall(quote) or ["rest"]
    noun = nouns[-1] if nouns[-1] in {"API", "CSV", "Excel"} else nouns[-1].casefold()
    return f"{'do' if noun.endswith('s') else 'does'} the {noun}"


def _lines_with(sentence: str, cell: str) -> str:
    """Return the lines of a cell that a sentence is in."""
    begin = cell.find(sentence)
    end = cell.find("\n", begin + len(sentence))
    return cell[cell.rfind("\n", 0, begin) + 1 : end if end >= 0 else None].strip()


def _open_parts(
    cell: str, sentences: Sequence[str], asking: Collection[Cue]
) -> Iterator[tuple[Cue, str]]:
    """Return what is open with its cue: a sentence, with those of its lines that belong to it."""
    cues = [cue if (cue := _cue_in(s)) in asking else None for s in sentences]
    lines = [_lines_with(s, cell) for s in sentences] if any(cues) else []
    end = 0
    for place, cue in enumerate(cues):
        if cue is None or place < end:
            continue
        is_led_to = place > end and lines[place - 1] == lines[place]
        start = place - (is_led_to and _POINTS_BACK.match(sentences[place]) is not None)
        end = place + 1
        while end < len(cues) and lines[end] == lines[place]:
            after, more = cues[end], sentences[end]
            is_same = after is not None and after.question == cue.question
            is_led_on = after is not None and (_POINTS_BACK.match(more) or _FOLLOWS.match(more))
            if not (is_same or is_led_on or _WHO_ANSWERS.match(more)):
                break
            end += 1
        begin, last = cell.find(sentences[start]), sentences[end - 1]
        yield cue, cell[begin : cell.find(last, begin) + len(last)]


_POINTS_BACK = re.compile(
    rf"\W*(?:TB[CD]\b(?! whether)|to be \w+\b|(?:still )?(?:undecided|open)\b(?! ?:)|(?:ask|check|discuss|clarify|decide)\b"
    rf"|(?-i:[A-Z]){PERSON} (?:(?:still )?decides|to decide|(?:has|have) to decide|will decide)\b)",
    re.IGNORECASE,
)
"""Begins a sentence that doubts the one before it: `To be decided by the board`."""
_FOLLOWS = re.compile(
    r"(?:then|else|otherwise|if (?:so|not|yes|no)|in that case|or)\b", re.IGNORECASE
)
"""Begins a sentence that says what follows from the answer to the one before it."""
_WHO_ANSWERS = re.compile(
    rf"[A-Z]{PERSON} (?:(?:has |have |is |are |will )?(?:to )?(?:say|ask|answer|check|decide|propose|confirm"
    r"|clarify|know)s?|asked|clarifies)\b|(?:To|Please) (?:ask|clarify|confirm|check)\b"
)
"""Begins a sentence that says whose answer the one before it waits for."""


def _is_settled(quote: str, cell: str) -> bool:
    """Tell whether a note answers what it leaves open, or says at once what holds until then."""
    line = cell[cell.find(quote) :].partition("\n")[0]
    if _SETTLED.search(" ".join((_BESIDE.sub("", quote), *sentences_of(line[len(quote) :])[:1]))):
        return True
    arrow, answer = _ARROW.search(line), _ANSWERED.search(line)
    is_led_on = arrow is not None and arrow.start() < len(quote) and not asked_of(arrow["answer"])
    return is_led_on or (answer is not None and answer.start() < len(quote))


_WHO = re.compile(
    r"\b(?:decided|confirmed|proposed|clarified|clarify|checked|supplied|provided|delivered|proposal|suggestion|decision|answer|reply"
    r"|texts?|wording|list|terms|values|options|LO)"
    rf"(?: \w+)? (?:by|from|with) (?:the (?=[A-Z]))?(?P<by>{_SOMEBODY}|[A-Z]{PERSON})(?=[.;,:?!]|\W*$| (?:open|still|to|in|before|until)\b)"
    rf"|{_CLAUSE}(?P<who>{_SOMEBODY}) (?:(?:must )?still )?(?:decides?|proposes?|checks(?= (?:whether|if)\b)"
    rf"|(?:(?:has|have|is|are|needs?) )?to (?:check|look|ask|answer|{_ANSWERS})|will {_ANSWERS}|asks \w+ \w+ (?:whether|if))\b"
    rf"|{_CLAUSE}[Aa]sk (?:the )?(?P<asked>[A-Z]{PERSON})(?=[.;,:?!)]|\W*$)"
)


def _decider_in(quote: str) -> str:
    """Return whose answer a quotation waits for; empty where it does not say."""
    if match := _WHO.search(quote):
        return (match["by"] or match["who"] or match["asked"]).strip(" .")
    return asked_of(quote.rpartition("?")[2])


@lru_cache(TEXTS_KEPT)
def _cue_in(sentence: str) -> Cue | None:
    """Return the first cue of a sentence."""
    own_words = _NO_PROSE.sub(" ", _LABELLED.sub("", sentence))
    return next((cue for cue in _CUES if cue.pattern.search(own_words)), None)


def is_to_build(entity: Entity) -> bool:
    """Tell whether a row is approved or changed: work of this ticket."""
    return entity.status in {Status.APPROVED, Status.CHANGED}


_UNMARKED_SHARE = 10
"""So many marked rows for each that is not show that its mark was forgotten."""
_ROWS_MIN = 5
"""In a sheet with more rows the only one without a mark was forgotten too."""


_NO_WORK = re.compile(r"\bnothing to (?:do|build|change)\b", re.IGNORECASE)


def status_doubts(entity: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Find rows without the mark that all others have, and rows marked as done and still to build."""
    rows = index.rows_of_sheet[entity.source.file]
    unmarked = index.unmarked_counts[entity.source.file]
    is_unmarked = entity.is_status_blank and not _NO_WORK.search(entity.note)
    is_asked = any(map(is_open, sentences_of(entity.note)))
    if is_unmarked and not is_asked and (mark := plain(entity.cell("X"))):
        yield Doubt(
            rank=20,
            topic=f"mark {mark}",
            entity=entity,
            column="X",
            quote=mark,
            question=f"“{mark}” in column X is no status: is {SUBJECTS} to be built?",
            question_for_many=f"“{mark}” in column X is no status: are {SUBJECTS} to be built?",
            disputes="X",
        )
    elif (
        is_unmarked
        and not entity.cell("X")
        and (unmarked * _UNMARKED_SHARE < len(rows) or (unmarked == 1 and len(rows) > _ROWS_MIN))
    ):
        yield Doubt(
            rank=20,
            topic="unmarked",
            entity=entity,
            column="X",
            quote="",
            question=f"{SUBJECTS} has no mark in column X, the other rows have one: is it to be built?",
            question_for_many=f"{SUBJECTS} have no mark in column X, the other rows have one: are they "
            "to be built?",
            disputes="X",
        )
    if is_to_build(entity) and entity.cell("Dev").casefold() == "x":
        status = plain(entity.cell("X"))
        known = f"Dev is x while X is {status}" if status else "Dev is x"
        yield Doubt(
            rank=50,
            topic=f"dev {status}",
            entity=entity,
            column="Dev",
            quote=entity.cell("Dev"),
            question=f"{known}: has {SUBJECTS} been built already?",
            question_for_many=f"{known}: have {SUBJECTS} been built already?",
        )


def reference_doubts(entity: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Find names that no entity of the sheets carries."""
    if not is_to_build(entity):
        return
    for reference in entity.references:
        if reference.state is not ReferenceState.DANGLING or not _could_be_a_row(reference, entity):
            continue
        text = plain(reference.text)
        if spelt_otherwise(reference, entity, index) or _is_there(reference, entity, index):
            continue  # the ticket, or the sheet, says what is meant
        candidates = [plain(c) for c in reference.candidates if _is_near(text, plain(c))]
        hint = f" Nearest: {', '.join(candidates)}." if candidates else ""
        if noted := sentence_on(reference, entity):
            if is_open(noted):  # what is still open is no slip of another name
                candidates, hint = [], ""
            hint = f" Its note says “{plain(noted.rstrip('. '))}”.{hint}"
        is_state = reference.target_kind is EntityKind.WORKFLOW_STATE
        missing = "is no state of its workflow" if is_state else "is not in these sheets"
        yield Doubt(
            rank=20,
            topic=f"dangling {comparable(reference.text)}",
            entity=entity,
            column=reference.column,
            quote=reference.text,
            question=f"{SUBJECTS} names “{text}”, which {missing}: what is meant?{hint}",
            question_for_many=f"{SUBJECTS} name “{text}”, which {missing}: what is meant?{hint}",
            suggested_answer=candidates[0] if len(candidates) == 1 else "",
            suggested_because="nearest name",
        )


_OF_ACCOUNT = re.compile(
    r"^(?!.*\b(?:e-?mail|name)\b).*\b(?:from|in|on) (?:the |their |its |his |her )?(?:own )?(?:user )?(?:account|user profile)\b",
    re.IGNORECASE,
)
_OF_A_SERVICE = re.compile(
    r"^(?!.*(?:https?://|\be?-?mail)).*(?:"
    r"\bwebhook\b|\b(?:calls?|from|via|through) (?:the |an? )?(?!search )(?:[\w-]+ ){0,2}API\b(?! key)"
    r"|\b(?:service|API|interface|endpoint) (?:answers|responds|is (?:down|up|available|reachable))\b"
    rf"|^(?:is )?sent to (?!(?:the )?{_USERS}\b)"
    r"|\bposts (?:\w+ )?to\b[^.;]*\b(?:as|via|by|in) (?:JSON|XML|REST|SOAP)\b)",
    re.IGNORECASE,
)
_OF_A_PARTY = re.compile(
    rf"{_BROUGHT}(?: (?:table|sheet|file))? (?:from|by) (?:the )?{_PARTY}(?=[.;,)]|\W*$)",
    re.IGNORECASE,
)


_OF_A_MAIL = re.compile(
    r"\b(?:invitation|reminder)s? by e-?mail\b|\bmails (?:the|all|each)\b", re.IGNORECASE
)


def presumed_doubts(row: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Find what a note relies on and no sheet has: a field of the account, a system, a list."""
    if not is_to_build(row):
        return
    yield from _address_doubts(row, index)
    if row.kind is EntityKind.BUNDLE:
        yield from _owed_doubts(row, index)
    read = {EntityKind.BUNDLE, EntityKind.FIELD, EntityKind.MIGRATION}
    for sentence in sentences_of(row.note) if row.kind in read else ():
        if (owed := _OF_A_PARTY.search(sentence)) and not is_open(sentence):
            yield Doubt(
                rank=22,
                topic=f"owed {owed[0]}",
                entity=row,
                column="Notes",
                quote="",
                question=f"{SUBJECTS} needs the “{plain(owed[0])}”: please attach it, or say when it "
                "comes.",
            )
        is_of_core = not stems_of(row.label).isdisjoint(stems_of("name mail email e-mail"))
        if _OF_ACCOUNT.search(sentence) and not (is_of_core or index.has_account_fields):
            yield Doubt(
                rank=22,
                topic="account",
                entity=row,
                column="Notes",
                quote=sentence,
                question="No sheet has a field of the user account: which one does this note on "
                f"{SUBJECTS} mean, and who fills it in?",
            )
        is_mailed = _OF_A_MAIL.search(sentence) and row.bundle_type is not BundleType.WEBFORM
        if is_mailed and not is_open(sentence):
            yield Doubt(
                rank=22,
                topic="mail",
                entity=row,
                column="Notes",
                quote="",
                question=f"The note on {SUBJECTS} asks for a mail: what is its text, and which page does it "
                "link to?",
            )
        if _OF_A_SERVICE.search(sentence) and row.kind is not EntityKind.MIGRATION:
            yield Doubt(
                rank=22,
                topic="service",
                entity=row,
                column="Notes",
                quote="",
                question=f"The note on {SUBJECTS} relies on another system that no sheet describes: who "
                "provides the connection, and how is it reached?",
            )


_MAILED = re.compile(
    r"\bmail (?:goes )?to (?:the )?(?P<office>[\w -]+?)(?= (?:and|if|on|when|with|w/|once|as)\b|[^\w @-]|$)"
    r"|\b(?P<half>[\w.-]{1,64}@)(?!\w)",
    re.IGNORECASE,
)
"""Who gets a mail: an office, or an address that breaks off."""


def _address_doubts(row: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Ask for the address of an office that gets mails and is no role, field or person on the site."""
    kinds = {EntityKind.BUNDLE, EntityKind.WORKFLOW, EntityKind.WORKFLOW_STATE}
    is_read = row.kind in {*kinds, EntityKind.WORKFLOW_TRANSITION}
    for sentence in sentences_of(row.note) if is_read else ():
        for match in _MAILED.finditer(sentence):
            roles = index.specification.by_kind[EntityKind.USER_ROLE]
            known = " ".join((*(c for r in roles for c in r.cells.values()), *_MAILED_PEOPLE))
            is_known = match["office"] and stems_of(match["office"]) & stems_of(known)
            if not (is_known or "address" in sentence or _SETTLED.search(sentence)):
                name = plain(match["office"] or match["half"])
                yield Doubt(
                    rank=30,
                    topic=f"mail to {name}",
                    entity=row,
                    column="Notes",
                    quote="",
                    question=f"To which address do the mails to “{name}” go? No sheet gives it whole.",
                    suggested_answer="Kept in the settings, filled in before go-live",
                    suggested_because="no other work depends on it",
                )


_MAILED_PEOPLE = word_list("role_nouns") | word_list("people_nouns") | word_list("mailed_nouns")
_SYNCED = re.compile(
    r"\b(?:nightly|every (?:night|hour|\d+ minutes)|hourly|synchroni[sz]ed with|by the import from)\b",
    re.IGNORECASE,
)
"""What says that content is brought from elsewhere again and again."""
_COUNTED_TERMS = re.compile(
    rf"^(?:about |approx\.? |ca\.? )?(?P<count>\d+|{'|'.join(number_words())}) terms\b"
    r"(?!.*\b(?:add|hand|kept|list)\b)",
    re.IGNORECASE,
)


def _owed_doubts(bundle: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Ask for an import that no migration brings, and for terms that are only counted."""
    sentences = [(c, s) for c in PROSE_COLUMNS for s in sentences_of(bundle.cell(c))]
    described = bundle.cell("Description")
    is_listed = re.search(r":|,.*,", described) and "..." not in described
    is_counted = bundle.status is Status.APPROVED and not is_listed
    synced = [(c, s) for c, s in sentences if _SYNCED.search(s)]
    counted = [m for _, s in sentences if is_counted and (m := _COUNTED_TERMS.search(s))]
    counted = [m for m in counted if not is_open(m.string)]
    if not (synced or counted) or index.is_in_a_migration(bundle):
        return
    if synced:
        yield Doubt(
            rank=22,
            topic="import",
            entity=bundle,
            column=synced[0][0],
            quote=synced[0][1],
            question=f"No migration of the sheets fills {SUBJECTS}: is this import part of the "
            "work, and who provides the connection to its source?",
        )
    if counted:
        yield Doubt(
            rank=22,
            topic="counted terms",
            entity=bundle,
            column="Notes",
            quote="",
            question=f"Which {counted[0]['count'].casefold()} terms does {SUBJECTS} have? The sheets "
            "only count them.",
        )


def sentence_on(reference: Reference, entity: Entity) -> str:
    """Return what the note of a row says of a name that leads nowhere; else nothing."""
    if reference.state is not ReferenceState.DANGLING:
        return ""
    name = _LETTERS.sub(" ", re.sub(r" \([^()]*\)$", "", reference.text)).casefold()
    near = {word for c in reference.candidates for word in _LETTERS.sub(" ", c).casefold().split()}
    added = set(name.split()) - near
    sentences = [(s, _LETTERS.sub(" ", s).casefold()) for s in sentences_of(entity.note)]
    return next(
        (
            s
            for s, words in sentences
            if name in words or (is_open(s) and added & set(words.split()))
        ),
        "",
    )


def spelt_otherwise(reference: Reference, entity: Entity, index: QuestionIndex) -> str:
    """Return the one name that a dangling one differs from in its plural or signs only.

    A bundle that is called by its machine name is found as well.
    """
    if reference.state is not ReferenceState.DANGLING:
        return ""
    stems = stems_of(reference.text)
    same = [name for name in reference.candidates if stems_of(name) == stems]
    if reference.target_kind is EntityKind.BUNDLE and not same:
        name = reference.text.casefold()
        same = [
            b.label
            for b in index.specification.by_kind[EntityKind.BUNDLE]
            if b.machine_name == name
            and (entity.kind is not EntityKind.VIEW_MODE or b.bundle_type is entity.bundle_type)
        ]
    return same[0] if len(same) == 1 else ""


_RULE_OVER_ROWS = re.compile(
    r"^(?:all|any|every|each)\b|[=<>]|^users?(?: \(users?\))?$", re.IGNORECASE
)
"""What means rows by what their cells say, or accounts, and is no name."""
_LETTERS = re.compile(r"[\W_]+")


def _could_be_a_row(reference: Reference, entity: Entity) -> bool:
    """Tell whether what a cell names could be a row: no rule, and not what another cell says."""
    name = _LETTERS.sub("", reference.text.casefold())
    others = (cell for column, cell in entity.cells.items() if column != reference.column)
    is_stated_elsewhere = entity.kind is EntityKind.FIELD and any(
        name == _LETTERS.sub("", cell.casefold()) for cell in others
    )
    return not (is_stated_elsewhere or _RULE_OVER_ROWS.search(reference.text))


def _is_there(reference: Reference, entity: Entity, index: QuestionIndex) -> bool:
    """Tell whether a style goes by its machine name, or a workflow is a row beside its states."""
    if reference.target_kind is EntityKind.WORKFLOW:
        rows = index.rows_of_sheet[entity.source.file]
        return any(row.label == reference.text for row in rows)
    is_style = reference.target_kind is EntityKind.IMAGE_STYLE
    styles = index.specification.by_kind[EntityKind.IMAGE_STYLE] if is_style else ()
    return any(style.machine_name == reference.text for style in styles)


_LIKENESS = 0.8


def _is_near(written: str, candidate: str) -> bool:
    """Tell whether two names differ by an ending, a sign, a slip or one more word."""
    here, there = (re.sub(r" \([^()]*\)$", "", name) for name in (written, candidate))
    words, others = stems_of(here), stems_of(there)
    is_one_of_them = bool(words) and bool(others) and (words <= others or others <= words)
    matcher = SequenceMatcher(None, here.casefold(), there.casefold(), autojunk=False)
    return is_one_of_them or matcher.ratio() >= _LIKENESS


def duplicate_doubts(entity: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Find rows that describe the same thing twice."""
    if entity.kind in _REPEATING_KINDS or not is_to_build(entity):
        return
    rows = index.specification.by_key.get(entity.key, ())
    others = [row for row in rows if row.source != entity.source]
    if others:
        yield Doubt(
            rank=30,
            topic=f"duplicate {entity.key}",
            entity=entity,
            column="Machine name",
            quote=marked(entity.machine_name).strip("`"),
            question=f"{SUBJECTS} is described again elsewhere: which row counts?",
            question_for_many=f"{SUBJECTS} is described in several rows: which one counts?",
            compared=tuple(others),
        )
