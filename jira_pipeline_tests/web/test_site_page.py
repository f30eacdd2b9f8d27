"""A site's configuration is sent from the page Site, and compared with the sheets."""

import io
import zipfile
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from selectolax.lexbor import LexborHTMLParser

from jira_pipeline.model.people import Role
from jira_pipeline.sessions.upload import upload
from jira_pipeline.web.context import Web
from jira_pipeline_tests.projects import EXAMPLE, SESSION, copy_sheets, replace_in
from jira_pipeline_tests.web.browsers import address_of, page_at, signed_in

pytestmark = pytest.mark.small_site
HERE = f"/sessions/{SESSION}/site"
CONFIG = EXAMPLE.with_name("uhrenmuseum.config.zip").read_bytes()


def _zip_of_one_file() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as packed:
        packed.writestr("media.type.image.yml", "id: image\nlabel: Image\n")
    return content.getvalue()


SMALL = _zip_of_one_file()


def number_that_contradicts(client: TestClient) -> int:
    page = page_at(client, f"{HERE}?ticket=contradicts")
    link = address_of(page, "#tickets ~ * tbody a, #tickets tbody a")
    return int(link.rpartition("/")[2])


def compared(web: Web) -> TestClient:
    """Send the site's configuration; return the browser of the reviewer who did."""
    client = signed_in(web, Role.REVIEWER)
    client.post(HERE, files={"config": ("site.zip", CONFIG)})
    return client


def test_what_a_comparison_comes_to_is_shown_with_filters(fresh_web: Web) -> None:
    client = signed_in(fresh_web, Role.REVIEWER)

    sent = client.post(HERE, files={"config": ("site.zip", CONFIG)}, follow_redirects=True)
    page = client.get(HERE, params={"verdict": "differs"})
    missing = client.get(HERE, params={"verdict": "missing"})
    met = client.get(HERE, params={"verdict": "met"})

    assert "rows met" in sent.text
    assert "field.storage.media.field_rights_until.yml:type" in page.text
    assert "contradicts (2 of 3)" in page.text
    assert ">missing: <code>" in missing.text
    assert ">removed: <code>" in met.text
    shown = LexborHTMLParser(page.text)
    contents = [one.attributes["href"] for one in shown.css("nav[aria-label='On this page'] a")]
    assert contents == [f"#{one.attributes['id']}" for one in shown.css("main h2")]
    row = page.text.partition('id="rows"')[2].partition("Rights until")[2].partition("</tr>")[0]
    assert f'<a href="/sessions/{SESSION}/tickets/' in row


def test_the_tickets_of_one_verdict_are_shown_and_the_other_filters_stay(fresh_web: Web) -> None:
    client = compared(fresh_web)

    page = client.get(HERE, params={"ticket": "contradicts", "kind": "field"}).text

    tickets, _, rows = page.partition('id="tickets"')[2].partition('id="rows"')
    assert "2 of 6 tickets" in tickets
    assert tickets.count(">contradicts (2 of 3); not compared: 1 cell<") == 1
    assert "not begun</td>" not in tickets
    assert '<input type="hidden" name="kind" value="field">' in tickets
    assert '<input type="hidden" name="ticket" value="contradicts">' in rows


def test_a_ticket_says_how_far_it_is_built_and_each_row_what_the_site_has(fresh_web: Web) -> None:
    client = signed_in(fresh_web, Role.REVIEWER)
    before = client.get(f"/sessions/{SESSION}/tickets/9").text
    client.post(HERE, files={"config": ("site.zip", CONFIG)})
    number = number_that_contradicts(client)

    page = client.get(f"/sessions/{SESSION}/tickets/{number}").text

    assert "On the site" not in before
    assert "<b>contradicts (2 of 3); not compared: 1 cell</b>" in page
    assert '<span class="tag warn">differs</span>' in page
    assert "field.storage.media.field_rights_until.yml:type" in page


def test_sheets_that_changed_since_are_named_and_rows_that_changed_have_no_verdict(
    fresh_web: Web, tmp_path: Path
) -> None:
    client = compared(fresh_web)
    number = number_that_contradicts(client)
    ticket = f"/sessions/{SESSION}/tickets/{number}"
    before = client.get(ticket).text
    folder = copy_sheets(tmp_path / SESSION)
    replace_in(folder / "Uhrenmuseum_Fields.csv", ",Rights until,", ",Rights end,")

    upload(fresh_web.pipeline, folder, session_key=SESSION, auto_approve=False, actor="test")
    site, after = client.get(HERE).text, client.get(ticket).text

    words = "The sheets changed since this comparison: compare again."
    assert words in site
    assert (words in before, words in after) == (False, True)
    differing, met = '<span class="tag warn">differs</span>', '<span class="tag ok">met</span>'
    assert (before.count(differing), after.count(differing)) == (1, 0)
    assert 0 < after.count(met) <= before.count(met)


def test_what_is_compared_again_says_who_did_and_that_nothing_changed(fresh_web: Web) -> None:
    client = signed_in(fresh_web, Role.REVIEWER)
    file = {"config": ("site.zip", SMALL)}

    asked = client.post(HERE, files=file, follow_redirects=True).text
    once, again = (
        client.post(HERE, files=file, data={"anyway": "true"}, follow_redirects=True).text
        for _ in range(2)
    )

    assert "it has no core.extension.yml" in asked
    assert "rows met" not in asked
    assert "Compared again" not in once
    assert "UTC by reviewer@example.org: nothing changed." in again


def test_a_configuration_sent_as_sheets_is_compared_and_can_be_discarded(fresh_web: Web) -> None:
    """The upload said that it was no package; what it was compared with by mistake stayed for good."""
    client = signed_in(fresh_web, Role.REVIEWER)
    files = {"files": ("site.zip", CONFIG)}

    nowhere = client.post("/upload", files=files, follow_redirects=True)
    compared = client.post("/upload", data={"session": SESSION}, files=files, follow_redirects=True)
    form = {"do": "discard-comparison"}
    discarded = client.post(f"/sessions/{SESSION}", data=form, follow_redirects=True)

    assert "choose the site to compare it with" in nowhere.text
    assert "rows met" in compared.text
    assert "The comparison with site.zip is discarded." in discarded.text
    assert "rows met" not in client.get(HERE).text
    again = client.post(f"/sessions/{SESSION}", data=form, follow_redirects=True)
    assert "No site was compared with this session." in again.text
