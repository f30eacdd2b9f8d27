"""Everything people can give to the program: how it is given, in words of its own, and where it stands.

Belongs here: one row a gift, given by the command or the form that people use. Does not: what may take
it away (`takers`), looking for its words (`looking`), what a loss is (`judging`), which verbs and fields
a gift covers is beside it and checked by `test_gifts_cover_the_program`.

The words of a gift are in nothing else, so that finding them is proof. A gift that is no text (an
order, an approval, a link) has the words of the person or the title that it shows.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from jira_pipeline.model.open_questions import CALL_ME
from jira_pipeline.web.api.verb_routes import WRITTEN_BY_HAND, address_of, tools_of_programs
from jira_pipeline_tests.kept.looking import Look

ROLES = "Configure user roles"
CLOCK = "Configure content type: Clock"
CLIENT = "Jonas Wortgeber"
SHARED = "Create 2 vocabularies without custom fields"
SHARED_TITLE = re.compile(r"Create \d vocabular\w+ without custom fields")
"""Of that ticket, however many share it."""
DEPENDENCY_OTHER = "Configure image styles"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gift:
    """One thing that people give."""

    name: str
    on_page: str = ""
    """What the page of the document calls it, where its name cannot be read alone."""
    words: str
    """What the judge looks for."""
    ticket: str
    """The title of its ticket when it is given; empty: it is given to the session or the home."""
    stands: Callable[[Look, "Gift", str], bool]
    """Whether it is in force at a look; it gets the id of the ticket, too."""
    covers: Sequence[str] = ()
    """The fields of verbs and forms by which it is given."""
    row: str = ""
    """The machine name of the row it is given to."""
    near: str = ""
    """What has to be on the same line of the ticket: the row as people call it."""
    has_words: bool = True
    """Its words are its own; a title that stands for an order is shown anyway, and names nothing."""
    page_act: str = ""
    """The button of its ticket's page that brings it back, as the page has it."""
    is_in_older_home: bool = True
    """It was given to the home that an older program left, too."""
    is_open: bool = False
    """It waits for somebody: while it is there, its session must not be removed."""


def in_ticket(look: Look, gift: Gift, ticket_id: str) -> bool:
    """Tell whether a ticket of today says the words, on the line of their row where they have one."""
    del ticket_id  # the row may be in another ticket by now
    return any(
        gift.words in line and gift.near in line
        for text in look.ticket_texts.values()
        for line in text.splitlines()
    )


def in_list(name: str) -> Callable[[Look, Gift, str], bool]:
    """Make the look at a field of the ticket in the list."""

    def stands(look: Look, gift: Gift, ticket_id: str) -> bool:
        return gift.words in str(look.tickets.get(ticket_id, {}).get(name))

    return stands


def on_ticket_page(look: Look, gift: Gift, ticket_id: str) -> bool:
    return gift.words in look.ticket_pages.get(ticket_id, "")


def is_proposed(look: Look, gift: Gift, ticket_id: str) -> bool:
    """Tell whether the words are among the proposals of a question of their row."""
    del ticket_id
    return any(
        gift.words in str(question["proposed_answers"])
        and gift.row in [row["row"] for row in question.get("rows", ())]
        for question in look.questions
    )


def is_routed(look: Look, gift: Gift, ticket_id: str) -> bool:
    """Tell whether the words are of a question that is asked, be it answered or not."""
    del ticket_id
    asked = {
        (question["ticket_id"], row["question_id"])
        for question in look.questions
        for row in question.get("rows", ())
    }
    return any(words == gift.words and (i, row) in asked for i, row, words in look.routes)


def on_page(*names: str) -> Callable[[Look, Gift, str], bool]:
    """Make the look at pages; one of them is enough."""

    def stands(look: Look, gift: Gift, ticket_id: str) -> bool:
        del ticket_id
        return any(gift.words in look.pages.get(name, "") for name in names)

    return stands


def in_audit_trail(look: Look, gift: Gift, ticket_id: str) -> bool:
    """Tell whether people can look the words up, on the page or by the command."""
    del ticket_id
    return gift.words in look.pages["history"] or gift.words in str(look.answers["audit uhr"])


