"""The pages people open: everything in one file, nothing from elsewhere, nothing unescaped."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import cache

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

from jira_pipeline.export.pages import graph_nodes, report_page, review_page
from jira_pipeline.export.results import ExportResults
from jira_pipeline.kernel.entities import Specification
from jira_pipeline.kernel.forms_in_text import FORM_COLUMNS, PATH, is_waiting_for_answers
from jira_pipeline.kernel.open_questions import OpenQuestion
from jira_pipeline.kernel.rendered_tickets import RenderedTicket
from jira_pipeline.kernel.sessions import SessionManifest, UploadSession
from jira_pipeline.kernel.ticket_places import TicketExport
from jira_pipeline.kernel.tickets import (
    Answer,
    ChangedCell,
    DependencySuggestion,
    RevisionOrigin,
    Ticket,
    TicketState,
    Withdrawal,
    as_listed,
    question_id_of,
    questions_left,
)
from jira_pipeline.kernel.validations import TicketValidation, Validation
from jira_pipeline.ports.writing import NOTHING_SPENT, Spending
from jira_pipeline.review.hours import hour_totals
from jira_pipeline.session.commands import words_of
from jira_pipeline.session.states import NextStep, first_writing
from jira_pipeline.sheets.session_contents import SessionContents
from jira_pipeline.writing.template import NAME
from jira_pipeline_tests.contracts.stored_values import START, a_finding, a_fix, a_session, a_target
from jira_pipeline_tests.documents.made_tickets import MadeTicket, made_tickets, site_tickets
from jira_pipeline_tests.sheets.made_specifications import bundle, field

XSS = """</script></style></title>"><script>alert(1)</script><img src=x onerror=alert(2)> `<b>x</b>`"""
LOADING = ("src", "srcset", "data", "poster", "background", "action", "formaction", "ping")
SESSION = a_session(
    manifest=SessionManifest(site_name="Uhrenmuseum"), updated_at=START + timedelta(days=1)
)
NEXT = first_writing("site")
HOSTILE_SESSION = replace(SESSION, session_key=XSS, manifest=SessionManifest(site_name=XSS))


def hostile_tickets() -> tuple[MadeTicket, ...]:
    """Two tickets, one waiting for the other, with markup in every cell and part."""
    made = made_tickets(
        bundles=[
            bundle(XSS, "page") | {"Description": XSS, "Settings/notes": XSS},
            bundle("Topic", "topic", "Vocabulary"),
        ],
        fields=[
            field(f"{XSS} (Content type)", "field_a", ref="Topic (Vocabulary)")
            | {"Help text": XSS, "Field label": XSS, "Settings/notes": XSS + " x" * 60},
            field("Topic (Vocabulary)", "field_b"),
        ],
    )
    question = OpenQuestion(
        file=XSS,
        line=2,
        column=XSS,
        quote=XSS,
        question=XSS,
        subjects=(XSS,),
        proposed_by=XSS,
    )
    suggestions = tuple(
        DependencySuggestion(group_key=m.group.key, reason=XSS, proposed_by=XSS) for m in made
    )
    changed = [
        replace(
            m,
            ticket=replace(
                m.ticket,
                assignee=XSS,
                labels=(XSS,),
                revision=replace(
                    m.ticket.revision,
                    title=XSS,
                    questions=(question,),
                    estimated_hours=XSS,
                    fallback_reason=XSS,
                    writer=XSS,
                    suggestions=suggestions,
                ),
            ),
        )
        for m in made
    ]
    return tuple(m.saying(notes=XSS, analysis=f"<p>{XSS}</p>") for m in changed)


def hostile_withdrawals() -> list[Ticket]:
    """Tickets without rows, proposed and agreed, that hold markup wherever text may be."""
    ticket = replace(hostile_tickets()[0].ticket, assigned_fields=("labels",))
    return [
        replace(ticket, withdrawal=Withdrawal.PROPOSED),
        replace(ticket, withdrawal=Withdrawal.AGREED, withdrawn_by=XSS, withdrawal_reason=XSS),
    ]


