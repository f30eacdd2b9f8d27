"""The report of an export: everything in one file, nothing from elsewhere, nothing unescaped."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import cache

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

from jira_pipeline.export.pages import report_page
from jira_pipeline.export.results import ExportResults
from jira_pipeline.kernel.forms_in_text import FORM_COLUMNS, PATH, is_waiting_for_answers
from jira_pipeline.kernel.open_questions import OpenQuestion
from jira_pipeline.kernel.sessions import SessionManifest, UploadSession
from jira_pipeline.kernel.ticket_places import TicketExport
from jira_pipeline.kernel.tickets import (
    Answer,
    Ticket,
    TicketState,
    Withdrawal,
    as_listed,
    question_id_of,
    questions_left,
)
from jira_pipeline.ports.writing import NOTHING_SPENT, Spending
from jira_pipeline.review.hours import hour_totals
from jira_pipeline.session.states import first_writing
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


def test_the_report_adds_the_hours_up() -> None:
    tickets = tuple(m.ticket for m in site_tickets("uhrenmuseum"))

    total = hour_totals(map(as_listed, tickets)).total

    assert total.hours
    assert f"{total.hours} hours for " in text_of(report_of(tickets), "#hours ~ p")


def nodes_of(page: str) -> Iterator[LexborNode]:
    """Every element of a page as a browser reads it."""
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


def test_hostile_text_reads_as_it_was_written() -> None:
    page = page_of("hostile report")

    shown = XSS.replace("`", "")
    assert text_of(page, "h1") == f"Export report: {XSS}"
    assert text_of(page, "head > title") == f"Export report: {XSS}"
    assert text_of(page, "#findings ~ .scroll td").count(shown) >= 2
    assert text_of(page, "#questions ~ .scroll td").count(XSS) >= 4


def test_what_is_between_backticks_is_code_and_stays_literal() -> None:
    rows = LexborHTMLParser(page_of("hostile report")).css("#findings ~ .scroll tr")
    codes = [[node.text() for node in row.css("code")].count("<b>x</b>") for row in rows]

    assert sorted(filter(None, codes)) == [1, 1, 2]  # why two tickets are the template's; a finding


def test_the_report_lists_the_tickets_without_rows_and_who_agreed() -> None:
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

    report = text_of(report_of((made[1].ticket,), vanished=[agreed]), "#vanished ~ *")
    proposed = text_of(report_of((made[1].ticket,), vanished=[gone]), "#vanished ~ *")
    without = report_of((made[1].ticket,))

    assert line in report
    assert line in proposed
    assert "proposed" in proposed
    assert "agreed by ab: Not built." in report
    assert 'id="vanished"' not in without


def test_a_session_without_anything_has_its_report() -> None:
    report = report_page(
        SESSION, [], vanished=(), results=replace_results(), places={}, findings=[]
    )

    assert text_of(report, "#findings ~ p, #questions ~ p").count("None.") >= 2
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


def test_the_report_says_which_tickets_the_template_wrote_instead_of_a_model_and_why() -> None:
    first, second = (m.ticket for m in site_tickets("uhrenmuseum")[:2])
    instead = replace(first, revision=replace(first.revision, fallback_reason="No `field_x`."))

    report = report_of((instead, second))

    assert text_of(report, "#writing + p + .scroll tbody tr") == f"1 · {first.title}No field_x."


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


def test_the_report_says_which_tickets_wait_for_answers() -> None:
    made = list(site_tickets("uhrenmuseum"))
    made[0] = with_analysis(made[0], EMPTY_FORM)

    report = report_of(tuple(m.ticket for m in made))

    waiting = [m for m in made if is_waiting_for_answers(m.ticket.revision.parts.analysis)]
    assert f"{len(waiting)} wait for answers" in text_of(report, "#quality ~ p")
    assert made[0].ticket.title in text_of(report, "#quality ~ .scroll td")


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


def test_the_report_marks_questions_that_a_model_proposed() -> None:
    first = site_tickets("uhrenmuseum")[0].ticket
    asked = OpenQuestion(file="a.csv", line=2, column="Notes", quote="", question="Why is it so?")
    proposed = replace(asked, question="What of it?", proposed_by="a-model/1")
    revision = replace(first.revision, questions=(asked, proposed))

    report = report_of((replace(first, revision=revision),))

    rows = [row.text() for row in LexborHTMLParser(report).css("#questions + .scroll tbody tr")]
    assert ["proposed" in row for row in rows] == [False, True]


def test_the_report_shows_answers_and_counts_what_is_left_to_answer() -> None:
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
    after = tuple(answered.ticket if m is asking else m.ticket for m in made)
    left = questions_left(after)

    report = report_of(after)

    assert left.count == questions_left(m.ticket for m in made).count - 1
    rows = [row.text() for row in LexborHTMLParser(report).css("#questions + .scroll tbody tr")]
    assert sum("Ask <Ada>." in row for row in rows) == 1
    facts = text_of(report, ".facts").replace(" ", "")
    assert f"{left.count}questionstoanswer,in{left.ticket_count}tickets" in facts