def is_approved(look: Look, gift: Gift, ticket_id: str) -> bool:
    return bool(look.tickets.get(ticket_id, {}).get("ready")) and on_ticket_page(
        look, gift, ticket_id
    )


def is_fixed(look: Look, gift: Gift, ticket_id: str) -> bool:
    del ticket_id
    fixes = look.answers["fixes uhr"] or ()
    return any(gift.words in fix["title"] and fix["done"] for fix in fixes)


def is_before(other: re.Pattern[str]) -> Callable[[Look, Gift, str], bool]:
    """Make the look at the order of two tickets of one group."""

    def stands(look: Look, gift: Gift, ticket_id: str) -> bool:
        del gift
        order = [*look.tickets]
        others = [id_ for id_, ticket in look.tickets.items() if other.fullmatch(ticket["title"])]
        return (
            ticket_id in order and bool(others) and order.index(ticket_id) < order.index(others[0])
        )

    return stands


def waits_for(other: str) -> Callable[[Look, Gift, str], bool]:
    def stands(look: Look, gift: Gift, ticket_id: str) -> bool:
        del gift
        others = {i for i, ticket in look.tickets.items() if ticket["title"] == other}
        depends_on = look.tickets.get(ticket_id, {}).get("depends_on", ())
        return not others.isdisjoint(depends_on)

    return stands