def review_of(
    made: tuple[MadeTicket, ...],
    *,
    session: UploadSession = SESSION,
    validation: Validation | None = None,
    body_max_bytes: int = 32_767,
    vanished: Sequence[Ticket] = (),
    step: NextStep = NEXT,
) -> str:
    """Render the review of tickets, with one finding."""
    finding = a_finding()
    if session is HOSTILE_SESSION:
        finding = replace(
            finding, file=XSS, column=XSS, value=XSS, message=XSS, advice=XSS, code=XSS
        )
    contents = SessionContents(
        specification=Specification(entities=()),
        groups=tuple(m.group for m in made),
        findings=(finding,),
    )
    rendered = [m.rendered(body_max_bytes=body_max_bytes) for m in made]
    return review_page(
        session,
        rendered,
        contents=contents,
        findings=contents.findings,
        vanished=vanished,
        validation=validation,
        step=step,
        as_of=START,
    )


def report_of(
    tickets: tuple[Ticket, ...],
    *,
    session: UploadSession = SESSION,
    exported: int | None = None,
    text: str = "text",
    spending: Spending = NOTHING_SPENT,
    vanished: Sequence[Ticket] = (),
) -> str:
    """Render the report of tickets of which the first few were exported."""
    keys = {t.ticket_id: f"SITE-{number}" for number, t in enumerate(tickets[:exported], start=1)}
    places = {
        t.ticket_id: TicketExport(
            state=TicketState.EXPORTED if t.ticket_id in keys else TicketState.FAILED,
            jira_key=keys.get(t.ticket_id),
            jira_url=f"https://example.org/browse/{keys.get(t.ticket_id)}",
        )
        for t in tickets
    }
    results = ExportResults(
        session_key=session.session_key,
        target=replace(a_target(), project_key=text, is_sandbox=False),
        jql=f"labels = {text}",
        tickets=(),
        dependencies_created=3,
        manual_fixes=(
            a_fix(title=text, original_value=text, recommended_action=text, jira_key=text),
        ),
        total_processing_time_minutes=0.0,
        requests={},
        spending=spending,
    )
    finding = replace(a_finding(), message=text, advice=text, value=text, file=text)
    return report_page(
        session,
        tickets,
        vanished=vanished,
        results=results,
        places=places,
        findings=[finding],
    )


def test_both_pages_add_the_hours_up() -> None:
    made = site_tickets("uhrenmuseum")
    tickets = [m.ticket for m in made]

    total = hour_totals(map(as_listed, tickets)).total

    assert total.hours
    for page in (review_of(made), report_of(tuple(tickets))):
        assert f"{total.hours} hours for " in text_of(page, "#hours ~ p")


def nodes_of(page: str) -> Iterator[LexborNode]:
    """Every element of a page as a browser reads it."""
    yield from LexborHTMLParser(page).css("*")


def text_of(page: str, selector: str) -> str:
    """The text of all elements a selector finds, blanks told as one."""
    found = (node.text() for node in LexborHTMLParser(page).css(selector))
    return " ".join(" ".join(found).split())


PAGES: dict[str, Callable[[], str]] = {
    "review": lambda: review_of(site_tickets("uhrenmuseum")),
    "report": lambda: report_of(tuple(m.ticket for m in site_tickets("uhrenmuseum"))),
    "hostile review": lambda: review_of(
        hostile_tickets(), session=HOSTILE_SESSION, vanished=hostile_withdrawals()
    ),
    "hostile attachment": lambda: review_of(
        hostile_tickets(), session=HOSTILE_SESSION, body_max_bytes=2_000
    ),
    "hostile report": lambda: report_of(
        tuple(m.ticket for m in hostile_tickets()),
        session=HOSTILE_SESSION,
        text=XSS,
        vanished=hostile_withdrawals(),
    ),
}


