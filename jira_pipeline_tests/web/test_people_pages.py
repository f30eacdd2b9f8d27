"""Pages about people, their links and browsers, and about settings."""

from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from selectolax.lexbor import LexborHTMLParser, LexborNode

from jira_pipeline.model.people import Role
from jira_pipeline.model.sessions import IssueDefaults, SessionManifest
from jira_pipeline.review.open_session import open_session
from jira_pipeline.sessions import accounts, upload
from jira_pipeline.sessions.accounts import make_link
from jira_pipeline.web.context import Web, browser_of
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.web.browsers import (
    NAMES,
    ClientOf,
    browser,
    hidden_in,
    one,
    page_at,
    signed_in,
    value_of,
)

SETTINGS = f"/sessions/{SESSION}/settings"
A_PICTURE = b"\x89PNG\r\n\x1a\nrows"

pytestmark = pytest.mark.small_site

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


def secret_on(page: str) -> str:
    """Return what a page shows once: a link, or a token."""
    return one(LexborHTMLParser(page), ".secret").text()


def test_an_admin_invites_somebody_by_a_page_and_puts_them_out_again(
    web: Web, client_of: ClientOf
) -> None:
    admin, client = client_of(Role.ADMIN), browser(web)

    made = admin.post("/people", data={"name": "Owner", "role": "reader"})
    link = secret_on(made.text)
    secret = link.partition("?link=")[2]
    client.post("/sign-in", data={"link": secret})
    inside = client.get(f"/sessions/{SESSION}/tickets").status_code
    people_page = admin.get("/people").text
    admin.post("/people/revoke", data={"name": "Owner"})

    assert link.startswith("http")
    assert inside == 200
    assert secret not in people_page
    assert client.get(f"/sessions/{SESSION}/tickets").status_code == 401
    assert browser(web).post("/sign-in", data={"link": secret}).status_code == 401


def test_an_admin_makes_a_token_and_revokes_it(web: Web, client_of: ClientOf) -> None:
    admin, program = client_of(Role.ADMIN), browser(web)
    wanted = {"name": NAMES[Role.READER], "role": "reader", "label": "dashboard"}
    secret = secret_on(admin.post("/people/tokens", data=wanted).text)

    def status() -> int:
        headers = {"Authorization": f"Bearer {secret}"}
        return program.get("/api/writer/health", headers=headers).status_code

    before = status()
    (token,) = accounts.tokens_of(web.pipeline, NAMES[Role.READER])
    admin.post("/people/tokens/revoke", data={"credential_id": token.credential_id})

    assert (before, status()) == (200, 401)


def test_everybody_sees_their_own_browsers_and_signs_them_out(web: Web) -> None:
    accounts.add_person(web.pipeline, "two", Role.READER, by="test")
    links = [{"link": accounts.invite(web.pipeline, "two", by="test").secret} for _ in range(2)]
    here, there, stranger = browser(web), browser(web), signed_in(web, Role.READER)
    here.post("/sign-in", data=links[0])
    there.post("/sign-in", data=links[1], headers={"User-Agent": FIREFOX})

    listed = page_at(here, "/account")
    (row,) = [each for each in listed.css("tbody tr") if "Firefox on Windows" in each.text()]
    chosen = {"credential_id": value_of(row, "input")}
    stranger.post("/account/sign-out", data=chosen)
    after_stranger = there.get("/account").status_code
    here.post("/account/sign-out", data=chosen)

    assert (len(listed.css("tbody tr")), len(listed.css(".tag.ok"))) == (2, 1)
    assert (after_stranger, there.get("/account").status_code) == (200, 401)
    assert here.get("/account").status_code == 200


@each(
    ("agent", "named"),
    [
        (FIREFOX, "Firefox on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Linux"),
        ("curl/8.5", ""),
    ],
)
def test_a_browser_is_named_as_its_owner_would(agent: str, named: str) -> None:
    assert browser_of(agent) == named