ANSWER = Gift(
    name="answer to a row",
    words="Sundays in the wordanswer room",
    ticket=CLOCK,
    row="field_winding_day",
    near="Winding day",
    stands=in_ticket,
    covers=(
        "answer.given",
        "QUESTIONS_ANSWERED",
        "POST /sessions/{key}/questions",
        "POST /sessions/{key}/tickets/{ticket}/answers",
    ),
)
NOT_RELEVANT = Gift(
    name="answer: not relevant, and why",
    words="wordirrelevant since the registrars left",
    ticket=CLOCK,
    row="field_provenance_status",
    near="Provenance status",
    stands=in_ticket,
    covers=("answer.not_relevant",),
)
OBJECTION = Gift(
    name="objection to an assumption",
    words="wordobjection: stories come with the launch",
    ticket=CLOCK,
    row="field_visitor_stories",
    near="Visitor stories",
    stands=in_ticket,
    covers=("answer.objected",),
)
SHARED_ROW = Gift(
    name="answer to a row that shares a ticket",
    on_page="answers to rows that share a ticket with other rows",
    words="wordshared ask the wordkeeper of the epochs",
    ticket=SHARED,
    row="epochs",
    near="Epochs",
    stands=in_ticket,
    covers=("answer.given",),
    is_in_older_home=False,
)
CELL = Gift(
    name="answer: a cell of a form",
    words="wordcell clocks that strike",
    ticket="Configure view: Clocks",
    stands=in_ticket,
    covers=("answer.given",),
)
OF_SITE = Gift(
    name="answer for the whole site",
    words="wordsite nothing ticks here",
    ticket="",
    stands=in_ticket,
    covers=("answer.given", "answer.accepted"),
)
PROPOSAL = Gift(
    name="proposal of a client, unread",
    on_page="answers that a client proposed and nobody has read",
    words="wordproposal certain and doubtful",
    ticket=CLOCK,
    row="field_attribution",
    stands=is_proposed,
    covers=("POST /client/{secret}", "CLIENT_ANSWERED"),
    is_open=True,
)
CALL = Gift(
    name="proposal: please call me",
    on_page="a client's wish to be called",
    words=CALL_ME,
    ticket=CLOCK,
    row="field_lender",
    stands=is_proposed,
    covers=("POST /client/{secret}",),
    is_open=True,
)
TAKEN_EDITOR = Gift(
    name="proposal accepted, first row of its card",
    words="wordeditor only their own events",
    ticket=ROLES,
    row="editor",
    near="Editor",
    stands=in_ticket,
    covers=("POST /client/{secret}", "answer.taken_over"),
)
TAKEN_CURATOR = Gift(
    name="proposal accepted, another row of its card",
    on_page="accepted answers of a client, except for the first row of each card",
    words="wordcurator never clocks on loan",
    ticket=ROLES,
    row="curator",
    near="Curator",
    stands=in_ticket,
    covers=("POST /client/{secret}", "answer.taken_over"),
)
TICKS = Gift(
    name="ticks of a client, accepted",
    on_page="accepted answers that a client gave by ticking boxes",
    words="write pages, put online, manage people",
    ticket=ROLES,
    row="registrar",
    near="Registrar",
    stands=in_ticket,
    covers=("POST /client/{secret}", "answer.taken_over"),
)
ROUTE = Gift(
    name="a question reworded for the client",
    on_page="questions that were put into other words for the client",
    words="Who lends you the wordroute clocks?",
    ticket=CLOCK,
    row="field_lender",
    stands=is_routed,
    covers=("ask.places", "ask.audience", "ask.words", "QUESTIONS_ROUTED"),
)
COMMENT = Gift(
    name="comment",
    words="wordcomment ask the register again",
    ticket="Configure paragraph type: Opening Hours",
    stands=on_ticket_page,
    covers=("POST /sessions/{key}/tickets/{ticket}/comments", "COMMENT_ADDED"),
)
REQUEST = Gift(
    name="change request",
    on_page="requests for changes",
    words="wordrequest the label is wrong",
    ticket="Configure media type: Chime Recording",
    stands=in_list("sent_back"),
    covers=("request-changes.reason", "request-changes.numbers", "TICKETS_SENT_BACK"),
    is_open=True,
)
REQUEST_PLACE = Gift(
    name="change request: place",
    on_page="the places that these requests name",
    words="wordplace column Help text",
    ticket=REQUEST.ticket,
    stands=in_list("sent_back_about"),
    covers=("request-changes.about",),
    is_open=True,
)
REQUEST_WHO = Gift(
    name="change request: who is asked",
    on_page="the people whom these requests ask",
    words="Wordwhom Weber",
    ticket=REQUEST.ticket,
    stands=in_list("sent_back_to"),
    covers=("request-changes.to",),
    is_open=True,
)
RESOLVED = Gift(
    name="answer to a change request",
    words="wordresolved corrected in the sheet",
    ticket="Configure image styles",
    stands=in_audit_trail,
    covers=("resolve.numbers", "resolve.answer", "TICKETS_RESOLVED"),
)
NOTE = Gift(
    name="note in a ticket",
    on_page="notes in tickets",
    words="wordnote the workshop delivers the terms",
    ticket="Configure vocabulary: Clockmakers",
    stands=in_ticket,
    covers=("edit.number", "edit.part", "edit.text"),
)
TITLE = Gift(
    name="title",
    on_page="titles",
    words="Place a wordtitle notice",
    ticket="Configure custom block type: Notice",
    stands=in_list("title"),
    covers=(
        "title.number",
        "title.title",
        "TICKET_EDITED",
        "POST /sessions/{key}/tickets/{ticket}/edit",
    ),
)
EDIT = Gift(
    name="edited text",
    words="wordedit keep the gallery below the tables",
    ticket="Configure paragraph type: Image",
    stands=in_ticket,
    covers=("edit.number", "edit.part", "edit.text"),
)
SKIP = Gift(
    name="skip, and why",
    words="wordskip built elsewhere",
    ticket="Remove obsolete views",
    stands=in_list("skipped_reason"),
    covers=(
        "skip.numbers",
        "skip.reason",
        "TICKETS_SKIPPED",
        "POST /sessions/{key}/tickets",
        "POST /sessions/{key}/tickets/{ticket}",
        "POST /sessions/{key}",
    ),
)
ORDER = Gift(
    name="order of tickets",
    words="Create 1 paragraph type without custom fields",
    ticket="Create 1 paragraph type without custom fields",
    stands=is_before(SHARED_TITLE),
    covers=("order.numbers", "move.number", "TICKETS_REORDERED", "move.places"),
    has_words=False,
)
ASSIGNEE = Gift(
    name="assignee",
    on_page="assignees",
    words="wordassignee@sandbox.example",
    ticket="Configure view: Exhibitions",
    stands=in_list("assignee"),
    covers=("assign.numbers", "assign.assignee", "FIELDS_ASSIGNED"),
)
SPRINT = Gift(
    name="sprint",
    on_page="sprints",
    words="Wordsprint 7",
    ticket="Configure view: Exhibitions",
    stands=in_list("sprint"),
    covers=("assign.sprint",),
)
PRIORITY = Gift(
    name="priority",
    on_page="priorities",
    words="Highest",
    ticket="Configure view: Exhibitions",
    stands=in_list("priority"),
    covers=("assign.priority",),
)
PARENT = Gift(
    name="parent",
    words="UHR-7777",
    ticket="Configure view: Collection Search",
    stands=in_list("parent"),
    covers=("assign.parent",),
)
LABEL = Gift(
    name="label",
    words="wordlabel",
    ticket="Update view: Events",
    stands=in_list("labels"),
    covers=("labels.numbers", "labels.added", "assign.labels"),
)
DEPENDENCY = Gift(
    name="dependency",
    words="Configure view modes: Content type",
    ticket="Configure view modes: Content type",
    stands=waits_for(DEPENDENCY_OTHER),
    covers=("depend.number", "depend.on", "DEPENDENCY_ADDED"),
    has_words=False,
)
APPROVAL = Gift(
    name="approval",
    on_page="approvals",
    words="Wordapprover Anna",
    ticket="Configure responsive image styles",
    stands=is_approved,
    covers=("ready.numbers", "TICKETS_MARKED_READY"),
    page_act='name="do" value="ready"',
)
FIX = Gift(
    name="manual fix marked as done",
    words="Set the parent of Configure view: Collection Search",
    ticket="Configure view: Collection Search",
    stands=is_fixed,
    covers=("POST /sessions/{key}/results/fixes", "FIX_STATE_SET"),
    has_words=False,
)
WITHDRAWAL = Gift(
    name="withdrawal, and why",
    on_page="withdrawals with their reasons",
    words="wordwithdrawal not built in this phase",
    ticket="Configure view modes: Media type",
    stands=on_page("session"),
    covers=("withdraw.numbers", "withdraw.reason", "WITHDRAWALS_AGREED"),
)
SETTING = Gift(
    name="setting of the site",
    on_page="settings of the site",
    words="wordsetting Agency",
    ticket="",
    stands=on_page("settings"),
    covers=("POST /sessions/{key}/settings", "UPLOAD_REPLACED"),
)
ROLE = Gift(
    name="person with a role",
    words="Wordrole Rita",
    ticket="",
    stands=on_page("people"),
    covers=("POST /people", "PERSON_ADDED"),
)
LINK = Gift(
    name="client link",
    on_page="client links",
    words=CLIENT,
    ticket="",
    stands=on_page("client"),
    covers=("POST /sessions/{key}/questions/link", "CLIENT_LINK_MADE"),
    is_open=True,
)
LAYOUT = Gift(
    name="confirmed layout",
    on_page="confirmed layouts",
    words="wordlayout rows of the workshop",
    ticket="",
    stands=lambda look, gift, _: gift.words in look.layout,
    covers=("LAYOUT_CONFIRMED", "POST /sessions/{key}/layout/confirm"),
    is_in_older_home=False,
)
LAYOUT_DRAFT = Gift(
    name="draft of a layout",
    on_page="drafts of layouts",
    words="worddraft rows of the trainee",
    ticket="",
    stands=lambda look, gift, _: gift.words in str(look.answers["layout show uhr"]),
    covers=(
        "LAYOUT_SAVED",
        "POST /sessions/{key}/layout",
        "POST /sessions/{key}/layout/leave",
    ),
    is_in_older_home=False,
)
GIFTS = (
    *(ANSWER, SHARED_ROW, NOT_RELEVANT, OBJECTION, CELL, OF_SITE),
    *(PROPOSAL, CALL, TAKEN_EDITOR, TAKEN_CURATOR, TICKS, ROUTE, LINK),
    *(COMMENT, REQUEST, REQUEST_PLACE, REQUEST_WHO, RESOLVED),
    *(NOTE, TITLE, EDIT, SKIP, ORDER, ASSIGNEE, SPRINT, PRIORITY, PARENT, LABEL),
    *(DEPENDENCY, APPROVAL, FIX, WITHDRAWAL, SETTING, ROLE),
    *(LAYOUT, LAYOUT_DRAFT),
)