@cache
def page_of(name: str) -> str:
    """Render one of the pages, once for all tests."""
    return PAGES[name]()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_loads_nothing(name: str) -> None:
    """One file that can be mailed: no picture, font, style or script from anywhere."""
    page = page_of(name)

    loading = [
        (node.tag, attribute)
        for node in nodes_of(page)
        for attribute in node.attributes
        if attribute in LOADING
    ]
    styles = "".join(node.text() for node in nodes_of(page) if node.tag == "style")
    assert loading == []
    assert LexborHTMLParser(page).css("link, iframe, object, embed, base, form, audio") == []
    assert re.findall(r"url\(|@import|http", styles) == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_forbids_what_it_does_not_hold_itself(name: str) -> None:
    metas = [n for n in nodes_of(page_of(name)) if n.tag == "meta" and n.attributes.get("content")]
    policies = [
        n.attributes["content"] or ""
        for n in metas
        if n.attributes.get("http-equiv") == "Content-Security-Policy"
    ]

    assert len(policies) == 1
    assert policies[0].startswith("default-src 'none';")
    assert "http" not in policies[0]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_runs_its_own_script_only(name: str) -> None:
    nodes = list(nodes_of(page_of(name)))

    scripts = [node.text() for node in nodes if node.tag == "script"]
    handlers = [a for node in nodes for a in node.attributes if a.startswith("on")]
    hrefs = [n.attributes.get("href") or "" for n in nodes if n.tag == "a"]
    assert len(scripts) == 1
    assert "alert" not in scripts[0]
    assert handlers == []
    assert all(href.startswith(("#", "https://example.org/")) for href in hrefs)
    assert [node.tag for node in nodes].count("title") >= 1
    assert len(LexborHTMLParser(page_of(name)).css("head > title, head > style")) == 2


@pytest.mark.parametrize("name", PAGES)
def test_every_address_within_a_page_leads_somewhere(name: str) -> None:
    nodes = list(nodes_of(page_of(name)))

    ids = [node.attributes["id"] for node in nodes if "id" in node.attributes]
    wanted = {(n.attributes.get("href") or "")[1:] for n in nodes if n.tag == "a"}
    assert {href for href in wanted if href.startswith("ticket-")} <= {*ids}
    assert len(ids) == len(set(ids))


def test_tickets_of_one_name_say_their_kind_in_the_graph() -> None:
    """Two boxes of the example read `Image`."""
    nodes = graph_nodes([m.ticket for m in site_tickets("uhrenmuseum")])

    labels = {node.label.partition(" ")[2] for node in nodes}
    assert {"Image (media type)", "Image (paragraph type)", "Clockmakers"} <= labels


def test_hostile_text_reads_as_it_was_written() -> None:
    page = review_of(hostile_tickets(), session=HOSTILE_SESSION)

    shown = XSS.replace("`", "")
    assert text_of(page, "h1") == f"Review: {XSS}"
    assert text_of(page, "head > title") == f"Review: {XSS}"
    assert text_of(page, "article h2") == f"1 · {XSS} 2 · {XSS}"
    assert text_of(page, "#findings ~ .scroll td").count(shown) >= 2
    assert text_of(page, "#questions ~ .scroll td").count(XSS) >= 4
    assert XSS in text_of(page, "article .body td")
    assert XSS in text_of(page, "article details td")


def test_a_hostile_attachment_reads_as_it_was_written() -> None:
    made = hostile_tickets()

    page = review_of(made, session=HOSTILE_SESSION, body_max_bytes=2_000)

    texts = [node.text() for node in nodes_of(page) if node.tag == "pre" and node.parent
             and node.parent.tag == "details"]  # fmt: skip
    rendered = [m.rendered(body_max_bytes=2_000) for m in made]
    assert texts == [attachment_of(r)[1] for r in rendered if r.attachment]
    assert texts != []


def attachment_of(rendered: RenderedTicket) -> tuple[str, str]:
    """The attachment, which must be there."""
    assert rendered.attachment is not None
    return rendered.attachment


def test_what_is_between_backticks_is_code_and_stays_literal() -> None:
    page = review_of(hostile_tickets(), session=HOSTILE_SESSION)

    rows = LexborHTMLParser(page).css("#findings ~ .scroll tr")
    codes = [[node.text() for node in row.css("code")].count("<b>x</b>") for row in rows]

    assert sorted(filter(None, codes)) == [1, 1, 2]  # why two tickets are the template's; a finding


