"""The report of an export: everything in one file, nothing from elsewhere, nothing unescaped."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache

from selectolax.lexbor import LexborHTMLParser, LexborNode

from jira_pipeline.export.results import ExportResults
from jira_pipeline.model.model_requests import NOTHING_SPENT
from jira_pipeline.model.open_questions import OpenQuestion
from jira_pipeline.model.sessions import SessionManifest, UploadSession
from jira_pipeline.model.ticket_decisions import TicketState, Withdrawal
from jira_pipeline.model.ticket_exports import TicketExport
from jira_pipeline.model.tickets import Answer, Ticket, as_listed, questions_left, row_ids_of
from jira_pipeline.review.hours import hour_totals
from jira_pipeline.review.questions import questions_of
from jira_pipeline.sessions.export_report import report_page
from jira_pipeline.sessions.pictures import Pictures
from jira_pipeline_tests.contracts.stored_values import START, a_finding, a_fix, a_session, a_target
from jira_pipeline_tests.sheets.made_specifications import bundle, field
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.tickets.documents.made_tickets import (
    MadeTicket,
    made_tickets,
    site_tickets,
)

XSS = """</script></style></title>"><script>alert(1)</script><img src=x onerror=alert(2)> `<b>x</b>`"""
LOADING = ("src", "srcset", "data", "poster", "background", "action", "formaction", "ping")
SESSION = a_session(
    manifest=SessionManifest(site_name="Uhrenmuseum"), updated_at=START + timedelta(days=1)
)
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
        file=XSS, line=2, column=XSS, quote=XSS, question=XSS, subjects=(XSS,), proposed_by=XSS
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


def report_of(
    tickets: tuple[Ticket, ...],
    *,
    session: UploadSession = SESSION,
    exported: int | None = None,
    text: str = "text",
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
        spending=NOTHING_SPENT,
    )
    finding = replace(a_finding(), message=text, advice=text, value=text, file=text)
    pictures = Pictures(
        tickets=[as_listed(ticket) for ticket in tickets],
        places=places,
        marks={},
        progress={},
        written_at=None,
        now=START,
    )
    return report_page(
        session,
        tickets,
        vanished=vanished,
        results=results,
        questions=[question for ticket in tickets for question in questions_of(ticket)],
        findings=[finding],
        pictures=pictures,
    )


def test_the_report_adds_the_hours_up() -> None:
    tickets = tuple(m.ticket for m in site_tickets("uhrenmuseum"))

    total = hour_totals(map(as_listed, tickets)).total

    assert total.hours
    assert f"{total.hours} hours for " in text_of(report_of(tickets), "#hours ~ details p")


def nodes_of(page: str) -> Iterator[LexborNode]:
    yield from LexborHTMLParser(page).css("*")


def text_of(page: str, selector: str) -> str:
    """The text of all elements a selector finds, blanks told as one."""
    found = (node.text() for node in LexborHTMLParser(page).css(selector))
    return " ".join(" ".join(found).split())


PAGES: dict[str, Callable[[], str]] = {
    "report": lambda: report_of(tuple(m.ticket for m in site_tickets("uhrenmuseum"))),
    "hostile report": lambda: report_of(
        tuple(m.ticket for m in hostile_tickets()),
        session=HOSTILE_SESSION,
        text=XSS,
        vanished=hostile_withdrawals(),
    ),
}


@cache
def page_of(name: str) -> str:
    return PAGES[name]()


@each("name", PAGES)
def test_a_page_loads_nothing_and_forbids_what_it_does_not_hold_itself(name: str) -> None:
    """One file that can be mailed: no picture, font, style or script from anywhere."""
    page, nodes = LexborHTMLParser(page_of(name)), list(nodes_of(page_of(name)))

    loading = [(n.tag, one) for n in nodes for one in n.attributes if one in LOADING]
    styles = "".join(node.text() for node in nodes if node.tag == "style")
    [policy] = page.css("meta[http-equiv=Content-Security-Policy]")
    policed = policy.attributes["content"] or ""
    assert loading == []
    assert page.css("link, iframe, object, embed, base, form, audio") == []
    assert re.findall(r"url\(|@import|http", styles) == []
    assert policed.startswith("default-src 'none';")
    assert "http" not in policed