_COMPARED = "what a page showed, to be compared with what is there; nothing is given by it"
_TAKES_BACK = "takes back what was given, by the person who says so"
_SAME_AS = "given as on another form of the table, by the same function: "
_STARTS = "starts work, or looks: it says nothing"
_OF_PROGRAM = "what the program does or notes, not people"
_OF_JIRA = "decides about issues in Jira; the ledger keeps it, and the fault runs judge it"
_VERBS_OF_PROGRAMS = tuple(
    " ".join(address_of(name, tool))
    for name, tool in tools_of_programs()
    if name not in WRITTEN_BY_HAND and not tool.is_reading
)
NO_GIFTS: Mapping[str, str] = {
    **dict.fromkeys(
        (
            *("ready.seen", "unready.were", "skip.were", "unskip.were", "request-changes.were"),
            *("resolve.were", "assign.were", "edit.revision", "title.revision"),
            *("rollback.revision", "take-back.revision", "take-out.revision", "answer.were"),
            "take-back-all.revision",
        ),
        _COMPARED,
    ),
    **dict.fromkeys(
        (
            *("unready.numbers", "unskip.numbers", "unwithdraw.numbers", "labels.removed"),
            *("depend.is_not", "rollback.number", "rollback.to", "take-back.number"),
            *("take-back.change", "TICKETS_UNMARKED_READY", "TICKETS_UNSKIPPED"),
            *("take-out.number", "take-out.change", "take-back-all.number"),
            *("WITHDRAWALS_PROPOSED_AGAIN", "TICKET_ROLLED_BACK", "DEPENDENCY_REMOVED"),
            *("COMMENT_REMOVED", "CLIENT_LINK_REVOKED", "PERSON_REVOKED", "TOKEN_REVOKED"),
            *("take-answer.answers", "take-answer.is_back", "CLIENT_ANSWER_PUT_BACK"),
            "REVIEW_FORGOTTEN",
            *("POST /people/revoke", "POST /people/tokens/revoke", "POST /account/sign-out"),
            *("POST /sessions/{key}/questions/undo", "POST /sessions/{key}/tickets/undo"),
            "POST /sessions/{key}/tickets/{ticket}/undo",
            "POST /sessions/{key}/tickets/{ticket}/comments/{comment_id}/remove",
            "SITE_VERIFICATION_DISCARDED",
            *("LAYOUT_DISCARDED", "POST /sessions/{key}/layout/discard"),
            *("LAYOUT_CHANGE_UNDONE", "POST /sessions/{key}/layout/undo"),
            "POST /api/sessions/{key}/layout/undo",
        ),
        _TAKES_BACK,
    ),
    "ready.with_questions": "chooses among the tickets that are approved",
    "skip.with_issues": "chooses among the tickets that are skipped",
    "answer.is_only": "chooses where an answer counts",
    **dict.fromkeys(
        (
            *("take-answer.place", "take-answer.note", "CLIENT_ANSWER_TAKEN"),
            "POST /sessions/{key}/questions/stranded",
        ),
        _SAME_AS + "answers, notes and questions reworded",
    ),
    **dict.fromkeys(
        (
            *("take-words.number", "take-words.gone", "WORDS_TAKEN"),
            *("give-words.number", "give-words.to", "WORDS_GIVEN_BACK"),
        ),
        "moves what was given: the taker “renamed, taken over” judges all of it",
    ),
    "take-answer.reason": "says why a proposal is set aside: the audit trail keeps both",
    "POST /sessions/{key}/questions/card": _SAME_AS + "answers",
    "POST /sessions/{key}/questions/suggestions": _SAME_AS + "accepted answers",
    "POST /sessions/{key}/questions/forms": _SAME_AS + "answers to cells",
    "POST /sessions/{key}/questions/upload": _SAME_AS + "answers, from a workbook",
    "POST /mcp": _SAME_AS + "every verb",
    **dict.fromkeys(_VERBS_OF_PROGRAMS, _SAME_AS + "the verb of that name"),
    "POST /api/uploads": "as POST /upload",
    "POST /upload": "sheets: kept unchanged as an upload, and read again",
    "POST /upload/{upload_id}/code-page": "the same sheets again, with a setting of the site",
    "POST /upload/{upload_id}/take": "as above, and see the setting of the site",
    "POST /example": "uploads the example",
    "SESSION_REGISTERED": "sheets: kept unchanged as an upload, and read again",
    **dict.fromkeys(
        ("POST /sessions/{key}/tickets/{ticket}/write-again", "TICKETS_REMARKED"),
        "a remark for a model, which this site has none of: not judged here",
    ),
    **dict.fromkeys(
        ("POST /sessions/{key}/layout/use", "POST /api/sessions/{key}/layout/confirm"),
        _SAME_AS + "layouts, saved and confirmed",
    ),
    "WRITER_CHOSEN": "a choice without words, kept with the session",
    **dict.fromkeys(
        (
            *("TICKETS_SEEN", "POST /sessions/{key}/tickets/seen", "NAMES_LOOKED_UP"),
            *("POST /sessions/{key}/generate", "POST /sessions/{key}/validate"),
            *("POST /sessions/{key}/stop", "POST /sessions/{key}/export"),
            *("POST /sessions/{key}/export/resume", "POST /sessions/{key}/results/settle"),
            *("POST /api/jira/export-session/{key}", "POST /api/jira/retry-failed/{key}"),
            *("POST /api/jira/test-adf-conversion/{key}", "POST /api/jira/validate-project"),
            *("POST /api/sessions/{key}/export", "POST /api/sessions/{key}/generate"),
            *("POST /api/sessions/{key}/processing/cancel", "CANCEL_REQUESTED"),
            *("POST /api/sessions/{key}/processing/retry", "EXPORT_REQUESTED"),
            *("POST /api/sessions/{key}/layout/check", "POST /sessions/{key}/layout/model"),
            *("POST /sessions/{key}/site", "SITE_VERIFIED", "SITE_VERIFIED_AGAIN"),
        ),
        _STARTS,
    ),
    **dict.fromkeys(
        (
            *("POST /sessions/{key}/results/decide", "POST /sessions/{key}/results/undo"),
            *("POST /sessions/{key}/export/adopt", "POST /api/sessions/{key}/adoption"),
            *("AS_NEW_ANSWERED", "DIFFERENCES_DECIDED", "ISSUES_ADOPTED", "ISSUES_DELETED"),
        ),
        _OF_JIRA,
    ),
    **dict.fromkeys(
        (
            *("TICKETS_GENERATED", "GENERATION_RETRIED", "GENERATION_MARKED", "STAGE_SET"),
            *("VALIDATION_RECORDED", "EXPORT_STARTED", "EXPORT_RETRIED", "SESSION_REMOVED"),
            *("REMOVAL_ANNOUNCED", "REMOVAL_CALLED_OFF", "REVIEW_RETURNED"),
            *("RETENTION_EXPLAINED", "WORDS_OVERWRITTEN", "ANSWERS_MOVED", "ROWS_MOVED"),
            *("SHAREDO_EXPORT_ASKED", "SHAREDO_EXPORT_RETRIED", "SHAREDO_EXPORT_CANCELLED"),
            *("SHAREDO_EXPORTS_REMOVED", "SHAREDO_DOUBT_DECIDED"),
            *("UPLOAD_WAITS", "WAITING_UPLOAD_DISCARDED"),
        ),
        _OF_PROGRAM,
    ),
    **dict.fromkeys(
        (
            *("POST /people/tokens", "POST /sign-in", "POST /sign-out"),
            *("SIGNED_IN", "LINK_MADE", "COOKIE_MADE", "TOKEN_MADE"),
        ),
        "a way in, which ends by itself and is made anew",
    ),
}
"""What is no gift, with the reason; fields of verbs, forms, and acts of the audit trail."""