def test_the_review_shows_every_ticket_of_a_site_with_its_rows() -> None:
    made = site_tickets("uhrenmuseum")

    page = review_of(made)

    articles = LexborHTMLParser(page).css("article")
    assert [a.attributes["id"] for a in articles] == [f"ticket-{m.ticket.number}" for m in made]
    rows = [len(a.css("details table tbody tr")) for a in articles]
    assert rows == [len(m.group.heads) + len(m.group.members) for m in made]
    assert len(LexborHTMLParser(page).css("nav ol li")) == len(made)


def test_the_review_says_what_is_hollow_edited_ready_and_wrong() -> None:
    made = site_tickets("uhrenmuseum")
    revision = replace(made[1].ticket.revision, origin=RevisionOrigin.EDITED)
    changed = (
        replace(made[0], ticket=replace(made[0].ticket, ready_hash="a")),
        replace(made[1], ticket=replace(made[1].ticket, revision=revision)),
        *made[2:],
    )
    wrong = TicketValidation(
        ticket_id=made[2].ticket.ticket_id,
        title="x",
        is_passed=False,
        rendered_hash="x",
        adf_size_bytes=1,
        character_reduction=0,
        error_message="/content/0: <b>unknown</b>",
    )

    page = review_of(changed, validation=Validation(session_key="site", at=START, results=(wrong,)))

    tags = [[t.text() for t in a.css("header .tag")] for a in LexborHTMLParser(page).css("article")]
    assert "ready" in tags[0]
    assert "edited" in tags[1]
    assert "not valid" in tags[2]
    assert "/content/0: <b>unknown</b>" in text_of(page, "#ticket-3 > p.error")
    assert sum("only a name" in t for t in tags) == 1
    assert "1 marked ready" in re.sub(r"(\d)([a-z])", r"\1 \2", text_of(page, "ul.facts"))


def test_the_review_says_what_to_do_next() -> None:
    lead = text_of(review_of(hostile_tickets(), step=NEXT), "p.lead")

    assert words_of(NEXT.action).replace("`", "") in lead


def test_the_review_says_as_of_when_it_shows_the_tickets() -> None:
    """It showed the old text until the next validation, and did not say so."""
    lead = text_of(review_of(site_tickets("uhrenmuseum")), "p.lead")

    assert f"as of {START:%Y-%m-%d %H:%M} UTC" in lead
    assert "jira-pipeline validate site" in lead


def test_pages_list_the_tickets_without_rows_and_who_agreed() -> None:
    made = site_tickets("uhrenmuseum")
    first = made[0].ticket
    gone = replace(
        first,
        number=25,
        revision=replace(first.revision, title="Gone"),
        withdrawal=Withdrawal.PROPOSED,
    )
    agreed = replace(
        gone, withdrawal=Withdrawal.AGREED, withdrawn_by="ab", withdrawal_reason="Not built."
    )
    line = f"25Gone{gone.display_group.value}{gone.source_lines[0].file} line"

    review = text_of(review_of(made[1:], vanished=[gone]), "#vanished ~ *")
    report = text_of(report_of((made[1].ticket,), vanished=[agreed]), "#vanished ~ *")
    without = review_of(made[:1])

    assert line in review
    assert line in report
    assert "proposed" in review
    assert "jira-pipeline tickets withdraw site --all" in review
    assert "put them back" in review
    assert "agreed by ab: Not built." in report
    assert "tickets withdraw" not in report
    assert 'id="vanished"' not in without


def test_a_session_without_anything_has_its_pages() -> None:
    contents = SessionContents(specification=Specification(entities=()), groups=(), findings=())
    results = replace_results()

    review = review_page(
        SESSION,
        [],
        contents=contents,
        findings=(),
        vanished=(),
        validation=None,
        as_of=START,
        step=NEXT,
    )
    report = report_page(SESSION, [], vanished=(), results=results, places={}, findings=[])

    assert text_of(review, "#findings ~ p, #questions ~ p").count("None.") >= 2
    assert "Nothing." in text_of(report, "#fixes ~ p")