def test_the_settings_of_a_session_are_changed_after_a_look(fresh_web: Web) -> None:
    store = fresh_web.pipeline.store.sessions
    before = store.get(SESSION).manifest
    with signed_in(fresh_web, Role.REVIEWER) as client:
        typed = settings_in(page_at(client, SETTINGS))
        changed = {"jira_project_key": "NEWKEY", "people": "ab: anna@example.org"}
        client.post(SETTINGS, data=typed | changed)
        looked = store.get(SESSION).manifest
        told = told_of(client, typed | {"jira_project_key": "no key"})
        change(client, typed | changed | {"auto_approve": "1"})

    after = store.get(SESSION).manifest
    assert "jira_project_key" in told
    assert looked == before
    assert after == replace(
        before,
        jira_project_key="NEWKEY",
        people={"ab": "anna@example.org"},
        auto_approve=not before.auto_approve,
    )


def test_settings_that_an_upload_took_away_are_named_on_the_page_of_the_session(
    fresh_web: Web, sheets: Path
) -> None:
    """Only who uploaded was told, once."""
    here = f"/sessions/{SESSION}"
    took: Any = {"session_key": SESSION, "auto_approve": False, "actor": "ab"}
    with signed_in(fresh_web, Role.REVIEWER) as client:
        change(client, settings_in(page_at(client, SETTINGS)) | {"agency": "Studio Nord"})
        by_people = page_at(client, here).text()
        upload.upload(fresh_web.pipeline, sheets, **took)
        taken_away = page_at(client, here).text()
        change(client, settings_in(page_at(client, SETTINGS)) | {"agency": "Studio Ost"})
        after = page_at(client, here).text()

    shown = [text.count("was “Studio Nord”") for text in (by_people, taken_away, after)]
    assert shown == [0, 1, 0]


def test_the_settings_of_a_session_have_every_key_of_its_file(fresh_web: Web) -> None:
    """`session.yaml` had keys that nobody found on the page."""
    several = {"epic_keys": "Content: ABC-1\n*: ABC-2", "writer": "template"}
    marks = dict.fromkeys(("as_new", "include_waiting", "no_removals"), "1")
    with signed_in(fresh_web, Role.REVIEWER) as client:
        page = page_at(client, SETTINGS)
        change(client, settings_in(page) | several | marks)

    after = fresh_web.pipeline.store.sessions.get(SESSION).manifest
    named = {str(field.attributes["name"]).removeprefix("no_") for field in page.css("[name]")}
    keys = {key.name for kind in (SessionManifest, IssueDefaults) for key in fields(kind)}
    assert keys - named == {"defaults", "columns", "owner_blank", "fields"}
    assert after.epic_keys == {"Content": "ABC-1", "*": "ABC-2"}
    assert (after.writer, after.as_new) == ("template", True)
    assert (after.include_waiting, after.removals) == (True, False)


def test_the_settings_list_the_fields_of_the_project_once_jira_is_asked(fresh_web: Web) -> None:
    with signed_in(fresh_web, Role.READER) as client:
        before = page_at(client, SETTINGS).text()
        asked = page_at(client, f"{SETTINGS}?fields=true").text()

    assert "{Due date: " not in before
    assert "{Due date: '2026-12-31'}" in asked


def test_a_colon_too_many_or_too_few_in_the_settings_loses_nothing(fresh_web: Web) -> None:
    """Ids of accounts at Jira have colons, as names of groups may."""
    several = {"people": "ab: 557058:f58131cb", "epic_keys": "View: news: ABC-1"}
    with signed_in(fresh_web, Role.REVIEWER) as client:
        typed = settings_in(page_at(client, SETTINGS))
        change(client, typed | several)
        told = told_of(client, typed | {"epic_keys": "ABC-1"})

    after = fresh_web.pipeline.store.sessions.get(SESSION).manifest
    assert after.people == {"ab": "557058:f58131cb"}
    assert after.epic_keys == {"View: news": "ABC-1"}
    assert "epic_keys" in told