@each("name", PAGES)
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


@each("name", PAGES)
def test_every_address_within_a_page_leads_somewhere(name: str) -> None:
    nodes = list(nodes_of(page_of(name)))

    ids = [node.attributes["id"] for node in nodes if "id" in node.attributes]
    wanted = {(n.attributes.get("href") or "")[1:] for n in nodes if n.tag == "a"}
    assert {href for href in wanted if href.startswith("ticket-")} <= {*ids}
    assert len(ids) == len(set(ids))


def test_hostile_text_reads_as_it_was_written() -> None:
    page = page_of("hostile report")

    shown = XSS.replace("`", "")
    assert text_of(page, "h1") == f"Export report: {XSS}"
    assert text_of(page, "head > title") == f"Export report: {XSS}"
    assert text_of(page, "#findings :is(td, th)").count(shown) >= 2
    assert text_of(page, "#questions td").count(XSS) >= 4


def test_what_is_between_backticks_is_code_and_stays_literal() -> None:
    rows = LexborHTMLParser(page_of("hostile report")).css("#findings tr, #developers tr")
    codes = [[node.text() for node in row.css("code")].count("<b>x</b>") for row in rows]

    assert sorted(filter(None, codes)) == [
        1,
        1,
        1,
        1,
    ]  # why two tickets are the template's; a finding and its advice


def test_the_report_links_what_exists_and_names_the_state_of_what_does_not() -> None:
    tickets = tuple(m.ticket for m in site_tickets("uhrenmuseum"))

    page = report_of(tickets, exported=3)

    rows = LexborHTMLParser(page).css("#issues tbody tr")
    keys = [row.css("td.key")[0] for row in rows]
    assert [k.text() for k in keys[:4]] == ["SITE-1", "SITE-2", "SITE-3", "failed"]
    assert [len(k.css("a")) for k in keys[:4]] == [1, 1, 1, 0]
    assert text_of(page, "ul.facts li:first-child") == "3issues"
    assert "2026-03-30 00:59 UTC" in text_of(page, "p.lead")


def test_the_report_shows_answers_and_counts_what_is_left_to_answer() -> None:
    """Answered questions were counted as open, and listed as before."""
    made = site_tickets("uhrenmuseum")
    asking = next(m for m in made if m.ticket.revision.questions)
    first = asking.ticket.revision.questions[0]
    given = tuple(
        Answer(
            question_id=row_id,
            question=first.question,
            answer="Ask <Ada>.",
            answered_by="ab",
            answered_at=START,
        )
        for row_id in row_ids_of(first)
    )
    answered = replace(asking, ticket=replace(asking.ticket, answers=given))
    after = tuple(answered.ticket if m is asking else m.ticket for m in made)
    left = questions_left(after)

    report = report_of(after)

    assert left.count == questions_left(m.ticket for m in made).count - 1
    rows = [row.text() for row in LexborHTMLParser(report).css("#questions tbody tr")]
    assert sum("Ask <Ada>." in row for row in rows) == 1
    facts = text_of(report, ".facts").replace(" ", "")
    assert left.summary.replace(" ", "") in facts


def test_a_client_reads_the_answers_first_and_nothing_of_commands_or_requests() -> None:
    """Between hours and build order stood 135 requests, and words of the command line."""
    page = LexborHTMLParser(report_of(tuple(m.ticket for m in site_tickets("uhrenmuseum"))))
    headings = [one.attributes.get("id") for one in page.css("main > h2")]
    summary = page.css_first("#summary ~ #chain")
    [apart] = page.css("#developers")
    apart.decompose()
    [read] = page.css("main")

    assert headings[:2] == ["summary", "waves"]
    assert summary is not None
    assert " hours" in summary.text()
    assert not re.findall(r"--\w+|GET /|JQL|jira-pipeline", read.text())