def replace_results() -> ExportResults:
    """Results of an export that had nothing to do."""
    return ExportResults(
        session_key="site",
        target=a_target(),
        jql="project = SITE",
        tickets=(),
        dependencies_created=0,
        manual_fixes=(),
        total_processing_time_minutes=0.0,
        requests={},
    )


def test_the_review_shows_which_cells_changed_under_edited_text_and_what_is_skipped() -> None:
    made = site_tickets("uhrenmuseum")[:2]
    cells = (
        ChangedCell(file="fields.csv", line=7, column="Req'd", before="<n>", after="y"),
        ChangedCell(file="fields.csv", line=9, column="", before=None, after="Opening hours"),
    )
    changed = replace(made[0], ticket=replace(made[0].ticket, source_changes=cells))
    left = replace(made[1], ticket=replace(made[1].ticket, skipped_reason="Phase <2>."))

    page = review_of((changed, left))

    assert text_of(page, "table.changed td") == (
        "fields.csv, line 7 Req'd <n> y fields.csv, line 9 the row no row Opening hours"
    )
    assert "Left out of exports: Phase <2>." in text_of(page, "article p.legend")


def test_the_report_links_what_exists_and_names_the_state_of_what_does_not() -> None:
    tickets = tuple(m.ticket for m in site_tickets("uhrenmuseum"))

    page = report_of(tickets, exported=3)

    rows = LexborHTMLParser(page).css("#issues + .scroll tbody tr")
    keys = [row.css("td.key")[0] for row in rows]
    assert [k.text() for k in keys[:4]] == ["SITE-1", "SITE-2", "SITE-3", "failed"]
    assert [len(k.css("a")) for k in keys[:4]] == [1, 1, 1, 0]
    assert text_of(page, "ul.facts li:first-child") == "3issues"
    assert "2026-03-30 00:59 UTC" in text_of(page, "p.lead")


def test_the_report_names_blockers_by_their_issue() -> None:
    tickets = tuple(m.ticket for m in site_tickets("uhrenmuseum"))
    key_of = {t.ticket_id: f"SITE-{number}" for number, t in enumerate(tickets, start=1)}

    page = report_of(tickets)

    shown = [
        row.css("td")[4].text() for row in LexborHTMLParser(page).css("#issues + .scroll tbody tr")
    ]
    assert shown == [", ".join(key_of[i] for i in t.depends_on) for t in tickets]


def test_both_pages_say_which_tickets_the_template_wrote_instead_of_a_model_and_why() -> None:
    first, second = site_tickets("uhrenmuseum")[:2]
    revision = replace(first.ticket.revision, fallback_reason="It named `field_x`.")
    instead = replace(first, ticket=replace(first.ticket, revision=revision))

    review = review_of((instead, second))
    report = report_of((instead.ticket, second.ticket))

    line = f"Written by {NAME} although a model was asked: It named field_x."
    assert line in text_of(review, "#ticket-1 p.legend")
    assert "by the template" in text_of(review, "#ticket-1 header")
    assert "by the template" not in text_of(review, "#ticket-2 header")
    assert "1by the template instead of a model" in text_of(review, "ul.facts")
    assert text_of(report, "#writing + p + .scroll tbody tr") == (
        f"1 · {first.ticket.title}It named field_x."
    )


def test_the_report_says_what_writing_cost() -> None:
    tickets = tuple(m.ticket for m in site_tickets("uhrenmuseum"))
    spending = Spending(requests=1, tokens_in=1200, tokens_out=300, cost_usd=Decimal("0.00045"))

    report = report_of(tickets, spending=spending)

    assert "It took 1 request to models, 1,200 tokens in, 300 out, 0.0004 US dollars." in text_of(
        report, "#writing + p"
    )


def test_a_report_of_the_template_alone_says_nothing_of_models() -> None:
    tickets = tuple(m.ticket for m in site_tickets("uhrenmuseum"))

    assert "writing" not in [node.attributes.get("id") for node in nodes_of(report_of(tickets))]