@pytest.mark.parametrize("is_looked_at", [False, True])
def test_settings_revert_nothing_that_others_did_meanwhile(
    fresh_web: Web, *, is_looked_at: bool
) -> None:
    """The form, and the look at it, have everything as it was when somebody opened the settings."""
    with signed_in(fresh_web, Role.REVIEWER) as mine, signed_in(fresh_web, Role.EXPORTER) as ben:
        typed = settings_in(page_at(mine, SETTINGS)) | {"agency": "Northlight"}
        look = look_at(mine, typed) if is_looked_at else None
        change(ben, settings_in(page_at(ben, SETTINGS)) | {"jira_project_key": "BEN"})
        refused = taken(mine, look).text if look else told_of(mine, typed)
        kept = fresh_web.pipeline.store.sessions.get(SESSION).manifest
        form = look_at(mine, settings_in(page_at(mine, SETTINGS)) | {"agency": "Northlight"})
        again = [taken(mine, form).status_code for _ in range(2)]

    after = fresh_web.pipeline.store.sessions.get(SESSION).manifest
    assert "Look at what there is now, then decide again." in refused
    assert (kept.agency, kept.jira_project_key) == (None, "BEN")
    assert again == [303, 303], "pressed twice, the same files are no others"
    assert (after.agency, after.jira_project_key) == ("Northlight", "BEN")


def test_a_client_sees_who_builds_the_site_and_whose_words_are_quoted(fresh_web: Web) -> None:
    visitor = browser(fresh_web)

    def typed() -> dict[str, str]:
        return settings_in(page_at(client, SETTINGS)) | {"agency": "Northlight"}

    def letter_of_anna() -> str:
        session = open_session(fresh_web.pipeline, SESSION)
        return make_link(session, base="", days=3, by="anna")[0]

    with signed_in(fresh_web, Role.REVIEWER) as client:
        change(client, typed(), logo=("our logo.png", A_PICTURE))
        link = letter_of_anna()
        before, shown = visitor.get(link).text, visitor.get(f"{link}?logo=1")
        refused = told_of(client, typed(), logo=("logo.png", b"<svg/>"))
        change(client, typed() | {"filled_in_by": "client", "no_logo": "1"})
        after = visitor.get(letter_of_anna()).text

    assert "from anna, Northlight" in before
    assert '<img src="?logo=1" alt="Northlight">' in before
    assert (shown.content, shown.headers["content-type"]) == (A_PICTURE, "image/png")
    assert "default-src 'self'" in shown.headers["content-security-policy"]
    assert "neither a PNG nor a JPEG" in refused
    assert ["The specification says" in text for text in (before, after)] == [True, False]
    assert ["You wrote" in text for text in (before, after)] == [False, True]
    assert "<img" not in after


def settings_in(page: LexborHTMLParser) -> dict[str, str]:
    fields = one(page, "form.card").css("input:not([type=checkbox], [type=file]), textarea")
    return {
        str(field.attributes["name"]): field.attributes.get("value") or field.text()
        for field in fields
    }


@each("field", ["people", "epic_keys"])
def test_two_settings_of_one_name_are_refused_and_none_takes_the_place_of_the_other(
    client_of: ClientOf, field: str
) -> None:
    client = client_of(Role.REVIEWER)
    typed = settings_in(page_at(client, SETTINGS)) | {field: "Ada: one\nBo: two\nAda: three"}

    assert "Two lines begin with 'Ada'" in LexborHTMLParser(told_of(client, typed)).text()


def change(client: TestClient, typed: Mapping[str, object], **files: Any) -> None:
    """Send other settings, look at what they change, and take them."""
    assert taken(client, look_at(client, typed, **files)).status_code == 303


def look_at(client: TestClient, typed: Mapping[str, object], **files: Any) -> LexborNode:
    """Send other settings, and return the form that takes them."""
    look = client.post(SETTINGS, data=typed, files=files or None).headers["location"]
    return one(page_at(client, look), "form[action$='/take']")


def taken(client: TestClient, form: LexborNode) -> Response:
    return client.post(str(form.attributes["action"]), data=hidden_in(form))


def told_of(client: TestClient, typed: Mapping[str, object], **files: Any) -> str:
    """Send settings that cannot be used, and return what is said of them."""
    wrong = client.post(SETTINGS, data=typed, files=files or None)
    return client.get(wrong.headers["location"]).text
