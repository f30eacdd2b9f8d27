"""Files are looked at before they are taken, and the look says what they change."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from fastapi.testclient import TestClient
from httpx2 import Response
from pydantic import SecretStr
from selectolax.lexbor import LexborHTMLParser

from jira_pipeline.model.look.rendering import templates_of
from jira_pipeline.model.people import Role
from jira_pipeline.review import answers
from jira_pipeline.review.open_session import open_session
from jira_pipeline.sessions.notifying import notify_of_answers
from jira_pipeline.sheets.version_changes import version_changes
from jira_pipeline.web.context import Web
from jira_pipeline_tests.projects import EXAMPLE, SESSION, copy_sheets, rename_a_field, replace_in
from jira_pipeline_tests.sheets.test_version_changes import a_type
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.web.browsers import ClientOf, address_of, one, signed_in, text_of

Sent = Sequence[tuple[str, tuple[str, bytes, str]]]


UNKNOWN: Sent = [
    (
        "files",
        (
            "roles.csv",
            b"Who,Key,State,Why\nKeeper,day_keeper,a,Feeds\nCook,day_cook,a,Cooks\n",
            "text/csv",
        ),
    )
]
"""A sheet whose headers nobody knows."""


def sheets_in(folder: Path) -> Sent:
    return [
        ("files", (path.name, path.read_bytes(), "text/csv"))
        for path in sorted(folder.iterdir())
        if path.suffix in {".csv", ".yaml"}
    ]


def send(client: TestClient, files: Sent, *, session: str = "") -> Response:
    answer = client.post("/upload", files=files, data={"session": session})
    assert answer.status_code == 303, answer.text
    return client.get(answer.headers["location"])


def test_a_look_names_the_session_counts_and_findings_and_keeps_no_session(
    client_of: ClientOf, web: Web
) -> None:
    look = send(client_of(Role.REVIEWER), sheets_in(EXAMPLE))

    assert text_of(look.text, "h1") == "New site “uhrenmuseum”"
    assert "24 tickets" in text_of(look.text, ".facts")
    assert "Only what" not in look.text
    assert web.pipeline.store.sessions.find("uhrenmuseum") is None


def test_a_picture_is_said_not_to_be_used_and_makes_no_site_alone(client_of: ClientOf) -> None:
    """It was counted among the files, and alone it was a new site with an empty folder."""
    picture = ("files", ("tower.png", b"\x89PNG\r\n\x1a\n", "image/png"))

    beside = send(client_of(Role.REVIEWER), [*sheets_in(EXAMPLE), picture])
    alone = send(client_of(Role.REVIEWER), [picture])

    assert "1 file is not used: tower.png (a picture)." in text_of(beside.text, ".notice.warn")
    assert "tower.png a picture not used" in text_of(beside.text, "#files ~ .scroll tbody")
    assert text_of(alone.text, "h1") == "No sheets in this upload"
    assert "tower.png is a picture." in text_of(alone.text, ".notice.error")
    assert "folder" not in text_of(alone.text, "main")


def test_references_that_follow_from_a_missing_sheet_are_one_line(client_of: ClientOf) -> None:
    sheets = [file for file in sheets_in(EXAMPLE) if "Bundles" not in file[1][0]]

    look = send(client_of(Role.REVIEWER), sheets)

    page = LexborHTMLParser(look.text)
    assert page.css("h2#findings + .scroll #reference_dangling") == []
    assert len(page.css("details #reference_dangling")) == 1


def test_a_corrected_upload_shows_each_ticket_it_changes_and_findings_that_are_gone_or_new(
    client_of: ClientOf, tmp_path: Path
) -> None:
    folder = copy_sheets(tmp_path / "museum")
    rename_a_field(folder)
    replace_in(folder / "Uhrenmuseum_CustomViewsDisplays.csv", "#N/A", "collection_search")
    replace_in(folder / "Uhrenmuseum_Bundles.csv", ",clockmakers,", ",Clockmakers!,")

    look = send(client_of(Role.REVIEWER), sheets_in(folder), session="museum")
    link = address_of(LexborHTMLParser(look.text), 'a[href*="findings.csv"]')
    table = client_of(Role.REVIEWER).get(link)

    changes = text_of(look.text, "#changes ~ .scroll td")
    told = text_of(look.text, "#version-changes")
    assert "the field “Chime” is called “Bells” now" in told
    assert "changed" in changes
    assert "Uhrenmuseum_Fields.csv, line" in changes
    assert "Chime Bells" in changes
    assert 'href="/sessions/museum/tickets/' in look.text
    assert "new" in text_of(look.text, "#findings ~ .legend")
    assert "1 gone" in text_of(look.text, "#findings ~ .legend")
    assert "#N/A" in text_of(look.text, "#findings ~ details")
    assert "Clockmakers!" in table.content.decode("utf-8-sig")


def test_more_changes_than_are_shown_at_once_are_counted_in_english() -> None:
    changes = version_changes([a_type(f"Boat {number}") for number in range(14)], [])
    page = templates_of("jira_pipeline.web").from_string(
        '{% from "version_changes.html" import version_changes %}'
        '{{ version_changes(changes, "", false) }}'
    )

    told = LexborHTMLParser(page.render(changes=changes))

    assert one(told, "summary").text() == "2 more"


def test_the_look_lists_the_questions_that_nobody_answered(fresh_web: Web) -> None:
    answers.answer(open_session(fresh_web.pipeline, SESSION), [("1.1", "For good.")], by="ab")

    with signed_in(fresh_web, Role.REVIEWER) as client:
        look = LexborHTMLParser(send(client, sheets_in(EXAMPLE), session=SESSION).text)

    tile = one(look, ".facts a[href='#questions'] b")
    assert len(look.css("td.question")) == int(tile.text())
    assert "1 is answered already" in look.text()


def test_taking_makes_the_session_and_says_so_once(fresh_web: Web) -> None:
    with signed_in(fresh_web, Role.REVIEWER) as client:
        look = send(client, sheets_in(EXAMPLE), session="second")
        form = one(LexborHTMLParser(look.text), "form[method=post][action$='/take']")
        address = str(form.attributes["action"])
        with signed_in(fresh_web, Role.ADMIN) as other:
            refused = other.post(address, data={"session": "museum"})
        taken = client.post(address, data={"session": "second"})
        first, again = client.get("/"), client.get("/")

    assert refused.status_code == 404, "nobody takes what somebody else sent"
    assert (taken.status_code, taken.headers["location"]) == (303, "/sessions/second")
    entry = fresh_web.pipeline.store.audit.entries("second")[0]
    assert (entry.action, entry.actor) == ("session_registered", "reviewer@example.org")
    assert "Site second registered" in text_of(first.text, ".notice")
    assert text_of(again.text, ".notice") == ""


def test_the_settings_list_messages_to_the_team_without_their_texts(fresh_web: Web) -> None:
    settings = fresh_web.pipeline.settings.model_copy(
        update={"notify_webhook_url": SecretStr("https://hooks.example.org/canary")}
    )
    notifying = replace(fresh_web.pipeline, settings=settings)
    notify_of_answers(open_session(notifying, SESSION), by="Jonas Weber")

    with signed_in(fresh_web, Role.READER) as client:
        page = client.get(f"/sessions/{SESSION}/settings").text

    assert "answers_arrived waits, next attempt" in " ".join(
        text_of(page, selector) for selector in ("#notices ~ table td code", "td:nth-child(5)")
    )
    assert "Jonas Weber" not in page
    assert "canary" not in page


def test_the_code_page_of_an_upload_is_changed_before_it_is_taken_and_in_the_settings(
    fresh_web: Web,
) -> None:
    """The same bytes, read anew: until then such words were rubbish that nobody could mend."""
    roles = "Name,Machine name,X\nГид,keeper,a\n".encode("cp1251")
    with signed_in(fresh_web, Role.REVIEWER) as client:
        look = send(client, [("files", ("Roles.csv", roles, "text/csv"))], session="harbour")
        form = LexborHTMLParser(look.text)
        address = str(one(form, "form[action$='/code-page']").attributes["action"])
        chosen = {"session": "harbour", "encoding": "cp1251"}
        again = client.get(client.post(address, data=chosen).headers["location"])
        take = str(one(LexborHTMLParser(again.text), "form[action$='/take']").attributes["action"])
        client.post(take, data={"session": "harbour"})
        settings = client.get("/sessions/harbour/settings")

    opened = open_session(fresh_web.pipeline, "harbour")
    assert "“Гид” in Cyrillic" in look.text
    assert [table.rows[0].cells[0] for table in opened.contents.folder.tables] == ["Гид"]
    chosen_page = one(LexborHTMLParser(settings.text), "#encoding option[selected]")
    assert chosen_page.text() == "Cyrillic (Windows-1251)"


def test_a_new_site_is_called_what_the_person_says_who_takes_it(fresh_web: Web) -> None:
    roles = (
        "files",
        ("Harbour_spec_Roles.csv", b"Name,Machine name,X\nEditor,editor,a\n", "text/csv"),
    )
    with signed_in(fresh_web, Role.REVIEWER) as client:
        look = send(client, [roles], session="harbour")
        form = one(LexborHTMLParser(look.text), "form[method=post][action$='/take']")
        proposed = one(form, "input[name=site_name]").attributes["value"]
        said = {"session": "harbour", "site_name": "Port of  Mole"}
        client.post(str(form.attributes["action"]), data=said)

    assert proposed == "Harbour"
    assert fresh_web.pipeline.store.sessions.get("harbour").site_name == "Port of Mole"


@each(
    ("name", "content", "advice"),
    [
        ("Fields.csv", b"Bundle,Machine name\n\x00,\n", "Correct the cells below"),
        ("Fields.xls", b"\xd0\xcf\x11\xe0", "see the findings below for each file"),
    ],
)
def test_sheets_with_errors_are_shown_and_cannot_be_taken(
    client_of: ClientOf, name: str, content: bytes, advice: str
) -> None:
    look = send(client_of(Role.REVIEWER), [("files", (name, content, "text/csv"))])

    assert "These sheets cannot be used" in text_of(look.text, ".notice")
    assert advice in text_of(look.text, ".notice")
    assert "/take" not in look.text


@each("field", ["file", "logo"])
def test_a_file_under_another_name_is_refused_and_not_left_out(
    client_of: ClientOf, field: str
) -> None:
    """A program that sends one so was told of the others only."""
    client = client_of(Role.REVIEWER)
    files = [(name, (f"{name}.csv", b"a\n1\n", "text/csv")) for name in ("files", field)]

    answer = client.post("/upload", files=files)
    form = client.get(answer.headers["location"]).text

    assert answer.headers["location"] == "/upload"
    assert f"'{field}' was not read" in text_of(form, ".notice.error")


@each("name", ["../../etc/passwd.csv", "<img src=x onerror=alert(1)>.csv"])
def test_a_hostile_file_name_leads_nowhere(client_of: ClientOf, name: str) -> None:
    answer = client_of(Role.REVIEWER).post("/upload", files=[("files", (name, b"a\n1\n", ""))])

    if answer.status_code == 303:
        answer = client_of(Role.REVIEWER).get(answer.headers["location"])
    assert "<img" not in answer.text
    assert "etc/" not in answer.text


def test_a_refused_file_keeps_the_form_and_its_session(client_of: ClientOf) -> None:
    client = client_of(Role.REVIEWER)

    answer = client.post(
        "/upload", files=[("files", ("notes.txt", b"x", "text/plain"))], data={"session": "museum"}
    )
    form = client.get(answer.headers["location"]).text

    assert (answer.status_code, answer.headers["location"]) == (303, "/upload?session=museum")
    assert "notes.txt" in text_of(form, ".notice.error")
    assert text_of(form, "h1") == "Upload corrected sheets"


def test_the_example_is_looked_at_like_any_upload_and_refused_beside_a_real_jira(
    fresh_web: Web,
) -> None:
    """Its button was hidden there, its address was not: its issues would have been real."""
    real = fresh_web.pipeline.settings.model_copy(update={"jira_base_url": "https://site.example"})
    beside = replace(fresh_web, pipeline=replace(fresh_web.pipeline, settings=real))
    with signed_in(fresh_web, Role.REVIEWER) as client:
        look = client.get(client.post("/example").headers["location"])
        take = f"{look.url.path}/take"
        client.post(take, data={"session": "example"})
    with signed_in(beside, Role.REVIEWER) as client:
        refused = client.get(client.post("/example").headers["location"]).text

    assert text_of(look.text, "h1") == "New site “example”"
    assert not open_session(fresh_web.pipeline, "example").approves_itself
    assert "The example uses only the sandbox" in text_of(refused, ".notice")