def test_the_same_session_gives_the_same_bytes() -> None:
    made = site_tickets("uhrenmuseum")

    assert review_of(made) == review_of(made)


def test_both_pages_say_which_tickets_wait_for_answers() -> None:
    made = list(site_tickets("uhrenmuseum"))
    made[0] = with_analysis(made[0], EMPTY_FORM)

    review = review_of(tuple(made))
    report = report_of(tuple(m.ticket for m in made))

    waiting = [m for m in made if is_waiting_for_answers(m.ticket.revision.parts.analysis)]
    for page in (review, report):
        assert f"{len(waiting)} wait for answers" in text_of(page, "#quality ~ p")
        assert made[0].ticket.title in text_of(page, "#quality ~ .scroll td")
    assert "waits for answers" in text_of(review, "#ticket-1 header .tag")


EMPTY_FORM = (
    "<table><tr><th>Display</th>"
    + "".join(f"<th>{column}</th>" for column in FORM_COLUMNS)
    + "</tr><tr><td>page_1</td>"
    + "".join(f"<td>{'/x' if column == PATH else '?'}</td>" for column in FORM_COLUMNS)
    + "</tr></table>"
)


def with_analysis(made: MadeTicket, analysis: str) -> MadeTicket:
    """Return a ticket with another analysis."""
    revision = made.ticket.revision
    parts = replace(revision.parts, analysis=analysis)
    return replace(made, ticket=replace(made.ticket, revision=replace(revision, parts=parts)))


def test_the_review_page_shows_what_may_have_to_come_first_and_how_to_say_so() -> None:
    first, second = site_tickets("uhrenmuseum")[:2]
    suggestion = DependencySuggestion(
        group_key=first.group.key, reason="A note names `field_x`.", proposed_by="a-model/1"
    )
    lonely = replace(second.ticket, depends_on=(), relates_to=())
    revision = replace(lonely.revision, suggestions=(suggestion,))
    suggested = replace(second, ticket=replace(lonely, revision=revision))

    review = review_of((first, suggested))

    line = text_of(review, "#ticket-2 ul.legend li")
    assert line == f"1 · {first.ticket.title} (proposed by a-model/1): A note names field_x."
    assert "jira-pipeline tickets depend" in text_of(review, "#ticket-2")


def test_the_review_page_marks_questions_that_a_model_proposed() -> None:
    first = site_tickets("uhrenmuseum")[0]
    asked = OpenQuestion(file="a.csv", line=2, column="Notes", quote="", question="Why is it so?")
    proposed = replace(asked, question="What of it?", proposed_by="a-model/1")
    revision = replace(first.ticket.revision, questions=(asked, proposed))

    review = review_of((replace(first, ticket=replace(first.ticket, revision=revision)),))

    rows = [row.text() for row in LexborHTMLParser(review).css("#questions + .scroll tbody tr")]
    assert ["proposed" in row for row in rows] == [False, True]


def test_both_pages_show_answers_and_count_what_is_left_to_answer() -> None:
    """Answered questions were counted as open, and listed as before."""
    made = site_tickets("uhrenmuseum")
    asking = next(m for m in made if m.ticket.revision.questions)
    first = asking.ticket.revision.questions[0]
    given = Answer(
        question_id=question_id_of(first),
        question=first.question,
        answer="Ask <Ada>.",
        answered_by="ab",
        answered_at=START,
    )
    answered = replace(asking, ticket=replace(asking.ticket, answers=(given,)))
    after = tuple(answered if m is asking else m for m in made)
    left = questions_left(m.ticket for m in after)

    pages = [review_of(after), report_of(tuple(m.ticket for m in after))]

    assert left.count == questions_left(m.ticket for m in made).count - 1
    for page in pages:
        rows = [row.text() for row in LexborHTMLParser(page).css("#questions + .scroll tbody tr")]
        assert sum("Ask <Ada>." in row for row in rows) == 1
        facts = text_of(page, ".facts").replace(" ", "")
        assert f"{left.count}questionstoanswer,in{left.ticket_count}tickets" in facts
